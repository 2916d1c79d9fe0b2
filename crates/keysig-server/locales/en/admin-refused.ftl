heading = This was not done
to-home = To the home of the operator area
first-heading = Set up a second factor first
first-why = Whoever looks at this area sees what others must not, so a password alone does not open it. Add a passkey or an authenticator app to your account.
first-why-developers = Here whoever registers apps signs in by more than a password. Add a passkey or an authenticator app to your account.
first-go = Open Security
first-then = Then come back to this address: you are asked for it once.
