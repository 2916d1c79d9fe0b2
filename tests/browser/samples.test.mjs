// One of every page in every state, as the unit tests leave them in target/pages: axe finds nothing, and a narrow window
// shows all of it. Here are also those that a real person would wait for, or come to by another service.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { axeViolations, launch, open, overflow, required, screenshot } from "./setting.mjs";

const FOLDER = required("KEYSIG_TEST_PAGES");
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith(".html"));
const WINDOWS = { light: 1280, dark: 320 };

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const lang of ["en", "de", "ar"]) {
  for (const [theme, width] of Object.entries(WINDOWS)) {
    const files = FILES.filter((file) => file.endsWith(`.${lang}.${theme}.html`));

    describe(`${lang}, ${theme}, ${width} px wide`, () => {
      let page;
      // The pages say where they lead and answer nothing here: whatever leaves by itself stays.
      before(async () => {
        page = await open(browser, { axe: true, javaScriptEnabled: true, viewport: { width, height: 900 } });
        await page.route(/^https?:/, (route) => route.fulfill({ status: 204 }));
      });
      after(() => page.context().close());

      test("there are many", () => assert.ok(files.length > 50, `${files.length} pages in ${FOLDER}`));

      for (const file of files) {
        const name = file.slice(0, -".html".length);
        test(`${name} has nothing for axe to find and fits the window`, async () => {
          await page.goto(pathToFileURL(join(FOLDER, file)).href);
          assert.deepEqual(await axeViolations(page), []);
          assert.equal(await overflow(page), 0);
          if (lang !== "de") await screenshot(page, `sample-${name}-${width}`);
        });
      }
    });
  }
}
