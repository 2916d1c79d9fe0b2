heading = Ihr Konto
sign-out = Abmelden
apps = Verbundene Apps
connected = { $n ->
        [0] Keine App kann Ihr Konto nutzen.
        [one] { $n } App kann Ihr Konto nutzen.
        *[other] { $n } Apps können Ihr Konto nutzen.
    }
apps-link = Verbundene Apps ansehen
security = Sicherheit
security-what = Ihr Passwort, Ihre Passkeys und Ihr zweiter Schritt.
security-link = Zur Sicherheit
devices = Geräte
devices-what = Wo Sie angemeldet sind.
devices-link = Ihre Geräte ansehen
events-link = Letzte Ereignisse Ihres Kontos
data = Ihre Daten
export-link = Ihre Daten herunterladen
delete-link = Ihr Konto löschen
