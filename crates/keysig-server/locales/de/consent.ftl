heading-first = Darf { $app } Ihr Konto nutzen?
heading-more = { $n ->
        [one] { $app } bittet um { $n } weitere Berechtigung
        *[other] { $app } bittet um { $n } weitere Berechtigungen
    }
heading-device = Ein weiteres Gerät als { $person } verbinden?
heading-continue = Als { $person } fortfahren?
changed = { $app } hat sich geändert, seit Sie diese Seite geöffnet haben. Nichts wurde erlaubt. Bitte sehen Sie noch einmal nach.
by = von { $developer }
not-made-by = nicht von { $brand }
badge-known-by = { $n ->
        [0] Noch von niemandem genutzt, zuerst gesehen { $ago }
        [one] Von { $n } Person genutzt, zuerst gesehen { $ago }
        *[other] Von { $n } Personen genutzt, zuerst gesehen { $ago }
    }
not-you = Nicht Sie?
will-see = { $more ->
        [yes] Die App kann dann auch sehen
        *[no] Die App kann dann sehen
    }
will-change = { $more ->
        [yes] Die App kann dann auch ändern
        *[no] Die App kann dann ändern
    }
will-control = { $more ->
        [yes] Die App kann dann auch steuern
        *[no] Die App kann dann steuern
    }
only-public = { $app } sieht nur, was ohnehin öffentlich ist: Ihren Namen und Ihr Bild.
optional = Freiwillig – Ihre Wahl. { $app } funktioniert auch ohne.
optional-see = Sehen: { $thing }
optional-change = Ändern: { $thing }
optional-control = Steuern: { $thing }
already-allowed = Bereits erlaubt ({ $n })
will-not = Die App kann nicht
keeps-until-disconnected = { $app } gibt an, Ihre Daten aufzubewahren, bis Sie die Verbindung trennen.
keeps-days = { $n ->
        [one] { $app } gibt an, Ihre Daten { $n } Tag lang aufzubewahren.
        *[other] { $app } gibt an, Ihre Daten { $n } Tage lang aufzubewahren.
    }
keeps-nothing = { $app } gibt an, Ihre Daten nicht aufzubewahren.
keeps-not-said = { $app } hat nicht angegeben, wie lange Ihre Daten aufbewahrt werden.
privacy = { $link }Datenschutzerklärung (öffnet in neuem Tab){ $end }.
access-stays = Der Zugriff bleibt bestehen, bis Sie ihn unter „Verbundene Apps“ entfernen.
access-ends = Der Zugriff endet am { $date }, oder sobald Sie ihn unter „Verbundene Apps“ entfernen.
how-long = Wie lange darf { $app } Ihr Konto nutzen?
until-removed = Bis ich den Zugriff entferne
until-as-before = Bis { $date }, wie bisher
acts-at = Die App handelt dann in Ihrem Namen bei { $api }, einem anderen Dienst.
device-shows = Verbunden wird das Gerät, das diesen Code anzeigt:
device-beware = Fahren Sie nur fort, wenn Sie selbst damit begonnen haben und Ihr Gerät diesen Code anzeigt.
goes-to-web = Danach geht es zurück zu { $host }.
goes-to-program = Danach geht es zurück zu { $host }, einem Programm auf diesem Gerät.
goes-to-app = Danach geht es zurück zu { $host }, einer App auf diesem Gerät.
keep = So lassen
deny = Nicht erlauben
continue = Fortfahren
allow = Erlauben
