greeting = Guten Tag,

# Under a link: the same thing on another device.
or-code = Oder geben Sie dort, wo Sie begonnen haben, diesen Code ein:
half-an-hour = Link und Code funktionieren einmal, innerhalb von 30 Minuten. Geben Sie den Code niemandem, der Sie anruft oder Ihnen schreibt.
nothing-to-do = Wenn Sie das nicht waren, müssen Sie nichts tun.
not-you = Wenn Sie das nicht waren, hat jemand anderes Zugang zu Ihrem Konto. Öffnen Sie Ihre Sicherheitsseite, ändern Sie Ihr Passwort und melden Sie andere Geräte ab:

sign-up-subject = Bestätigen Sie Ihre E-Mail-Adresse für { $brand }
sign-up = Noch ein Schritt bis zu Ihrem Konto bei { $brand }. Öffnen Sie diesen Link, um Ihre E-Mail-Adresse zu bestätigen:
sign-up-not-you = Wenn Sie sich nicht registriert haben, öffnen Sie den Link nicht. Dann geschieht nichts, und es entsteht kein Konto.

already-here-subject = Sie haben schon ein Konto bei { $brand }
already-here = Jemand, vermutlich Sie, wollte sich bei { $brand } mit dieser E-Mail-Adresse registrieren. Dazu gibt es schon ein Konto. Hier melden Sie sich an:
already-here-recover = Wenn Sie Ihr Passwort vergessen haben, wählen Sie hier ein neues:

invited-subject = Sie sind zu { $brand } eingeladen
invited = Sie sind eingeladen, ein Konto bei { $brand } zu eröffnen. Hier geht es los:
invited-until = Der Link funktioniert einmal, innerhalb von 7 Tagen. Wenn Sie kein Konto möchten, müssen Sie nichts tun.

test-invited-subject = Sie sind eingeladen, { $app } zu testen
test-invited = { $app } ist eine App für { $brand }, die gerade getestet wird. Die Macher bitten Sie, sie auszuprobieren. Mit dieser E-Mail-Adresse gibt es noch kein Konto bei { $brand }. Legen Sie hier eines an:
test-invited-then = Melden Sie sich dann damit bei { $app } an. Wenn Sie das nicht möchten, brauchen Sie nichts zu tun.

recover-subject = Neues Passwort für { $brand }
recover = Jemand, vermutlich Sie, hat um ein neues Passwort für Ihr Konto bei { $brand } gebeten. Hier wählen Sie es:
recover-not-you = Wenn Sie das nicht waren, öffnen Sie den Link nicht. Ihr Passwort bleibt, wie es ist.

password-changed-subject = Ihr Passwort bei { $brand } wurde geändert
password-changed = Das Passwort Ihres Kontos bei { $brand } wurde geändert.
password-changed-apps = Apps, die Sie verbunden haben, behalten ihren Zugriff. Hier sehen Sie, welche das sind:
recover-if-not-you = Wenn Sie das nicht waren, wählen Sie sofort ein neues Passwort:

new-address-subject = Bestätigen Sie Ihre neue E-Mail-Adresse für { $brand }
new-address = Sie möchten diese E-Mail-Adresse für Ihr Konto bei { $brand } verwenden. Sie gilt, sobald Sie sie bestätigen. Öffnen Sie diesen Link in dem Browser, in dem Sie angemeldet sind:

confirm-address-subject = Bestätigen Sie Ihre E-Mail-Adresse für { $brand }
confirm-address = Jemand, vermutlich Sie, meldet sich bei Ihrem Konto bei { $brand } an, dessen E-Mail-Adresse nie bestätigt wurde. Öffnen Sie diesen Link, um zu bestätigen, dass sie Ihnen gehört:
confirm-address-not-you = Wenn Sie das nicht waren, öffnen Sie den Link nicht. Dann wird niemand angemeldet.

address-taken-subject = Zu dieser E-Mail-Adresse gibt es schon ein Konto bei { $brand }
address-taken = Jemand, vermutlich Sie, wollte diese E-Mail-Adresse für ein anderes Konto bei { $brand } verwenden. Das geht nicht: Es gibt dazu schon ein Konto. Nichts wurde geändert.

