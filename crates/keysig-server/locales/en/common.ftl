# What every page has.
skip = Skip to content
test-server = Test server.
nothing-is-real = Nothing here is real.
colours = Colours
theme-system = System
theme-light = Light
theme-dark = Dark
language = Language
page-title = { $heading } – { $brand }
error-title = Error: { $heading } – { $brand }
problem = There is a problem
just-now = just now
when = { $relative }, { $absolute }
on-date = on { $date }
time = { $time } UTC
sign-in-with-passkey = Sign in with a passkey
use-passkey = Use a passkey
passkey-unknown = We don't recognise that passkey. Sign in another way, then add it in Security.
passkey-too-late = That took too long. Try again.
security = Security
cancel = Cancel
back = Back

# Pages of the account.
nav = Account
nav-account = Account
nav-apps = Connected apps
nav-devices = Devices
nav-security = Security
nav-profile = Profile

# Points in time.
date = { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
        *[12] December
    } { $year }
minutes-ago = { $n ->
        [one] { $n } minute ago
        *[other] { $n } minutes ago
    }
hours-ago = { $n ->
        [one] { $n } hour ago
        *[other] { $n } hours ago
    }
days-ago = { $n ->
        [one] { $n } day ago
        *[other] { $n } days ago
    }

# Spans of time.
seconds = { $n ->
        [one] { $n } second
        *[other] { $n } seconds
    }
minutes = { $n ->
        [one] { $n } minute
        *[other] { $n } minutes
    }
hours = { $n ->
        [one] { $n } hour
        *[other] { $n } hours
    }
days = { $n ->
        [one] { $n } day
        *[other] { $n } days
    }

# Apps and what they may do.
badge-reviewed = Reviewed
badge-not-reviewed = Not reviewed
badge-your-own = Your own app
badge-test = Test
can-delete = Can delete
new = New
app-says = App says:
it-can-see = It can see
it-can-change = It can change
it-can-control = It can control
not-password = See your password or payment details
footer-help = Help
footer-privacy = Privacy
footer-terms = Terms
