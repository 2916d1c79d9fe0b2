// A device without a browser is connected in one (RFC 8628): the code typed as people type, by keyboard alone, without
// JavaScript, in a narrow window.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { App } from "./actors.mjs";
import {
  ADA, API, assertStrictPolicy, BOB, button, decide, heading, ISSUER, launch, link, open, overflow, PASSWORD, post,
  screenshot, signIn, tabTo,
} from "./setting.mjs";

const OIDC = { client_id: "demo-oidc", client_secret: "demo-secret" };
const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** What the device asks for, and is given to show. */
async function device(scope = "openid user-read-email offline_access") {
  const { status, body } = await post(ISSUER, "/oauth2/device/authorize", OIDC, { scope });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.verification_uri, `${ISSUER}/pair`);
  assert.match(body.user_code, /^[B-Z]{4}-[B-Z]{4}$/);
  return body;
}

const poll = ({ device_code }) => post(ISSUER, "/api/token", OIDC, { grant_type: DEVICE_CODE, device_code });

const field = (page) => page.getByLabel("Code shown on your device");

/** How a hand types what an eye has read. */
const typed = (code) => code.replace("-", "").toLowerCase();

for (const [who, person, kind, options] of [
  ["Ada", ADA, "with a mouse", {}],
  ["Bob", BOB, "by keyboard alone, without JavaScript, 320 px wide",
    { javaScriptEnabled: false, viewport: { width: 320, height: 640 } }],
]) {
  const keyboard = options.javaScriptEnabled === false;
  const picture = (name) => `device-${name}${keyboard ? "-keyboard-320" : ""}`;
  const press = async (page, target) => {
    if (!keyboard) return target.click();
    await tabTo(page, target);
    return page.keyboard.press("Enter");
  };
  const fits = async (page) => { if (keyboard) assert.equal(await overflow(page), 0); };

  // The tests of this suite are one story and share its window.
  describe(`${who} connects a device ${kind}`, () => {
    let page, waiting;
    before(async () => {
      page = await open(browser, options);
      waiting = await device();
    });
    after(() => page.context().close());

    test("they type another code first, and are told what is wrong and where", async () => {
      assertStrictPolicy(await page.goto(waiting.verification_uri));
      await heading(page, "Connect a device", 1).waitFor();
      await fits(page);
      await screenshot(page, picture("pair"));
      await press(page, button(page, "Continue"));
      const empty = page.getByRole("alert").getByRole("link", { name: "Enter the code that your device shows." });
      await empty.waitFor();

      await (keyboard ? tabTo(page, field(page)) : field(page).click());
      await page.keyboard.type("bcdf-ghjx");
      await page.keyboard.press("Enter");
      const words = "That code is not right or has run out. Check the code on your device, or start again there.";
      const summary = page.getByRole("alert");
      await summary.getByRole("link", { name: words }).waitFor();
      assert.match(await page.title(), /^Error: Connect a device/);
      assert.equal(await summary.evaluate((alert) => alert === document.activeElement), true);
      assert.equal(await field(page).inputValue(), "bcdf-ghjx", "what was typed can be compared and mended");
      assert.equal(await field(page).getAttribute("aria-invalid"), "true");
      const described = await field(page).evaluate((input) =>
        input.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent.trim()));
      assert.deepEqual(described, ["It looks like XXXX-XXXX.", words]);
      await fits(page);
      await screenshot(page, picture("wrong-code"));

      await press(page, summary.getByRole("link", { name: words }));
      assert.equal(await field(page).evaluate((input) => input === document.activeElement), true);
    });

    test("the code is good in small letters and without its dash, and they sign in on the way", async () => {
      await page.keyboard.press("Control+A");
      await page.keyboard.type(typed(waiting.user_code));
      await page.keyboard.press("Enter");
      await heading(page, "Sign in", 1).waitFor();
      await page.getByText("to continue to Setlist Studio").waitFor();
      await fits(page);
      if (!keyboard) return void (await signIn(page, person));
      await tabTo(page, page.getByLabel("Email or username"));
      await page.keyboard.type(person);
      await page.keyboard.press("Tab");
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press("Enter");
    });

    test("they are shown the code again before they allow it", async () => {
      await heading(page, /^Let .* use your account\?$/, 1).waitFor();
      await page.getByText(waiting.user_code, { exact: true }).waitFor();
      await page.getByText("Only continue if you started this yourself and your device shows this code.").waitFor();
      assertStrictPolicy(await page.reload());
      await fits(page);
      await screenshot(page, picture("consent"));
      assert.equal((await poll(waiting)).body.error, "authorization_pending");
    });

    test("they allow it, the page says so, and the device is let in", async () => {
      await press(page, page.locator("button[name=decision][value=allow]"));
      await heading(page, "Your device is connected", 1).waitFor();
      await fits(page);
      await screenshot(page, picture("connected"));
      const { status, body } = await poll(waiting);
      assert.equal(status, 200, JSON.stringify(body));
      const me = await fetch(`${API}/v1/me`, { headers: { authorization: `Bearer ${body.access_token}` } });
      assert.equal((await me.json()).email, person);
      assert.ok(body.id_token);
      await press(page, link(page, "See connected apps"));
      await heading(page, "Connected apps", 1).waitFor();
      await page.getByRole("heading", { name: /Setlist Studio/ }).waitFor();
    });

    test("a second device comes with its code in the address, and they turn it away", async () => {
      const stranger = await device();
      await page.goto(stranger.verification_uri_complete);
      assert.equal(await field(page).inputValue(), stranger.user_code);
      await screenshot(page, picture("prefilled"));
      await press(page, button(page, "Continue"));
      await heading(page, new RegExp(`^Connect another device as ${who}`), 1).waitFor();
      await page.getByText(stranger.user_code, { exact: true }).waitFor();
      await screenshot(page, picture("continue"));
      await press(page, page.locator("button[name=decision][value=deny]"));
      await heading(page, "Not connected", 1).waitFor();
      await fits(page);
      await screenshot(page, picture("not-connected"));
      const { status, body } = await poll(stranger);
      assert.deepEqual([status, body.error], [400, "access_denied"]);
    });

    test("nothing on the way was refused by the browser", () => assert.deepEqual(page.complaints, []));
  });
}

