"""A developer in a browser: makes an app in the dashboard and copies programs from its quickstart."""

import html.parser
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from person import Person  # noqa: E402

ISSUER = os.environ["KEYSIG_TEST_ISSUER"]
USER, PASSWORD = "ada@example.test", "demo-password"


class Texts(html.parser.HTMLParser):
    """The text of each element that has an id, and the fields of each form."""

    def __init__(self, page):
        super().__init__()
        self.by_id, self.fields, self._open = {}, {}, None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "code" and "id" in attrs:
            self._open = attrs["id"]
            self.by_id[self._open] = ""
        elif tag == "input":
            self.fields[attrs.get("name")] = attrs.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "code":
            self._open = None

    def handle_data(self, data):
        if self._open:
            self.by_id[self._open] += data


class Developer:
    """Ada, signed in."""

    def __init__(self):
        self.browser = Person(USER, PASSWORD, "allow")
        page = Texts(self.browser.request(f"{ISSUER}/login")[2])
        fields = {**page.fields, "identifier": USER, "password": PASSWORD}
        status, _, body = self.browser.request(f"{ISSUER}/login", fields)
        assert status == 303, f"{status}: {body}"

    def create(self, name, kind, profile, redirect_uri):
        """The new app's client ID and secret; the secret is empty if it has none."""
        form = Texts(self.browser.request(f"{ISSUER}/dashboard/new?profile={profile}")[2]).fields
        form = {"csrf": form["csrf"], "key": form["key"], "profile": form["profile"], "name": name, "kind": kind,
                "redirect_uri": redirect_uri}
        status, _, body = self.browser.request(f"{ISSUER}/dashboard/new", form)
        assert status == 200, f"{status}: {body}"
        page = Texts(body).by_id
        return page["client-id"], page.get("client-secret", "")

    def copy(self, client_id, tab):
        """The program on this tab, and what is typed to run it."""
        page = Texts(self.browser.request(f"{ISSUER}/dashboard/apps/{client_id}?tab={tab}")[2]).by_id
        return page["program"], page.get("commands", "")
