to-account = Back to your account
export-heading = Download your data
export-what = A file (JSON) with everything kept about you: your profile, where you are signed in, what happened to your account, the apps you allowed and how often they used each permission, your passkeys by name, and your playlists, library and history.
export-without = It holds no passwords, keys or codes. Keep it safe all the same.
export-do = Download
delete-heading = Delete your account?
delete-apps = { $n ->
        [0] You are signed out everywhere.
        [one] You are signed out everywhere, and { $n } app stops working with your account at once.
        *[other] You are signed out everywhere, and { $n } apps stop working with your account at once.
    }
delete-things = Your profile, playlists, library, history, passkeys and everything else kept about you is deleted.
delete-owned = { $n ->
        [one] { $n } app that you made stops working for everybody and belongs to nobody.
        *[other] { $n } apps that you made stop working for everybody and belong to nobody.
    }
delete-name = Your email address can be used for a new account. Your user name is never given to anybody else.
delete-final = This cannot be undone. Apps may keep data they already copied.
delete-export = Download your data first
delete-type = To confirm, type your email address: { $email }
delete-other-email = That is not the email address of this account.
delete-do = Delete my account
delete-keep = Keep my account
deleted-heading = Your account is deleted
deleted-what = You are signed out everywhere, and no app can use it any more.
deleted-home = Go to { $brand }
