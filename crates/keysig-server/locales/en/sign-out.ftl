heading = Sign out?
asked-by = { $app } asks to sign you out of { $brand } on this browser.
what = You will be signed out on this browser. Apps that only use this sign-in are signed out too. Apps that may keep access while you are away keep working.
stay = Stay signed in
sign-out = Sign out
sign-out-all = Sign out of all accounts in this browser
