// Passkeys with Chromium's own authenticator in software: the script, the dialog and its suggestions are seen by a browser only.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Keysig, seedOf } from "./actors.mjs";
import {
  ADA, axeViolations, BOB, button, heading, launch, link, open, overflow, PASSWORD, screenshot, signIn, tabTo,
} from "./setting.mjs";

let browser, keysig, issuer;
before(async () => {
  // Browsers have passkeys for names, and 127.0.0.1 is none.
  keysig = await new Keysig().start(seedOf("http://127.0.0.1:9"), ["--localhost"]);
  issuer = keysig.issuer;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await keysig.stop();
});

/** A device that makes passkeys and verifies its person. It answers by itself while `isReady`. */
class Device {
  static async in(page, isReady = true) {
    const device = new Device();
    device.session = await page.context().newCDPSession(page);
    await device.session.send("WebAuthn.enable", { enableUI: false });
    const { authenticatorId } = await device.session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
        isUserVerified: true, automaticPresenceSimulation: isReady,
      },
    });
    device.authenticatorId = authenticatorId;
    return device;
  }

  #send(method, more = {}) {
    return this.session.send(`WebAuthn.${method}`, { authenticatorId: this.authenticatorId, ...more });
  }

  async passkeys() {
    return (await this.#send("getCredentials")).credentials;
  }

  verifies(isUserVerified) {
    return this.#send("setUserVerified", { isUserVerified });
  }

  isReady(enabled) {
    return this.#send("setAutomaticPresenceSimulation", { enabled });
  }

  async forget() {
    await this.#send("clearCredentials");
  }
}

async function withPage(act, options) {
  const page = await open(browser, options);
  try {
    await act(page);
    assert.deepEqual(page.complaints, []);
  } finally {
    await page.context().close();
  }
}

const path = (page) => new URL(page.url()).pathname;

async function signOut(page) {
  await page.goto(`${issuer}/logout`);
  await button(page, /^Sign out/).click();
  await page.waitForLoadState();
}

/** Makes a passkey from Security; whoever is not signed in signs in by password first. */
async function makePasskey(page, name, person = ADA) {
  await page.goto(`${issuer}/account/security`);
  if (path(page) === "/login") {
    await signIn(page, person);
    await page.goto(`${issuer}/account/security`);
  }
  await link(page, /^Create (another )?passkey$/).click();
  await button(page, "Create passkey").click();
  await heading(page, "Passkey created", 1).waitFor();
  await page.getByLabel("Name of the passkey").fill(name);
  await button(page, "Save name").click();
  await page.waitForURL(`${issuer}/account/security`);
}

/** A suggestion would be taken again and again where nobody has to choose it. */
const withoutSuggestions = (page) =>
  page.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });

