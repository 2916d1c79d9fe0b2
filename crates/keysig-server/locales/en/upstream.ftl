# The buttons on the sign-in page.
continue-with = Continue with { $provider }
problem-declined = You are not signed in with { $provider }. Try again, or sign in another way.
problem-down = { $provider } does not answer right now. Try again in a minute, or sign in another way.
problem-refused = { $provider } sent an answer that we can't use. Try again, or sign in another way.
problem-stale = This way through { $provider } took too long or was used already. Try again.
problem-closed = This account is closed. Contact the support of this service.
problem-too-many = Too many tries. Wait a few minutes, or sign in without { $provider }.

# On the way there.
leaving = Continue to { $provider }
leaving-hint = If nothing happens, use the button.
leaving-button = Continue to { $host }

# Somebody comes back with an account that belongs to nobody here.
theirs = You are signed in at { $provider } as { $name }.
theirs-both = You are signed in at { $provider } as { $name }, { $email }.
theirs-nameless = You are signed in at { $provider }.
link-heading = Link { $provider }?
link-account = It will be linked to this account:
link-means = Whoever can sign in at { $provider } with it can then sign in here. You can unlink it in Security at any time.
link-goes = You go to { $provider } to sign in there. Then you come back and confirm.
exists-heading = You already have an account
exists-means = Your email address has an account here. Sign in to it, then you can link { $provider }.
no-account-heading = { $provider } is not linked yet
no-account-means = No account here is linked to it. If you have an account here, sign in to it, then you can link { $provider }.
sign-up-first = You have no account here yet? Create one with your email address, then you can link { $provider }.
unconfirmed-means = { $provider } does not say that your email address is yours, so no new account can be made with it.
sign-up-heading = Create an account
sign-up-means = A new account is made here, and you sign in to it with { $provider }. You get no new password.
display-name = Display name
display-name-hint = This is what others see.
display-name-error = Enter a name of up to 80 characters.
sign-up = Create account
have-account = I have an account here
sign-in-to-link = Sign in
another-way = Sign in another way
not-now = Not now

# In Security.
section = Other ways to sign in
section-empty = You can sign in with an account that you have elsewhere.
linked-since = Linked on { $date }.
last-used = Last used: { $when }.
link = Link { $provider }
unlink = Unlink { $provider }
unlink-heading = Unlink { $provider }?
unlink-means = You can no longer sign in here with { $provider }. What we keep of { $provider } is erased.
unlink-keeps = Your account here stays as it is, and so does your account at { $provider }.
keep-it = Keep it
not-linked = { $provider } was not linked
not-unlinked = { $provider } was not unlinked
taken = Your { $provider } account is linked to another account here. Sign in to that one and unlink it there first.
has-one = You have linked another { $provider } account already. Unlink that one first.
last-way = You could not sign in any more: it is the only way you have. Set a password or add a passkey first.
not-confirmed = It was not confirmed that it is you
another-account = You signed in at { $provider } with another account than the one that is linked to yours here. Try again with that one.
to-security = Back to Security
