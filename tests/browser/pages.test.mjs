// Every page a person can meet: axe finds nothing, in either colour scheme, and a narrow window shows all of it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  APP, authorizeUrl, axeViolations, button, decide, heading, ISSUER, launch, link, open, overflow, screenshot, signIn,
  stayOnLeavingPage,
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
  ["error-answered", async (page) => {
    assert.equal((await page.goto(`${ISSUER}/login?tx=0123456789abcdef`)).status(), 400);
  }],
  ["not-found", (page) => page.goto(`${ISSUER}/no-such-page`)],
  ["sign-out", (page) => page.goto(`${ISSUER}/logout`)],
];

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 320]) {
    // The tests of this suite walk one road and share its window.
    describe(`${colorScheme}, ${width} px wide`, () => {
      let page;
      before(async () => {
        page = await open(browser, { colorScheme, viewport: { width, height: 900 }, axe: true });
      });
      after(() => page.context().close());

      for (const [name, go] of ROAD) {
        test(`${name} has nothing for axe to find and fits the window`, async () => {
          await go(page);
          await screenshot(page, `${name}-${colorScheme}-${width}`);
          assert.deepEqual(await axeViolations(page), []);
          assert.equal(await overflow(page), 0);
        });
      }

      test("nothing on the road was refused by the browser", () => assert.deepEqual(page.complaints, []));
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
