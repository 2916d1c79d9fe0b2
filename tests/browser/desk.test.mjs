// The dashboard and the operator area, crawled by whoever works there: every page of their routers is reached by links alone,
// axe finds nothing on it, a narrow window shows all of it, and a form that is sent empty says what is wrong. Only pages are
// looked at that are reached from the first one, so that a page nothing leads to fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Keysig } from "./actors.mjs";
import { oneTimeCode } from "./road.mjs";
import { authorizeUrl, axeViolations, decide, launch, open, overflow, required, screenshot, signIn } from "./setting.mjs";

const SOURCES = dirname(required("KEYSIG_TEST_ROUTES"));
const SEED = readFileSync(join(SOURCES, "../../../seed/dev.toml"), "utf8");
const LOOKS = [["light", 1280], ["dark", 320]];
const HTML_GZIP_BYTES = 14_000;
/** keysig.css, and what desks need beside it. */
const CSS_BYTES = 20_000;
const REQUESTS = 5;
/** Pages of one route that differ in what they show: tabs, filters, spans. */
const OF_ONE_ROUTE = 6;

/** Pages of an area that are open to everybody, and listed with what everybody sees. */
const OPEN = { developers: ["/dashboard/inspect"] };

/** What answers GET and is no page, or no page that a link leads to, and why. */
const NO_PAGES = {
  "/dashboard/join": "passed by whoever is a developer; a sample shows it",
  "/dashboard/apps/{client_id}/usage.csv": "a download",
  "/dashboard/apps/{client_id}/test-users/{user}/remove": "linked once somebody is on the list; a sample shows it",
  "/dashboard/apps/{client_id}/webhooks/remove": "linked once there is a webhook; a sample shows it",
  "/admin/api-keys/{id}/revoke": "linked once there is a key; a sheet, of which samples show every part",
};

/** Every route of a router that answers GET. */
function routes(folder) {
  const source = readFileSync(join(SOURCES, folder, "routes.rs"), "utf8");
  const lines = [...source.matchAll(/\.route\(\s*"([^"]+)",\s*([^\n]*(?:\n(?!\s*\.route)[^\n]*)*)/g)];
  return lines.filter(([, , methods]) => /\bget\(/.test(methods)).map(([, path]) => path);
}

/** A route as a pattern of paths; what is spelled out is more than a parameter. */
function routeOf(all, path) {
  const fits = (route) => new RegExp(`^${route.replaceAll(".", "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`).test(path);
  return all.filter(fits).sort((one, other) => one.split("{").length - other.split("{").length)[0];
}

let browser;
const there = {};
before(async () => {
  browser = await launch();
  there.keysig = await new Keysig().start(SEED);
  there.issuer = there.keysig.issuer;
});
after(async () => {
  await there.keysig.stop();
  await browser.close();
});

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

async function look(page, name) {
  for (const [colorScheme, width] of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await screenshot(page, `${name}-${colorScheme}-${width}`);
    assert.deepEqual(await axeViolations(page), [], `${name}: ${colorScheme}, ${width} px`);
    assert.equal(await overflow(page), 0, `${name}: ${colorScheme}, ${width} px`);
  }
}

/** Where a page leads within its area. Files that are downloaded are no pages. */
function ways(page, area) {
  return page.locator("a[href]").evaluateAll((links, area) => links
    .filter((link) => !link.hasAttribute("download"))
    .map((link) => new URL(link.href))
    .filter(({ origin, pathname }) => origin === location.origin && (pathname === area || pathname.startsWith(`${area}/`)))
    .map(({ pathname, search }) => `${pathname}${search}`), area);
}

/** Sends the first form in which something can be typed, with nothing typed. */
async function sendEmpty(page) {
  const typed = "input[type=text], input[type=url], input[type=email], input[type=password], input:not([type]), textarea";
  const form = page.locator("main form[method=post]").filter({ has: page.locator(typed) }).first();
  if (!(await form.count())) return false;
  for (const field of await form.locator(typed).all()) if (await field.isEditable()) await field.fill("");
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await form.locator("button:not([name=preview])").first().click();
  const status = (await answer).status();
  await page.waitForLoadState();
  assert.ok(status < 500, `${status} for an empty form of ${page.url()}`);
  if (status === 422) assert.equal(await page.locator("[role=alert]").count(), 1, "it says what went wrong");
  return status === 422;
}

/** Something for the Inspector, the figures and the audit to show. */
async function happen(page) {
  const callback = "http://127.0.0.1:9/callback";
  await page.route(`${callback}*`, (route) => route.fulfill({ status: 204 }));
  await page.goto(authorizeUrl({ redirect_uri: callback }, there.issuer));
  await signIn(page);
  await decide(page, "allow");
  await page.goto(authorizeUrl({ redirect_uri: "https://elsewhere.example/cb" }, there.issuer));
}

for (const [folder, area, arrive] of [
  ["developers", "/dashboard", async (page) => {
    await happen(page);
    await page.goto(`${there.issuer}/dashboard`);
  }],
  ["operators", "/admin", async (page) => {
    await page.goto(`${there.issuer}/admin`);
    await signIn(page, "op@example.test");
    await page.locator("#code").fill(oneTimeCode("JBSWY3DPEHPK3PXP"));
    await page.locator("main form button.primary").first().click();
    await page.waitForURL(`${there.issuer}/admin`);
  }],
]) {
  describe(area, () => {
    const all = [...routes(folder), ...(OPEN[folder] ?? [])];
    const seen = new Map();
    let page;
    before(async () => {
      page = await open(browser, { axe: true, reducedMotion: "reduce" });
      await arrive(page);
    });
    after(() => page.context().close());

    test("the pages are found by links, and are as they should be", async () => {
      const found = [area];
      for (let path = found.shift(); path; path = found.shift()) {
        const { pathname } = new URL(path, there.issuer);
        const route = routeOf(all, pathname);
        assert.ok(route, `${path} leads to no route`);
        const shown = seen.get(route) ?? new Set();
        if (shown.has(path) || shown.size >= OF_ONE_ROUTE) continue;
        seen.set(route, shown.add(path));
        const name = `desk${route.replace(/[^a-z]+/g, "-")}${shown.size > 1 ? shown.size : ""}`;
        const answer = await page.goto(`${there.issuer}${path}`);
        assert.equal(answer.status(), 200, path);
        await page.locator("h1").waitFor();
        await look(page, name);
        await assertLight(page);
        found.push(...await ways(page, area));
        if (shown.size === 1 && await sendEmpty(page)) await look(page, `${name}-wrong`);
      }
    });

    test("no page is without a way to it", () => {
      assert.ok(all.length > 0, "the list of routes was read");
      assert.deepEqual(all.filter((route) => !seen.has(route) && !(route in NO_PAGES)), []);
    });

    test("the browser refused nothing", () => assert.deepEqual(page.complaints, []));
  });
}
