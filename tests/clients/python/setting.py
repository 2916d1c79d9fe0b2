"""Where the server under test is, and how a person answers its pages."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from person import Person  # noqa: E402

ISSUER = os.environ["KEYSIG_TEST_ISSUER"]
API = os.environ["KEYSIG_TEST_API"] + "/v1/"
AUTHORIZE_URL = ISSUER + "/authorize"
TOKEN_URL = ISSUER + "/api/token"
# Registered without a port: a client may listen on any.
CALLBACK = "http://127.0.0.1:47101/callback"
ADA, BOB = "ada@example.test", "bob@example.test"
PASSWORD = "demo-password"
SCOPES = sorted(
    "user-read-private user-read-email playlist-read-private playlist-modify-private playlist-modify-public "
    "user-library-read user-library-modify".split()
)
# Ada's, but for the collaborative one, which needs a scope of its own.
SEEDED_PLAYLISTS = {"Morning Train", "Deep Work", "Songs for Rain"}


def allow(url, user=ADA):
    """The callback address after the person agreed."""
    return Person(user, PASSWORD, "allow").authorize(url)


def deny(url, user=BOB):
    """The callback address after the person said no."""
    return Person(user, PASSWORD, "deny").authorize(url)
