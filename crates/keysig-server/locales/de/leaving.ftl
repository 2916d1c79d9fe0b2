returning = Zurück zu { $app }
if-nothing = Wenn nichts passiert, benutzen Sie die Schaltfläche.
continue-to = Weiter zu { $host }
use-the-button = Mit der Schaltfläche kommen Sie zurück zur App. Ihr Browser fragt vielleicht vorher.
open-app = { $app } öffnen
on-this-device = Sie kommen zu { $host }, einer App auf diesem Gerät. Danach können Sie diese Seite schließen.
