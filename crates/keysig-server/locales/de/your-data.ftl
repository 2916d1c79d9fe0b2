to-account = Zurück zu Ihrem Konto
export-heading = Ihre Daten herunterladen
export-what = Eine Datei (JSON) mit allem, was über Sie gespeichert ist: Ihr Profil, wo Sie angemeldet sind, was in Ihrem Konto geschehen ist, die Apps, die Sie erlaubt haben, und wie oft sie jede Berechtigung genutzt haben, die Namen Ihrer Passkeys sowie Ihre Playlists, Ihre Bibliothek und Ihr Verlauf.
export-without = Passwörter, Schlüssel und Codes sind nicht enthalten. Bewahren Sie die Datei trotzdem sicher auf.
export-do = Herunterladen
delete-heading = Ihr Konto löschen?
delete-apps = { $n ->
        [0] Sie werden überall abgemeldet.
        [one] Sie werden überall abgemeldet, und { $n } App funktioniert sofort nicht mehr mit Ihrem Konto.
        *[other] Sie werden überall abgemeldet, und { $n } Apps funktionieren sofort nicht mehr mit Ihrem Konto.
    }
delete-things = Ihr Profil, Ihre Playlists, Ihre Bibliothek, Ihr Verlauf, Ihre Passkeys und alles andere, was über Sie gespeichert ist, wird gelöscht.
delete-owned = { $n ->
        [one] { $n } von Ihnen erstellte App funktioniert für niemanden mehr und gehört niemandem.
        *[other] { $n } von Ihnen erstellte Apps funktionieren für niemanden mehr und gehören niemandem.
    }
delete-name = Ihre E-Mail-Adresse kann für ein neues Konto verwendet werden. Ihr Benutzername wird nie wieder vergeben.
delete-final = Das lässt sich nicht rückgängig machen. Bereits kopierte Daten behalten Apps möglicherweise.
delete-export = Zuerst Ihre Daten herunterladen
delete-type = Geben Sie zur Bestätigung Ihre E-Mail-Adresse ein: { $email }
delete-other-email = Das ist nicht die E-Mail-Adresse dieses Kontos.
delete-do = Mein Konto löschen
delete-keep = Mein Konto behalten
deleted-heading = Ihr Konto ist gelöscht
deleted-what = Sie sind überall abgemeldet, und keine App kann es mehr nutzen.
deleted-home = Zu { $brand }
