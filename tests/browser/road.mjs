// The way past every page a person can meet. No station reads words, so that the same road is walked in every language.
// A station is `[name, route, go, wrong]`: what its picture is called, which route of the router it shows, how to get there
// from the station before, and `"wrong"` where the page says what went wrong with a form.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { logIn, PLANNER, TAPE } from "./actors.mjs";
import { APP, authorizeUrl, decide, ISSUER, pkce, post, signIn, stayOnLeavingPage } from "./setting.mjs";

/** Every page of the router: what answers GET in the group of people, as `routes.rs` lists it. */
export function routes() {
  const source = readFileSync(new URL("../../crates/keysig-server/src/routes.rs", import.meta.url), "utf8");
  const group = source.slice(source.indexOf("fn for_people()"), source.indexOf("fn for_clients()"));
  const lines = [...group.matchAll(/\.route\(\s*"([^"]+)",\s*([^\n]*(?:\n(?!\s*\.route)[^\n]*)*)/g)];
  return lines.filter(([, , methods]) => /\bget\(/.test(methods)).map(([, path]) => path);
}

/** Routes that show no page: what they are instead. */
export const NO_PAGES = {
  "/authorize/posted": "the second hop of a POST to /authorize",
  "/oauth2/v2/auth": "another name of /authorize",
  "/pair/qr": "a picture",
  "/static/{*path}": "files",
  "/favicon.ico": "a picture",
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
