heading = Sicherheit
password = Passwort
password-link = Passwort ändern oder festlegen
events-link = Letzte Ereignisse Ihres Kontos ansehen
second-step-added = Der zweite Schritt ist eingeschaltet.
second-step-removed = Der zweite Schritt ist ausgeschaltet.
upstream-linked = Das Konto ist verknüpft. Sie können sich damit anmelden.
upstream-unlinked = Die Verknüpfung ist gelöst.
