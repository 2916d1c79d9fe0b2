problem = There is a problem
empty = Nothing here.
back = Back
more = More
filter = Filter
search = Search
name = Name
address = Address
role = Role
state = State
locked = Locked
open = Open
confirmed = Confirmed
unconfirmed = Not confirmed
ids = IDs
app = App
browser = Browser
where = From where
by = Signed in by
since = Since
last-used = Last used
when-done = When
what = What
who = Who
to-whom = About
the-machine = The server's own machine
never = Never
anything = Anything

users = Users
user = User
users-sought = Beginning of an address, an ID, or the ID of a request
users-found = Accounts
sessions = Sessions
connected-apps = Connected apps
events = Last events
invite = Invite somebody
invite-what = They get a mail with a link that works once, for a week.
type-address = Type the address of the account
deed-lock = Lock
deed-lock-what = Nobody signs in to this account any more. Its sessions end and its apps lose access at once. Unlocking it later does not bring those back.
deed-unlock = Unlock
deed-unlock-what = The person signs in as before. Apps ask anew.
deed-revoke = End all sessions and apps
deed-revoke-what = Every session ends and every connected app loses access at once. The person signs in and connects apps anew.
deed-reset-password = Force a new password
deed-reset-password-what = The password stops working and every session ends. The person is told by mail how to choose another one.
deed-delete = Delete
deed-delete-what = The account and everything of it is deleted. Apps it owns are paused. This cannot be undone.
deed-role = Change role
deed-role-what = It takes effect with the next page they open.
reach-sessions = { $n ->
        [0] No session is open.
        [one] { $n } session is open.
       *[other] { $n } sessions are open.
    }
reach-apps = { $n ->
        [0] No app is connected.
        [one] { $n } app is connected.
       *[other] { $n } apps are connected.
    }
role-user = User: uses apps
role-developer = Developer: registers apps
role-viewer = Viewer: looks at this area
role-support = Support: locks accounts and ends their sessions
role-operator = Operator: may do everything
user-lock = The account is locked. Everything of it has ended.
user-unlock = The account is open again.
user-revoke = All sessions and connected apps have ended.
user-reset-password = The old password no longer works. A mail is on its way.
user-delete = The account is deleted.
user-role = The role is changed.
invited = The invitation is on its way.

roles = Roles
roles-who = People who work here
roles-how = To give somebody a role, find them under Users. One operator is always left.

audit = Audit
audit-records = Records, the latest first
by-whom = By whom: address or ID
app-client-id = App: client ID
to-account = Account: address or ID
from-day = From, as 2026-11-25
until-day = To, as 2026-11-25
verify = Verify the chains
export = Export
export-what = A copy of the records that the filter finds. That it was taken is recorded.
format = Format
chains-hold = Every record and every checkpoint holds.
chains-broken = The audit does not hold. { $what }
chains-how = Each record holds the hash of the one before. Once a day, and with every export, the ends of all chains are written down under a key that is not in the database.
records = Records
chains = Chains
checkpoints = Checkpoints
last-checkpoint = Last checkpoint

keys = Keys
key = Key
algorithm = Algorithm
stage = Stage
stage-next = Next
stage-current = Signs
stage-retired = Retired
stage-over = Over
made = Made
signs-from = Signs from
may-go = May go
signing-keys = Signing keys
rotate = Rotate
rotate-what = The next key is published at once. It signs in two hours, when no cache holds the keys without it. What the old one signed stays good.
key-rotated = The next key is published. It signs once every cache is over.
revoke-key = Revoke a key at once
revoke-key-what = Key { $kid } is taken away. Nothing it signed verifies any more.
revoke-key-current = It signs now: a new key signs in its place at once, before others had time to fetch it, so some logins fail for up to an hour.
revoke-key-other = It does not sign now.
revoke-key-reach = { $n ->
        [0] No login was given a token within the last hour.
        [one] Tokens of at most { $n } login of the last hour die.
       *[other] Tokens of at most { $n } logins of the last hour die.
    }
key-revoked = The key is revoked.

home = Home
now = Time here
reports-unread = Reports to read
health = Health
found = Found
fix = What fixes it
health-database = Database
health-feed = Revocations of other nodes
health-mail = Mail
health-disk = Disk
health-clock = Clock
health-keys = Signing keys
health-audit = Audit
verdict-ok = OK
verdict-look = Look
verdict-broken = Broken
setup-operator = Only one person may do everything here. Make somebody else an operator, so that a lost second factor locks nobody out.
setup-mail = This server sends no mail: nobody confirms an address or recovers a password.

apps = Apps
apps-sought = Client ID, name or developer, in full
apps-found = Apps
order = Which first
order-new = New
order-popular = Popular
order-reported = Reported
developer = Developer
owner = Owner
mode = Mode
reports = Reports
trusted = Trusted
yes = Yes
no = No
works = Works
redirect-uris = Redirect URIs
address-of-app = URI
why = Why? The developer reads it.
app-reach = { $n ->
        [0] Nobody has it connected.
        [one] { $n } person has it connected.
       *[other] { $n } people have it connected.
    }
app-pause = Stop everything
app-pause-what = Nobody logs in with { $app }, and every token of it stops working at once. What people allowed is kept.
app-resume = Resume
app-resume-what = { $app } works again. Tokens from before stay dead: people log in once more.
app-trust = Trust
app-trust-what = { $app } is shown as your own, and people are not asked what it may do. Only do this with your own apps.
app-distrust = Trust no longer
app-distrust-what = { $app } asks people like every other app.
app-reports-read = Mark reports as read
app-reports-read-what = The reports about { $app } stay here. Their number starts at nothing.
app-pause-done = The app is stopped.
app-resume-done = The app works again.
app-trust-done = The app is trusted.
app-distrust-done = The app is trusted no longer.
app-reports-read-done = The reports are marked as read.
