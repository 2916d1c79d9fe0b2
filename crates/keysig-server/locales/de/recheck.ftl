heading = Bestätigen Sie, dass Sie es sind
why = Ihre Anmeldung liegt eine Weile zurück. Zeigen Sie, dass Sie es sind, bevor es weitergeht.
password = Passwort
continue = Weiter
wrong = Das Passwort stimmt nicht. Prüfen Sie es und versuchen Sie es erneut.
throttled = Zu viele Versuche. Neuer Versuch möglich in: { $wait }.
busy = Gerade melden sich viele Menschen an. Versuchen Sie es erneut in: { $wait }.
wrong-passkey = Dieser Passkey gehört nicht zu diesem Konto. Versuchen Sie es mit einem anderen oder mit Ihrem Passwort.
