// The page of the quickstart's Button tab, for an app without a server of its own: copied off the dashboard, served at the
// app's redirect URI, pressed.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { button, decide, heading, ISSUER, launch, open, signIn } from "./setting.mjs";

let browser, server, callback, program;
before(async () => {
  server = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end(program));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  callback = `http://127.0.0.1:${server.address().port}/callback`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server.close();
});

for (const profile of ["spotify", "standard"]) {
  test(`the page of a ${profile} app without a secret logs somebody in by itself`, async () => {
    const page = await open(browser);
    await page.goto(`${ISSUER}/dashboard`);
    await signIn(page);
    await page.goto(`${ISSUER}/dashboard/new?profile=${profile}`);
    await page.getByLabel("Name").fill(`A page, ${profile}`);
    await page.getByLabel("Browser or mobile").check();
    await page.getByLabel("Redirect URI").fill(callback);
    await button(page, "Create app").click();
    await page.getByRole("link", { name: "Button" }).click();
    program = await page.locator("#program").innerText();

    await page.goto(callback);
    await button(page, "Continue with Demo Music").click();
    await heading(page, /use your account/, 1).waitFor();
    await decide(page, "allow");
    await page.getByText(/^Hello, Ada/).waitFor();
    assert.equal(new URL(page.url()).search, "", "the code is gone from the address bar");
    assert.deepEqual(page.complaints, []);
  });
}
