// The way past every page a person can meet. No station reads words, so that the same road is walked in every language.
// A station is `[name, route, go, wrong]`: what its picture is called, which route of the router it shows, how to get there
// from the station before, and `"wrong"` where the page says what went wrong with a form.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { inTheApp, logIn, PLANNER, TAPE } from "./actors.mjs";
import { ADA, APP, authorizeUrl, decide, ISSUER, PASSWORD, pkce, post, required, signIn, stayOnLeavingPage } from "./setting.mjs";

/** Every page of the router: what answers GET in the group of people, as `routes.rs` lists it. */
export function routes() {
  const source = readFileSync(required("KEYSIG_TEST_ROUTES"), "utf8");
  const group = source.slice(source.indexOf("fn for_people()"), source.indexOf("fn for_clients()"));
  const lines = [...group.matchAll(/\.route\(\s*"([^"]+)",\s*([^\n]*(?:\n(?!\s*\.route)[^\n]*)*)/g)];
  return lines.filter(([, , methods]) => /\bget\(/.test(methods)).map(([, path]) => path);
}

/** Routes that show no page: what they are instead. */
export const NO_PAGES = {
  "/authorize/posted": "the second hop of a POST to /authorize",
  "/oauth2/v2/auth": "another name of /authorize",
  "/pair/qr": "a picture",
  "/logo/{file}": "pictures",
  "/static/{*path}": "files",
  "/favicon.ico": "a picture",
};

/** Routes whose pages no road leads to, since another service or an operator stands beside it: which sample shows them. */
export const SAMPLED = {
  "/login/upstream/{id}/callback": "upstream-stale",
  "/login/email": "sign-in-confirm-address",
  "/account/linking": "linking-sign-up",
  "/account/security/upstream/{id}/link": "upstream-link",
  "/account/security/upstream/{id}/unlink": "upstream-unlink",
  "/dashboard/inspect": "inspect",
};

/** Waits for a page of this path that has a heading. */
export async function at(page, path) {
  await page.waitForURL((url) => url.pathname === path);
  await page.locator("h1").waitFor();
}

export const alert = (page) => page.locator("[role=alert]").waitFor();
export const done = (page) => page.locator("[role=status]").first().waitFor();

/** Sends the form that posts to `path`. */
export async function send(page, path, button = "button") {
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST" && new URL(response.url()).pathname === path),
    page.locator(`form[action="${path}"]`).first().locator(button).first().click(),
  ]);
  await page.waitForLoadState();
}

/** Sends the form of the page: the first whose address begins so. */
export async function submit(page, begins, button = "button.primary, button.danger") {
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.locator(`main form[action^="${begins}"]`).first().locator(button).first().click(),
  ]);
  await page.waitForLoadState();
}

async function detailsOfFirstApp(page) {
  const path = new URL(page.url()).pathname.match(/^\/account\/apps\/[0-9a-f]+/)?.[0];
  const origin = new URL(page.url()).origin;
  if (path) return `${origin}${path}`;
  const removal = await page.locator("a[href$='/remove']").first().getAttribute("href");
  return `${origin}${removal.replace(/\/remove$/, "")}`;
}

/** Goes to a page and finds the status it must have. */
const answers = (address, status) => async (page) => assert.equal((await page.goto(address)).status(), status);

