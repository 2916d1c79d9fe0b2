// An app signs somebody out (OpenID Connect RP-Initiated Logout), and the others are told: by a frame in the browser, by a
// request behind it. Frames, cookies and ways back are seen by a browser only.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { App, inTheApp, Keysig, logIn, PLANNER, seedOf, TAPE } from "./actors.mjs";
import {
  assertStrictPolicy, button, heading, launch, link, open, refusedBy, screenshot, verified,
} from "./setting.mjs";

/** What the app wants to find again when the browser is back. */
const STATE = "a&b=\"'><i> \u00e9";

let browser, app, keysig, issuer;
/** The frame answers once this is resolved. */
let unhurried = Promise.resolve();
before(async () => {
  app = await new App({
    // The app forgets who it was that signed in, as §3 of Front-Channel Logout wants it to.
    "/frame": async (_, response) => {
      await unhurried;
      response.writeHead(200, { "Content-Type": "text/html", "Set-Cookie": "planner=; Max-Age=0; Path=/" });
      response.end('<!doctype html><title>Out</title><script>fetch("/ran")</script>');
    },
    "/told": (_, response) => response.writeHead(204).end(),
  }).start();
  keysig = await new Keysig().start(seedOf(app.origin));
  issuer = keysig.issuer;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await keysig.stop();
  app.stop();
});

beforeEach(() => app.forget());

function logoutUrl(parameters) {
  const url = new URL("/oidc/logout/v1", issuer);
  url.search = new URLSearchParams(parameters).toString();
  return url.href;
}

const isSignedIn = async (page) => {
  await page.goto(`${issuer}/account`);
  return new URL(page.url()).pathname === "/account";
};

/** The answer of ours with which a navigation ends, also if it goes on by itself. */
const answerOf = (page, path) =>
  page.waitForResponse((answer) => answer.url().startsWith(`${issuer}${path}`) && answer.status() !== 303);

async function withPage(options, act) {
  const page = await open(browser, options);
  try {
    await act(page);
    assert.deepEqual(page.complaints, []);
  } finally {
    await page.context().close();
  }
}

async function byeTo(page, state) {
  const bye = await app.next("/bye");
  await inTheApp(page).waitFor();
  assert.deepEqual([bye.method, bye.query.get("state"), bye.headers.referer], ["GET", state, undefined]);
  assert.deepEqual([...bye.query.keys()], state === null ? [] : ["state"]);
}

for (const javaScriptEnabled of [true, false]) {
  const kind = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  describe(`an app asks ${kind}`, () => {
    const post_logout_redirect_uri = () => `${app.origin}/bye`;

    test("with an ID token: she is out and back without a question", () => withPage({ javaScriptEnabled }, async (page) => {
      const { id_token } = await logIn(page, issuer, TAPE, app);
      await page.goto(logoutUrl({
        id_token_hint: id_token, post_logout_redirect_uri: post_logout_redirect_uri(), state: STATE,
      }));
      await byeTo(page, STATE);
      assert.equal(await isSignedIn(page), false);
      await app.next("/told");
    }));

    test("without one: she is asked, and only then out and back", () => withPage({ javaScriptEnabled }, async (page) => {
      await logIn(page, issuer, TAPE, app);
      const asks = logoutUrl({
        client_id: TAPE.client_id, post_logout_redirect_uri: post_logout_redirect_uri(), state: STATE,
      });
      assertStrictPolicy(await page.goto(asks));
      await heading(page, "Sign out?", 1).waitFor();
      await page.getByText(`${TAPE.name} asks to sign you out`).waitFor();
      await link(page, "Stay signed in").click();
      await heading(page, "Your account", 1).waitFor();
      assert.ok(!app.has("/bye") && !app.has("/told"));

      await page.goto(asks);
      await button(page, "Sign out").click();
      await byeTo(page, STATE);
      assert.equal(await isSignedIn(page), false);
      await app.next("/told");
    }));

    test("with the ID token of a session that is over: whoever is signed in now is asked", () =>
      withPage({ javaScriptEnabled }, async (page) => {
        const { id_token } = await logIn(page, issuer, TAPE, app);
        await page.context().clearCookies();
        await logIn(page, issuer, TAPE, app);
        await page.goto(logoutUrl({ id_token_hint: id_token }));
        await heading(page, "Sign out?", 1).waitFor();
        assert.equal(await isSignedIn(page), true);
      }));

    test("with an address nobody registered: nobody is out, and there is a way on", () =>
      withPage({ javaScriptEnabled }, async (page) => {
        const { id_token } = await logIn(page, issuer, TAPE, app);
        const answer = await page.goto(logoutUrl({
          id_token_hint: id_token, post_logout_redirect_uri: `${app.origin}/elsewhere`,
        }));
        assert.equal(answer.status(), 400);
        assert.ok(!app.has("/elsewhere"));
        await link(page, "Sign out here").click();
        await heading(page, "Sign out?", 1).waitFor();
        await button(page, "Sign out").click();
        await heading(page, "You are signed out", 1).waitFor();
        assert.equal(await isSignedIn(page), false);
        await app.next("/told");
      }));

    test("and another app's frame is loaded before the browser goes on", () =>
      withPage({ javaScriptEnabled }, async (page) => {
        await logIn(page, issuer, PLANNER, app);
        const { id_token } = await logIn(page, issuer, TAPE, app);
        const { claims } = await verified(issuer, id_token);
        await page.context().addCookies([{ name: "planner", value: "signed-in", url: app.origin }]);
        const shown = answerOf(page, "/oidc/logout/v1");
        await page.goto(logoutUrl({
          id_token_hint: id_token, post_logout_redirect_uri: post_logout_redirect_uri(), state: STATE,
        }), { waitUntil: "commit" });
        assertStrictPolicy(await shown, { "frame-src": app.origin });

        const frame = await app.next("/frame");
        assert.deepEqual(Object.fromEntries(frame.query), { from: "planner", iss: issuer, sid: claims.sid });
        const { cookie, referer, "sec-fetch-dest": destination } = frame.headers;
        assert.ok(cookie.includes("planner=signed-in"), "the app knows its own session");
        assert.deepEqual([destination, referer], ["iframe", undefined]);
        await byeTo(page, STATE);
        const order = app.requests.map(({ path }) => path);
        assert.ok(order.lastIndexOf("/frame") < order.lastIndexOf("/bye"), order.join(" "));
        assert.ok((await page.context().cookies(app.origin)).every(({ name }) => name !== "planner"));
        if (javaScriptEnabled) await app.next("/ran");
        await app.next("/told");
      }));
  });
}

