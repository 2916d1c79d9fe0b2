heading-first = Let { $app } use your account?
heading-more = { $n ->
        [one] { $app } asks for { $n } more permission
        *[other] { $app } asks for { $n } more permissions
    }
heading-device = Connect another device as { $person }?
heading-continue = Continue as { $person }?
changed = { $app } has changed since you opened this page. Nothing was allowed. Please look again.
by = by { $developer }
not-made-by = not made by { $brand }
badge-known-by = { $n ->
        [0] Nobody has used it yet, first seen { $ago }
        [one] Used by { $n } person, first seen { $ago }
        *[other] Used by { $n } people, first seen { $ago }
    }
not-you = Not you?
will-see = { $more ->
        [yes] It will also be able to see
        *[no] It will be able to see
    }
will-change = { $more ->
        [yes] It will also be able to change
        *[no] It will be able to change
    }
will-control = { $more ->
        [yes] It will also be able to control
        *[no] It will be able to control
    }
only-public = { $app } will only see what is already public: your name and picture.
optional = Optional – your choice. { $app } works without these.
optional-see = See: { $thing }
optional-change = Change: { $thing }
optional-control = Control: { $thing }
already-allowed = Already allowed ({ $n })
will-not = It will not
keeps-until-disconnected = { $app } says it keeps your data until you disconnect.
keeps-days = { $n ->
        [one] { $app } says it keeps your data for { $n } day.
        *[other] { $app } says it keeps your data for { $n } days.
    }
keeps-nothing = { $app } says it does not keep your data.
keeps-not-said = { $app } has not said how long it keeps your data.
privacy = { $link }Privacy policy (opens in a new tab){ $end }.
access-stays = Access stays on until you remove it in Connected apps.
access-ends = Access ends on { $date }, or when you remove it in Connected apps.
how-long = How long may { $app } use your account?
until-removed = Until I remove it
until-as-before = Until { $date }, as before
acts-at = It will act in your name at { $api }, another service.
device-shows = The device that shows this code will be connected:
device-beware = Only continue if you started this yourself and your device shows this code.
goes-to-web = You will return to { $host }.
goes-to-program = You will return to { $host }, a program on this device.
goes-to-app = You will return to { $host }, an app on this device.
keep = Keep as it is
deny = Don't allow
continue = Continue
allow = Allow