/** The code that an authenticator app shows now (RFC 6238). */
function oneTimeCode(key) {
  const bits = [...key.replaceAll(" ", "")].map((char) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(char).toString(2).padStart(5, "0"));
  const bytes = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", bytes).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const passkeyButton = (page) => button(page, "Sign in with a passkey");

describe("passkeys", () => {
  test("are made in Security, named, and let their owner in by the button", () => withPage(async (page) => {
    const device = await Device.in(page);
    await makePasskey(page, "Work laptop");
    const [made, ...others] = await device.passkeys();
    assert.deepEqual([made.isResidentCredential, made.rpId, others.length], [true, "localhost", 0]);
    await heading(page, "Work laptop", 3).waitFor();
    await page.getByText("not used yet").waitFor();
    await screenshot(page, "security-passkeys");
    await signOut(page);
    await device.isReady(false);
    await page.goto(`${issuer}/login`);
    await passkeyButton(page).waitFor();
    await screenshot(page, "sign-in-passkey");
    await page.locator("[name=identifier]").first().fill("what was typed");
    await device.isReady(true);
    await passkeyButton(page).click();
    await page.waitForURL(`${issuer}/account`);
    await page.getByText(ADA).waitFor();
    await page.goto(`${issuer}/account/security`);
    await page.getByText("last used").waitFor();
  }));

  test("are suggested beside the name", () => withPage(async (page) => {
    await makePasskeyThere(page);
    // The browser's own list of suggestions is outside of the page; its authenticator in software takes the first.
    await page.goto(`${issuer}/login`);
    await page.waitForURL(`${issuer}/account`);
    await page.getByText(ADA).waitFor();
  }));

  test("the dialog opens by the button only, closing it is silent, and the password still works", () => withPage(async (page) => {
    await Device.in(page);
    await page.addInitScript(() => {
      globalThis.asked = [];
      const get = navigator.credentials.get.bind(navigator.credentials);
      navigator.credentials.get = (options) => { globalThis.asked.push(options.mediation ?? "dialog"); return get(options); };
    });
    await page.goto(`${issuer}/login`);
    // A device without a passkey: the browser gives up as it does when somebody closes the dialog.
    const posts = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
    await page.locator("#identifier").fill(ADA);
    await page.waitForFunction(() => globalThis.asked.length === 1);
    assert.deepEqual(await page.evaluate(() => globalThis.asked), ["conditional"]);
    await passkeyButton(page).click();
    // Refused by the device, the page goes back to suggesting.
    await page.waitForFunction(() => globalThis.asked.length === 3);
    assert.deepEqual(await page.evaluate(() => globalThis.asked), ["conditional", "dialog", "conditional"]);
    assert.deepEqual([posts, path(page)], [[], "/login"]);
    assert.equal(await page.getByRole("alert").count(), 0);
    assert.equal(await page.locator("#identifier").inputValue(), ADA);
    assert.equal((await signIn(page, ADA, PASSWORD)).status(), 303);
  }));

  test("one that was removed here says so and keeps what was typed", () => withPage(async (page) => {
    await withoutSuggestions(page);
    const device = await makePasskeyThere(page, "Soon gone");
    await device.isReady(false);
    await page.goto(`${issuer}/account/security`);
    await link(page, "Remove Soon gone").click();
    await heading(page, "Remove the passkey Soon gone?", 1).waitFor();
    await button(page, "Remove passkey").click();
    await heading(page, "Passkey removed", 1).waitFor();
    await signOut(page);
    await page.goto(`${issuer}/login`);
    await page.locator("#identifier").fill("somebody@example.test");
    await device.isReady(true);
    await passkeyButton(page).click();
    const words = "We don't recognise that passkey. Sign in another way, then add it in Security.";
    await page.getByRole("alert").getByText(words).waitFor();
    assert.equal(await page.locator("#identifier").inputValue(), "somebody@example.test");
  }));

  test("are the second step, too", () => withPage(async (page) => {
    await withoutSuggestions(page);
    await Device.in(page);
    await makePasskey(page, "Bob's phone", BOB);
    await link(page, "Set up a second step").click();
    const key = await page.locator(".shown").textContent();
    await page.getByLabel("Code that the app shows").fill(oneTimeCode(key));
    await button(page, "Turn on").click();
    await heading(page, "Your recovery codes", 1).waitFor();
    await signOut(page);
    await page.goto(`${issuer}/login`);
    await signIn(page, BOB);
    await heading(page, "Enter your code", 1).waitFor();
    await button(page, "Use a passkey").click();
    await page.waitForURL(`${issuer}/account`);
    await page.getByText(BOB).waitFor();
  }));

  test("a device that has one is not given another, and a dialog that was closed is told of", () => withPage(async (page) => {
    const device = await makePasskeyThere(page, "Once");
    await page.goto(`${issuer}/account/passkeys/new`);
    await button(page, "Create passkey").click();
    await page.getByRole("status").getByText("This device already has a passkey for your account.").waitFor();
    assert.equal((await device.passkeys()).length, 1);
    await device.forget();
    await device.verifies(false);
    await button(page, "Create passkey").click();
    await page.getByRole("status").getByText("No passkey was created.").waitFor();
    assert.equal((await device.passkeys()).length, 0);
  }));

  test("their pages work by keyboard, have no violations and fit a small window", () => withPage(async (page) => {
    await Device.in(page);
    await page.setViewportSize({ width: 320, height: 700 });
    await page.goto(`${issuer}/login`);
    assert.deepEqual(await axeViolations(page), []);
    await tabTo(page, passkeyButton(page));
    await signIn(page);
    for (const address of ["/account/passkeys/new", "/account/security"]) {
      await page.goto(`${issuer}${address}`);
      assert.deepEqual([await axeViolations(page), await overflow(page)], [[], 0], address);
    }
    await page.goto(`${issuer}/account/passkeys/new`);
    await tabTo(page, button(page, "Create passkey"));
    await page.keyboard.press("Enter");
    await heading(page, "Passkey created", 1).waitFor();
    assert.deepEqual([await axeViolations(page), await overflow(page)], [[], 0]);
    await page.goto(`${issuer}/account/security`);
    assert.deepEqual([await axeViolations(page), await overflow(page)], [[], 0]);
  }, { axe: true }));

  test("without JavaScript nothing asks for one, and Security says why none is made", () => withPage(async (page) => {
    await page.goto(`${issuer}/login`);
    await button(page, /^Sign in$/).waitFor();
    assert.equal(await passkeyButton(page).isVisible(), false);
    await signIn(page);
    await page.goto(`${issuer}/account/passkeys/new`);
    await page.getByText("Creating a passkey needs JavaScript").waitFor();
    assert.equal(await button(page, "Create passkey").isVisible(), false);
    await link(page, "Not now").click();
    await page.waitForURL(`${issuer}/account/security`);
  }, { javaScriptEnabled: false }));
});

/** A device with a new passkey; afterwards nobody is signed in any more. */
async function makePasskeyThere(page, name = "Phone") {
  const device = await Device.in(page);
  await makePasskey(page, name);
  if (name === "Phone") await signOut(page);
  return device;
}
