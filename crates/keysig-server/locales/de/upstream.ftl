# The buttons on the sign-in page.
continue-with = Weiter mit { $provider }
problem-declined = Sie sind nicht mit { $provider } angemeldet. Versuchen Sie es noch einmal oder melden Sie sich anders an.
problem-down = { $provider } antwortet gerade nicht. Versuchen Sie es in einer Minute noch einmal oder melden Sie sich anders an.
problem-refused = { $provider } hat eine Antwort geschickt, mit der wir nichts anfangen können. Versuchen Sie es noch einmal oder melden Sie sich anders an.
problem-stale = Dieser Weg über { $provider } hat zu lange gedauert oder wurde schon benutzt. Versuchen Sie es noch einmal.
problem-closed = Dieses Konto ist geschlossen. Wenden Sie sich an den Support dieses Dienstes.
problem-too-many = Zu viele Versuche. Warten Sie ein paar Minuten oder melden Sie sich ohne { $provider } an.

# On the way there.
leaving = Weiter zu { $provider }
leaving-hint = Wenn nichts geschieht, benutzen Sie die Schaltfläche.
leaving-button = Weiter zu { $host }

# Somebody comes back with an account that belongs to nobody here.
theirs = Sie sind bei { $provider } als { $name } angemeldet.
theirs-both = Sie sind bei { $provider } als { $name }, { $email }, angemeldet.
theirs-nameless = Sie sind bei { $provider } angemeldet.
link-heading = { $provider } verknüpfen?
link-account = Es wird mit diesem Konto verknüpft:
link-means = Wer sich damit bei { $provider } anmelden kann, kann sich dann auch hier anmelden. Sie können die Verknüpfung jederzeit unter Sicherheit lösen.
link-goes = Sie gehen zu { $provider } und melden sich dort an. Dann kommen Sie zurück und bestätigen.
exists-heading = Sie haben schon ein Konto
exists-means = Zu Ihrer E-Mail-Adresse gibt es hier ein Konto. Melden Sie sich dort an, dann können Sie { $provider } verknüpfen.
no-account-heading = { $provider } ist noch nicht verknüpft
no-account-means = Kein Konto hier ist damit verknüpft. Wenn Sie hier ein Konto haben, melden Sie sich dort an, dann können Sie { $provider } verknüpfen.
sign-up-first = Sie haben hier noch kein Konto? Legen Sie eines mit Ihrer E-Mail-Adresse an, dann können Sie { $provider } verknüpfen.
unconfirmed-means = { $provider } sagt nicht, dass die E-Mail-Adresse Ihre ist. Deshalb kann damit kein neues Konto angelegt werden.
sign-up-heading = Konto anlegen
sign-up-means = Hier wird ein neues Konto angelegt, bei dem Sie sich mit { $provider } anmelden. Ein neues Passwort bekommen Sie nicht.
display-name = Anzeigename
display-name-hint = Das sehen andere.
display-name-error = Geben Sie einen Namen mit bis zu 80 Zeichen ein.
sign-up = Konto anlegen
have-account = Ich habe hier schon ein Konto
sign-in-to-link = Anmelden
another-way = Anders anmelden
not-now = Jetzt nicht

# In Security.
section = Andere Wege zur Anmeldung
section-empty = Sie können sich mit einem Konto anmelden, das Sie woanders haben.
linked-since = Verknüpft am { $date }.
last-used = Zuletzt benutzt: { $when }.
link = { $provider } verknüpfen
unlink = Verknüpfung mit { $provider } lösen
unlink-heading = Verknüpfung mit { $provider } lösen?
unlink-means = Sie können sich hier nicht mehr mit { $provider } anmelden. Was wir von { $provider } aufbewahren, wird gelöscht.
unlink-keeps = Ihr Konto hier bleibt, wie es ist, und Ihr Konto bei { $provider } auch.
keep-it = Behalten
not-linked = { $provider } wurde nicht verknüpft
not-unlinked = Die Verknüpfung mit { $provider } wurde nicht gelöst
taken = Ihr Konto bei { $provider } ist hier mit einem anderen Konto verknüpft. Melden Sie sich dort an und lösen Sie die Verknüpfung zuerst.
has-one = Sie haben schon ein anderes Konto bei { $provider } verknüpft. Lösen Sie diese Verknüpfung zuerst.
last-way = Sie könnten sich nicht mehr anmelden: Einen anderen Weg haben Sie nicht. Legen Sie zuerst ein Passwort fest oder fügen Sie einen Passkey hinzu.
not-confirmed = Es wurde nicht bestätigt, dass Sie es sind
another-account = Sie haben sich bei { $provider } mit einem anderen Konto angemeldet als dem, das hier mit Ihrem verknüpft ist. Versuchen Sie es mit diesem noch einmal.
to-security = Zurück zur Sicherheit
