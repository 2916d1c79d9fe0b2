heading = Posteingang
what = Die Post dieses Testservers kommt nur hier an, das Neueste zuerst.
empty = Noch keine Post. Registrieren Sie sich oder fordern Sie ein neues Passwort an, dann erscheint sie hier.
to = an { $email }
all = { $link }Alle Nachrichten{ $end }
