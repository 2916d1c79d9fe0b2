heading = Konto wählen
to-continue = um zu { $app } zu gelangen
current = Angemeldet
remove = Aus diesem Browser entfernen
another = Anderes Konto verwenden
