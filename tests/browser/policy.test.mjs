// The content security policy, seen from the other side: the same browser with the same policy does refuse what our
// pages promise never to do. Without these, an empty list of complaints would prove nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { App } from "./actors.mjs";
import { button, ISSUER, launch, open } from "./setting.mjs";

let browser, server, origin;

before(async () => {
  browser = await launch();
  const policy = (await fetch(`${ISSUER}/login`)).headers.get("content-security-policy");
  server = await new App({
    // What a consent form would do if it were answered with a redirect to the app: another port, another origin.
    "/decide": (_, response) => response.writeHead(302, { Location: `${ISSUER}/health` }).end(),
    "/": (_, response) => {
      response.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": policy });
      response.end('<!doctype html><title>t</title><script>document.title = "ran"</script>'
        + '<form method="post" action="/decide"><button>Allow</button></form>');
    },
  }).start();
  origin = server.origin;
});
after(async () => {
  await browser.close();
  server.stop();
});

test("an inline script does not run", async () => {
  const page = await open(browser);
  await page.goto(origin);
  assert.equal(await page.title(), "t");
  assert.match(page.complaints.join("\n"), /Content Security Policy/);
  await page.context().close();
});

test("a form whose answer redirects to another origin gets nowhere", async () => {
  const page = await open(browser);
  await page.goto(origin);
  const refusal = page.waitForEvent("console", (message) => /form-action/.test(message.text()));
  await button(page, "Allow").click({ noWaitAfter: true });
  await refusal;
  assert.equal(new URL(page.url()).origin, origin);
  await page.context().close();
});
