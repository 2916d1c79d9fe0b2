// Where the server under test is, and how a person answers its pages.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask test node\``);
  return value;
}

export const ISSUER = new URL(required("KEYSIG_TEST_ISSUER"));
export const API = new URL(required("KEYSIG_TEST_API"));
// Registered without a port: a client may listen on any.
export const CALLBACK = "http://127.0.0.1:47102/callback";
export const SCOPES = [
  "playlist-modify-private", "playlist-modify-public", "playlist-read-private", "user-library-modify",
  "user-library-read", "user-read-email", "user-read-private",
];

const run = promisify(execFile);

/** What person.py says, told these words. */
export async function say(...words) {
  const { stdout } = await run(required("KEYSIG_TEST_PYTHON"), [required("KEYSIG_TEST_PERSON"), ...words]);
  return stdout.trim();
}

const person = async (...words) => new URL(await say(...words));

/** The callback address after Ada agreed. */
export const allow = (url) => person(url);

/** The callback address after Bob, who never agreed to anything, said no. */
export const deny = (url) => person("--user", "bob@example.test", "--deny", url);
