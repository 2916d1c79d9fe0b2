// Who else takes part: an app of the test's own, and a server that knows it.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  ADA, authorizeUrl, BOB, decide, heading, PASSWORD, PATIENCE_MS, pkce, post, required, signIn,
} from "./setting.mjs";

const PAGE = "<!doctype html><html lang=en><title>The app</title><h1>In the app</h1>";

/** What every page of an app says. */
export const inTheApp = (page) => heading(page, "In the app", 1);

/** An app's server on loopback. It keeps what it was sent, in order. */
export class App {
  /** All requests so far: `{ method, path, query, headers, body, form }`. */
  requests = [];
  #arrivals = [];
  #server;
  #pages;

  /** `pages` says what a path answers, as HTML or by a function of request and response; others show "In the app". */
  constructor(pages = {}) {
    this.#pages = pages;
    this.#server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { pathname, searchParams } = new URL(request.url, "http://app");
      const body = Buffer.concat(chunks).toString();
      const arrival = {
        method: request.method, path: pathname, query: searchParams, headers: request.headers, body,
        form: new URLSearchParams(body), url: request.url,
      };
      this.requests.push(arrival);
      this.#arrivals.push(arrival);
      const page = this.#pages[pathname] ?? PAGE;
      if (typeof page === "function") {
        page(arrival, response);
      } else {
        response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
      }
    });
  }

  async start() {
    await new Promise((ready) => this.#server.listen(0, "127.0.0.1", ready));
    this.#server.unref(); // A test that failed before it stopped this one ends all the same.
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
    this.callback = `${this.origin}/callback`;
    return this;
  }

  /** The first request to `path` that was not asked for before, as soon as it is here. */
  async next(path) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await delay(20)) {
      const at = this.#arrivals.findIndex((arrival) => arrival.path === path);
      if (at >= 0) return this.#arrivals.splice(at, 1)[0];
    }
    throw new Error(`nothing came to ${this.origin}${path}`);
  }

  /** Whether there is a request to `path` that was not asked for. */
  has(path) {
    return this.#arrivals.some((arrival) => arrival.path === path);
  }

  /** Forgets what came so far: one test's leftovers are no other's business. */
  forget() {
    this.requests.length = this.#arrivals.length = 0;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** A `keysig dev` beside the one of all tests, with another seed. */
export class Keysig {
  #child;
  #directory;

  /** `seed` is the text of a seed file (docs/seed-file.md), `more` are further words for the command line. */
  async start(seed, more = []) {
    this.#directory = await mkdtemp(join(tmpdir(), "keysig-browser-"));
    const [file, ready] = ["seed.toml", "ready.json"].map((name) => join(this.#directory, name));
    await writeFile(file, seed);
    const words = ["dev", "--listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0", "--seed", file, "--ready-file", ready, ...more];
    this.#child = spawn(required("KEYSIG_TEST_BINARY"), words, { stdio: ["ignore", "ignore", "inherit"] });
    process.once("exit", () => this.#child.kill());
    for (const end = Date.now() + 60_000; Date.now() < end; await delay(50)) {
      if (this.#child.exitCode !== null) throw new Error(`keysig dev ended: ${this.#child.exitCode}`);
      const text = await readFile(ready, "utf8").catch(() => null);
      if (text) {
        this.issuer = JSON.parse(text).issuer;
        return this;
      }
    }
    throw new Error("keysig dev wrote no ready file");
  }

  async stop() {
    if (this.#child.exitCode === null) {
      const ended = new Promise((resolve) => this.#child.once("exit", resolve));
      this.#child.kill();
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Two apps that want to be told of a sign-out, one in the browser and one behind it. */
export const PLANNER = { client_id: "planner", client_secret: "planner-secret", name: "Festival Planner" };
export const TAPE = { client_id: "tape", client_secret: "tape-secret", name: "Mixed Tape" };

/** A seed with Ada, Bob, and the two apps at `origin`; the second lets the browser go elsewhere and loads nothing. */
export function seedOf(origin) {
  const person = (email, name) => `
    [[user]]
    id = "${email.split("@")[0]}"
    email = "${email}"
    name = "${name}"
    password = "${PASSWORD}"`;
  const app = ({ client_id, client_secret, name }, more) => `
    [[app]]
    client_id = "${client_id}"
    client_secret = "${client_secret}"
    name = "${name}"
    owner = "${ADA}"
    profile = "standard"
    mode = "live"
    homepage = "${origin}/"
    redirect_uris = ["${origin}/callback"]
    post_logout_redirect_uris = ["${origin}/bye"]
    ${more}`;
  return [
    person(ADA, "Ada Lindqvist"),
    person(BOB, "Bob Okafor"),
    app(PLANNER, `frontchannel_logout_uri = "${origin}/frame?from=planner"`),
    app(TAPE, `backchannel_logout_uri = "${origin}/told"`),
  ].join("\n");
}

/** What an app does on "Continue with …", from the request to its tokens, whatever the person is asked on the way. */
export async function logIn(page, issuer, client, app, parameters = {}) {
  const { code_verifier, challenge } = pkce();
  await page.goto(authorizeUrl({
    client_id: client.client_id, redirect_uri: app.callback, scope: "openid", ...challenge, ...parameters,
  }, issuer));
  if (new URL(page.url()).pathname === "/login") await signIn(page);
  const question = page.locator("button[name=decision][value=allow]");
  await question.or(inTheApp(page)).waitFor();
  if (await question.isVisible()) await decide(page, "allow");
  await inTheApp(page).waitFor();
  const code = (await app.next("/callback")).query.get("code");
  const { status, body } = await post(issuer, "/api/token", client, {
    grant_type: "authorization_code", code, redirect_uri: app.callback, code_verifier,
  });
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}