describe("a slow frame", () => {
  let page, answer;
  before(async () => { page = await open(browser); });
  after(() => page.context().close());

  async function signOut() {
    unhurried = new Promise((resolve) => { answer = resolve; });
    const { id_token } = await logIn(page, issuer, PLANNER, app);
    await page.goto(logoutUrl({ id_token_hint: id_token, post_logout_redirect_uri: `${app.origin}/bye` }), { waitUntil: "commit" });
    await app.next("/frame");
    await heading(page, "You are signed out", 1).waitFor();
  }

  test("the browser waits for a slow frame before it goes on", async () => {
    await signOut();
    // Time enough for one that did not wait: nothing announces what does not happen.
    const other = await page.context().newPage();
    for (const path of ["/", "/login", "/pair", "/login", "/"]) await other.goto(`${issuer}${path}`);
    await other.close();
    assert.ok(!app.has("/bye"));
    answer();
    await byeTo(page, null);
    assert.deepEqual(page.complaints, []);
  });

  test("who does not want to wait takes the link", async () => {
    await signOut();
    await link(page, `Continue to ${PLANNER.name}`).click();
    await byeTo(page, null);
    answer();
    assert.deepEqual(page.complaints, []);
  });
});

test("she signs out by herself: the frame is loaded, out of sight, and she stays", () => withPage({}, async (page) => {
  await logIn(page, issuer, PLANNER, app);
  await page.goto(`${issuer}/logout`);
  const shown = answerOf(page, "/logout");
  await button(page, "Sign out").click();
  const answer = await shown;
  assertStrictPolicy(answer, { "frame-src": app.origin });
  await app.next("/frame");
  await app.next("/ran");
  await heading(page, "You are signed out", 1).waitFor();
  const { width, height } = await page.locator("iframe").boundingBox();
  assert.ok(width <= 1 && height <= 1);
  await page.keyboard.press("Tab");
  for (let presses = 0; presses < 10; presses++) {
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "IFRAME", "nobody falls into it by Tab");
    await page.keyboard.press("Tab");
  }
  await screenshot(page, "signed-out-frame-told");
}));

test("no other frame can be put there, and the one there cannot take the browser away", () =>
  withPage({}, async (page) => {
    const stranger = await new App().start();
    await logIn(page, issuer, PLANNER, app);
    await page.goto(`${issuer}/logout`);
    await button(page, "Sign out").click();
    await app.next("/frame");
    await heading(page, "You are signed out", 1).waitFor();
    await refusedBy(page, "frame-src", () => page.evaluate((src) => {
      document.body.append(Object.assign(document.createElement("iframe"), { src }));
    }, `${stranger.origin}/frame`));
    assert.ok(!stranger.has("/frame"));

    const [, inner] = page.frames();
    assert.equal(new URL(inner.url()).pathname, "/frame");
    await refusedBy(page, "sandbox", () =>
      inner.evaluate((elsewhere) => { try { top.location.href = elsewhere; } catch { /* as it should be */ } }, stranger.origin));
    assert.equal(page.url(), `${issuer}/logout`);
    page.complaints.length = 0; // These were wanted.
    stranger.stop();
  }));

test("the logout token that is sent behind the browser is what it should be", () => withPage({}, async (page) => {
  const { id_token } = await logIn(page, issuer, TAPE, app, { nonce: "n-0S6_WzA2Mj" });
  const hint = (await verified(issuer, id_token)).claims;
  assert.equal(hint.nonce, "n-0S6_WzA2Mj");
  await page.goto(logoutUrl({ id_token_hint: id_token }));
  await heading(page, "You are signed out", 1).waitFor();
  const { method, headers, form } = await app.next("/told");
  assert.deepEqual([method, headers["content-type"]], ["POST", "application/x-www-form-urlencoded"]);
  assert.deepEqual([...form.keys()], ["logout_token"]);
  const { header, claims } = await verified(issuer, form.get("logout_token"));
  assert.equal(header.typ, "logout+jwt");
  assert.deepEqual(Object.keys(claims).sort(), ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"], "and no nonce");
  assert.deepEqual(claims.events, { "http://schemas.openid.net/event/backchannel-logout": {} });
  assert.deepEqual(
    [claims.iss, claims.aud, claims.sub, claims.sid], [issuer, TAPE.client_id, hint.sub, hint.sid],
  );
  assert.ok(claims.exp - claims.iat <= 120 && claims.exp > claims.iat);
  assert.ok(!app.has("/told"), "it is told once");
}));
