#!/usr/bin/env python3
"""Runs every program of the quickstart as a newcomer does: copied from the dashboard's page into a file, with what is
typed below it, logged in by a person. Ends with the one line that `cargo xtask test` counts."""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request

from dashboard import ISSUER, PASSWORD, USER, Developer, Texts
from person import Person

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 60
# The Rust programs are compiled first.
SECONDS_OF_CARGO = 600
KINDS = [(kind, profile) for profile in ("spotify", "standard") for kind in ("web", "terminal")]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def log_in(url):
    """In a browser of its own: the way back to the program, not yet taken."""
    return Person(USER, PASSWORD, "allow").authorize(url)


class Quickstart(unittest.TestCase):
    """One test for each tab; each runs for every kind of app."""

    @classmethod
    def setUpClass(cls):
        cls.developer = Developer()

    def for_each_app(self, tab):
        for kind, profile in KINDS:
            with self.subTest(kind=kind, profile=profile), tempfile.TemporaryDirectory() as place:
                redirect_uri = f"http://127.0.0.1:{free_port()}/callback"
                client_id, secret = self.developer.create(f"{tab} {kind} {profile}", kind, profile, redirect_uri)
                program, commands = self.developer.copy(client_id, tab)
                self.assertEqual("CLIENT_SECRET" in commands, bool(secret and commands))
                yield kind, profile, pathlib.Path(place), program, commands, secret

    def environment(self, secret, **more):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TERM", "LANG") if name in os.environ}
        return {**kept, "NO_PROXY": "127.0.0.1", **({"CLIENT_SECRET": secret} if secret else {}), **more}

    def run_until_hello(self, command, environment, place, seconds=SECONDS, pastes=False):
        """Follows the address that the program prints; returns all it printed."""
        program = subprocess.Popen(command, cwd=place, env=environment, text=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        timer = threading.Timer(seconds, program.kill)
        timer.start()
        try:
            said = []
            for line in program.stdout:
                said.append(line)
                if line.startswith(f"{ISSUER}/authorize?"):
                    back = log_in(line.strip())
                    if pastes:
                        program.stdin.write(back + "\n")
                        program.stdin.flush()
                    else:
                        with urllib.request.urlopen(back, timeout=SECONDS) as answer:
                            said.append(answer.read().decode())
            self.assertEqual(program.wait(), 0, "".join(said))
            return "".join(said)
        finally:
            timer.cancel()
            program.kill()
            program.wait()
            program.stdout.close()
            program.stdin.close()

    def test_curl(self):
        for kind, profile, place, program, commands, secret in self.for_each_app("curl"):
            (place / "login.sh").write_text(program)
            said = self.run_until_hello(commands.splitlines()[-1].split(), self.environment(secret), place, pastes=True)
            self.assertIn("Ada", said.splitlines()[-1])

    def test_python(self):
        for kind, profile, place, program, commands, secret in self.for_each_app("python"):
            (place / "login.py").write_text(program)
            self.assertEqual(commands.splitlines()[-1], "python3 login.py")
            if profile == "standard":
                said = self.run_until_hello([sys.executable, "login.py"], self.environment(secret), place)
                self.assertIn("Hello, Ada", said)
                continue
            self.assertIn("pip install spotipy", commands)
            browser = f"{sys.executable} {HERE / 'visit.py'} %s &"
            ran = subprocess.run([sys.executable, "login.py"], cwd=place, env=self.environment(secret, BROWSER=browser),
                                 text=True, timeout=SECONDS, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT)
            self.assertEqual(ran.returncode, 0, ran.stdout)
            self.assertIn("Hello, Ada", ran.stdout)
            self.assertIn("- Morning Train", ran.stdout)

    def test_javascript(self):
        for kind, profile, place, program, commands, secret in self.for_each_app("javascript"):
            (place / "login.mjs").write_text(program)
            said = self.run_until_hello(commands.splitlines()[-1].split(), self.environment(secret), place)
            self.assertIn("Hello, Ada", said)

    def test_go(self):
        for kind, profile, place, program, commands, secret in self.for_each_app("go"):
            (place / "login.go").write_text(program)
            # Nothing is fetched, so nothing but the standard library can be used.
            environment = self.environment(secret, GOPROXY="off", GOFLAGS="", GO111MODULE="on",
                                           GOCACHE=os.environ["KEYSIG_TEST_GO_CACHE"], CGO_ENABLED="0")
            said = self.run_until_hello(commands.splitlines()[-1].split(), environment, place, seconds=SECONDS_OF_CARGO)
            self.assertIn("Hello, Ada", said)

    def test_rust(self):
        for kind, profile, place, program, commands, secret in self.for_each_app("rust"):
            source = place / "main.rs"
            source.write_text(program)
            self.assertEqual(commands.splitlines()[-1], "cargo run")
            # Its crates may have to be fetched.
            needed = ("CARGO", "RUSTUP", "HTTP_PROXY", "HTTPS_PROXY", "SSL_")
            cargo = {name: value for name, value in os.environ.items() if name.upper().startswith(needed)}
            manifest = HERE.parent / "rust/Cargo.toml"
            command = ["cargo", "run", "--quiet", "--locked", "--manifest-path", str(manifest), "--example", "quickstart"]
            environment = self.environment(secret, **cargo, KEYSIG_TEST_PROGRAM=str(source))
            said = self.run_until_hello(command, environment, place, seconds=SECONDS_OF_CARGO)
            self.assertIn("Hello, Ada", said)

    def test_button(self):
        for kind, profile, place, program, commands, secret in self.for_each_app("button"):
            self.assertEqual(commands, "")
            if not secret:
                # Its script runs in tests/browser/quickstart.test.mjs.
                self.assertIn("crypto.subtle.digest", program)
                continue
            # What the developer's server puts in; then the button is pressed.
            challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            self.assertTrue(program.startswith(f'<form method="get" action="{ISSUER}/authorize">'))
            fields = Texts(program.replace("CODE_CHALLENGE", challenge).replace("STATE", "a-state")).fields
            back = log_in(f"{ISSUER}/authorize?{urllib.parse.urlencode(fields)}")
            answer = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)
            self.assertEqual(answer["state"], ["a-state"])
            self.assertIn("code", answer)


def main():
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(Quickstart))
    failed = len(result.failures) + len(result.errors)
    print(f"{max(0, result.testsRun - failed)} passed, {failed} failed, 0 skipped", flush=True)
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
