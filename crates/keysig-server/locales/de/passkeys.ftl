# The offer.
offer-heading = Passkey erstellen
offer = Melden Sie sich schneller an: mit Fingerabdruck, Gesicht oder Bildschirmsperre.
offer-detail = Ihr Fingerabdruck oder Gesicht verlässt Ihr Gerät nie. Wir erhalten nur einen Schlüssel, der hier und sonst nirgends gilt.
create = Passkey erstellen
create-another = Weiteren Passkey erstellen
not-now = Jetzt nicht
needs-script = Um einen Passkey zu erstellen, braucht Ihr Browser JavaScript und muss Passkeys kennen. Sie können JavaScript für diese Website einschalten und die Seite neu laden oder ohne Passkey fortfahren.
needs-domain = Passkeys gibt es nur unter Adressen mit einem Namen. Diese Website ist über eine Nummer geöffnet, deshalb bieten Browser hier keine an.

# What came of it.
cancelled = Es wurde kein Passkey erstellt. Sie können es jederzeit noch einmal versuchen.
exists = Dieses Gerät hat bereits einen Passkey für Ihr Konto. Sie können sich damit anmelden.
too-late = Das hat zu lange gedauert oder wurde zweimal gesendet. Es wurde kein Passkey erstellt. Versuchen Sie es noch einmal.
refused = Ihr Gerät hat einen Passkey erstellt, den wir nicht verwenden können. Es wurde nichts geändert. Versuchen Sie es noch einmal oder mit einem anderen Gerät.
too-many = { $most ->
        [one] Sie können { $most } Passkey haben. Entfernen Sie ihn zuerst.
        *[other] Sie können höchstens { $most } Passkeys haben. Entfernen Sie zuerst einen.
    }
made-heading = Passkey erstellt
made = Wählen Sie beim nächsten Mal „Mit Passkey anmelden“. Geben Sie ihm einen Namen, damit Sie ihn von anderen unterscheiden können.

# Names.
rename-heading = Passkey umbenennen
name = Name des Passkeys
name-hint = Zum Beispiel das Gerät, auf dem er liegt.
name-is-wrong = Geben Sie einen Namen mit 1 bis 60 Zeichen ein, ohne besondere Steuerzeichen.
save-name = Namen speichern
keep-name = Diesen Namen behalten
default-name = { $browser } auf { $system }
default-name-unknown = Passkey

# In Security.
section = Passkeys
created = Erstellt am { $date }
last-used = zuletzt verwendet: { $when }
not-used = noch nicht verwendet
rename = Umbenennen
remove = Entfernen

# The end of one.
remove-heading = Den Passkey { $name } entfernen?
remove-effect = Niemand kann sich mehr damit anmelden. Wo Sie jetzt angemeldet sind, bleiben Sie angemeldet.
remove-rest = Ihr Gerät bietet ihn vielleicht weiter an. Löschen können Sie ihn dort in den Einstellungen für Passwörter und Passkeys.
keep = Behalten
remove-confirm = Passkey entfernen
last-way-in = Sie können diesen Passkey nicht entfernen: Er ist Ihre einzige Möglichkeit, sich anzumelden. Legen Sie zuerst ein Passwort fest oder erstellen Sie einen weiteren Passkey.
back-to-security = Zurück zu Sicherheit
removed-heading = Passkey entfernt
removed = Mit { $name } kann sich niemand mehr anmelden.