test("a page of the device's makers may show the picture of the code", async () => {
  const app = await new App().start();
  const page = await open(browser);
  const { verification_qr } = await device();
  await page.goto(app.origin);
  const width = await page.evaluate(async (src) => {
    const image = Object.assign(new Image(), { src });
    await image.decode();
    return image.naturalWidth;
  }, verification_qr);
  assert.ok(width >= 100);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  app.stop();
});

test("a browser that takes no cookies is told what to do, and the code is kept", async () => {
  const page = await open(browser);
  const { verification_uri_complete, user_code } = await device();
  await page.goto(verification_uri_complete);
  await page.context().clearCookies();
  await button(page, "Continue").click();
  await page.getByRole("alert").getByText(/^Your browser is blocking cookies/).waitFor();
  assert.equal(await field(page).inputValue(), user_code);
  await page.context().close();
});

test("a code that was decided upon in another window leads nowhere, and is said so", async () => {
  const page = await open(browser);
  const waiting = await device();
  await page.goto(waiting.verification_uri_complete);
  await button(page, "Continue").click();
  await signIn(page);
  const other = await page.context().newPage();
  await other.goto(waiting.verification_uri_complete);
  await button(other, "Continue").click();
  await other.getByText(waiting.user_code, { exact: true }).waitFor();
  assert.equal((await decide(page, "deny")).status(), 200);
  assert.equal((await decide(other, "allow")).status(), 400);
  await heading(other, "This code has run out or was used before", 1).waitFor();
  assert.equal((await poll(waiting)).body.error, "access_denied");
  await link(other, "Enter a code").click();
  await field(other).fill(waiting.user_code);
  await button(other, "Continue").click();
  await other.getByRole("alert").waitFor();
  await page.context().close();
});
