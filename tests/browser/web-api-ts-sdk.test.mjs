// @spotify/web-api-ts-sdk, as published, in a page of a third origin: PKCE without `state`, tokens in the browser, every
// call across origins and preflighted.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join, normalize } from "node:path";
import { after, before, describe, test } from "node:test";
import { API, decide, heading, ISSUER, launch, open, signIn } from "./setting.mjs";

const SDK = join(dirname(createRequire(import.meta.url).resolve("@spotify/web-api-ts-sdk")), "../mjs");
const SCOPES = [
  "playlist-modify-private", "playlist-read-private", "user-library-modify", "user-library-read", "user-read-private",
];
const TOKEN = "spotify-sdk:AuthorizationCodeWithPKCEStrategy:token";

// Its accounts host is a literal given to the global `fetch` and to the redirection strategy.
const PAGE = `<!doctype html><title>SDK</title><script type="module">
  import { SpotifyApi } from "/sdk/index.js";
  const here = (url) => String(url).replace("https://accounts.spotify.com", ${JSON.stringify(ISSUER)});
  const { fetch } = globalThis;
  globalThis.fetch = (url, options) => fetch(here(url), options);
  SpotifyApi.rootUrl = ${JSON.stringify(`${API}/v1/`)};
  globalThis.spotify = SpotifyApi.withUserAuthorization("demo-public", location.origin + "/callback",
    ${JSON.stringify(SCOPES)},
    { redirectionStrategy: { redirect: async (url) => location.assign(here(url)), onReturnFromRedirect: async () => {} } });
  globalThis.ready = spotify.authenticate();
</script>`;

describe("the TypeScript SDK in a page", () => {
  let browser, server, origin, page;

  before(async () => {
    server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url, "http://page");
      if (!pathname.startsWith("/sdk/")) {
        response.writeHead(200, { "Content-Type": "text/html" }).end(pathname === "/favicon.ico" ? "" : PAGE);
        return;
      }
      const script = await readFile(join(SDK, normalize(pathname.slice("/sdk".length)))).catch(() => null);
      response.writeHead(script ? 200 : 404, { "Content-Type": "text/javascript" }).end(script ?? "");
    });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    origin = `http://127.0.0.1:${server.address().port}`;
    browser = await launch();
    page = await open(browser);
  });
  after(async () => {
    await browser?.close();
    server.close();
  });

  test("it logs in, and no state comes back as it sent none", async () => {
    const callback = page.waitForRequest((request) => request.url().startsWith(`${origin}/callback?`));
    await page.goto(origin);
    await heading(page, "Sign in", 1).waitFor();
    await signIn(page);
    await decide(page, "allow");
    assert.deepEqual([...new URL((await callback).url()).searchParams.keys()], ["code"]);
    await page.waitForFunction(() => globalThis.ready);
    assert.equal(await page.evaluate(async () => (await ready).authenticated), true);
  });

  test("it reads the profile", async () => {
    const me = await page.evaluate(() => spotify.currentUser.profile());
    assert.deepEqual([me.id, me.product], ["ada", "premium"]);
  });

  test("it refreshes three times, keeping the refresh token each time", async () => {
    const seen = new Set();
    for (let time = 0; time < 3; time++) {
      const token = await page.evaluate(async (key) => {
        const cached = JSON.parse(localStorage.getItem(key));
        localStorage.setItem(key, JSON.stringify({ ...cached, access_token: "stale", expires: Date.now() + 1000 }));
        await spotify.currentUser.profile();
        return JSON.parse(localStorage.getItem(key));
      }, TOKEN);
      assert.ok(token.refresh_token);
      seen.add(token.access_token);
    }
    assert.equal(seen.size, 3);
    assert.ok(!seen.has("stale"));
  });

  test("it creates a playlist and adds and removes tracks", async () => {
    const lists = await page.evaluate(async () => {
      const { tracks } = await spotify.search("a", ["track"], undefined, 2);
      const [first, second] = tracks.items.map((track) => track.uri);
      const made = await spotify.playlists.createPlaylist("ada", { name: "Made in a page", public: false });
      const uris = async () =>
        (await spotify.playlists.getPlaylistItems(made.id)).items.map((entry) => entry.track.uri);
      await spotify.playlists.addItemsToPlaylist(made.id, [first, second]);
      const added = await uris();
      await spotify.playlists.removeItemsFromPlaylist(made.id, { tracks: [{ uri: first }] });
      const { items } = await spotify.currentUser.playlists.playlists(50);
      return { first, second, added, left: await uris(), listed: items.some((playlist) => playlist.id === made.id) };
    });
    assert.deepEqual(lists.added, [lists.first, lists.second]);
    assert.deepEqual(lists.left, [lists.second]);
    assert.ok(lists.listed);
  });

  test("it saves and forgets a track", async () => {
    const answers = await page.evaluate(async () => {
      const { tracks } = await spotify.search("a", ["track"], undefined, 10);
      const ids = tracks.items.map((track) => track.id);
      const saved = await spotify.currentUser.tracks.hasSavedTracks(ids);
      const track = [ids[saved.indexOf(false)]];
      await spotify.currentUser.tracks.saveTracks(track);
      const after = await spotify.currentUser.tracks.hasSavedTracks(track);
      await spotify.currentUser.tracks.removeSavedTracks(track);
      return [...after, ...(await spotify.currentUser.tracks.hasSavedTracks(track))];
    });
    assert.deepEqual(answers, [true, false]);
  });

  test("a page can read why it was refused", async () => {
    const refusal = await page.evaluate(async (api) => {
      const answer = await fetch(`${api}/v1/me`, { headers: { Authorization: "Bearer BQnonsense" } });
      return [answer.status, (await answer.json()).error.status];
    }, API);
    assert.deepEqual(refusal, [401, 401]);
    const denied = await page.evaluate(async (issuer) => {
      const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "AQnonsense", client_id: "demo-public" });
      const answer = await fetch(`${issuer}/api/token`, { method: "POST", body });
      return [answer.status, (await answer.json()).error];
    }, ISSUER);
    assert.deepEqual(denied, [400, "invalid_grant"]);
  });
});
