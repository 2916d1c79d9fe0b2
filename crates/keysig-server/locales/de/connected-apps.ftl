heading = Verbundene Apps
review-heading = Apps, die Sie seit 90 Tagen nicht genutzt haben
intro = Diese Apps können Ihr Konto nutzen, bis Sie sie entfernen.
none = Noch keine Apps. Wenn Sie irgendwo „Weiter mit { $brand }“ verwenden, erscheint die App hier.
none-unused = Es gibt keine: Jede App wurde in den letzten 90 Tagen genutzt.
back-to-account = Zurück zu Ihrem Konto
show-all = Alle Apps anzeigen
unused = { $n ->
        [one] { $n } App wurde seit 90 Tagen nicht genutzt. { $link }Prüfen{ $end }
        *[other] { $n } Apps wurden seit 90 Tagen nicht genutzt. { $link }Prüfen{ $end }
    }
history = Verbunden am { $date } · zuletzt genutzt: { $when }
history-unused = Verbunden am { $date } · noch nicht genutzt
ends = Der Zugriff endet von selbst am { $date }.
has-ended = Der Zugriff endete am { $date }. Die App muss Sie neu fragen.
is-paused = Pausiert
gone = Gibt es nicht mehr
badge-reviewed = Geprüft
badge-not-reviewed = Nicht geprüft
badge-your-own = Ihre eigene App
badge-test = Test
sees = Sieht { $n }
changes = Ändert { $n }
controls = Steuert { $n }
what = Was sie darf
only-public = Sie sieht nur, was ohnehin öffentlich ist: Ihren Namen und Ihr Bild.
group-see = Sie kann sehen
group-change = Sie kann ändern
group-control = Sie kann steuern
can-delete = Kann löschen
never-used = Bisher nicht genutzt.
used = { $n ->
        [0] In den letzten 30 Tagen nicht genutzt. Zuletzt genutzt: { $when }.
        [one] In den letzten 30 Tagen { $n }-mal genutzt. Zuletzt genutzt: { $when }.
        *[other] In den letzten 30 Tagen { $n }-mal genutzt. Zuletzt genutzt: { $when }.
    }
turn-off = Abschalten
turn-off-of = Abschalten: { $title }
day-by-day = Was { $name } getan hat, Tag für Tag
remove = Zugriff entfernen
remove-of = Zugriff entfernen: { $name }
pause = Pausieren
pause-of = Pausieren: { $name }
resume = Fortsetzen
resume-of = Fortsetzen: { $name }
remove-all = Alle Apps entfernen
keep = Behalten
keep-all = Alle behalten
remove-heading = Zugriff für { $name } entfernen?
remove-what = { $name } funktioniert dann sofort nicht mehr mit Ihrem Konto.
remove-data = Bereits kopierte Daten behält die App möglicherweise; bitten Sie die Anbieter, sie zu löschen.
remove-data-link = Bereits kopierte Daten behält die App möglicherweise; { $link }bitten Sie die Anbieter, sie zu löschen (öffnet einen neuen Tab){ $end }.
remove-all-heading = { $n ->
        [one] Zugriff für { $n } App entfernen?
        *[other] Zugriff für { $n } Apps entfernen?
    }
remove-all-what = Diese Apps funktionieren dann sofort nicht mehr mit Ihrem Konto:
remove-all-data = Bereits kopierte Daten behalten sie möglicherweise. Um eine davon wieder zu nutzen, erlauben Sie sie erneut.
done-removed = Zugriff entfernt. { $name } kann Ihr Konto nicht mehr nutzen.
done-all-removed = Zugriff entfernt. Keine App kann Ihr Konto mehr nutzen.
done-paused = Pausiert. { $name } kann Ihr Konto nicht nutzen, bis Sie den Zugriff fortsetzen.
done-resumed = Fortgesetzt. { $name } kann Ihr Konto wieder nutzen.
done-reduced = Abgeschaltet. { $name } darf jetzt weniger.
details-heading = Was { $name } getan hat
details-what = Wie oft die App jede Berechtigung genutzt hat. Was sie gelesen oder geändert hat, wird nicht gespeichert. Tage zählen in UTC; ein neuer Aufruf erscheint hier innerhalb einer Minute.
details-none = Die App hat Ihr Konto in den letzten 30 Tagen nicht genutzt.
chart = Aufrufe an jedem der letzten 30 Tage: insgesamt { $n }, am stärksten Tag { $most }
permission = Berechtigung
day = Tag
times = Anzahl
last-used = Zuletzt genutzt
no-permission = Was ohnehin öffentlich ist
to-apps = Zurück zu den verbundenen Apps
report = Diese App melden
report-heading = { $name } melden
report-what = Sagen Sie den Betreibern von { $brand }, was nicht stimmt. Die Anbieter der App erfahren nicht, wer sie gemeldet hat.
report-category = Was stimmt nicht?
report-choose = Bitte wählen
report-pretends = Sie gibt sich als andere App oder anderer Dienst aus
report-does-more = Sie hat etwas getan, das ich nicht wollte
report-data = Sie missbraucht meine Daten
report-other = Etwas anderes
report-words = In Ihren Worten (freiwillig)
report-missing = Wählen Sie aus, was nicht stimmt.
report-too-long = Verwenden Sie höchstens 2.000 Zeichen.
report-too-many = Sie haben viel gemeldet. Neue Meldung möglich in: { $wait }.
report-send = Meldung senden
report-thanks-heading = Danke für Ihre Meldung
report-thanks = Wir sehen uns { $name } an. Die App kann Ihr Konto weiterhin nutzen: Entfernen Sie ihren Zugriff, wenn Sie ihr nicht trauen.
details-says = Die App sagt über sich:
details-privacy = { $link }Ihre Datenschutzerklärung (öffnet einen neuen Tab){ $end }
details-terms = { $link }Ihre Nutzungsbedingungen (öffnet einen neuen Tab){ $end }
details-support = { $link }Ihre Hilfe (öffnet einen neuen Tab){ $end }
