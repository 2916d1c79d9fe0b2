"""spotipy, as published: its three ways to log in, and what people do with it afterwards."""

import unittest

import spotipy
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.exceptions import SpotifyException, SpotifyOauthError

import setting


def point_at_server(auth):
    """The hosts are class attributes; an instance attribute is enough to point one login elsewhere."""
    auth.OAUTH_AUTHORIZE_URL = setting.AUTHORIZE_URL
    auth.OAUTH_TOKEN_URL = setting.TOKEN_URL
    return auth


def confidential(secret="demo-secret", scopes=setting.SCOPES):
    return point_at_server(spotipy.SpotifyOAuth(
        client_id="demo-web", client_secret=secret, redirect_uri=setting.CALLBACK, state="a state & more",
        scope=scopes, open_browser=False, cache_handler=MemoryCacheHandler()))


def public():
    return point_at_server(spotipy.SpotifyPKCE(
        client_id="demo-public", redirect_uri=setting.CALLBACK, state="public-state",
        scope=setting.SCOPES, open_browser=False, cache_handler=MemoryCacheHandler()))


def api(auth):
    spotify = spotipy.Spotify(auth_manager=auth, retries=0, status_retries=0)
    spotify.prefix = setting.API
    return spotify


class AsAda:
    """What holds for every login of a user; the two classes below choose how to log in."""

    @classmethod
    def setUpClass(cls):
        cls.auth = cls.new_login()
        cls.callback = setting.allow(cls.auth.get_authorize_url())
        cls.auth.get_access_token(cls.auth.parse_response_code(cls.callback), check_cache=False)
        cls.spotify = api(cls.auth)

    def token(self):
        return self.auth.cache_handler.get_cached_token()

    def seeded_track(self):
        for playlist in self.spotify.current_user_playlists()["items"]:
            for entry in self.spotify.playlist_items(playlist["id"])["items"]:
                return entry["item"]
        self.fail("none of the seeded playlists has a track")

    def test_the_state_comes_back_as_sent(self):
        state, _ = self.auth.parse_auth_response_url(self.callback)
        self.assertEqual(state, self.auth.state)

    def test_the_token_answer_is_complete(self):
        token = self.token()
        self.assertEqual(token["token_type"], "Bearer")
        self.assertEqual(token["expires_in"], 3600)
        self.assertEqual(sorted(token["scope"].split()), setting.SCOPES)

    def test_it_refreshes_three_times_and_every_token_works(self):
        seen = {self.token()["access_token"]}
        for _ in range(3):
            self.auth.refresh_access_token(self.token()["refresh_token"])
            seen.add(self.token()["access_token"])
            self.assertEqual(self.spotify.current_user()["id"], "ada")
        self.assertEqual(len(seen), 4)

    def test_it_reads_the_profile(self):
        me = self.spotify.current_user()
        self.assertEqual((me["id"], me["email"], me["product"]), ("ada", setting.ADA, "premium"))

    def test_it_creates_a_playlist_and_adds_and_removes_tracks(self):
        first, second = [track["uri"] for track in self.spotify.search("a", limit=2)["tracks"]["items"]]
        made = self.spotify.current_user_playlist_create("Made by spotipy", public=False, description="d")
        self.assertEqual((made["name"], made["public"]), ("Made by spotipy", False))

        def uris():
            return [entry["item"]["uri"] for entry in self.spotify.playlist_items(made["id"])["items"]]

        self.assertEqual(uris(), [])
        added = self.spotify.playlist_add_items(made["id"], [first])
        self.spotify.playlist_add_items(made["id"], [second], position=0)
        self.assertEqual(uris(), [second, first])
        removed = self.spotify.playlist_remove_all_occurrences_of_items(made["id"], [first])
        self.assertEqual(uris(), [second])
        self.assertEqual(len({made["snapshot_id"], added["snapshot_id"], removed["snapshot_id"]}), 3)
        self.assertIn(made["id"], [playlist["id"] for playlist in self.spotify.current_user_playlists()["items"]])

    def test_it_pages_through_the_playlists(self):
        page = self.spotify.current_user_playlists(limit=1)
        seen, total = [], page["total"]
        while page:
            seen += [(playlist["id"], playlist["name"]) for playlist in page["items"]]
            page = self.spotify.next(page)
        self.assertEqual(len(set(seen)), total)
        self.assertLessEqual(setting.SEEDED_PLAYLISTS, {name for _, name in seen})

    def test_it_saves_and_forgets_a_track(self):
        found = [track["id"] for track in self.spotify.search("a", limit=10)["tracks"]["items"]]
        saved = self.spotify.current_user_saved_tracks_contains(found)
        track = found[saved.index(False)]
        self.spotify.current_user_saved_tracks_add([track])
        self.assertEqual(self.spotify.current_user_saved_tracks_contains([track]), [True])
        self.assertIn(track, [entry["track"]["id"] for entry in self.spotify.current_user_saved_tracks()["items"]])
        self.spotify.current_user_saved_tracks_delete([track])
        self.assertEqual(self.spotify.current_user_saved_tracks_contains([track]), [False])

    def test_it_finds_a_track_by_its_name(self):
        track = self.seeded_track()
        found = self.spotify.search(track["name"], type="track", limit=10)["tracks"]["items"]
        self.assertIn(track["id"], [each["id"] for each in found])


