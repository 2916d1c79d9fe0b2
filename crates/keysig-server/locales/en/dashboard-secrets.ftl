heading = Secrets
intro = Two secrets may work at once: add a new one, let your program use it, then retire the old one. Nobody is signed out by that.
public = This app runs in people's hands, where nothing stays secret. It has none, and proves itself by PKCE.
none = There is none: this app cannot get tokens before you add one.
full = Two secrets work already. Retire one before you add another.
add = Add a new secret
new-heading = Your new secret
new-once = It is shown once, here.
new-both = It works from now on, and so does the old one until you retire it.
done = Done
ends-in = Ends in
created = Created
last-used = Last used
state = State
what-to-do = What to do
at = { $when }
never = Never
active = Active
stops = Stops on { $when }
stopped = Stopped { $when }
retire = Retire
leaked = It leaked
retire-heading = Retire the secret ending in { $end }
leaked-heading = The secret ending in { $end } leaked
uses = { $n ->
        [0] No request used it in the last 24 hours.
        [one] One request used it in the last 24 hours.
        *[other] { $n } requests used it in the last 24 hours.
    }
last-one = No other secret works. When it stops, this app gets no tokens until you add one.
retire-what = From the moment it stops, whatever still uses it is refused. People stay signed in.
leaked-what = It stops at once, and whatever still uses it is refused. If somebody else used it, they may have tokens, too.
when-stop = When is it to stop?
now = Now
in-an-hour = In an hour
in-a-day = In 24 hours
in-a-week = In 7 days
end-tokens = End all tokens of this app, too. Everybody signs in again.
retire-button = Retire it
leaked-button = Stop it now
