heading = Your account
sign-out = Sign out
apps = Connected apps
connected = { $n ->
        [0] No app can use your account.
        [one] { $n } app can use your account.
        *[other] { $n } apps can use your account.
    }
apps-link = See connected apps
security = Security
security-what = Your password, passkeys and second step.
security-link = Go to Security
devices = Devices
devices-what = Where you are signed in.
devices-link = See your devices
events-link = Last events of your account
data = Your data
export-link = Download your data
delete-link = Delete your account
