heading = Webhooks
intro = Your server is told when somebody takes something away from this app: they remove it, pause it, turn a permission off or delete their account. It is also told a day before a secret of this app stops working.
address = Address
url = Where to send
url-hint = An https address of your server, such as https://peek.example/keysig. It is sent a POST with JSON and answers with any status from 200 to 299.
url-empty = Enter an address.
url-too-long = The address is too long: 1,000 characters at most.
url-no-address = Enter a whole address that starts with https://.
url-not-https = The address must start with https://.
url-sign-in = Remove the name and password before the host.
url-fragment = Remove the part after #. It is never sent.
url-not-public = This machine cannot be reached from everywhere. Use a public address.
url-not-loopback = A test server sends only to this machine. Use an address such as http://127.0.0.1:9000/hook.
save = Save
send-test = Send test
remove = Stop and remove
secrets = Signing secrets
secrets-what = Each delivery is signed, so that your server knows that it comes from us. A new secret signs beside the old one for a day: your server can change over without losing anything.
secret = Secret
made = Made
signs = Signs
signs-yes = Yes
until = Until { $at }
at = { $date }, { $time } UTC
rotate = New secret
rotate-now = New secret, stop the old one now
new-secret = Your signing secret
new-secret-what = Copy it now. It is shown this once, and only to you.
new-secret-done = Done
deliveries = Deliveries
deliveries-what = The latest 20. They are kept for seven days.
no-deliveries = Nothing was sent yet. Send a test to see one.
waits = On its way
arrived = Arrived
given-up = Given up after { $n ->
        [one] { $n } try
        *[other] { $n } tries
    }
tried-again = { $n ->
        [one] { $n } try failed
        *[other] { $n } tries failed
    }, next one { $at }
answered = Answered { $status }
tried = Tried { $when }
show = Details
body = Body sent
answer = Answer
retry = Retry
done-saved = The address is saved.
done-tested = A test is on its way.
done-retried = It is sent again.
done-removed = There is no webhook any more.
remove-heading = Stop and remove this webhook?
remove-what = Nothing is sent to { $url } any more, and its signing secrets are worth nothing.
remove-lost = The list of deliveries is deleted, with everything that was not sent yet. This cannot be undone.
