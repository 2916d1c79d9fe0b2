greeting = Hello,

# Under a link: the same thing on another device.
or-code = Or type this code where you started:
half-an-hour = The link and the code work once, within 30 minutes. Never give the code to anybody who calls or writes to you.
nothing-to-do = If this was not you, there is nothing you need to do.
not-you = If this was not you, somebody else can get into your account. Open your security page, change your password and sign out other devices:

sign-up-subject = Confirm your email for { $brand }
sign-up = You are one step away from your { $brand } account. Open this link to confirm your email:
sign-up-not-you = If you did not sign up, do not open the link. Nothing happens then, and no account is made.

already-here-subject = You already have a { $brand } account
already-here = Somebody, probably you, tried to sign up at { $brand } with this email. There is an account with it already. Sign in here:
already-here-recover = If you have forgotten your password, choose a new one here:

invited-subject = You are invited to { $brand }
invited = You are invited to open an account at { $brand }. Start here:
invited-until = The link works once, within 7 days. If you do not want an account, there is nothing you need to do.

test-invited-subject = You are invited to try { $app }
test-invited = { $app } is an app for { $brand } that is being tested. Its makers ask you to try it, and you have no { $brand } account with this email yet. Make one here:
test-invited-then = Then log in to { $app } with it. If you do not want to, there is nothing you need to do.

recover-subject = Choose a new password for { $brand }
recover = Somebody, probably you, asked for a new password for your { $brand } account. Choose it here:
recover-not-you = If this was not you, do not open the link. Your password stays as it is.

password-changed-subject = Your { $brand } password was changed
password-changed = The password of your { $brand } account was changed.
password-changed-apps = Apps that you connected keep their access. Check which ones there are:
recover-if-not-you = If this was not you, choose a new password at once:

new-address-subject = Confirm your new email for { $brand }
new-address = You want to use this email for your { $brand } account. It counts once you confirm it. Open this link in the browser in which you are signed in:

confirm-address-subject = Confirm your email for { $brand }
confirm-address = Somebody, probably you, is signing in to your { $brand } account, whose email was never confirmed. Open this link to confirm that this email is yours:
confirm-address-not-you = If this was not you, do not open the link. Nobody is signed in then.

address-taken-subject = This email already has a { $brand } account
address-taken = Somebody, probably you, wanted to use this email for another { $brand } account. That is not possible: there is an account with it already. Nothing was changed.

address-changed-subject = The email of your { $brand } account was changed
address-changed = The email of your { $brand } account was changed. You get this message at the old one, which can no longer be used to sign in.

app-connected-subject = { $app } was connected to your { $brand } account
app-connected = { $app } was connected to your { $brand } account: { $at }, { $browser }. It may now:
app-connected-remove = If this was not you, or you do not want it any more, remove its access here:

app-paused-subject = { $app } was paused
app-paused = { $brand } paused your app { $app }. Nobody can log in to it, and its tokens do not work.
app-paused-why = The reason given: { $why }
app-paused-what = Only the people who run this service can let it work again. Your dashboard shows the rest.
app-offered-subject = { $owner } wants to hand { $app } over to you
app-offered = { $owner } wants to hand the app { $app } over to you at { $brand }. It becomes yours once you accept it on your dashboard, within seven days:
app-offered-ignore = If you do not know what this is about, do nothing. Nothing changes then.

passkey-added-subject = A passkey was added to your { $brand } account
passkey-added = The passkey “{ $name }” was added to your { $brand } account. Whoever has it can sign in.
passkey-removed-subject = A passkey was removed from your { $brand } account
passkey-removed = The passkey “{ $name }” was removed from your { $brand } account. It can no longer be used to sign in.

second-step-added-subject = Two-step sign-in is on
second-step-added = Your { $brand } account now asks for a code from your app after the password.
second-step-removed-subject = Two-step sign-in is off
second-step-removed = Your { $brand } account no longer asks for a code from your app after the password.
recovery-code-used-subject = A recovery code was used
recovery-code-used = Somebody signed in to your { $brand } account with a recovery code. { $left ->
        [0] None are left: make new ones on your security page.
        [one] One is left.
        *[other] { $left } are left.
    }

upstream-linked-subject = Your { $brand } account was linked
upstream-linked = Your account at { $provider } can be used to sign in to { $brand } from now on.
upstream-unlinked-subject = A linked account was removed
upstream-unlinked = Your account at { $provider } can no longer be used to sign in to { $brand }.

review-ask-subject = A question about { $app }
review-ask = Whoever reviews { $app } for { $brand } wants to know something first. Read the question and answer it here:
review-approve-subject = { $app } is reviewed
review-approve = { $app } was reviewed. People on { $brand } now read "Reviewed" beside its name, for as long as it stays as it is:
review-refuse-subject = { $app } was not approved
review-refuse = { $app } was looked at for { $brand } and not found good as it is. Read why here, and ask again when it is mended:

deleted-subject = Your { $brand } account was deleted
deleted = Your { $brand } account was deleted, as asked for on our pages. Everything we kept about it is gone.
deleted-apps = Apps that you had connected may keep data they copied before. Ask their makers to delete it.
