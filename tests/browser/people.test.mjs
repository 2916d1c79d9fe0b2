// What people do with their account, by keyboard alone, without JavaScript, in a narrow window; and what happens to them: many
// tabs, the wrong account, a form that was open for too long.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { App, inTheApp, Keysig, seedOf, TAPE } from "./actors.mjs";
import { alert, at, done } from "./road.mjs";
import { ADA, authorizeUrl, BOB, decide, launch, open, overflow, PASSWORD, pkce, signIn, tabTo } from "./setting.mjs";

let browser, app, keysig, issuer;
before(async () => {
  browser = await launch();
  app = await new App().start();
  keysig = await new Keysig().start(seedOf(app.origin));
  issuer = keysig.issuer;
});
after(async () => {
  await browser.close();
  await keysig.stop();
  app.stop();
});

const request = (more = {}) => authorizeUrl({
  client_id: TAPE.client_id, redirect_uri: app.callback, scope: "openid", ...pkce().challenge, ...more,
}, issuer);

async function withPage(act, options) {
  const page = await open(browser, options);
  try {
    await act(page);
    assert.deepEqual(page.complaints, []);
  } finally {
    await page.context().close();
  }
}

test("five tabs that were opened at once all come to their end", () => withPage(async (first) => {
  const tabs = [first];
  while (tabs.length < 5) tabs.push(await first.context().newPage());
  await Promise.all(tabs.map((tab, n) => tab.goto(request({ state: `tab-${n}` }))));
  for (const tab of tabs) {
    // The first signs in; the forms of the others are stale by then, and go on all the same.
    if (new URL(tab.url()).pathname === "/login") await signIn(tab);
    const question = tab.locator("button[name=decision][value=allow]");
    const again = tab.locator("[role=alert]");
    await question.or(inTheApp(tab)).or(again).first().waitFor();
    // Each was the first to this server and was given a cookie of its own; a form that came with another is given anew.
    if (await again.isVisible()) await signIn(tab);
    await question.or(inTheApp(tab)).waitFor();
    if (await question.isVisible()) await decide(tab, "allow");
    await inTheApp(tab).waitFor();
  }
  const states = new Set();
  for (let n = 0; n < 5; n++) states.add((await app.next("/callback")).query.get("state"));
  assert.equal(states.size, 5);
}));

test("the wrong account is put right by two clicks, and the request is where it was", () => withPage(async (page) => {
  await page.goto(`${issuer}/login`);
  await signIn(page, ADA);
  await page.goto(`${issuer}/login?account=new`);
  await signIn(page, BOB);
  await page.goto(request({ login_hint: BOB, scope: "openid user-read-email", prompt: "consent" }));
  await at(page, "/consent");
  await page.getByText(BOB).first().waitFor();
  await page.locator("a[href*='tx=']").filter({ hasText: "Not you?" }).click();
  await at(page, "/login/choose");
  await page.locator("button.person").filter({ hasText: ADA }).click();
  await at(page, "/consent");
  await page.getByText(ADA).first().waitFor();
  await decide(page, "allow");
  await inTheApp(page).waitFor();
  assert.ok((await app.next("/callback")).query.get("code"));
}));

test("a consent form that was posted before leads on, and never to a dead end", () => withPage(async (page) => {
  await page.goto(request({ prompt: "consent" }));
  await signIn(page);
  await at(page, "/consent");
  const twin = await page.context().newPage();
  await twin.goto(page.url());
  await decide(page, "deny");
  await inTheApp(page).waitFor();
  await decide(twin, "allow");
  await twin.locator("h1").waitFor();
  assert.ok(await twin.locator("main a").count() > 0, "there is a way on");
}));

describe("by keyboard alone, without JavaScript, 320 px wide", () => {
  let page;
  before(async () => { page = await open(browser, { javaScriptEnabled: false, viewport: { width: 320, height: 640 } }); });
  after(() => page.context().close());

  const type = async (selector, text) => {
    await tabTo(page, page.locator(selector));
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  };
  const enter = async (target) => {
    await tabTo(page, target);
    await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
    assert.equal(await overflow(page), 0, page.url());
  };
  const go = (path) => page.goto(`${issuer}${path}`);
  const primary = (form) => page.locator(`main form[action^="${form}"] button:is(.primary, .danger)`).first();

  test("somebody signs up with what the mail says", async () => {
    await go("/signup");
    await type("#email", "kim@example.test");
    await type("#name", "Kim");
    await type("#password", "seven wet otters");
    await enter(primary("/signup"));
    const list = await (await fetch(`${issuer}/dev/mail`)).text();
    const mail = await (await fetch(`${issuer}${list.match(/\/dev\/mail\/[0-9a-f]+/)[0]}`)).text();
    await type("#code", mail.match(/\b\d{6}\b/)[0]);
    await enter(primary("/signup"));
    await go("/account");
    await page.getByText("kim@example.test").first().waitFor();
  });

  test("they change their name, and a name that is none is told with what was typed kept", async () => {
    await go("/account/profile");
    await type("#name", " ");
    await enter(primary("/account/profile"));
    await alert(page);
    await type("#name", "Kim the second");
    await enter(primary("/account/profile"));
    await done(page);
    assert.equal(await page.locator("#name").inputValue(), "Kim the second");
  });

  test("they allow an app for a day, pause it, resume it, and remove it", async () => {
    await page.goto(request({ scope: "openid user-read-email" }));
    await at(page, "/consent");
    assert.equal(await overflow(page), 0);
    await tabTo(page, page.locator("input[name=until]:checked"));
    await page.keyboard.press("ArrowDown");
    await tabTo(page, page.locator("button[name=decision][value=allow]"));
    await page.keyboard.press("Enter");
    await inTheApp(page).waitFor();
    await go("/account/apps");
    await enter(page.locator("form[action$='/pause'] button"));
    await page.locator("form[action$='/resume'] button").waitFor();
    await enter(page.locator("form[action$='/resume'] button"));
    await enter(page.locator("a[href$='/remove']").first());
    await enter(page.locator("form[action$='/remove'] button.danger"));
    await done(page);
  });

  test("they choose another language and come back to the page they were on", async () => {
    await go("/account/security");
    await enter(page.locator("button[name=lang][value=ar]"));
    assert.equal(new URL(page.url()).pathname, "/account/security");
    assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
    await enter(page.locator("button[name=lang][value=en]"));
  });

  test("they take their data and delete their account", async () => {
    await go("/account/export");
    await tabTo(page, page.locator("form[action='/account/export'] button"));
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    assert.match(download.suggestedFilename(), /\.json$/);
    await go("/account/delete");
    await type("#email", "kim@example.test");
    await enter(primary("/account/delete"));
    await go("/account");
    await at(page, "/login");
    await type("#identifier", "kim@example.test");
    await type("#password", PASSWORD);
    await enter(primary("/login"));
    await alert(page);
  });
});
