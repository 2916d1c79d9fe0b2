nothing-shared = Es wurde nichts weitergegeben.
details = Details für Entwickler
open-app = { $host } öffnen
to-start = Zur Startseite
to-apps = Verbundene Apps ansehen
to-pair = Code eingeben
to-sign-out = Hier abmelden
unknown-client = Diese App ist hier nicht bekannt
unknown-client-next = Vielleicht wurde sie entfernt. Gehen Sie dorthin zurück, woher Sie kamen.
broken-link = Der Anmeldelink dieser App funktioniert nicht
broken-link-next = { $known ->
        [yes] Gehen Sie zurück und versuchen Sie es erneut. Wenn es wieder passiert, sagen Sie es denen, die { $app } machen.
        *[no] Gehen Sie zurück und versuchen Sie es erneut. Wenn es wieder passiert, sagen Sie es denen, die die App machen.
    }
illegal-scope = Die App hat etwas verlangt, das es hier nicht gibt
illegal-scope-next = { $known ->
        [yes] Gehen Sie zurück und sagen Sie es denen, die { $app } machen.
        *[no] Gehen Sie zurück und sagen Sie es denen, die die App machen.
    }
not-a-test-user = { $known ->
        [yes] { $app } wird getestet und ist noch nicht für alle offen
        *[no] Die App wird getestet und ist noch nicht für alle offen
    }
not-a-test-user-next = Bitten Sie die Macher, Sie auf die Testliste zu setzen, und versuchen Sie es dann erneut.
fake-elsewhere = Das ist ein Testkonto für andere Apps
fake-elsewhere-next = { $known ->
        [yes] Es wurde angelegt, um eigene Apps zu testen. Melden Sie sich bei { $app } mit einem anderen Konto an.
        *[no] Es wurde angelegt, um eigene Apps zu testen. Melden Sie sich mit einem anderen Konto an.
    }
logins-stopped = { $known ->
        [yes] { $app } nimmt vorerst niemanden neu auf
        *[no] Die App nimmt vorerst niemanden neu auf
    }
logins-stopped-next = { $brand } hat neue Anmeldungen bei ihr gestoppt. Wer sie schon nutzt, kann weitermachen. Es wurde nichts geteilt.
too-many-people = { $known ->
        [yes] { $app } kann noch niemanden mehr aufnehmen
        *[no] Die App kann noch niemanden mehr aufnehmen
    }
too-many-people-next = { $brand } hat sie bisher nicht geprüft. Bis dahin dürfen nur wenige Menschen ihr erlauben, etwas zu ändern. Versuchen Sie es später erneut.
add-me = { $account } auf die Testliste setzen
paused-by-makers = { $known ->
        [yes] { $app } wurde von den Machern angehalten
        *[no] Die App wurde von den Machern angehalten
    }
paused-by-service = { $known ->
        [yes] { $app } wurde von { $brand } angehalten
        *[no] Die App wurde von { $brand } angehalten
    }
paused-next = Sie können sich dort gerade nicht anmelden. Versuchen Sie es später.
tx-expired = Diese Anmeldung hat zu lange gedauert
tx-expired-next = { $known ->
        [yes] Gehen Sie zurück zu { $app } und beginnen Sie neu.
        *[no] Gehen Sie zurück zur App und beginnen Sie neu.
    }
already-answered = Sie haben diese Anfrage schon beantwortet
already-answered-next = { $known ->
        [yes] Ihre erste Antwort zählt. Um sie zu ändern, beginnen Sie neu in { $app }.
        *[no] Ihre erste Antwort zählt. Um sie zu ändern, beginnen Sie neu in der App.
    }
device-gone = Dieser Code ist abgelaufen oder wurde schon benutzt
device-gone-next = Beginnen Sie auf Ihrem Gerät neu und geben Sie dann den neuen Code ein.
post-logout = Der Abmeldelink dieser App funktioniert nicht
post-logout-next = { $known ->
        [yes] Sie wurden nicht abgemeldet. Das können Sie hier tun. Wenn es wieder passiert, sagen Sie es denen, die { $app } machen.
        *[no] Sie wurden nicht abgemeldet. Das können Sie hier tun. Wenn es wieder passiert, sagen Sie es denen, die die App machen.
    }
busy = Wir sind gerade zu beschäftigt, um zu antworten
busy-next = Neuer Versuch möglich in: { $wait }.
internal = Bei uns ist etwas kaputtgegangen
internal-next = Versuchen Sie es in einer Minute erneut.
not-found = Diese Seite gibt es nicht
not-found-next = Prüfen Sie die Adresse, oder beginnen Sie auf der Startseite.
method = Diese Seite lässt sich so nicht benutzen
method-next = Beginnen Sie auf der Startseite.
csrf = Wir konnten nicht erkennen, dass das von Ihnen kam
csrf-next = Vielleicht war die Seite zu lange offen. Gehen Sie zurück, laden Sie sie neu und versuchen Sie es erneut.
