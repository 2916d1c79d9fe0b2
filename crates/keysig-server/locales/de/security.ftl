heading = Sicherheit
second-step-added = Der zweite Schritt ist eingeschaltet.
second-step-removed = Der zweite Schritt ist ausgeschaltet.
upstream-linked = Das Konto ist verknüpft. Sie können sich damit anmelden.
upstream-unlinked = Die Verknüpfung ist gelöst.
