// Every page a person can meet: axe finds nothing, in either colour scheme and either direction of reading, and a narrow
// window shows all of it. Leaves a picture of each in the folder of screenshots.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { App, Keysig, seedOf } from "./actors.mjs";
import { FURTHER_ROAD, NO_PAGES, ROAD, routes } from "./road.mjs";
import { authorizeUrl, axeViolations, launch, open, overflow, screenshot, signIn } from "./setting.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const LOOKS = [["light", 1280], ["dark", 320]];

const HTML_GZIP_BYTES = 14_000;
const CSS_BYTES = 12_000;
const REQUESTS = 4;

/** What the page in the window weighs, its pictures and scripts counted as requests. */
async function assertLight(page) {
  const weight = await page.evaluate(() => ({
    html: new XMLSerializer().serializeToString(document),
    css: performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname.endsWith(".css"))
      .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0),
    requests: 1 + performance.getEntriesByType("resource").filter(({ name }) => new URL(name).origin === location.origin).length,
  }));
  assert.ok(gzipSync(weight.html).length <= HTML_GZIP_BYTES, `the page is ${gzipSync(weight.html).length} bytes`);
  assert.ok(weight.css <= CSS_BYTES, `the style sheets are ${weight.css} bytes`);
  assert.ok(weight.requests <= REQUESTS, `${weight.requests} requests`);
}

/** With text of twice the size, as browsers' settings make it, nothing is cut off or needs scrolling aside. */
async function assertReadableAtTwiceTheSize(page) {
  await page.setViewportSize({ width: 640, height: 900 });
  await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
  assert.equal(await overflow(page), 0, "text of twice the size");
  await page.evaluate(() => { document.documentElement.style.fontSize = ""; });
}

/** Walks a road in a window of its own and looks at each station in every way; the tests of a suite share the window. */
function walk(road, locale, there = {}) {
  let page;
  before(async () => {
    page = await open(browser, { locale, axe: true });
  });
  after(() => page.context().close());

  for (const [name, route, go, wrong] of road) {
    test(`${name} has nothing for axe to find and fits the window`, async () => {
      await go(page, there);
      if (wrong) assert.equal(await page.locator("[role=alert]").count(), 1, "it says what went wrong");
      const lang = await page.locator("html").getAttribute("lang");
      assert.equal(lang, route === "the sample app" ? "en" : locale, "the page speaks the language of the browser");
      await assertLight(page);
      for (const [colorScheme, width] of LOOKS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await screenshot(page, `${name}-${locale}-${colorScheme}-${width}`);
        assert.deepEqual(await axeViolations(page), [], `${colorScheme}, ${width} px`);
        assert.equal(await overflow(page), 0, `${colorScheme}, ${width} px`);
      }
      await assertReadableAtTwiceTheSize(page);
    });
  }

  test("nothing on the road was refused by the browser", () => assert.deepEqual(page.complaints, []));
}

for (const locale of ["en", "ar"]) {
  describe(`in ${locale}`, () => walk(ROAD, locale));

  describe(`devices, forms, sign-outs, in ${locale}`, () => {
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
    walk(FURTHER_ROAD, locale, there);
  });
}

test("every page of the router is on the road", () => {
  const all = routes();
  assert.ok(all.length > 10, `the list of routes was read: ${all}`);
  const seen = new Set([...ROAD, ...FURTHER_ROAD].map(([, route]) => route));
  assert.deepEqual(all.filter((route) => !seen.has(route) && !(route in NO_PAGES)), []);
});

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
