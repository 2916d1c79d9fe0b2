// A real Chromium, a person in front of it, and what they are shown.
import assert from "node:assert/strict";
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** What the test was told about its surroundings. */
export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask test browser\``);
  return value;
}

export const ISSUER = required("KEYSIG_TEST_ISSUER");
export const API = required("KEYSIG_TEST_API");
export const APP = required("KEYSIG_TEST_APP");
export const ADA = "ada@example.test";
export const BOB = "bob@example.test";
export const PASSWORD = "demo-password";

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** How long a person would look at a page that does not change. */
export const PATIENCE_MS = 15_000;

export function launch() {
  return chromium.launch({
    executablePath: required("KEYSIG_TEST_CHROMIUM"),
    args: [
      ...(process.getuid() === 0 ? ["--no-sandbox"] : []), // Chromium's sandbox refuses root.
      "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--no-proxy-server",
    ],
  });
}

/**
 * A new window with no history. `page.complaints` collects whatever the browser refused: broken content security
 * policies above all, and exceptions of scripts.
 */
export async function open(browser, { axe = false, ...options } = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
  // Run by the debugger before the page's own scripts, axe needs no exception from the policy under test.
  if (axe) await context.addInitScript(AXE);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    // A 4xx answer is logged as an error, too, and is no refusal of the browser's.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource: the server responded")) {
      page.complaints.push(message.text());
    }
  });
  return page;
}

export const button = (page, name) => page.getByRole("button", { name });
export const link = (page, name) => page.getByRole("link", { name });
export const heading = (page, name, level) => page.getByRole("heading", { name, level });

/** Fills in the sign-in form and sends it; returns the answer to the POST. */
export async function signIn(page, user = ADA, password = PASSWORD) {
  await page.locator("input[name=identifier]").fill(user);
  await page.locator("input[name=password]").fill(password);
  return answerTo(page, "/login", () => page.locator("form[action='/login'] button.primary").first().click());
}

/** Presses one of the two buttons of the consent page; returns the answer to the POST. */
export function decide(page, decision) {
  return answerTo(page, "/consent", () => page.locator(`button[name=decision][value=${decision}]`).click());
}

async function answerTo(page, path, act) {
  const answer = page.waitForResponse(
    (response) => response.request().method() === "POST" && new URL(response.url()).pathname === path,
  );
  // The navigation that follows may outlive the click; what matters is the answer.
  await Promise.all([answer, act()]);
  return answer;
}

/** The address that an app would open. */
export function authorizeUrl(parameters = {}, issuer = ISSUER) {
  const url = new URL("/authorize", issuer);
  url.search = new URLSearchParams({
    client_id: "demo-web",
    response_type: "code",
    redirect_uri: `${APP}/callback`,
    scope: "playlist-read-private playlist-modify-private user-read-email",
    state: "from-a-test",
    ...parameters,
  }).toString();
  return url.href;
}

/** Stays on the page that says "Returning to …": the way on answers with nothing to show. */
export function stayOnLeavingPage(page, callback = `${APP}/callback`) {
  return page.route(`${callback}*`, (route) => route.fulfill({ status: 204 }));
}

/** The content security policy of an answer: sources by directive. */
export function policyOf(response) {
  const directives = (response.headers()["content-security-policy"] ?? "").split(";").filter((part) => part.trim());
  return Object.fromEntries(directives.map((directive) => {
    const [name, ...sources] = directive.trim().split(/ +/);
    return [name, sources.join(" ")];
  }));
}

/**
 * The promises of every page of ours, header by header. `reaching` names what a page may do beyond them, and must be
 * what the page says.
 */
export function assertStrictPolicy(response, reaching = {}) {
  assert.deepEqual(policyOf(response), {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'",
    "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'", ...reaching,
  }, response.url());
  assert.equal(response.headers()["referrer-policy"], "no-referrer", response.url());
}

/** Waits until the browser has refused something that the policy does not name, and gives its words. */
export async function refusedBy(page, directive, act) {
  const refusal = page.waitForEvent("console", (message) => message.text().includes(directive));
  await act();
  return (await refusal).text();
}

/** Presses Tab until `target` has the focus: a page that cannot be used by keyboard alone never gives it. */
export async function tabTo(page, target) {
  const hasFocus = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 40 && !(await hasFocus()); presses++) await page.keyboard.press("Tab");
  assert.ok(await hasFocus(), `no way by Tab to ${target}`);
  const { width, style } = await target.evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return { width: parseFloat(outlineWidth), style: outlineStyle };
  });
  assert.ok(width >= 2 && style !== "none", `${target} does not show that it has the focus`);
}

/** A request of an app at one of the endpoints that read no cookies. */
export async function post(issuer, path, { client_id, client_secret }, fields) {
  const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}`;
  const answer = await fetch(`${issuer}${path}`, {
    method: "POST", headers: { authorization }, body: new URLSearchParams(fields),
  });
  return { status: answer.status, body: await answer.json() };
}

/** A new secret for PKCE, and what the request says of it. */
export function pkce() {
  const code_verifier = randomBytes(32).toString("base64url");
  const code_challenge = createHash("sha256").update(code_verifier).digest("base64url");
  return { code_verifier, challenge: { code_challenge, code_challenge_method: "S256" } };
}

/** What a JWT says, once its signature was found good under the keys that the issuer publishes. */
export async function verified(issuer, token) {
  const [head, body, signature] = token.split(".");
  const parse = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
  const header = parse(head);
  const { jwks_uri } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const { keys } = await (await fetch(jwks_uri)).json();
  const jwk = keys.find(({ kid, alg }) => kid === header.kid && alg === header.alg);
  assert.ok(jwk, `no key for ${JSON.stringify(header)}`);
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const [digest, options] = { RS256: ["sha256", {}], ES256: ["sha256", { dsaEncoding: "ieee-p1363" }], EdDSA: [null, {}] }[header.alg];
  const signed = Buffer.from(`${head}.${body}`);
  assert.ok(verify(digest, signed, { key, ...options }, Buffer.from(signature, "base64url")), "the signature is wrong");
  return { header, claims: parse(body) };
}

export function screenshot(page, name) {
  return page.screenshot({ path: join(required("KEYSIG_TEST_SCREENSHOTS"), `${name}.png`), fullPage: true });
}

/** What axe finds, each with the elements it found it on. The page must have been opened with `axe: true`. */
export async function axeViolations(page) {
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { rules: { "target-size": { enabled: true } } }));
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

/** By how many pixels the page is wider than the window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