/** With the server and the app that every test shares. */
export const ROAD = [
  ["app-welcome", "the sample app", (page) => page.goto(APP)],
  ["home", "/", (page) => page.goto(`${ISSUER}/`)],
  ["sign-in", "/login", async (page) => {
    await page.goto(authorizeUrl());
    await at(page, "/login");
  }],
  ["sign-in-wrong", "/login", async (page) => {
    assert.equal((await signIn(page, "ada@example.test", "not-her-password")).status(), 422);
    await alert(page);
  }, "wrong"],
  ["consent", "/consent", async (page) => {
    await signIn(page);
    await at(page, "/consent");
  }],
  ["leaving", "/consent", async (page) => {
    await stayOnLeavingPage(page);
    await decide(page, "allow");
    await page.locator("a#continue").waitFor();
  }],
  ["consent-more", "/consent", async (page) => {
    await page.goto(authorizeUrl({ scope: "playlist-read-private user-library-modify" }));
    await at(page, "/consent");
  }],
  ["app-playlists", "the sample app", async (page) => {
    await page.unroute(`${APP}/callback*`);
    await page.goto(`${APP}/login`);
    await page.waitForURL(`${APP}/**`);
    await page.locator("h1").waitFor();
  }],
  ["account", "/account", (page) => page.goto(`${ISSUER}/account`)],
  ["connected-apps", "/account/apps", (page) => page.goto(`${ISSUER}/account/apps`)],
  ["error-unknown-app", "/authorize", answers(authorizeUrl({ client_id: "nobody" }), 400)],
  ["error-redirect-uri", "/authorize", answers(authorizeUrl({ redirect_uri: "https://elsewhere.example/cb" }), 400)],
  ["error-scope", "/authorize", answers(authorizeUrl({ scope: "user-read-birthdate" }), 400)],
  ["error-legacy-flow-off", "/authorize", answers(authorizeUrl({ response_type: "token" }), 400)],
  ["error-answered", "/login", answers(`${ISSUER}/login?tx=0123456789abcdef`, 400)],
  ["not-found", "the fallback", answers(`${ISSUER}/no-such-page`, 404)],
  ["app-details", "/account/apps/{grant_id}", async (page) => {
    await page.goto(`${ISSUER}/account/apps`);
    await page.goto(await detailsOfFirstApp(page));
  }],
  ["report", "/account/apps/{grant_id}/report", async (page) => {
    await page.goto(`${await detailsOfFirstApp(page)}/report`);
  }],
  ["report-wrong", "/account/apps/{grant_id}/report", async (page) => {
    await submit(page, "/account/apps");
    await alert(page);
  }, "wrong"],
  ["remove-access", "/account/apps/{grant_id}/remove", async (page) => {
    await page.goto(`${ISSUER}/account/apps`);
    await page.locator("a[href$='/remove']").first().click();
  }],
  ["access-removed", "/account/apps", async (page) => {
    await page.locator("form[action$='/remove'] button").click();
    await done(page);
  }],
  ["sign-out", "/logout", (page) => page.goto(`${ISSUER}/logout`)],
];

/** A device that waits: what it is to show. */
async function waiting({ issuer }) {
  const { body } = await post(issuer, "/oauth2/device/authorize", TAPE, { scope: "openid user-read-email" });
  return body;
}

async function enterCode(page, device) {
  await page.goto(device.verification_uri_complete);
  await send(page, "/pair");
}

/** The same for what needs apps that the seed of `keysig dev` has not. `there` is `{ app, issuer }`. */
export const FURTHER_ROAD = [
  ["pair", "/pair", (page, { issuer }) => page.goto(`${issuer}/pair`)],
  ["pair-empty", "/pair", async (page) => {
    await send(page, "/pair");
    await alert(page);
  }, "wrong"],
  ["pair-unknown", "/pair", async (page) => {
    await page.locator("#code").fill("BCDF-GHJX");
    await send(page, "/pair");
    await alert(page);
  }, "wrong"],
  ["device-consent", "/consent", async (page, there) => {
    const device = await waiting(there);
    await enterCode(page, device);
    await signIn(page);
    await page.getByText(device.user_code, { exact: true }).waitFor();
  }],
  ["device-connected", "/consent", async (page) => {
    await decide(page, "allow");
    await page.locator("main a[href='/account/apps']").waitFor();
  }],
  ["device-continue", "/consent", async (page, there) => {
    there.twice = await waiting(there);
    await enterCode(page, there.twice);
    await at(page, "/consent");
  }],
  ["device-not-connected", "/consent", async (page, there) => {
    const other = await page.context().newPage();
    await enterCode(other, there.twice);
    await at(other, "/consent");
    there.late = other.url();
    await other.close();
    await decide(page, "deny");
    await page.locator("main a[href='/account/apps']").waitFor();
  }],
  ["error-device-gone", "/consent", (page, there) => answers(there.late, 400)(page)],
  ["select-account", "/consent", async (page, { app, issuer }) => {
    await logIn(page, issuer, TAPE, app);
    await page.goto(authorizeUrl({
      client_id: TAPE.client_id, redirect_uri: app.callback, scope: "openid", prompt: "select_account", ...pkce().challenge,
    }, issuer));
    await page.locator("h1").waitFor();
  }],
  ["form-post", "/authorize", async (page, { app, issuer }) => {
    await stayOnLeavingPage(page, app.callback);
    const request = {
      client_id: TAPE.client_id, redirect_uri: app.callback, scope: "openid", response_mode: "form_post", ...pkce().challenge,
    };
    await Promise.all([
      page.waitForResponse(app.callback),
      page.goto(authorizeUrl(request, issuer), { waitUntil: "commit" }), // It is left before it has loaded.
    ]);
    await page.locator("form#answer").waitFor();
    await page.unroute(`${app.callback}*`);
  }],
  ["error-post-logout", "/oidc/logout/v1", (page, { issuer }) => {
    const parameters = new URLSearchParams({ client_id: TAPE.client_id, post_logout_redirect_uri: "https://elsewhere.example/" });
    return answers(`${issuer}/oidc/logout/v1?${parameters}`, 400)(page);
  }],
  ["sign-out-asked", "/oidc/logout/v1", async (page, { app, issuer }) => {
    const parameters = new URLSearchParams({ client_id: TAPE.client_id, post_logout_redirect_uri: `${app.origin}/bye` });
    await page.goto(`${issuer}/oidc/logout/v1?${parameters}`);
    await page.locator("form[action='/logout']").waitFor();
  }],
  ["signed-out-onward", "/logout", async (page, { app }) => {
    await stayOnLeavingPage(page, `${app.origin}/bye`);
    await send(page, "/logout");
    await page.locator("a#continue").waitFor();
  }],
  ["signed-out-frames-onward", "/oidc/logout/v1", async (page, { app, issuer }) => {
    const { id_token } = await logIn(page, issuer, PLANNER, app);
    const parameters = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: `${app.origin}/bye` });
    await page.goto(`${issuer}/oidc/logout/v1?${parameters}`);
    await app.next("/frame");
    await page.locator("a#continue").waitFor();
  }],
  ["signed-out-frames", "/logout", async (page, { app, issuer }) => {
    await logIn(page, issuer, PLANNER, app);
    await page.goto(`${issuer}/logout`);
    await send(page, "/logout");
    await app.next("/frame");
  }],
  ["signed-out", "/logout", (page, { issuer }) => page.goto(`${issuer}/logout`)],
  ["pair-cookies", "/pair", async (page, { issuer }) => {
    await page.goto(`${issuer}/pair`);
    await page.context().clearCookies();
    await send(page, "/pair");
    await alert(page);
  }, "wrong"],
  ["pair-throttled", "/pair", async (page, { issuer }) => {
    await page.goto(`${issuer}/pair`);
    let status = 422;
    page.on("response", (response) => { if (response.request().method() === "POST") status = response.status(); });
    for (let tries = 0; tries < 15 && status !== 429; tries++) {
      await page.locator("#code").fill("BCDF-GHJX");
      await send(page, "/pair");
    }
    assert.equal(status, 429);
    await alert(page);
  }, "wrong"],
];

