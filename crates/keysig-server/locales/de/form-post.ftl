returning = Zurück zu { $app }
if-nothing = Wenn nichts passiert, benutzen Sie die Schaltfläche.
continue-to = Weiter zu { $host }
