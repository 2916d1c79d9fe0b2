// Somebody who has never been here: becomes a developer, makes an app, runs the program they copied, breaks it, finds out why,
// mends it with one button, and is logged in again. No operator takes part, and it takes less than five minutes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { button, decide, heading, ISSUER, launch, link, open, required } from "./setting.mjs";

const LIMIT_MS = 5 * 60_000;
const EMAIL = "newcomer@example.test";

let browser, place;
before(async () => {
  browser = await launch();
  place = mkdtempSync(join(tmpdir(), "newcomer-"));
});
after(async () => {
  await browser?.close();
  rmSync(place, { recursive: true, force: true });
});

const freePort = () => new Promise((found) => {
  const listener = createServer().listen(0, "127.0.0.1", () => {
    const { port } = listener.address();
    listener.close(() => found(port));
  });
});

/** Runs what was copied. It opens a browser, which here is one that tells its address; `ended` is what it printed. */
function run(program, commands) {
  writeFileSync(join(place, "login.py"), program);
  writeFileSync(join(place, "browser.sh"), `#!/bin/sh\necho "OPENED $1"\n`, { mode: 0o755 });
  const secret = commands.match(/export CLIENT_SECRET='([^']+)'/)[1];
  const python = spawn(required("KEYSIG_TEST_PYTHON"), ["login.py"], {
    cwd: place,
    env: { PATH: process.env.PATH, HOME: place, NO_PROXY: "127.0.0.1", CLIENT_SECRET: secret, BROWSER: `${place}/browser.sh %s` },
  });
  let said = "";
  const opened = new Promise((found) => {
    const listen = (chunk) => {
      said += chunk;
      const address = said.match(/OPENED (\S+)/);
      if (address) found(address[1]);
    };
    python.stdout.on("data", listen);
    python.stderr.on("data", listen);
  });
  const ended = new Promise((done) => python.on("close", (status) => done([status, said])));
  return { opened, ended, stop: () => python.kill() };
}

test("a newcomer is logged in, breaks it, and mends it, in under five minutes", async () => {
  const began = performance.now();
  const page = await open(browser);
  await page.goto(`${ISSUER}/signup`);
  await page.locator("#email").fill(EMAIL);
  await page.locator("#name").fill("Newcomer");
  await page.locator("#password").fill("seven wet otters");
  await page.locator("main form[action^='/signup'] button.primary").click();
  const list = await (await fetch(`${ISSUER}/dev/mail`)).text();
  const mail = await (await fetch(`${ISSUER}${list.match(/\/dev\/mail\/[0-9a-f]+/)[0]}`)).text();
  await page.locator("#code").fill(mail.match(/\b\d{6}\b/)[0]);
  await page.locator("main form[action^='/signup'] button.primary").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/signup"));

  await page.goto(`${ISSUER}/dashboard`);
  await button(page, "Start building").click();
  await link(page, "Create your first app").click();
  const port = await freePort();
  await page.getByLabel("Name").fill("My first app");
  await page.getByLabel("Web server").check();
  await page.getByLabel("Redirect URI").fill(`http://127.0.0.1:${port}/callback`);
  await button(page, "Create app").click();
  await heading(page, "Quickstart", 1).waitFor();
  const clientId = await page.locator("#client-id").innerText();
  const [program, commands] = [await page.locator("#program").innerText(), await page.locator("#commands").innerText()];
  const dashboard = `${ISSUER}/dashboard/apps/${clientId}`;

  const first = run(program, commands);
  await page.goto(await first.opened);
  await decide(page, "allow");
  const [status, said] = await first.ended;
  assert.equal(status, 0, said);
  assert.match(said, /Hello, Newcomer/);
  await page.goto(dashboard);
  await page.getByText("It worked: 1 person").waitFor();

  const broken = program.replace("/callback", "/callback/");
  const second = run(broken, commands);
  await page.goto(await second.opened);
  await page.getByText("INVALID_CLIENT: Invalid redirect URI").waitFor({ state: "attached" });
  second.stop();
  await page.goto(dashboard);
  await page.getByText("was refused").waitFor();
  await link(page, "See why").click();
  await page.locator("main table a").first().click();
  await button(page, /^Register/).click();

  const third = run(broken, commands);
  await page.goto(await third.opened);
  await heading(page, /use your account|asks for|Continue as/, 1).waitFor({ timeout: 3000 }).then(() => decide(page, "allow"), () => {});
  const [again, saidAgain] = await third.ended;
  assert.equal(again, 0, saidAgain);
  assert.match(saidAgain, /Hello, Newcomer/);
  // The snippet's server answers once: what the browser asks it for beside that, such as an icon, is refused by nobody of ours.
  const ours = page.complaints.filter((complaint) => !complaint.includes("net::ERR_CONNECTION_"));
  assert.deepEqual(ours, []);

  const took = performance.now() - began;
  console.log(`From the sign-up to the mended login: ${(took / 1000).toFixed(1)} s.`);
  assert.ok(took < LIMIT_MS);
});
