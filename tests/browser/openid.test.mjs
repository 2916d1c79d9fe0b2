// Answers that only a browser carries: by a form, in a fragment, after a form of another site, without a page.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { App, inTheApp } from "./actors.mjs";
import {
  ADA, API, assertStrictPolicy, authorizeUrl, BOB, button, decide, heading, ISSUER, launch, link, open, pkce, post,
  refusedBy, screenshot, signIn, stayOnLeavingPage, verified,
} from "./setting.mjs";

/** Breaks out of attributes and elements, is text that looks escaped, turns the line around, and ends in a blank. */
const HOSTILE = "\"'><script>alert(1)</script></form>&amp;&#39;&lt;%00+%2B=\u202e\u2028e\u0301\u00e9\u{1f3b6}{app} ";
const LEGACY = { client_id: "demo-legacy", client_secret: "demo-secret" };

/** An app's page that looks at what it was given, and loads something of its own and something of a stranger's. */
const CURIOUS = (stranger) => `<!doctype html><html lang=en><title>The app</title><h1>In the app</h1>
  <img src="/pixel" alt=""><img src="${stranger}/pixel" alt=""><script>
  globalThis.given = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  fetch("/beacon");
  </script>`;

let browser, app, stranger;
before(async () => {
  browser = await launch();
  stranger = await new App().start();
  const callback = CURIOUS(stranger.origin);
  app = await new App({ "/callback": callback }).start();
});
after(async () => {
  await browser.close();
  app.stop();
  stranger.stop();
});

beforeEach(() => {
  app.forget();
  stranger.forget();
});

/** What a login library of yesterday sends. */
function legacyUrl(parameters) {
  return authorizeUrl({
    client_id: LEGACY.client_id, redirect_uri: app.callback, scope: "openid user-read-email", nonce: "n-0S6_WzA2Mj",
    ...parameters,
  });
}

async function withPage(options, act) {
  const page = await open(browser, options);
  try {
    await act(page);
    assert.deepEqual(page.complaints, []);
  } finally {
    await page.context().close();
  }
}

/** Signs in and comes to where the request leads. */
async function signedIn(page, user = ADA) {
  await page.goto(`${ISSUER}/login`);
  await signIn(page, user);
  await heading(page, "Your account", 1).waitFor();
}

async function claims(token) {
  return (await verified(ISSUER, token)).claims;
}

for (const javaScriptEnabled of [true, false]) {
  const kind = javaScriptEnabled ? "by itself" : "by its button, without JavaScript";
  for (const response_type of ["code", "code id_token"]) {
    test(`the answer to ${response_type} is posted to the app ${kind}`, () => withPage({ javaScriptEnabled }, async (page) => {
      const request = { response_type, response_mode: "form_post", state: HOSTILE };

      /** The page with the form is here: it reaches the app's origin and nothing else; the app gets the answer. */
      async function arrives(answer) {
        assert.equal(answer.status(), 200);
        assertStrictPolicy(answer, { "form-action": app.origin });
        if (!javaScriptEnabled) {
          await heading(page, /^Returning to/, 1).waitFor();
          assert.ok(!app.has("/callback"), "nobody pressed the button yet");
          await button(page, /^Continue to/).click();
        }
        const { method, headers, form, query } = await app.next("/callback");
        await inTheApp(page).waitFor();
        assert.deepEqual([method, headers["content-type"]], ["POST", "application/x-www-form-urlencoded"]);
        assert.deepEqual([...query], [], "nothing is in the address");
        assert.deepEqual([headers.origin, headers.referer], ["null", undefined]);
        const names = response_type === "code" ? ["code", "state", "iss"] : ["code", "id_token", "state", "iss"];
        assert.deepEqual([...form.keys()].sort(), [...names].sort());
        assert.equal(form.get("state"), HOSTILE);
        assert.equal(form.get("iss"), ISSUER);
        return form;
      }

      await page.goto(legacyUrl({ ...request, prompt: "consent" }));
      await signIn(page);
      const agreed = await arrives(await decide(page, "allow"));
      const tokens = await post(ISSUER, "/api/token", LEGACY, {
        grant_type: "authorization_code", code: agreed.get("code"), redirect_uri: app.callback,
      });
      assert.equal(tokens.status, 200, JSON.stringify(tokens.body));
      if (agreed.has("id_token")) assert.equal((await claims(agreed.get("id_token"))).nonce, "n-0S6_WzA2Mj");

      const remembered = page.waitForResponse((answer) => answer.url().startsWith(`${ISSUER}/authorize?`));
      await page.goto(legacyUrl(request));
      const again = await arrives(await remembered);
      assert.notEqual(again.get("code"), agreed.get("code"));

      await page.goto(legacyUrl({ ...request, prompt: "none", max_age: "0" }));
      if (!javaScriptEnabled) await button(page, /^Continue to/).click();
      const refusal = (await app.next("/callback")).form;
      assert.deepEqual([refusal.get("error"), refusal.get("state")], ["login_required", HOSTILE], "errors come the same way");
    }));
  }
}

