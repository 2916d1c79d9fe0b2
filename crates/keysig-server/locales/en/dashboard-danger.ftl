heading = Danger zone
held = { $brand } paused this app. Only the people who run the service can let it work again.
offered = Offered to { $address } until { $when }. It stays yours until they accept.
pause-heading = Pause the app
pause-what = { $n ->
        [0] Nobody can log in, and its tokens stop working at once. Whoever tries reads that the app is paused by its makers. You can resume it at any time.
        [one] Nobody can log in, and its tokens stop working at once. One person uses it, and reads that it is paused by its makers. You can resume it at any time.
        *[other] Nobody can log in, and its tokens stop working at once. { $n } people use it, and read that it is paused by its makers. You can resume it at any time.
    }
pause-button = Pause it
pause-done = The app is paused.
resume-heading = Resume the app
resume-what = People can log in again. Tokens from before the pause stay dead; who has it connected is not asked again.
resume-button = Resume it
resume-done = The app works again.
reset-heading = End everybody's access
reset-what = { $n ->
        [0] Every token of the app ends at once. Nobody has it connected now.
        [one] Every token of the app ends at once. One person is disconnected, and is asked again at the next login.
        *[other] Every token of the app ends at once. { $n } people are disconnected, and are asked again at their next login.
    }
reset-button = End it
reset-done = Everybody's access has ended.
transfer-heading = Hand the app over
transfer-what = It belongs to somebody else from the moment they accept. They read your secrets no more than you do, but you know them: they should make new ones. People are asked again, since another developer stands behind it.
transfer-button = Offer it
transfer-done = Offered. If there is an account with this address, it finds the offer under My apps for seven days.
withdraw-heading = Take the offer back
withdraw-what = Nobody can accept it any more. The app stays yours.
withdraw-button = Take it back
withdraw-done = The offer is taken back.
delete-heading = Delete the app
delete-what = { $n ->
        [0] It is gone at once and for good, with its secrets, figures and records. Its client ID is never used again.
        [one] One person will be disconnected. It is gone at once and for good, with its secrets, figures and records. Its client ID is never used again.
        *[other] { $n } people will be disconnected. It is gone at once and for good, with its secrets, figures and records. Its client ID is never used again.
    }
delete-button = Delete it for good
delete-done = The app is deleted.
address = The address they sign in with
type-name = To be sure, type its name: { $app }
not-the-name = This is not its name.
no-address = This is no email address.
own-address = This is your own address. The app is yours already.
