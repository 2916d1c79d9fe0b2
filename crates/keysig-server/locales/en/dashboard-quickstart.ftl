heading = Quickstart
made = Your app is ready. Only you and its test users can sign in to it so far.
made-before = Your first click made this app already. Its secret was part of that answer and is shown nowhere else; if you did not see it, make a new one under Secrets.
client-id = Client ID
client-secret = Client secret
secret-once = Copy it now: once you leave this page, nobody can show it to you again. Keep it out of code that others see.
secret-elsewhere = Was shown once, when it was made.
no-secret = None: this kind of app uses PKCE.
authorize-url = Sign-in address
token-url = Token address
api-url = API address
issuer = Issuer
userinfo-url = Userinfo address
first-login = First login
waiting = Waiting for your first login…
waiting-how = Run the program below and log in, then look again.
worked = { $n ->
    [one] It worked: { $n } person is signed in to your app.
   *[other] It worked: { $n } people are signed in to your app.
}
was-refused = The latest request of your app was refused. { $link }See why{ $end }
look-again = Look again
program = A program that logs you in
tabs = Languages
tab-curl = curl
tab-python = { $spotipy ->
    [yes] Python (spotipy)
   *[no] Python
}
tab-javascript = JavaScript
tab-rust = Rust
tab-go = Go
tab-button = Button
how = Save it as { $file }.
how-form = Put this form on your page. Your server writes a new state and code challenge into it for each visitor; the JavaScript tab shows how they are made, and what happens when the visitor comes back.
how-page = A whole page, for an app without a server of its own. It has to be served at { $uri }.
not-registered = This app has no redirect URI on your own machine. For the program to work, add { $uri } to its redirect URIs first.
run = Then type
