heading = Inbox
what = Mail of this test server goes nowhere but here, the newest first.
empty = No mail yet. Sign up or ask for a new password, and it shows up here.
to = to { $email }
all = { $link }All mail{ $end }