const NEW = "new@example.test";
const NEW_PASSWORD = "seven wet otters";

/** The address that the newest mail leads to. */
async function fromMail(issuer, path) {
  const read = async (address) => (await fetch(`${issuer}${address}`)).text();
  const [newest] = (await read("/dev/mail")).match(/\/dev\/mail\/[0-9a-f]+/);
  const [, address] = (await read(newest)).match(new RegExp(`href="([^"]*${path}[^"]*)"`));
  return new URL(address.replaceAll("&#38;", "&").replaceAll("&amp;", "&"), issuer).href;
}

/** What an authenticator app shows now for a key (RFC 6238). */
export function oneTimeCode(key) {
  const bits = [...key.replaceAll(" ", "")].map((char) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(char).toString(2).padStart(5, "0"));
  const bytes = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", bytes).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const goTo = (path) => (page, { issuer }) => page.goto(`${issuer}${path}`);

/** Somebody new: from signing up to the door of leaving for good, with a passkey, which browsers have for names only. */
export const ACCOUNT_ROAD = [
  ["sign-up", "/signup", goTo("/signup")],
  ["sign-up-wrong", "/signup", async (page) => {
    await submit(page, "/signup");
    await alert(page);
  }, "wrong"],
  ["sign-up-check", "/signup/check", async (page) => {
    await page.locator("#email").fill(NEW);
    await page.locator("#name").fill("Nova");
    await page.locator("#password").fill(NEW_PASSWORD);
    await submit(page, "/signup");
    await page.locator("#code").waitFor();
  }],
  ["sign-up-check-wrong", "/signup/check", async (page) => {
    await page.locator("#code").fill("000000");
    await submit(page, "/signup");
    await alert(page);
  }, "wrong"],
  ["sign-up-confirm", "/signup/confirm", async (page, { issuer }) => {
    await page.goto(await fromMail(issuer, "/signup/confirm"));
  }],
  ["passkey-offer", "/account/passkeys/new", async (page) => {
    await submit(page, "/signup");
    await at(page, "/account/passkeys/new");
  }],
  ["passkey-made", "/account/passkeys/{passkey_id}", async (page) => {
    const device = await page.context().newCDPSession(page);
    await device.send("WebAuthn.enable", { enableUI: false });
    const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
        isUserVerified: true, automaticPresenceSimulation: true,
      },
    });
    await page.locator("[data-passkey] button").click();
    await page.locator("#name").waitFor();
    // From here on it suggests nothing by itself.
    await device.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: false });
  }],
  ["security", "/account/security", goTo("/account/security")],
  ["passkey-remove", "/account/passkeys/{passkey_id}/remove", async (page) => {
    await page.locator("a[href^='/account/passkeys/'][href$='/remove']").first().click();
    await page.locator("main form[action$='/remove'], [role=alert]").first().waitFor();
  }],
  ["authenticator", "/account/security/authenticator", goTo("/account/security/authenticator")],
  ["authenticator-wrong", "/account/security/authenticator", async (page) => {
    await page.locator("#code").fill("000000");
    await submit(page, "/account/security/authenticator");
    await alert(page);
  }, "wrong"],
  ["recovery-codes-new", "/account/security/authenticator", async (page) => {
    const text = await page.locator("main").innerText();
    const [key] = text.match(/[A-Z2-7]{4}(?: [A-Z2-7]{2,4}){3,}|[A-Z2-7]{16,}/);
    await page.locator("#code").fill(oneTimeCode(key));
    await submit(page, "/account/security/authenticator");
    await page.locator("form[action$='/recovery-codes/file']").waitFor();
  }],
  ["recovery-codes", "/account/security/recovery-codes", goTo("/account/security/recovery-codes")],
  ["authenticator-remove", "/account/security/authenticator/remove", goTo("/account/security/authenticator/remove")],
  ["security-whole", "/account/security", goTo("/account/security")],
  ["profile", "/account/profile", goTo("/account/profile")],
  ["profile-wrong", "/account/profile", async (page) => {
    await page.locator("#name").fill("");
    await submit(page, "/account/profile");
    await alert(page);
  }, "wrong"],
  ["email", "/account/email", goTo("/account/email")],
  ["email-wrong", "/account/email", async (page) => {
    await page.locator("#email").fill("nowhere");
    await submit(page, "/account/email");
    await alert(page);
  }, "wrong"],
  ["email-check", "/account/email/check", async (page) => {
    await page.locator("#email").fill("newer@example.test");
    await submit(page, "/account/email");
    await page.locator("#code").waitFor();
  }],
  ["email-confirm", "/account/email/confirm", async (page, { issuer }) => {
    await page.goto(await fromMail(issuer, "/account/email/confirm"));
  }],
  ["password", "/account/password", goTo("/account/password")],
  ["password-wrong", "/account/password", async (page) => {
    await submit(page, "/account/password");
    await alert(page);
  }, "wrong"],
  ["devices", "/account/devices", goTo("/account/devices")],
  ["events", "/account/events", goTo("/account/events")],
  ["export", "/account/export", goTo("/account/export")],
  ["no-apps", "/account/apps", goTo("/account/apps")],
  ["delete", "/account/delete", goTo("/account/delete")],
  ["delete-wrong", "/account/delete", async (page) => {
    await page.locator("#email").fill("another@example.test");
    await submit(page, "/account/delete");
    await alert(page);
  }, "wrong"],
  ["sign-in-another", "/login", goTo("/login?account=new")],
  ["choose", "/login/choose", async (page, { app, issuer }) => {
    await signIn(page, ADA);
    await page.goto(authorizeUrl({
      client_id: TAPE.client_id, redirect_uri: app.callback, scope: "openid", ...pkce().challenge,
    }, issuer));
    await at(page, "/login/choose");
  }],
  ["remove-all", "/account/apps/remove-all", async (page, { issuer }) => {
    await page.locator("button.person").first().click();
    await at(page, "/consent");
    await decide(page, "allow");
    await inTheApp(page).waitFor();
    await page.goto(`${issuer}/account/apps/remove-all`);
  }],
  ["signed-out-of-all", "/logout", async (page, { issuer }) => {
    await page.goto(`${issuer}/logout`);
    await submit(page, "/logout", "button:last-of-type");
  }],
  ["second-step", "/login/second-step", async (page, { issuer }) => {
    await page.context().clearCookies();
    await page.goto(`${issuer}/login`);
    await signIn(page, NEW, NEW_PASSWORD);
    await page.locator("#code").waitFor();
  }],
  ["second-step-wrong", "/login/second-step", async (page) => {
    await page.locator("#code").fill("000000");
    await submit(page, "/login/second-step", "button.primary");
    await alert(page);
  }, "wrong"],
  ["recover", "/recover", goTo("/recover")],
  ["recover-wrong", "/recover", async (page) => {
    await submit(page, "/recover");
    await alert(page);
  }, "wrong"],
  ["recover-check", "/recover/check", async (page) => {
    await page.locator("#email").fill(ADA);
    await submit(page, "/recover");
    await page.locator("#code").waitFor();
  }],
  ["recover-confirm", "/recover/confirm", async (page, { issuer }) => {
    await page.goto(await fromMail(issuer, "/recover/confirm"));
  }],
  ["recover-confirm-wrong", "/recover/confirm", async (page) => {
    await page.locator("#password").fill(PASSWORD.slice(0, 4));
    await submit(page, "/recover");
    await alert(page);
  }, "wrong"],
];
