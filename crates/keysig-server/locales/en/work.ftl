# What every screen of developers and operators has.
developers = Developers
operators = Operator area
nav-areas = Areas
nav-my-apps = My apps
nav-app = This app
nav-operators = Operator area
nav-home = Home
nav-events = Events
live = Live
in-development = Development
paused = Paused
older = Older
newer = Newer
