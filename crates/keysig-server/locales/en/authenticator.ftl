section = Second step
is-off = Ask for a code from your phone after the password. Somebody who learns your password cannot sign in without it.
is-on = On since { $date }: after your password you are asked for a code from your authenticator app.
codes-left = { $n ->
        [zero] You have no recovery codes left. Make new ones.
        [one] You have { $n } recovery code left.
        *[other] You have { $n } recovery codes left.
    }
set-up = Set up a second step
new-codes = Make new recovery codes
remove = Remove the second step
set-up-heading = Set up a second step
set-up-scan = Scan this picture with an authenticator app.
picture = QR code for an authenticator app
set-up-type = Or type this key into the app:
code = Code that the app shows
code-hint = Six digits. They show that the app has the key.
code-wrong = That code does not fit this key. Enter the one that your app shows now.
turn-on = Turn on
turned-on = The second step is on.
codes-heading = Your recovery codes
codes-keep = Keep these codes somewhere safe, not only on your phone. If you lose it, each of them lets you in once. They are shown only now.
codes-print = You can also mark and copy them, or print this page.
download = Download as a file
done = Done
new-codes-heading = Make new recovery codes?
new-codes-what = You get ten new codes. The old ones stop working at once.
remove-heading = Remove the second step?
remove-what = From now on your password alone is enough to sign in. Your recovery codes stop working, and every browser that was remembered is forgotten.
remove-rest = Where you are signed in you stay signed in, and connected apps keep working.
