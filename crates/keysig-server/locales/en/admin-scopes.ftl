heading = Scopes
what = What apps can ask for, in the words that people read before they agree.
saved = Saved. It holds everywhere within a second.
new = New scope
one = Scope { $name }
problem = There is a problem
name = Name
name-hint = As apps write it: letters, digits and hyphens. It never changes.
title = Title
number = Number
group = What it does
group-hint = Under which heading the consent page lists it. Of a published scope it changes only together with a higher risk.
group-see = See
group-change = Change
group-control = Control
risk = Risk
risk-hint = The riskiest come first. Of a published scope it can only rise, and everybody who agreed is asked again.
risk-S = Sees a little
risk-P = Sees something personal
risk-C = Controls playback
risk-W = Changes things
can-delete = It can delete something people made
words-hint = Every language needs a title and a detail. The promise says what an app without this permission will not do.
detail = Detail
will-not = Promise
save = Save
preview = See the consent page before you save
retired = Retired
is-retired = This scope is retired: no app can ask for it.
retire-it = Retire it
offer-again = Offer it again
retire = Retire { $name }?
take-back = Offer { $name } again?
retire-what = No app can ask for it any more, and apps that do are refused at their next login. { $agreements ->
    [0] Nobody has agreed to it.
    [one] One person has agreed to it for one app and keeps it until they remove the app.
   *[other] It is in { $agreements } agreements of people with apps, which keep it until the app is removed.
}
retire-not-undone = It can be offered again. Logins that fail meanwhile are not made up for.
take-back-what = Apps can ask for it again, with the same number and the same words.
back = Back
