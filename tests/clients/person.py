#!/usr/bin/env python3
"""A person with a browser, for clients that have neither.

Takes the address a client would open, signs in, answers the consent page and prints the address the browser would
have been sent back to. Standard library only; HTML forms are posted as found, hidden inputs and all, so nothing here
knows how the server keeps its requests apart or how it guards its forms.

    person.py [--user ada@example.test] [--password demo-password] [--deny] AUTHORIZE_URL
"""

import argparse
import http.cookiejar
import sys
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

STEPS_AT_MOST = 8
SECONDS_PER_REQUEST = 30


class Page(HTMLParser):
    """The forms of a page and the way on that a leaving page offers."""

    def __init__(self, html):
        super().__init__()
        self.forms = []
        self.continue_to = None
        self._form = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self._form = {"action": attrs.get("action", ""), "method": attrs.get("method", "get").lower(),
                          "hidden": [], "names": set(), "decisions": set()}
            self.forms.append(self._form)
        elif tag == "a" and attrs.get("id") == "continue":
            self.continue_to = attrs.get("href")
        elif self._form is not None and tag in ("input", "button") and "name" in attrs:
            self._form["names"].add(attrs["name"])
            if attrs.get("type") == "hidden":
                self._form["hidden"].append((attrs["name"], attrs.get("value", "")))
            if attrs["name"] == "decision":
                self._form["decisions"].add(attrs.get("value"))

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Every hop is looked at, as the last one leaves for the client."""

    def redirect_request(self, *_):
        return None


class Person:
    """One browser: a cookie jar, and somebody who knows one password."""

    def __init__(self, user, password, decision):
        self.user, self.password, self.decision = user, password, decision
        self.signed_in = False
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar, NoRedirects)

    def request(self, url, fields=None):
        """Returns (status, headers, body); refusals are answers too."""
        body = None if fields is None else urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(url, data=body, headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})
        if body is not None:
            # Pages are sent with `Referrer-Policy: no-referrer`, so a browser posts their forms with a null origin.
            request.add_header("Origin", "null")
            request.add_header("Sec-Fetch-Site", "same-origin")
        try:
            answer = self.opener.open(request, timeout=SECONDS_PER_REQUEST)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        return answer.status, answer.headers, answer.read().decode()

    def answer(self, page, at):
        """Fills in the form this page is about; None when there is nothing a person could do."""
        for form in page.forms:
            if form["method"] != "post":
                continue
            fields = list(form["hidden"])
            if {"identifier", "password"} <= form["names"] and not self.signed_in:
                self.signed_in = True
                fields += [("identifier", self.user), ("password", self.password)]
            elif self.decision in form["decisions"]:
                fields.append(("decision", self.decision))
            else:
                continue
            return urllib.parse.urljoin(at, form["action"] or at), fields
        return None

    def authorize(self, url):
        """From the client's address to the client's callback."""
        home = urllib.parse.urlsplit(url).netloc
        fields = None
        for _ in range(STEPS_AT_MOST):
            status, headers, body = self.request(url, fields)
            page = Page(body)
            on = headers["Location"] if 300 <= status < 400 else page.continue_to
            if on:
                url, fields = urllib.parse.urljoin(url, on), None
                if urllib.parse.urlsplit(url).netloc != home:
                    return url
                continue
            reply = self.answer(page, url)
            if reply is None:
                raise SystemExit(f"person: no way on from {url} ({status}):\n{body}")
            url, fields = reply
        raise SystemExit(f"person: still not back at the client after {STEPS_AT_MOST} pages, last {url}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--user", default="ada@example.test")
    arguments.add_argument("--password", default="demo-password")
    arguments.add_argument("--deny", action="store_true")
    arguments.add_argument("url")
    given = arguments.parse_args()
    person = Person(given.user, given.password, "deny" if given.deny else "allow")
    print(person.authorize(given.url))


if __name__ == "__main__":
    sys.exit(main())
