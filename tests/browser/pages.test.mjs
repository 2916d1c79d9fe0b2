// Every page a person can meet: axe finds nothing, in either colour scheme, and a narrow window shows all of it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { App, Keysig, logIn, PLANNER, seedOf, TAPE } from "./actors.mjs";
import {
  APP, authorizeUrl, axeViolations, button, decide, heading, ISSUER, launch, link, open, overflow, pkce, post,
  screenshot, signIn, stayOnLeavingPage,
} from "./setting.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** How to get to each page, in an order in which each starts where the one before it ended. */
const ROAD = [
  ["app-welcome", (page) => page.goto(APP)],
  ["sign-in", async (page) => {
    await page.goto(authorizeUrl());
    await heading(page, "Sign in", 1).waitFor();
  }],
  ["sign-in-wrong", async (page) => {
    assert.equal((await signIn(page, "ada@example.test", "not-her-password")).status(), 422);
    await page.getByRole("alert").waitFor();
  }],
  ["consent", async (page) => {
    await signIn(page);
    await heading(page, /^Let .* use your account\?$/, 1).waitFor();
  }],
  ["leaving", async (page) => {
    await stayOnLeavingPage(page);
    await decide(page, "allow");
    await page.locator("a#continue").waitFor();
  }],
  ["consent-more", async (page) => {
    await page.goto(authorizeUrl({ scope: "playlist-read-private user-library-modify" }));
    await heading(page, /asks for/, 1).waitFor();
  }],
  ["app-playlists", async (page) => {
    await page.unroute(`${APP}/callback*`);
    await page.goto(`${APP}/login`);
    await heading(page, /^Hello/, 1).waitFor();
  }],
  ["account", (page) => page.goto(`${ISSUER}/account`)],
  ["connected-apps", async (page) => {
    await page.goto(`${ISSUER}/account/apps`);
    await heading(page, "Connected apps", 1).waitFor();
  }],
  ["remove-access", (page) => link(page, /^Remove access/).first().click()],
  ["access-removed", async (page) => {
    await button(page, /^Remove access/).click();
    await page.getByRole("status").getByText(/Access removed/).waitFor();
  }],
  ["error-unknown-app", async (page) => {
    assert.equal((await page.goto(authorizeUrl({ client_id: "nobody" }))).status(), 400);
  }],
  ["error-redirect-uri", async (page) => {
    assert.equal((await page.goto(authorizeUrl({ redirect_uri: "https://elsewhere.example/cb" }))).status(), 400);
  }],
  ["error-scope", async (page) => {
    assert.equal((await page.goto(authorizeUrl({ scope: "user-read-birthdate" }))).status(), 400);
  }],
  ["error-legacy-flow-off", async (page) => {
    assert.equal((await page.goto(authorizeUrl({ response_type: "token" }))).status(), 400);
  }],
  ["error-answered", async (page) => {
    assert.equal((await page.goto(`${ISSUER}/login?tx=0123456789abcdef`)).status(), 400);
  }],
  ["not-found", (page) => page.goto(`${ISSUER}/no-such-page`)],
  ["sign-out", (page) => page.goto(`${ISSUER}/logout`)],
];

/** A device that waits: what it is to show. */
async function waiting({ issuer }) {
  const { body } = await post(issuer, "/oauth2/device/authorize", TAPE, { scope: "openid user-read-email" });
  return body;
}

async function enterCode(page, device) {
  await page.goto(device.verification_uri_complete);
  await button(page, "Continue").click();
}

