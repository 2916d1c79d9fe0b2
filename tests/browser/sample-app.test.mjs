// One person, one app, from the button to "Remove access", under the real content security policy. With and without
// JavaScript: the pages must not need any.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  APP, assertStrictPolicy, BOB, button, decide, heading, ISSUER, launch, link, open, screenshot, signIn,
} from "./setting.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function pressLoginButton(page) {
  await page.goto(APP);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().startsWith(`${ISSUER}/login`)),
    link(page, /^Continue with/).click(),
  ]);
  return answer;
}

/** Ada's playlists in the seed, without the collaborative one: the app did not ask to see such. */
const HERS = ["Deep Work", "Kitchen Dancing", "Morning Train", "Songs for Rain"];
const playlists = (page) => page.getByRole("rowheader").allInnerTexts();

for (const javaScriptEnabled of [true, false]) {
  const kind = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  const picture = (name) => `sample-app-${name}${javaScriptEnabled ? "" : "-no-js"}`;

  // The tests of this suite are one story and share its window.
  describe(`Ada uses the sample app ${kind}`, () => {
    let page;
    before(async () => { page = await open(browser, { javaScriptEnabled }); });
    after(() => page.context().close());

    test("she comes from the button to her playlists, and the consent POST reaches the app", async () => {
      await page.goto(APP);
      await screenshot(page, picture("welcome"));
      const signInPage = await pressLoginButton(page);
      assertStrictPolicy(signInPage);
      assert.match(page.url(), /\/login\?tx=[^&]+$/, "the address carries an id, and no URL");

      await signIn(page);
      await heading(page, /^Let .* use your account\?$/, 1).waitFor();
      assertStrictPolicy(await page.reload());
      await screenshot(page, picture("consent"));

      const callback = page.waitForRequest((request) => request.url().startsWith(`${APP}/callback?`));
      const answer = await decide(page, "allow");
      assert.equal(answer.status(), 200, "a redirect would be stopped by form-action");
      assertStrictPolicy(answer);
      assert.deepEqual([...new URL((await callback).url()).searchParams.keys()].sort(), ["code", "state"]);

      await heading(page, /^Hello/, 1).waitFor();
      assert.deepEqual((await playlists(page)).sort(), HERS);
      await screenshot(page, picture("playlists"));
      assert.deepEqual(page.complaints, []);
    });

    test("the browser holds a cookie and no token", async () => {
      const cookies = await page.context().cookies(APP);
      assert.ok(cookies.length > 0);
      assert.ok(cookies.every((cookie) => cookie.httpOnly && !/^(BQ|AQ)/.test(cookie.value)));
      assert.ok(!/\b(BQ|AQ)[A-Za-z0-9_-]{40}/.test(await page.content()));
    });

    test("the access is renewed without her", async () => {
      await button(page, "Renew now").click();
      await page.getByRole("status").getByText(/renewed/).waitFor();
      await page.getByText(/Renewed so far: 1 time/).waitFor();
      assert.deepEqual((await playlists(page)).sort(), HERS, "the new token works");
    });

    test("she keeps things as they are when the app asks for one permission more", async () => {
      await link(page, "Ask for one more permission").click();
      await heading(page, /asks for/, 1).waitFor();
      await screenshot(page, picture("one-more"));
      await button(page, "Keep as it is").click();
      await page.getByRole("status").getByText(/Nothing changed/).waitFor();
      await link(page, "Ask for one more permission").waitFor();
    });

    test("then she allows it", async () => {
      await link(page, "Ask for one more permission").click();
      await decide(page, "allow");
      await heading(page, "Your saved music", 2).waitFor();
      assert.deepEqual(page.complaints, []);
    });

    test("after logging out of the app she comes straight back in", async () => {
      await button(page, "Log out").click();
      await page.getByRole("status").getByText(/logged out/).waitFor();
      await link(page, /^Continue with/).click();
      await heading(page, /^Hello/, 1).waitFor();
    });

    test("she removes its access, and the app notices", async () => {
      assertStrictPolicy(await page.goto(`${ISSUER}/account/apps`));
      await screenshot(page, picture("connected-apps"));
      await page.getByRole("link", { name: /^Remove access/ }).or(button(page, /^Remove access/)).first().click();
      await screenshot(page, picture("remove-access"));
      await button(page, /^Remove access/).click();
      await page.getByRole("status").getByText(/Access removed/).waitFor();
      await page.goto(APP);
      await page.getByRole("status").getByText(/ended the access/).waitFor();
      await link(page, /^Continue with/).waitFor();
      assert.deepEqual(page.complaints, []);
    });
  });

  test(`Bob says no ${kind}, and the app says so`, async () => {
    const page = await open(browser, { javaScriptEnabled });
    await pressLoginButton(page);
    await signIn(page, BOB);
    assert.equal((await decide(page, "deny")).status(), 200);
    await page.getByRole("status").getByText(/chose not to allow/).waitFor();
    await screenshot(page, picture("denied"));
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}