test("the page that posts an answer can post it nowhere else", () => withPage({}, async (page) => {
  await stayOnLeavingPage(page, app.callback);
  await page.goto(legacyUrl({ response_mode: "form_post", prompt: "consent" }));
  await signIn(page);
  await decide(page, "allow");
  await heading(page, /^Returning to/, 1).waitFor();
  const here = page.url();
  for (const elsewhere of [`${stranger.origin}/callback`, `${ISSUER}/logout`]) {
    await refusedBy(page, "form-action", () => page.evaluate((action) => {
      document.forms.answer.action = action;
      document.forms.answer.submit();
    }, elsewhere));
  }
  assert.equal(page.url(), here);
  assert.ok(!stranger.has("/callback"));
  page.complaints.length = 0; // These were wanted.
}));

for (const response_mode of ["form_post", "query"]) {
  test(`"Back" from the app leads past the page that left for it: ${response_mode}`, () => withPage({}, async (page) => {
    const { challenge } = pkce();
    const request = { client_id: "demo-oidc", response_mode, ...challenge };
    await page.goto(legacyUrl({ ...request, prompt: "consent" }));
    await signIn(page);
    await decide(page, "allow");
    await inTheApp(page).waitFor();
    await app.next("/callback");
    await page.goBack();
    await heading(page, "You have already answered this request", 1).waitFor();

    await page.goto(`${app.origin}/before`);
    await page.goto(legacyUrl(request));
    await inTheApp(page).waitFor();
    await app.next("/callback");
    await page.goBack();
    assert.equal(page.url(), `${app.origin}/before`);
    assert.ok(!app.has("/callback"), "no second answer was sent");
  }));
}

describe("an answer in the fragment", () => {
  for (const way of ["after consent", "when remembered"]) {
    test(`reaches the app's page and nobody else ${way}`, () => withPage({}, async (page) => {
      await signedIn(page);
      const request = { response_type: "id_token token", state: HOSTILE };
      if (way === "after consent") {
        await page.goto(legacyUrl({ ...request, prompt: "consent" }));
        await decide(page, "allow");
      } else {
        await page.goto(legacyUrl(request));
      }
      await inTheApp(page).waitFor();
      const given = await page.evaluate(() => globalThis.given);
      assert.equal(new URL(page.url()).search, "");
      assert.deepEqual(
        Object.keys(given).sort(), ["access_token", "expires_in", "id_token", "iss", "scope", "state", "token_type"],
      );
      assert.equal(given.state, HOSTILE);
      assert.equal((await claims(given.id_token)).nonce, "n-0S6_WzA2Mj");
      const me = await page.evaluate(async ([api, token]) =>
        (await fetch(`${api}/v1/me`, { headers: { Authorization: `Bearer ${token}` } })).json(), [API, given.access_token]);
      assert.equal(me.email, ADA);

      await Promise.all([app.next("/callback"), app.next("/pixel"), app.next("/beacon"), stranger.next("/pixel")]);
      const said = JSON.stringify([app.requests, stranger.requests]);
      for (const secret of [given.access_token, given.id_token]) assert.ok(!said.includes(secret), said);
      const referrers = (requests) => Object.fromEntries(requests.map(({ path, headers }) => [path, headers.referer]));
      assert.equal(referrers(app.requests)["/callback"], undefined);
      assert.equal(referrers(app.requests)["/pixel"], app.callback, "pages of the app do send referrers");
      assert.equal(referrers(stranger.requests)["/pixel"], `${app.origin}/`);
    }));
  }

  test("is where a refusal comes, too", () => withPage({}, async (page) => {
    await signedIn(page, BOB);
    await page.goto(legacyUrl({ response_type: "id_token", state: HOSTILE, prompt: "consent" }));
    await decide(page, "deny");
    await inTheApp(page).waitFor();
    const { error, state } = await page.evaluate(() => globalThis.given);
    assert.deepEqual([error, state], ["access_denied", HOSTILE]);
    assert.ok(!(await app.next("/callback")).url.includes("denied"));
  }));
});

