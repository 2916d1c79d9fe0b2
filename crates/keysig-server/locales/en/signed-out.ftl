signed-out = You are signed out
what-happened = You are signed out on this browser. Apps that only use this sign-in are signed out too. Apps that may keep access while you are away keep working until you remove them in { $link }Connected apps{ $end }.
onward = Continue to { $app }
sign-in-again = Sign in again
frame = Signs you out of { $host }