address-changed-subject = Die E-Mail-Adresse Ihres Kontos bei { $brand } wurde geändert
address-changed = Die E-Mail-Adresse Ihres Kontos bei { $brand } wurde geändert. Sie erhalten diese Nachricht an die alte, mit der man sich nicht mehr anmelden kann.

app-connected-subject = { $app } wurde mit Ihrem Konto bei { $brand } verbunden
app-connected = { $app } wurde mit Ihrem Konto bei { $brand } verbunden: { $at }, { $browser }. Erlaubt ist jetzt:
app-connected-remove = Wenn Sie das nicht waren oder es nicht mehr möchten, entziehen Sie den Zugriff hier:

app-paused-subject = { $app } wurde angehalten
app-paused = { $brand } hat Ihre App { $app } angehalten. Niemand kann sich bei ihr anmelden, und ihre Tokens gelten nicht.
app-paused-why = Der angegebene Grund: { $why }
app-paused-what = Nur wer diesen Dienst betreibt, kann sie wieder arbeiten lassen. Das Weitere steht in Ihrem Dashboard.
app-offered-subject = { $owner } möchte Ihnen { $app } übergeben
app-offered = { $owner } möchte Ihnen die App { $app } bei { $brand } übergeben. Sie gehört Ihnen, sobald Sie sie innerhalb von sieben Tagen in Ihrem Dashboard annehmen:
app-offered-ignore = Wenn Sie nicht wissen, worum es geht, tun Sie nichts. Dann ändert sich nichts.

passkey-added-subject = Ihrem Konto bei { $brand } wurde ein Passkey hinzugefügt
passkey-added = Der Passkey „{ $name }“ wurde Ihrem Konto bei { $brand } hinzugefügt. Wer ihn hat, kann sich anmelden.
passkey-removed-subject = Ein Passkey Ihres Kontos bei { $brand } wurde entfernt
passkey-removed = Der Passkey „{ $name }“ wurde aus Ihrem Konto bei { $brand } entfernt. Mit ihm kann man sich nicht mehr anmelden.

second-step-added-subject = Die Anmeldung in zwei Schritten ist eingeschaltet
second-step-added = Ihr Konto bei { $brand } fragt nach dem Passwort jetzt auch nach einem Code aus Ihrer App.
second-step-removed-subject = Die Anmeldung in zwei Schritten ist ausgeschaltet
second-step-removed = Ihr Konto bei { $brand } fragt nach dem Passwort nicht mehr nach einem Code aus Ihrer App.
recovery-code-used-subject = Ein Wiederherstellungscode wurde benutzt
recovery-code-used = Jemand hat sich mit einem Wiederherstellungscode bei Ihrem Konto bei { $brand } angemeldet. { $left ->
        [0] Es ist keiner mehr übrig: Erstellen Sie auf Ihrer Sicherheitsseite neue.
        [one] Einer ist noch übrig.
        *[other] { $left } sind noch übrig.
    }

upstream-linked-subject = Ihr Konto bei { $brand } wurde verknüpft
upstream-linked = Mit Ihrem Konto bei { $provider } kann man sich ab jetzt bei { $brand } anmelden.
upstream-unlinked-subject = Ein verknüpftes Konto wurde entfernt
upstream-unlinked = Mit Ihrem Konto bei { $provider } kann man sich nicht mehr bei { $brand } anmelden.

review-ask-subject = Eine Frage zu { $app }
review-ask = Wer { $app } für { $brand } prüft, möchte vorher etwas wissen. Lesen und beantworten Sie die Frage hier:
review-approve-subject = { $app } ist geprüft
review-approve = { $app } wurde geprüft. Neben dem Namen steht bei { $brand } jetzt „Geprüft“, solange die App so bleibt:
review-refuse-subject = { $app } wurde nicht angenommen
review-refuse = { $app } wurde für { $brand } geprüft und so nicht angenommen. Lesen Sie hier, warum, und fragen Sie wieder, wenn es behoben ist:

deleted-subject = Ihr Konto bei { $brand } wurde gelöscht
deleted = Ihr Konto bei { $brand } wurde gelöscht, wie auf unseren Seiten gewünscht. Alles, was wir dazu gespeichert hatten, ist weg.
deleted-apps = Apps, die Sie verbunden hatten, behalten womöglich Daten, die sie vorher kopiert haben. Bitten Sie deren Hersteller, sie zu löschen.
