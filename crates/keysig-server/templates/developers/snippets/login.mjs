// Logs you in and prints your name. Node.js 18 or later, nothing to install.
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const server = "{{ v.server }}";
const clientId = "{{ v.client_id }}";
const redirectUri = "{{ v.redirect_uri }}";

const state = randomBytes(16).toString("base64url");
const verifier = randomBytes(48).toString("base64url");

const login = new URL("/authorize", server);
login.search = new URLSearchParams({
  response_type: "code", client_id: clientId, redirect_uri: redirectUri, scope: "{{ v.scope }}", state,
  code_challenge_method: "S256", code_challenge: createHash("sha256").update(verifier).digest("base64url"),
});

const answer = await new Promise((comesBack) => {
  const listener = createServer((request, response) => {
    const address = new URL(request.url, redirectUri);
    response.setHeader("Connection", "close");
    if (address.pathname !== "{{ v.path }}") return response.writeHead(404).end();
    response.end("You can close this page.");
    listener.close();
    comesBack(address.searchParams);
  });
  listener.listen({{ v.port }}, "{{ v.host }}", () => console.log(`Open this address and log in:\n${login}`));
});
if (answer.get("state") !== state) throw new Error("This is not the answer to this login.");
if (answer.has("error")) throw new Error(answer.get("error"));

async function read(path, options) {
  const response = await fetch(new URL(path, server), options);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const tokens = await read("/api/token", {
  method: "POST",
{%- if v.has_secret %}
  headers: { Authorization: `Basic ${btoa(`${clientId}:${process.env.CLIENT_SECRET}`)}` },
{%- endif %}
  body: new URLSearchParams({
    grant_type: "authorization_code", code: answer.get("code"), redirect_uri: redirectUri, code_verifier: verifier,
{%- if !v.has_secret %}
    client_id: clientId,
{%- endif %}
  }),
});
const me = await read("{{ v.me }}", { headers: { Authorization: `Bearer ${tokens.access_token}` } });
console.log("Hello,", me.{{ v.name_field }});
