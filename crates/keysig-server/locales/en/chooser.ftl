heading = Choose an account
to-continue = to continue to { $app }
current = Signed in
remove = Remove from this browser
another = Use another account