/** The same for what needs apps that the seed of `keysig dev` has not. `there` is `{ app, issuer, devices }`. */
const FURTHER_ROAD = [
  ["pair", (page, { issuer }) => page.goto(`${issuer}/pair`)],
  ["pair-empty", async (page) => {
    await button(page, "Continue").click();
    await page.getByRole("alert").waitFor();
  }],
  ["pair-unknown", async (page) => {
    await page.locator("#code").fill("BCDF-GHJX");
    await button(page, "Continue").click();
    await page.getByRole("alert").getByText(/not right or has run out/).waitFor();
  }],
  ["device-consent", async (page, there) => {
    const device = await waiting(there);
    await enterCode(page, device);
    await signIn(page);
    await page.getByText(device.user_code, { exact: true }).waitFor();
  }],
  ["device-connected", async (page) => {
    await decide(page, "allow");
    await heading(page, "Your device is connected", 1).waitFor();
  }],
  ["device-continue", async (page, there) => {
    there.twice = await waiting(there);
    await enterCode(page, there.twice);
    await heading(page, /^Connect another device as/, 1).waitFor();
  }],
  ["device-not-connected", async (page, there) => {
    const other = await page.context().newPage();
    await enterCode(other, there.twice);
    await heading(other, /^Connect another device as/, 1).waitFor();
    there.late = other.url();
    await other.close();
    await decide(page, "deny");
    await heading(page, "Not connected", 1).waitFor();
  }],
  ["error-device-gone", async (page, there) => {
    await page.goto(there.late);
    await page.locator("h1").getByText(/run out or was used/).waitFor();
  }],
  ["select-account", async (page, { app, issuer }) => {
    await logIn(page, issuer, TAPE, app);
    await page.goto(authorizeUrl({
      client_id: TAPE.client_id, redirect_uri: app.callback, scope: "openid", prompt: "select_account", ...pkce().challenge,
    }, issuer));
    await heading(page, /^Continue as/, 1).waitFor();
  }],
  ["form-post", async (page, { app, issuer }) => {
    await stayOnLeavingPage(page, app.callback);
    const request = {
      client_id: TAPE.client_id, redirect_uri: app.callback, scope: "openid", response_mode: "form_post", ...pkce().challenge,
    };
    await Promise.all([
      page.waitForResponse(app.callback),
      page.goto(authorizeUrl(request, issuer), { waitUntil: "commit" }), // It is left before it has loaded.
    ]);
    await heading(page, /^Returning to/, 1).waitFor();
    await page.unroute(`${app.callback}*`);
  }],
  ["error-post-logout", async (page, { issuer }) => {
    const parameters = new URLSearchParams({ client_id: TAPE.client_id, post_logout_redirect_uri: "https://elsewhere.example/" });
    assert.equal((await page.goto(`${issuer}/oidc/logout/v1?${parameters}`)).status(), 400);
  }],
  ["sign-out-asked", async (page, { app, issuer }) => {
    const parameters = new URLSearchParams({ client_id: TAPE.client_id, post_logout_redirect_uri: `${app.origin}/bye` });
    await page.goto(`${issuer}/oidc/logout/v1?${parameters}`);
    await heading(page, "Sign out?", 1).waitFor();
  }],
  ["signed-out-onward", async (page, { app }) => {
    await stayOnLeavingPage(page, `${app.origin}/bye`);
    await button(page, "Sign out").click();
    await page.locator("a#continue").waitFor();
  }],
  ["signed-out-frames-onward", async (page, { app, issuer }) => {
    const { id_token } = await logIn(page, issuer, PLANNER, app);
    const parameters = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: `${app.origin}/bye` });
    await page.goto(`${issuer}/oidc/logout/v1?${parameters}`);
    await app.next("/frame");
    await page.locator("a#continue").waitFor();
  }],
  ["signed-out-frames", async (page, { app, issuer }) => {
    await logIn(page, issuer, PLANNER, app);
    await page.goto(`${issuer}/logout`);
    await button(page, "Sign out").click();
    await app.next("/frame");
    await heading(page, "You are signed out", 1).waitFor();
  }],
  ["signed-out", (page, { issuer }) => page.goto(`${issuer}/logout`)],
  ["pair-cookies", async (page, { issuer }) => {
    await page.goto(`${issuer}/pair`);
    await page.context().clearCookies();
    await button(page, "Continue").click();
    await page.getByRole("alert").getByText(/blocking cookies/).waitFor();
  }],
  ["pair-throttled", async (page, { issuer }) => {
    await page.goto(`${issuer}/pair`);
    const tooMany = page.getByRole("alert").getByText(/^Too many tries/);
    for (let tries = 0; tries < 15 && !(await tooMany.isVisible()); tries++) {
      await page.locator("#code").fill("BCDF-GHJX");
      await Promise.all([page.waitForEvent("load"), button(page, "Continue").click()]);
    }
    await tooMany.waitFor();
  }],
];

/** Walks a road in a window of its own; the tests of a suite share it. */
function walk(road, { colorScheme, width }, there = {}) {
  let page;
  before(async () => {
    page = await open(browser, { colorScheme, viewport: { width, height: 900 }, axe: true });
  });
  after(() => page.context().close());

  for (const [name, go] of road) {
    test(`${name} has nothing for axe to find and fits the window`, async () => {
      await go(page, there);
      await screenshot(page, `${name}-${colorScheme}-${width}`);
      assert.deepEqual(await axeViolations(page), []);
      assert.equal(await overflow(page), 0);
    });
  }

  test("nothing on the road was refused by the browser", () => assert.deepEqual(page.complaints, []));
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 320]) {
    describe(`${colorScheme}, ${width} px wide`, () => walk(ROAD, { colorScheme, width }));

    describe(`devices, forms, sign-outs: ${colorScheme}, ${width} px wide`, () => {
      // A server for each window: one of them shuts its door to whoever tries too often.
      const there = {};
      before(async () => {
        there.app = await new App().start();
        there.keysig = await new Keysig().start(seedOf(there.app.origin));
        there.issuer = there.keysig.issuer;
      });
      after(async () => {
        await there.keysig.stop();
        there.app.stop();
      });
      walk(FURTHER_ROAD, { colorScheme, width }, there);
    });
  }
}

test("axe and the overflow measure do find what is wrong", async () => {
  const page = await open(browser, { axe: true, viewport: { width: 320, height: 600 } });
  await page.setContent("<title>t</title><p style='color:#aaa;width:900px'>pale</p><img src='data:,'>");
  const found = (await axeViolations(page)).join("\n");
  assert.match(found, /color-contrast/);
  assert.match(found, /image-alt/);
  assert.ok((await overflow(page)) > 0);
  await page.context().close();
});

test("after a wrong password the words are announced, the name is kept and the password is not", async () => {
  const page = await open(browser);
  await page.goto(authorizeUrl());
  await signIn(page, "ada@example.test", "not-her-password");
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.locator("input[name=identifier]").inputValue(), "ada@example.test");
  assert.equal(await page.locator("input[name=password]").inputValue(), "");
  assert.equal(await page.locator("[role=alert]").evaluate((alert) => alert === document.activeElement), true);
  await page.context().close();
});

test("fields and buttons of sign-in and consent are 44 px high, and Enter cannot allow", async () => {
  const page = await open(browser);
  await page.goto(authorizeUrl({ show_dialog: "true" }));
  const low = () => page.locator("main :is(input:not([type=hidden]), button)").evaluateAll((elements) =>
    elements.map((each) => each.getBoundingClientRect().height).filter((height) => height < 44));
  assert.deepEqual(await low(), []);
  await signIn(page);
  await page.locator("button[name=decision]").first().waitFor();
  assert.deepEqual(await low(), []);
  const decisions = await page.locator("button[name=decision]").evaluateAll((buttons) => buttons.map((each) => each.value));
  assert.deepEqual(decisions, ["deny", "allow"], "the first button is the one that Enter presses");
  await page.context().close();
});
