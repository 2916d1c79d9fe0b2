heading = Confirm it's you
why = You signed in a while ago. Before you go on, show that it is you.
password = Password
continue = Continue
wrong = The password is not right. Check it and try again.
throttled = Too many tries. You can try again in { $wait }.
busy = Many people are signing in right now. Try again in { $wait }.
wrong-passkey = That passkey is not one of this account. Try another one, or your password.
