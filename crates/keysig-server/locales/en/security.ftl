heading = Security
password = Password
password-link = Change or set a password
events-link = See the last events of your account
second-step-added = The second step is on.
second-step-removed = The second step is off.
upstream-linked = The account is linked. You can sign in with it.
upstream-unlinked = The account is unlinked.
