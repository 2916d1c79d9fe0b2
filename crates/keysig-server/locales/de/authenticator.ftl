section = Zweiter Schritt
is-off = Nach dem Passwort einen Code von Ihrem Telefon verlangen. Wer Ihr Passwort erfährt, kann sich ohne ihn nicht anmelden.
is-on = Eingeschaltet seit { $date }: Nach Ihrem Passwort werden Sie nach einem Code aus Ihrer Authenticator-App gefragt.
codes-left = { $n ->
        [zero] Sie haben keine Wiederherstellungscodes mehr. Erstellen Sie neue.
        [one] Sie haben noch { $n } Wiederherstellungscode.
        *[other] Sie haben noch { $n } Wiederherstellungscodes.
    }
set-up = Zweiten Schritt einrichten
new-codes = Neue Wiederherstellungscodes erstellen
remove = Zweiten Schritt entfernen
set-up-heading = Zweiten Schritt einrichten
set-up-scan = Scannen Sie dieses Bild mit einer Authenticator-App.
picture = QR-Code für eine Authenticator-App
set-up-type = Oder geben Sie diesen Schlüssel in die App ein:
code = Code, den die App anzeigt
code-hint = Sechs Ziffern. Sie zeigen, dass die App den Schlüssel hat.
code-wrong = Dieser Code passt nicht zu diesem Schlüssel. Geben Sie den ein, den Ihre App jetzt anzeigt.
turn-on = Einschalten
turned-on = Der zweite Schritt ist eingeschaltet.
codes-heading = Ihre Wiederherstellungscodes
codes-keep = Bewahren Sie diese Codes sicher auf, nicht nur auf Ihrem Telefon. Wenn Sie es verlieren, lässt jeder von ihnen Sie einmal hinein. Sie werden nur jetzt angezeigt.
codes-print = Sie können sie auch markieren und kopieren oder diese Seite drucken.
download = Als Datei herunterladen
done = Fertig
new-codes-heading = Neue Wiederherstellungscodes erstellen?
new-codes-what = Sie erhalten zehn neue Codes. Die alten gelten sofort nicht mehr.
remove-heading = Zweiten Schritt entfernen?
remove-what = Von jetzt an genügt Ihr Passwort zum Anmelden. Ihre Wiederherstellungscodes gelten nicht mehr, und alle gemerkten Browser werden vergessen.
remove-rest = Wo Sie angemeldet sind, bleiben Sie angemeldet, und verbundene Apps funktionieren weiter.
