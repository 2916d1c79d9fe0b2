# What every page has.
skip = Zum Inhalt springen
test-server = Testserver.
nothing-is-real = Hier ist nichts echt.
colours = Farben
theme-system = System
theme-light = Hell
theme-dark = Dunkel
language = Sprache
page-title = { $heading } – { $brand }
error-title = Fehler: { $heading } – { $brand }
problem = Es gibt ein Problem
just-now = gerade eben
when = { $relative }, { $absolute }
on-date = am { $date }
time = { $time } UTC
sign-in-with-passkey = Mit Passkey anmelden
use-passkey = Passkey verwenden
passkey-unknown = Wir kennen diesen Passkey nicht. Melden Sie sich auf andere Weise an und fügen Sie ihn dann unter „Sicherheit“ hinzu.
passkey-too-late = Das hat zu lange gedauert. Versuchen Sie es noch einmal.
security = Sicherheit
cancel = Abbrechen
back = Zurück

# Pages of the account.
nav = Konto
nav-account = Konto
nav-apps = Verbundene Apps
nav-devices = Geräte
nav-security = Sicherheit
nav-profile = Profil

# Points in time.
date = { $day }. { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
        *[12] Dezember
    } { $year }
minutes-ago = { $n ->
        [one] vor { $n } Minute
        *[other] vor { $n } Minuten
    }
hours-ago = { $n ->
        [one] vor { $n } Stunde
        *[other] vor { $n } Stunden
    }
days-ago = { $n ->
        [one] vor { $n } Tag
        *[other] vor { $n } Tagen
    }

# Spans of time.
seconds = { $n ->
        [one] { $n } Sekunde
        *[other] { $n } Sekunden
    }
minutes = { $n ->
        [one] { $n } Minute
        *[other] { $n } Minuten
    }
hours = { $n ->
        [one] { $n } Stunde
        *[other] { $n } Stunden
    }
days = { $n ->
        [one] { $n } Tag
        *[other] { $n } Tage
    }

# Apps und was sie dürfen.
badge-reviewed = Geprüft
badge-not-reviewed = Nicht geprüft
badge-your-own = Ihre eigene App
badge-test = Test
can-delete = Kann löschen
new = Neu
app-says = Die App sagt:
it-can-see = Sie kann sehen
it-can-change = Sie kann ändern
it-can-control = Sie kann steuern
not-password = Ihr Passwort oder Ihre Zahlungsdaten sehen
footer-help = Hilfe
footer-privacy = Datenschutz
footer-terms = Bedingungen