test("a form of another site leads a signed-in browser to its answer", () => withPage({}, async (page) => {
  // Another host, since other ports of this one are the same site, and cookies would come along.
  const origin = app.origin.replace("127.0.0.1", "localhost");
  await signedIn(page);
  const sent = page.waitForRequest((request) => request.method() === "POST" && request.url() === `${ISSUER}/authorize`);
  const send = (parameters) => page.evaluate(([action, fields]) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }, [`${ISSUER}/authorize`, parameters]);
  const { challenge } = pkce();
  const fields = {
    client_id: "demo-oidc", response_type: "code", redirect_uri: app.callback, scope: "openid", state: HOSTILE,
    prompt: "consent", ...challenge,
  };
  await page.goto(`${origin}/form`);
  await send(fields);
  const headers = await (await sent).allHeaders();
  assert.equal(headers["sec-fetch-site"], "cross-site");
  assert.equal(headers.cookie, undefined, "the POST itself comes from nobody");
  await heading(page, /^Let .* use your account\?$/, 1).waitFor();
  await decide(page, "allow");
  const agreed = (await app.next("/callback")).query;
  assert.deepEqual([agreed.has("code"), agreed.get("state")], [true, HOSTILE]);

  await inTheApp(page).waitFor();
  await page.goto(`${origin}/form`);
  await send({ ...fields, prompt: "" });
  const remembered = (await app.next("/callback")).query;
  assert.deepEqual([remembered.has("code"), remembered.get("state")], [true, HOSTILE]);
  await inTheApp(page).waitFor();
}));

describe("how often a person is asked", () => {
  let page;
  const idToken = async () => {
    await inTheApp(page).waitFor();
    const { id_token } = await page.evaluate(() => globalThis.given);
    await app.next("/callback");
    return claims(id_token);
  };
  const ask = (parameters) => page.goto(legacyUrl({ response_type: "id_token", ...parameters }));

  let first;
  before(async () => { page = await open(browser); });
  after(() => page.context().close());

  test("once, if nothing else is said", async () => {
    await ask({ prompt: "consent" });
    await signIn(page);
    await decide(page, "allow");
    first = await idToken();
    await ask({});
    assert.equal((await idToken()).sid, first.sid);
  });

  for (const parameters of [{ prompt: "login" }, { max_age: "0" }]) {
    test(`again with ${JSON.stringify(parameters)}, although she is signed in, and then it goes on`, async () => {
      await ask(parameters);
      await heading(page, "Sign in", 1).waitFor();
      const tx = new URL(page.url()).searchParams.get("tx");
      await page.goto(`${ISSUER}/consent?tx=${tx}`);
      assert.equal(new URL(page.url()).pathname, "/login", "there is no way around it");
      await screenshot(page, `asked-again-${Object.keys(parameters)[0]}`);
      await signIn(page, ADA, "not-her-password");
      await page.getByRole("alert").waitFor();
      assert.ok(!app.has("/callback"), "the sign-in before is not enough");
      await signIn(page);
      const { sid, auth_time } = await idToken();
      assert.ok(auth_time >= first.auth_time);
      assert.equal(sid, first.sid, "it is the same session, renewed");
      await ask({});
      await idToken();
    });
  }

  test("not again while max_age has not passed", async () => {
    await ask({ max_age: "3600" });
    const { auth_time, sid } = await idToken();
    assert.ok(Number.isInteger(auth_time));
    assert.equal(sid, first.sid);
  });

  test("which account, with prompt=select_account, and another can be taken", async () => {
    await ask({ prompt: "select_account" });
    await heading(page, "Choose an account", 1).waitFor();
    await screenshot(page, "select-account");
    await page.locator("button[name=account]").filter({ hasText: ADA }).click();
    assert.equal((await idToken()).sid, first.sid);

    await ask({ prompt: "select_account" });
    await link(page, "Use another account").click();
    await signIn(page, BOB);
    await page.getByText(BOB).waitFor();
    await decide(page, "allow");
    const bobs = await idToken();
    assert.notEqual(bobs.sub, first.sub);
    assert.notEqual(bobs.sid, first.sid);
  });

  test("nothing with prompt=none: the app is told, without a page, even in a frame", async () => {
    const silently = async (parameters) => {
      const pages = [];
      const watch = (answer) => pages.push(new URL(answer.url()).pathname);
      page.on("response", watch);
      await ask({ prompt: "none", ...parameters });
      page.off("response", watch);
      assert.deepEqual(pages.filter((path) => ["/login", "/consent"].includes(path)), []);
      await inTheApp(page).waitFor();
      await app.next("/callback");
      return page.evaluate(() => globalThis.given);
    };
    assert.ok((await silently({})).id_token);
    assert.equal((await silently({ scope: "openid user-library-modify" })).error, "consent_required");
    assert.equal((await silently({ max_age: "0" })).error, "login_required");

    const renew = legacyUrl({ response_type: "id_token", prompt: "none" });
    await page.evaluate((src) => document.body.append(Object.assign(document.createElement("iframe"), { src })), renew);
    const arrived = await app.next("/callback");
    assert.equal(arrived.headers["sec-fetch-dest"], "iframe");
    await page.waitForFunction(() => globalThis.frames[0].given?.id_token);

    await page.context().clearCookies();
    assert.equal((await silently({})).error, "login_required");
  });

  test("and nothing of it was refused by the browser", () => assert.deepEqual(page.complaints, []));
});
