// spotify-web-api-node, as published: secret in the body, a redirect URI that it does not encode, old Web API paths.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { before, describe, test } from "node:test";
import { allow, API, CALLBACK, deny, ISSUER, SCOPES } from "./setting.mjs";

const require = createRequire(import.meta.url);

// Its hosts are constants without a setting; these two builders are the only places that read them.
for (const [module, base] of [["authentication-request", ISSUER], ["webapi-request", API]]) {
  const requests = require(`spotify-web-api-node/src/${module}`);
  const { builder } = requests;
  requests.builder = (...given) =>
    builder(...given).withHost(base.hostname).withPort(base.port).withScheme(base.protocol.slice(0, -1));
}
const SpotifyWebApi = require("spotify-web-api-node");

const app = { clientId: "demo-web", clientSecret: "demo-secret", redirectUri: CALLBACK };

async function logIn() {
  const spotify = new SpotifyWebApi(app);
  const callback = await allow(spotify.createAuthorizeURL(SCOPES, "node-state", false));
  assert.equal(callback.searchParams.get("state"), "node-state");
  const { body } = await spotify.authorizationCodeGrant(callback.searchParams.get("code"));
  spotify.setAccessToken(body.access_token);
  spotify.setRefreshToken(body.refresh_token);
  return spotify;
}

describe("spotify-web-api-node, logged in as Ada", () => {
  let spotify;
  before(async () => { spotify = await logIn(); });

  const found = async (limit) => (await spotify.searchTracks("a", { limit })).body.tracks.items;

  test("it reads the profile", async () => {
    const { body } = await spotify.getMe();
    assert.deepEqual([body.id, body.email, body.product], ["ada", "ada@example.test", "premium"]);
  });

  test("it refreshes three times with the one refresh token it keeps, and every token works", async () => {
    const seen = new Set([spotify.getAccessToken()]);
    for (let refresh = 0; refresh < 3; refresh++) {
      const { body } = await spotify.refreshAccessToken();
      spotify.setAccessToken(body.access_token);
      seen.add(body.access_token);
      assert.equal((await spotify.getMe()).body.id, "ada");
    }
    assert.equal(seen.size, 4);
  });

  test("it creates a playlist and adds and removes tracks", async () => {
    const [first, second] = (await found(2)).map((track) => track.uri);
    const { body: made } = await spotify.createPlaylist("Made by Node", { public: false, description: "d" });
    const uris = async () => (await spotify.getPlaylistTracks(made.id)).body.items.map((entry) => entry.track.uri);
    await spotify.addTracksToPlaylist(made.id, [first]);
    await spotify.addTracksToPlaylist(made.id, [second], { position: 0 });
    assert.deepEqual(await uris(), [second, first]);
    await spotify.removeTracksFromPlaylist(made.id, [{ uri: second }]);
    assert.deepEqual(await uris(), [first]);
    const { body: mine } = await spotify.getUserPlaylists(undefined, { limit: 50 });
    assert.ok(mine.items.some((playlist) => playlist.id === made.id && playlist.tracks.total === 1));
  });

  test("it saves and forgets a track", async () => {
    const ids = (await found(10)).map((track) => track.id);
    const { body: saved } = await spotify.containsMySavedTracks(ids);
    const track = ids[saved.indexOf(false)];
    const contains = async () => (await spotify.containsMySavedTracks([track])).body;
    await spotify.addToMySavedTracks([track]);
    assert.deepEqual(await contains(), [true]);
    await spotify.removeFromMySavedTracks([track]);
    assert.deepEqual(await contains(), [false]);
  });

  test("it searches, on the path with a final slash", async () => {
    const { body } = await spotify.search("a", ["track", "artist"], { limit: 3 });
    assert.ok(body.tracks.items.length > 0);
    assert.ok(Array.isArray(body.artists.items));
  });
});

test("spotify-web-api-node is told of a denial", async () => {
  const callback = await deny(new SpotifyWebApi(app).createAuthorizeURL(SCOPES, "s"));
  assert.deepEqual([...callback.searchParams].sort(), [["error", "access_denied"], ["state", "s"]]);
});

test("spotify-web-api-node with its own credentials searches, reads a track, and is nobody", async () => {
  const spotify = new SpotifyWebApi(app);
  spotify.setAccessToken((await spotify.clientCredentialsGrant()).body.access_token);
  const [track] = (await spotify.searchTracks("a", { limit: 1 })).body.tracks.items;
  assert.equal((await spotify.getTrack(track.id)).body.name, track.name);
  await assert.rejects(spotify.getMe(), { statusCode: 401 });
});
