signed-out = Sie sind abgemeldet
what-happened = Sie sind in diesem Browser abgemeldet. Apps, die nur diese Anmeldung nutzen, sind ebenfalls abgemeldet. Apps, die auch in Ihrer Abwesenheit Zugriff haben dürfen, funktionieren weiter, bis Sie sie unter { $link }Verbundene Apps{ $end } entfernen.
onward = Weiter zu { $app }
sign-in-again = Erneut anmelden
frame = Meldet Sie von { $host } ab
