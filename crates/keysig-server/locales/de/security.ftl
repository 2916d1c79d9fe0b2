heading = Sicherheit
