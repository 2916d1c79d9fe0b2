heading = Development or live
is-development = This app is in development: only you and its test users can log in to it.
is-live = { $n ->
        [0] This app is live: everybody can log in to it. Nobody has it connected yet.
        [one] This app is live: everybody can log in to it. One person has it connected.
        *[other] This app is live: everybody can log in to it. { $n } people have it connected.
    }
looks = What people look for
there = There
missing = Missing
check-reviewed = { $has ->
        [yes] A review by the operator: the consent page says so.
        *[no] A review by the operator: the consent page says that there was none.
    }
check-redirect-uri = A redirect URI elsewhere than on your own machine
check-homepage = A home page, where people find you
check-privacy = A privacy policy, which the consent page links to
check-keeps-data = A word on how long you keep data, which the consent page shows
check-secret = A secret that works
bounded = { $n ->
        [one] As long as nobody reviewed it, { $n } person may give it permissions that can change their things. { $at-risk } have.
        *[other] As long as nobody reviewed it, { $n } people may give it permissions that can change their things. { $at-risk } have.
    }
held-back = Here an app goes live only after the operator reviewed it as it is now. Ask for a review first.
go-live = Go live
go-live-what = Everybody with an account can log in from then on. The list of test users no longer counts, and stays for the day you go back.
go-live-button = Let everybody log in
go-back = Back to development
go-back-what = { $n ->
        [one] All tokens of this app stop working at once, and the person who has it connected is logged out of it.
        *[other] All tokens of this app stop working at once, and the { $n } people who have it connected are logged out of it.
    }
go-back-keeps = You and your test users log in again and go on. Everybody else is told that the app is being tested. What people agreed to is kept: if you go live again, nobody is asked anew.
go-back-button = Close it to everybody else
done-live = Everybody can log in now.
done-development = Only you and its test users can log in now.
to-review = Ask for a review
