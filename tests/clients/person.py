#!/usr/bin/env python3
"""A person with a browser, for clients that have neither.

Takes the address a client would open, signs in, answers what the pages ask, and prints where the browser ended up.
Standard library only; HTML forms are posted as found, hidden inputs and all, so nothing here knows how the server keeps
its requests apart or how it guards its forms.

    person.py [--user ada@example.test] [--password demo-password] [--deny] [--jar FILE] [--post] [--stay] [--report] URL

Where it ends is the client's address, or, if the server answers by form_post, the address and the fields that the
browser would post to it. With --stay it is the last page of the server, as for a device's code or a sign-out. Only
--report tells them all: one JSON object, see `Arrival`.
"""

import argparse
import dataclasses
import http.cookiejar
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

STEPS_AT_MOST = 12
SECONDS_PER_REQUEST = 30


@dataclasses.dataclass
class Arrival:
    """Where the browser ended up, and what the person did on the way."""

    # Fragment and all.
    address: str
    # Of a form_post: pairs of name and value.
    fields: list | None = None
    # In order, of: "code", "sign-in", "consent", "sign-out".
    asked: list = dataclasses.field(default_factory=list)
    # The words of the server's last page, if it ended on one.
    page: str | None = None


class Page(HTMLParser):
    """The forms of a page, its words, and the way on that a leaving page offers."""

    def __init__(self, html):
        super().__init__()
        self.forms = []
        self.continue_to = None
        self._words = []
        self._form = None
        self._unseen = 0
        self.feed(html)
        self.close()

    @property
    def words(self):
        return " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("style", "script", "title"):
            self._unseen += 1
        elif tag == "form":
            self._form = {"id": attrs.get("id"), "action": attrs.get("action") or "",
                          "method": (attrs.get("method") or "get").lower(), "hidden": [], "shown": {}, "decisions": set()}
            self.forms.append(self._form)
        elif tag == "a" and attrs.get("id") == "continue":
            self.continue_to = attrs.get("href")
        elif self._form is not None and tag in ("input", "button") and "name" in attrs:
            name, value = attrs["name"], attrs.get("value") or ""
            if attrs.get("type") == "hidden":
                self._form["hidden"].append((name, value))
            elif name == "decision":
                self._form["decisions"].add(value)
            else:
                self._form["shown"][name] = value

    def handle_endtag(self, tag):
        if tag in ("style", "script", "title"):
            self._unseen -= 1
        elif tag == "form":
            self._form = None

    def handle_data(self, data):
        if not self._unseen:
            self._words.append(data)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Every hop is looked at, as the last one leaves for the client."""

    def redirect_request(self, *_):
        return None


class Person:
    """One browser: a cookie jar, and somebody who knows one password."""

    def __init__(self, user, password, decision, jar=None):
        self.user, self.password, self.decision = user, password, decision
        self.asked = []
        # A name makes it a browser that stays open between two calls.
        self.jar = http.cookiejar.LWPCookieJar(jar)
        if jar and os.path.exists(jar):
            self.jar.load(ignore_discard=True)
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), NoRedirects)

    def request(self, url, fields=None, headers=None):
        """Returns (status, headers, body); refusals are answers too."""
        body = None if fields is None else urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(url, data=body, headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})
        if body is not None:
            # Pages are sent with `Referrer-Policy: no-referrer`, so a browser posts their forms with a null origin.
            for name, value in (headers or {"Origin": "null", "Sec-Fetch-Site": "same-origin"}).items():
                request.add_header(name, value)
        try:
            answer = self.opener.open(request, timeout=SECONDS_PER_REQUEST)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        if self.jar.filename:
            self.jar.save(ignore_discard=True)
        return answer.status, answer.headers, answer.read().decode()

    def answer(self, page, at):
        """Fills in the form this page is about; None when there is nothing a person could do."""
        for form in page.forms:
            filled, what = list(form["hidden"]), None
            if "password" in form["shown"]:
                what = "sign-in"
                if "identifier" in form["shown"]:
                    filled.append(("identifier", self.user))
                filled.append(("password", self.password))
            elif "code" in form["shown"]:
                what = "code"
                # As the page shows it, or else typed from the device's screen, which in a test is the address.
                typed = urllib.parse.parse_qs(urllib.parse.urlsplit(at).query).get("code", [""])[0]
                filled.append(("code", form["shown"]["code"] or typed))
            elif self.decision in form["decisions"]:
                what = "consent"
                filled.append(("decision", self.decision))
            elif form["action"] == "/logout" and self.decision == "allow":
                what = "sign-out"
            # Nobody answers the same question twice in a row: it is the answer that was wrong.
            if what is None or what in self.asked[-1:]:
                continue
            self.asked.append(what)
            action = urllib.parse.urljoin(at, form["action"] or at)
            if form["method"] == "get":
                return urllib.parse.urlsplit(action)._replace(query=urllib.parse.urlencode(filled)).geturl(), None
            return action, filled
        return None

    def travel(self, url, post=False, stay=False):
        """From the client's address to the client's callback, or, if she is to stay, to the server's last page."""
        home, fields, headers = urllib.parse.urlsplit(url).netloc, None, None
        if post:
            # A form on a page of the client's: it names its origin, which is a neighbour on another port.
            asked = urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True)
            url, fields = urllib.parse.urlsplit(url)._replace(query="").geturl(), asked
            headers = {"Origin": "http://127.0.0.1:47100", "Sec-Fetch-Site": "same-site"}
        for _ in range(STEPS_AT_MOST):
            status, answered, body = self.request(url, fields, headers)
            page, headers = Page(body), None
            on = answered["Location"] if 300 <= status < 400 else page.continue_to
            if on:
                url, fields = urllib.parse.urljoin(url, on), None
                if urllib.parse.urlsplit(url).netloc != home:
                    return Arrival(url, None, self.asked)
                continue
            for form in page.forms:
                if form["id"] == "answer" and form["method"] == "post":
                    return Arrival(form["action"], form["hidden"], self.asked)
            reply = self.answer(page, url)
            if reply is None and stay:
                return Arrival(url, None, self.asked, page.words)
            if reply is None:
                raise SystemExit(f"person: no way on from {url} ({status}):\n{body}")
            url, fields = reply
        raise SystemExit(f"person: still not there after {STEPS_AT_MOST} pages, last {url}")

    def authorize(self, url):
        """The address at which the browser ended up."""
        return self.travel(url).address


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--user", default="ada@example.test")
    arguments.add_argument("--password", default="demo-password")
    arguments.add_argument("--deny", action="store_true", help="say no where the pages ask")
    arguments.add_argument("--jar", help="keep the browser's cookies in this file")
    arguments.add_argument("--post", action="store_true", help="send the address's parameters as a form")
    arguments.add_argument("--stay", action="store_true", help="end on a page of the server")
    arguments.add_argument("--report", action="store_true", help="print all there is to say, as JSON")
    arguments.add_argument("url")
    given = arguments.parse_args()
    person = Person(given.user, given.password, "deny" if given.deny else "allow", given.jar)
    arrival = person.travel(given.url, given.post, given.stay)
    print(json.dumps(dataclasses.asdict(arrival)) if given.report else arrival.address)


if __name__ == "__main__":
    sys.exit(main())
