"""tekore, as published: the strictest reader of answers among the Python clients."""

import unittest

import tekore
import tekore._auth.expiring.client as tekore_auth
import tekore._client.base as tekore_base

import setting

tekore_auth.OAUTH_AUTHORIZE_URL = setting.AUTHORIZE_URL
tekore_auth.OAUTH_TOKEN_URL = setting.TOKEN_URL
tekore_base.prefix = setting.API


class AsAda:
    """What holds for every login of a user; the two classes below choose how to log in."""

    @classmethod
    def setUpClass(cls):
        cls.credentials = tekore.Credentials(cls.client_id, cls.client_secret, setting.CALLBACK)
        login = tekore.UserAuth(cls.credentials, " ".join(setting.SCOPES), pkce=cls.client_secret is None)
        cls.token = login.request_token(url=setting.allow(login.url))
        cls.spotify = tekore.Spotify(cls.token)

    def found(self, limit):
        return self.spotify.search("a", types=("track",), limit=limit)[0].items

    def test_the_scopes_are_those_asked_for(self):
        self.assertEqual(sorted(self.token.scope), setting.SCOPES)

    def test_it_refreshes_three_times_and_every_token_works(self):
        token, seen = self.token, {self.token.access_token}
        for _ in range(3):
            token = self.credentials.refresh(token)
            seen.add(token.access_token)
            self.assertEqual(tekore.Spotify(token).current_user().id, "ada")
        self.assertEqual(len(seen), 4)

    def test_it_reads_the_profile(self):
        me = self.spotify.current_user()
        self.assertEqual((me.id, me.email, me.product), ("ada", setting.ADA, "premium"))

    def test_it_creates_a_playlist_and_adds_and_removes_tracks(self):
        first, second = [track.uri for track in self.found(2)]
        made = self.spotify.playlist_create("ada", "Made by tekore", public=False)

        def uris():
            return [entry.track.uri for entry in self.spotify.playlist_items(made.id).items]

        self.spotify.playlist_add(made.id, [first])
        self.spotify.playlist_add(made.id, [second], position=0)
        self.assertEqual(uris(), [second, first])
        self.spotify.playlist_remove(made.id, [second])
        self.assertEqual(uris(), [first])
        self.assertEqual(self.spotify.playlist(made.id).tracks.total, 1)

    def test_it_lists_the_playlists(self):
        page = self.spotify.followed_playlists(limit=2)
        names = [playlist.name for playlist in self.spotify.all_items(page)]
        self.assertEqual(len(names), page.total)
        self.assertLessEqual(setting.SEEDED_PLAYLISTS, set(names))

    def test_it_saves_and_forgets_a_track(self):
        found = [track.id for track in self.found(10)]
        track = found[self.spotify.saved_tracks_contains(found).index(False)]
        self.spotify.saved_tracks_add([track])
        self.assertEqual(self.spotify.saved_tracks_contains([track]), [True])
        self.assertIn(track, [entry.track.id for entry in self.spotify.saved_tracks().items])
        self.spotify.saved_tracks_delete([track])
        self.assertEqual(self.spotify.saved_tracks_contains([track]), [False])

    def test_a_forged_token_is_refused_in_words_it_can_read(self):
        with self.assertRaises(tekore.Unauthorised):
            tekore.Spotify("BQ" + "A" * 120).current_user()


class Confidential(AsAda, unittest.TestCase):
    client_id, client_secret = "demo-web", "demo-secret"

    def test_an_unknown_refresh_token_is_refused_in_words_it_can_read(self):
        with self.assertRaises(tekore.RefreshTokenInvalid):
            self.credentials.refresh_user_token("AQ" + "A" * 120)


class Pkce(AsAda, unittest.TestCase):
    client_id, client_secret = "demo-public", None


class AppOnly(unittest.TestCase):
    def test_it_searches_reads_a_track_and_is_nobody(self):
        token = tekore.Credentials("demo-web", "demo-secret").request_client_token()
        spotify = tekore.Spotify(token)
        track = spotify.search("a", types=("track",), limit=1)[0].items[0]
        self.assertEqual(spotify.track(track.id).name, track.name)
        with self.assertRaises(tekore.Unauthorised):
            spotify.current_user()


if __name__ == "__main__":
    unittest.main()
