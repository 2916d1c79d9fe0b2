# The offer.
offer-heading = Create a passkey
offer = Sign in faster with your fingerprint, face or screen lock.
offer-detail = Your fingerprint or face never leaves your device. We only get a key that works here and nowhere else.
create = Create passkey
create-another = Create another passkey
not-now = Not now
needs-script = Creating a passkey needs JavaScript and a browser that has passkeys. You can turn JavaScript on for this site and load the page again, or go on without a passkey.
needs-domain = Passkeys work only at addresses with a name. This site is opened by a number, so browsers offer none here.

# What came of it.
cancelled = No passkey was created. You can try again whenever you like.
exists = This device already has a passkey for your account. You can sign in with it.
too-late = This took too long, or was sent twice. No passkey was created. Try again.
refused = Your device made a passkey that we can't use. Nothing was changed. Try again, or try another device.
too-many = { $most ->
        [one] You can have { $most } passkey. Remove it first.
        *[other] You can have at most { $most } passkeys. Remove one first.
    }
made-heading = Passkey created
made = Next time, choose “Sign in with a passkey”. Give it a name, so that you can tell it from others.

# Names.
rename-heading = Rename passkey
name = Name of the passkey
name-hint = For example the device it is on.
name-is-wrong = Enter a name of 1 to 60 characters, without special control characters.
save-name = Save name
keep-name = Keep this name
default-name = { $browser } on { $system }
default-name-unknown = Passkey

# In Security.
section = Passkeys
created = Created { $date }
last-used = last used { $when }
not-used = not used yet
rename = Rename
remove = Remove

# The end of one.
remove-heading = Remove the passkey { $name }?
remove-effect = Nobody can sign in with it any more. Where you are signed in now, you stay signed in.
remove-rest = Your device may go on offering it. You can delete it there, in the settings for passwords and passkeys.
keep = Keep it
remove-confirm = Remove passkey
last-way-in = You can't remove this passkey: it is your only way to sign in. Set a password or create another passkey first.
back-to-security = Back to Security
removed-heading = Passkey removed
removed = { $name } can no longer be used to sign in.
