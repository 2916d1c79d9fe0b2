heading = Connected apps
review-heading = Apps you have not used for 90 days
intro = These apps can use your account until you remove them.
none = No apps yet. When you use “Continue with { $brand }” somewhere, it shows up here.
none-unused = There is none: each app was used within the last 90 days.
back-to-account = Back to your account
show-all = Show all apps
unused = { $n ->
        [one] { $n } app was not used for 90 days. { $link }Review{ $end }
        *[other] { $n } apps were not used for 90 days. { $link }Review{ $end }
    }
history = Connected { $date } · last used { $when }
history-unused = Connected { $date } · not used yet
ends = Its access ends by itself on { $date }.
has-ended = Its access ended on { $date }. It must ask you again.
is-paused = Paused
gone = No longer exists
badge-reviewed = Reviewed
badge-not-reviewed = Not reviewed
badge-your-own = Your own app
badge-test = Test
sees = Sees { $n }
changes = Changes { $n }
controls = Controls { $n }
what = What it can do
only-public = It only sees what is already public: your name and picture.
group-see = It can see
group-change = It can change
group-control = It can control
can-delete = Can delete
never-used = Not used so far.
used = { $n ->
        [0] Not used in the last 30 days. Last used { $when }.
        [one] Used { $n } time in the last 30 days. Last used { $when }.
        *[other] Used { $n } times in the last 30 days. Last used { $when }.
    }
turn-off = Turn off
turn-off-of = Turn off: { $title }
day-by-day = What { $name } did, day by day
remove = Remove access
remove-of = Remove access: { $name }
pause = Pause
pause-of = Pause: { $name }
resume = Resume
resume-of = Resume: { $name }
remove-all = Remove all apps
keep = Keep it
keep-all = Keep them
remove-heading = Remove access for { $name }?
remove-what = { $name } will stop working with your account at once.
remove-data = It may keep data it already copied; ask its makers to delete it.
remove-data-link = It may keep data it already copied; { $link }ask its makers to delete it (opens in a new tab){ $end }.
remove-all-heading = { $n ->
        [one] Remove access for { $n } app?
        *[other] Remove access for { $n } apps?
    }
remove-all-what = All of these will stop working with your account at once:
remove-all-data = They may keep data they already copied. To use one of them again, you allow it again.
done-removed = Access removed. { $name } can no longer use your account.
done-all-removed = Access removed. No app can use your account any more.
done-paused = Paused. { $name } cannot use your account until you resume it.
done-resumed = Resumed. { $name } can use your account again.
done-reduced = Turned off. { $name } can do less now.
details-heading = What { $name } did
details-what = How often it used each permission. What it read or changed is not kept. Days are counted in UTC; a new call shows up here within a minute.
details-none = It has not used your account in the last 30 days.
chart = Calls on each of the last 30 days: { $n } in all, { $most } on the busiest day
permission = Permission
day = Day
times = Times
last-used = Last used
no-permission = What is public anyway
to-apps = Back to connected apps
report = Report this app
report-heading = Report { $name }
report-what = Tell the people who run { $brand } what is wrong. The makers of the app do not learn who reported it.
report-category = What is wrong?
report-choose = Choose one
report-pretends = It pretends to be another app or service
report-does-more = It did something I did not want
report-data = It misuses my data
report-other = Something else
report-words = In your words (optional)
report-missing = Choose what is wrong.
report-too-long = Use 2,000 characters at most.
report-too-many = You reported a lot. You can report again in { $wait }.
report-send = Send report
report-thanks-heading = Thank you for your report
report-thanks = We will look at { $name }. It can still use your account: remove its access if you do not trust it.
details-says = The app says of itself:
details-privacy = { $link }Its privacy policy (opens in a new tab){ $end }
details-terms = { $link }Its terms (opens in a new tab){ $end }
details-support = { $link }Its help (opens in a new tab){ $end }
