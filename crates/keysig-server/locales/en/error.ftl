nothing-shared = Nothing was shared.
details = Details for developers
open-app = Open { $host }
to-start = Go to the start page
to-apps = See connected apps
to-pair = Enter a code
to-sign-out = Sign out here
unknown-client = This app isn't known here
unknown-client-next = It may have been removed. Go back to where you came from.
broken-link = This app's sign-in link doesn't work
broken-link-next = { $known ->
        [yes] Go back and try again. If it keeps happening, tell the people who make { $app }.
        *[no] Go back and try again. If it keeps happening, tell the people who make the app.
    }
illegal-scope = The app asked for something that doesn't exist here
illegal-scope-next = { $known ->
        [yes] Go back and tell the people who make { $app }.
        *[no] Go back and tell the people who make the app.
    }
not-a-test-user = { $known ->
        [yes] { $app } is being tested and isn't open to everyone yet
        *[no] The app is being tested and isn't open to everyone yet
    }
not-a-test-user-next = Ask its makers to add you to the test list, then try again.
fake-elsewhere = This is a test account of somebody else's apps
fake-elsewhere-next = { $known ->
        [yes] A developer made it to try their own apps. Sign in to { $app } with another account.
        *[no] A developer made it to try their own apps. Sign in with another account.
    }
logins-stopped = { $known ->
        [yes] { $app } takes nobody new for now
        *[no] The app takes nobody new for now
    }
logins-stopped-next = { $brand } stopped new sign-ins to it. Whoever uses it already goes on. Nothing was shared.
too-many-people = { $known ->
        [yes] { $app } can't take more people yet
        *[no] The app can't take more people yet
    }
too-many-people-next = { $brand } has not reviewed it so far, and until then only so many people can let it change their things. Try again later.
add-me = Add { $account } to the test users
paused-by-makers = { $known ->
        [yes] { $app } is paused by its makers
        *[no] The app is paused by its makers
    }
paused-by-service = { $known ->
        [yes] { $app } is paused by { $brand }
        *[no] The app is paused by { $brand }
    }
paused-next = You can't sign in to it right now. Try again later.
tx-expired = This sign-in took too long
tx-expired-next = { $known ->
        [yes] Go back to { $app } and start again.
        *[no] Go back to the app and start again.
    }
already-answered = You have already answered this request
already-answered-next = { $known ->
        [yes] Your first answer counts. To change it, start again from { $app }.
        *[no] Your first answer counts. To change it, start again from the app.
    }
device-gone = This code has run out or was used before
device-gone-next = Start again on your device, then enter the new code.
post-logout = This app's sign-out link doesn't work
post-logout-next = { $known ->
        [yes] You were not signed out. You can do that here. If it happens again, tell the people who make { $app }.
        *[no] You were not signed out. You can do that here. If it happens again, tell the people who make the app.
    }
busy = We are too busy to answer right now
busy-next = Try again in { $wait }.
internal = Something broke on our side
internal-next = Try again in a minute.
not-found = There is no such page
not-found-next = Check the address, or begin at the start page.
method = This page can't be used that way
method-next = Begin at the start page.
csrf = We couldn't tell that this came from you
csrf-next = The page may have been open for too long. Go back, reload it and try again.
