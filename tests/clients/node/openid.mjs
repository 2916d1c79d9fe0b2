// What the OpenID Connect clients share: a browser that can stay open, and a person who tells what she was asked.
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { say } from "./setting.mjs";

export const ADA = "ada@example.test";
export const BOB = "bob@example.test";
export const SCOPE = "openid profile email";
export const SECRET = "demo-secret";

const browsers = mkdtempSync(join(tmpdir(), "keysig-browsers-"));
process.on("exit", () => rmSync(browsers, { recursive: true, force: true }));

/** A browser that stays open: whoever signed in is still there at the next visit. */
export const browser = () => join(browsers, randomUUID());

/**
 * Where a person's browser ends up, and how she got there.
 *
 * `address` is the client's, or with `stay` the server's last page, of which `page` has the words. `request` is what her
 * browser sends to a client that asked for form_post. `asked` lists what the pages wanted of her.
 */
export async function visit(url, { user = ADA, deny = false, jar, post = false, stay = false } = {}) {
  const flags = [deny && "--deny", post && "--post", stay && "--stay", ...(jar ? ["--jar", jar] : [])].filter(Boolean);
  const said = JSON.parse(await say("--report", "--user", user, ...flags, String(url)));
  const body = said.fields && new URLSearchParams(said.fields);
  return {
    address: new URL(said.address),
    request: body ? new Request(said.address, { method: "POST", body }) : undefined,
    asked: said.asked,
    page: said.page,
  };
}

/** `at_hash` or `c_hash` of a value, for RS256 and ES256: OpenID Connect Core 1.0 §3.1.3.6. */
export const halfHash = (value) => createHash("sha256").update(value).digest().subarray(0, 16).toString("base64url");

/** The time a server asks to leave between two polls of a device, and a little more. */
export const interval = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000 + 250));
