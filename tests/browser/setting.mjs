// A real Chromium, a person in front of it, and what they are shown.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

function required(name) {
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
const PATIENCE_MS = 15_000;

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
  return answerTo(page, "/login", () => button(page, /^Sign in$/).click());
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
export function authorizeUrl(parameters = {}) {
  const url = new URL("/authorize", ISSUER);
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
export function stayOnLeavingPage(page) {
  return page.route(`${APP}/callback*`, (route) => route.fulfill({ status: 204 }));
}

/** The promises of every page of ours, header by header. */
export function assertStrictPolicy(response) {
  const headers = response.headers();
  const policy = headers["content-security-policy"] ?? "";
  for (const part of ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"]) {
    assert.ok(policy.split(";").some((directive) => directive.trim() === part), `${response.url()}: ${policy}`);
  }
  assert.ok(!policy.includes("unsafe-"), policy);
  assert.equal(headers["referrer-policy"], "no-referrer", response.url());
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