class Confidential(AsAda, unittest.TestCase):
    """SpotifyOAuth: Basic authentication, `scope` and `state` repeated at the token endpoint."""

    new_login = staticmethod(confidential)

    def test_a_denial_reaches_the_client(self):
        auth = confidential()
        with self.assertRaises(SpotifyOauthError) as refused:
            auth.parse_response_code(setting.deny(auth.get_authorize_url()))
        self.assertEqual(refused.exception.error, "access_denied")

    def test_a_token_is_not_wider_than_what_was_asked(self):
        auth = confidential(scopes="user-read-private")
        code = auth.parse_response_code(setting.allow(auth.get_authorize_url()))
        auth.get_access_token(code, check_cache=False)
        self.assertEqual(auth.cache_handler.get_cached_token()["scope"], "user-read-private")
        self.assertNotIn("email", api(auth).current_user())
        with self.assertRaises(SpotifyException) as refused:
            api(auth).current_user_saved_tracks()
        self.assertEqual(refused.exception.http_status, 403)

    def test_a_wrong_secret_is_refused_and_leaves_the_code_usable(self):
        code = self.auth.parse_response_code(setting.allow(confidential().get_authorize_url()))
        with self.assertRaises(SpotifyOauthError) as refused:
            confidential(secret="not-the-secret").get_access_token(code, check_cache=False)
        self.assertEqual(refused.exception.error, "invalid_client")
        again = confidential()
        again.get_access_token(code, check_cache=False)
        self.assertEqual(api(again).current_user()["id"], "ada")

    def test_a_code_is_worth_one_token(self):
        code = self.auth.parse_response_code(setting.allow(confidential().get_authorize_url()))
        confidential().get_access_token(code, check_cache=False)
        with self.assertRaises(SpotifyOauthError) as refused:
            confidential().get_access_token(code, check_cache=False)
        self.assertEqual(refused.exception.error, "invalid_grant")


class Pkce(AsAda, unittest.TestCase):
    """SpotifyPKCE: no secret, a verifier instead."""

    new_login = staticmethod(public)

    def test_another_verifier_is_refused(self):
        code = self.auth.parse_response_code(setting.allow(public().get_authorize_url()))
        with self.assertRaises(SpotifyOauthError) as refused:
            public().get_access_token(code, check_cache=False)
        self.assertEqual(refused.exception.error, "invalid_grant")


class AppOnly(unittest.TestCase):
    """SpotifyClientCredentials: the catalogue, and nobody's account."""

    @classmethod
    def setUpClass(cls):
        cls.auth = point_at_server(spotipy.SpotifyClientCredentials(
            client_id="demo-web", client_secret="demo-secret", cache_handler=MemoryCacheHandler()))
        cls.spotify = api(cls.auth)

    def test_it_searches_and_reads_a_track(self):
        found = self.spotify.search("a", limit=5)["tracks"]["items"]
        self.assertTrue(found)
        self.assertEqual(self.spotify.track(found[0]["id"])["name"], found[0]["name"])

    def test_it_is_nobody(self):
        with self.assertRaises(SpotifyException) as refused:
            self.spotify.current_user()
        self.assertEqual(refused.exception.http_status, 401)

    def test_it_gets_no_refresh_token(self):
        self.spotify.search("a", limit=1)
        self.assertNotIn("refresh_token", self.auth.cache_handler.get_cached_token())


if __name__ == "__main__":
    unittest.main()
