// openid-client, as published: it reads the discovery document, does what that says, and checks every answer, the
// signatures of ID tokens included.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { before, describe, test } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";
import { BOB, browser, halfHash, SCOPE, SECRET, visit } from "./openid.mjs";
import { CALLBACK, ISSUER } from "./setting.mjs";

const discover = (id, authentication, metadata, more = []) =>
  client.discovery(ISSUER, id, metadata, authentication, {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks, ...more],
  });

const confidential = (...more) => discover("demo-oidc", client.ClientSecretBasic(SECRET), undefined, more);
const legacy = (...more) => discover("demo-legacy", client.ClientSecretPost(SECRET), undefined, more);

/** An authorization request with everything a careful client sends, and what it will check of the answer. */
async function ask(config, more = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const sent = {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: client.randomState(),
    nonce: client.randomNonce(),
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  };
  const checks = { pkceCodeVerifier: verifier, expectedState: sent.state, expectedNonce: sent.nonce, idTokenExpected: true };
  if (more.max_age !== undefined) checks.maxAge = Number(more.max_age);
  for (const name of Object.keys(sent)) if (sent[name] === undefined) delete sent[name];
  return { url: client.buildAuthorizationUrl(config, sent), checks, sent };
}

async function logIn(config, more, how) {
  const { url, checks, sent } = await ask(config, more);
  const arrival = await visit(url, how);
  const tokens = await client.authorizationCodeGrant(config, arrival.request ?? arrival.address, checks);
  return { arrival, sent, tokens, claims: tokens.claims() };
}

/** What the client is told when the person's browser comes back with an error. */
async function refusal(config, more, how) {
  const { url, checks } = await ask(config, more);
  const { address, asked } = await visit(url, how);
  const error = await client.authorizationCodeGrant(config, address, checks).then(() => assert.fail("no error"), (told) => told);
  return { error: error.error, asked };
}

describe("openid-client reads the discovery document", () => {
  test("it names this server, its endpoints, and what the standard profile does", async () => {
    const metadata = (await confidential()).serverMetadata();
    const at = (path) => ISSUER.origin + path;
    assert.equal(metadata.issuer, ISSUER.origin);
    assert.deepEqual(
      {
        authorize: metadata.authorization_endpoint,
        token: metadata.token_endpoint,
        jwks: metadata.jwks_uri,
        userinfo: metadata.userinfo_endpoint,
        revoke: metadata.revocation_endpoint,
        introspect: metadata.introspection_endpoint,
        device: metadata.device_authorization_endpoint,
        end: metadata.end_session_endpoint,
      },
      {
        authorize: at("/authorize"),
        token: at("/api/token"),
        jwks: at("/oidc/certs/v1"),
        userinfo: at("/oidc/userinfo/v1"),
        revoke: at("/oauth2/revoke/v1"),
        introspect: at("/oauth2/introspect/v1"),
        device: at("/oauth2/device/authorize"),
        end: at("/oidc/logout/v1"),
      },
    );
    assert.equal(metadata.supportsPKCE(), true);
    assert.equal(metadata.supportsPKCE("plain"), false);
    assert.equal(metadata.authorization_response_iss_parameter_supported, true);
    for (const scope of SCOPE.split(" ")) assert.ok(metadata.scopes_supported.includes(scope), scope);
    for (const mode of ["query", "fragment", "form_post"]) assert.ok(metadata.response_modes_supported.includes(mode), mode);
  });
});

describe("openid-client logs in with a code", () => {
  test("a confidential app learns who it is, from a signed ID token and from userinfo alike", async () => {
    const config = await confidential();
    const { arrival, tokens, claims } = await logIn(config);
    assert.equal(arrival.address.searchParams.get("iss"), ISSUER.origin);
    assert.equal(claims.iss, ISSUER.origin);
    assert.equal(claims.aud, "demo-oidc");
    assert.equal(claims.exp > claims.iat, true);
    assert.equal(tokens.token_type, "bearer");
    assert.equal(tokens.expires_in, 3600);
    assert.deepEqual(tokens.scope.split(" ").sort(), SCOPE.split(" ").sort());
    if (claims.at_hash !== undefined) assert.equal(claims.at_hash, halfHash(tokens.access_token));

    const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.deepEqual([person.email, person.name], ["ada@example.test", "Ada Lindqvist"]);
    assert.equal(typeof person.email_verified, "boolean");
    assert.notEqual(claims.sub, person.email);

    const posted = await client.fetchProtectedResource(
      config, tokens.access_token, new URL(config.serverMetadata().userinfo_endpoint), "POST");
    assert.deepEqual([posted.status, await posted.json()], [200, person]);
  });

  test("a public app does the same without a secret", async () => {
    const config = await discover("demo-oidc-public", client.None());
    const { tokens, claims } = await logIn(config);
    assert.equal(claims.aud, "demo-oidc-public");
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, claims.sub)).sub, claims.sub);
  });

  test("one person is one subject to every app, and two people are two", async () => {
    const subject = async (config, how) => (await logIn(await config, {}, how)).claims.sub;
    const ada = await subject(confidential());
    assert.equal(await subject(legacy()), ada);
    assert.notEqual(await subject(confidential(), { user: BOB }), ada);
  });

  test("the request may be posted", async () => {
    const { claims } = await logIn(await confidential(), {}, { post: true });
    assert.equal(claims.aud, "demo-oidc");
  });

  test("the answer may be posted, to the form_post page's address", async () => {
    const { arrival, sent, claims } = await logIn(await confidential(), { response_mode: "form_post" });
    assert.equal(arrival.request.url, CALLBACK);
    assert.equal(arrival.address.search + arrival.address.hash, "");
    assert.equal(claims.nonce, sent.nonce);
  });

  test("a hostile state comes back byte for byte, in a query and in a form", async () => {
    const state = `"><script>alert(1)</script>&'+%41 \u{1F511} `;
    for (const more of [{ state }, { state, response_mode: "form_post" }]) {
      // The library compares it with what it sent.
      assert.ok((await logIn(await confidential(), more)).claims.sub);
    }
  });

  test("without the openid scope there is no ID token, and userinfo is closed", async () => {
    const config = await confidential();
    const { url, checks } = await ask(config, { scope: "user-read-email", nonce: undefined });
    const { address } = await visit(url);
    const { pkceCodeVerifier, expectedState } = checks;
    const tokens = await client.authorizationCodeGrant(config, address, { pkceCodeVerifier, expectedState });
    assert.equal(tokens.id_token, undefined);
    await assert.rejects(client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck), (told) => {
      assert.equal(told.status, 403);
      assert.equal(told.cause[0].parameters.error, "insufficient_scope");
      return true;
    });
  });

  test("userinfo tells no more than the scopes allow", async () => {
    const config = await confidential();
    const { tokens, claims } = await logIn(config, { scope: "openid" });
    assert.deepEqual(Object.keys(await client.fetchUserInfo(config, tokens.access_token, claims.sub)), ["sub"]);
  });

  test("a claim asked for by name stands in the ID token", async () => {
    const claims = JSON.stringify({ id_token: { email: null, name: { essential: true } } });
    const { claims: told } = await logIn(await confidential(), { claims });
    assert.deepEqual([told.email, told.name], ["ada@example.test", "Ada Lindqvist"]);
  });

  test("an app with a sector of its own knows nobody by the name that others know", async () => {
    const apart = await discover("demo-oidc-es256", client.ClientSecretBasic(SECRET));
    const { tokens, claims } = await logIn(apart);
    assert.equal((await client.fetchUserInfo(apart, tokens.access_token, claims.sub)).sub, claims.sub);
    assert.equal((await logIn(apart)).claims.sub, claims.sub);
    assert.notEqual((await logIn(await confidential())).claims.sub, claims.sub);
  });

  test("userinfo may be signed", async () => {
    // The library verifies the signature, and refuses plain JSON when it expects this.
    const metadata = { id_token_signed_response_alg: "EdDSA", userinfo_signed_response_alg: "EdDSA" };
    const config = await discover("demo-oidc-eddsa", client.ClientSecretBasic(SECRET), metadata);
    const { tokens, claims } = await logIn(config);
    const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.deepEqual([person.email, person.aud], ["ada@example.test", "demo-oidc-eddsa"]);
  });

  for (const [id, algorithm] of [["demo-oidc-es256", "ES256"], ["demo-oidc-eddsa", "EdDSA"]]) {
    test(`an app may have its ID tokens signed with ${algorithm}`, async () => {
      const config = await discover(id, client.ClientSecretBasic(SECRET), { id_token_signed_response_alg: algorithm });
      const { tokens, claims } = await logIn(config);
      assert.equal(JSON.parse(Buffer.from(tokens.id_token.split(".")[0], "base64url")).alg, algorithm);
      assert.equal(claims.aud, id);
    });
  }
});

describe("openid-client uses the older response types, with an app that has them on", () => {
  test("code id_token: the code's hash is in the first ID token, both tell of one person", async () => {
    const config = await legacy(client.useCodeIdTokenResponseType);
    const { arrival, tokens, claims } = await logIn(config);
    assert.equal(arrival.address.search, "");
    const answer = new URLSearchParams(arrival.address.hash.slice(1));
    const first = JSON.parse(Buffer.from(answer.get("id_token").split(".")[1], "base64url"));
    assert.equal(first.c_hash, halfHash(answer.get("code")));
    assert.deepEqual([first.iss, first.sub], [claims.iss, claims.sub]);
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, claims.sub)).sub, claims.sub);
  });

  test("code id_token by form_post", async () => {
    const config = await legacy(client.useCodeIdTokenResponseType);
    const { arrival, claims } = await logIn(config, { response_mode: "form_post" });
    assert.equal(arrival.request.url, CALLBACK);
    assert.equal(claims.aud, "demo-legacy");
  });

  test("code id_token token: its access token works, and at_hash is its own", async () => {
    const config = await legacy(client.useCodeIdTokenResponseType);
    const { arrival, tokens, claims } = await logIn(config, { response_type: "code id_token token" });
    const answer = new URLSearchParams(arrival.address.hash.slice(1));
    assert.equal(answer.get("token_type").toLowerCase(), "bearer");
    assert.equal(answer.get("refresh_token"), null);
    const first = JSON.parse(Buffer.from(answer.get("id_token").split(".")[1], "base64url"));
    assert.equal(first.at_hash, halfHash(answer.get("access_token")));
    assert.equal(first.c_hash, halfHash(answer.get("code")));
    assert.notEqual(answer.get("access_token"), tokens.access_token);
    for (const token of [answer.get("access_token"), tokens.access_token]) {
      assert.equal((await client.fetchUserInfo(config, token, claims.sub)).sub, claims.sub);
    }
  });

  test("id_token: who somebody is, and no token at all", async () => {
    const config = await legacy(client.useIdTokenResponseType);
    const { url, sent } = await ask(config, { code_challenge: undefined, code_challenge_method: undefined });
    const { address } = await visit(url);
    const claims = await client.implicitAuthentication(config, address, sent.nonce, { expectedState: sent.state });
    assert.equal(claims.aud, "demo-legacy");
    assert.deepEqual(claims.email ?? "ada@example.test", "ada@example.test");
    const names = [...new URLSearchParams(address.hash.slice(1)).keys()];
    assert.deepEqual(names.filter((name) => ["code", "access_token", "refresh_token"].includes(name)), []);
  });

  test("id_token token: the ID token vouches for the access token beside it", async () => {
    const config = await legacy(client.useIdTokenResponseType);
    const { url, sent } = await ask(config, { response_type: "id_token token" });
    const { address } = await visit(url);
    const claims = await client.implicitAuthentication(config, address, sent.nonce, { expectedState: sent.state });
    const token = new URLSearchParams(address.hash.slice(1)).get("access_token");
    assert.equal(claims.at_hash, halfHash(token));
    assert.equal((await client.fetchUserInfo(config, token, claims.sub)).email, "ada@example.test");
  });

  test("an app without them is told so, in the fragment where such answers go", async () => {
    for (const type of ["id_token", "code id_token", "code id_token token", "id_token token"]) {
      const { url, sent } = await ask(await confidential(), { response_type: type });
      const answer = new URLSearchParams((await visit(url)).address.hash.slice(1));
      assert.deepEqual([answer.get("error"), answer.get("state")], ["unsupported_response_type", sent.state], type);
    }
  });
});

describe("openid-client asks how somebody signed in", () => {
  let config;
  before(async () => { config = await confidential(); });

  test("prompt=none in a browser without a session is login_required, and no page is shown", async () => {
    assert.deepEqual(await refusal(config, { prompt: "none" }), { error: "login_required", asked: [] });
  });

  test("prompt=none with a session and an earlier consent is a code, and no page is shown", async () => {
    const jar = browser();
    const { claims } = await logIn(config, {}, { jar });
    const again = await logIn(config, { prompt: "none" }, { jar });
    assert.deepEqual(again.arrival.asked, []);
    assert.equal(again.claims.sub, claims.sub);
    assert.equal(again.claims.auth_time, claims.auth_time);
  });

  test("prompt=none with a session, but for something nobody agreed to, is consent_required", async () => {
    const jar = browser();
    await logIn(config, { scope: "openid" }, { jar, user: BOB });
    const wider = { prompt: "none", scope: "openid user-library-modify" };
    assert.deepEqual(await refusal(config, wider, { jar, user: BOB }), { error: "consent_required", asked: [] });
  });

  test("prompt=none with anything else is refused", async () => {
    assert.equal((await refusal(config, { prompt: "none login" })).error, "invalid_request");
  });

  test("prompt=login asks for the password again, prompt=consent for the consent", async () => {
    const jar = browser();
    await logIn(config, {}, { jar });
    assert.ok((await logIn(config, { prompt: "login" }, { jar })).arrival.asked.includes("sign-in"));
    assert.deepEqual((await logIn(config, { prompt: "consent" }, { jar })).arrival.asked, ["consent"]);
  });

  test("max_age sends back to the sign-in whoever signed in longer ago, and only those", async () => {
    const jar = browser();
    const { claims } = await logIn(config, { max_age: "3600" }, { jar });
    const young = await logIn(config, { max_age: "3600" }, { jar });
    assert.deepEqual(young.arrival.asked, []);
    assert.equal(young.claims.auth_time, claims.auth_time);
    const old = await logIn(config, { max_age: "0" }, { jar });
    assert.deepEqual(old.arrival.asked, ["sign-in"]);
    assert.ok(old.claims.auth_time >= claims.auth_time);
    // Nobody can be asked without a page.
    assert.equal((await refusal(config, { max_age: "0", prompt: "none" }, { jar })).error, "login_required");
  });

  test("a denial is access_denied", async () => {
    const legacyApp = await legacy();
    assert.equal((await refusal(legacyApp, {}, { user: BOB, deny: true })).error, "access_denied");
  });
});

describe("openid-client signs out", () => {
  test("with the ID token as a hint the browser comes back, and is signed in no more", async () => {
    const config = await confidential();
    const jar = browser();
    const { tokens } = await logIn(config, {}, { jar });
    const end = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: CALLBACK,
      state: "good bye & thanks",
    });
    const { address } = await visit(end, { jar });
    assert.equal(address.origin + address.pathname, CALLBACK);
    assert.deepEqual([...address.searchParams], [["state", "good bye & thanks"]]);
    assert.equal((await refusal(config, { prompt: "none" }, { jar })).error, "login_required");
  });

  test("an address nobody registered is not gone to", async () => {
    const config = await confidential();
    const jar = browser();
    const { tokens } = await logIn(config, {}, { jar });
    const end = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: "https://evil.example/callback",
    });
    assert.equal((await visit(end, { jar, stay: true })).address.origin, ISSUER.origin);
  });

  test("an ID token of another app is no hint for this one: the person is asked", async () => {
    const jar = browser();
    const { tokens } = await logIn(await legacy(), {}, { jar });
    const end = client.buildEndSessionUrl(await confidential(), {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: CALLBACK,
    });
    assert.equal((await visit(end, { jar, stay: true, deny: true })).address.origin, ISSUER.origin);
    const { address, asked } = await visit(end, { jar });
    assert.deepEqual([address.href, asked], [CALLBACK, ["sign-out"]]);
  });

  test("without a hint the person is asked first, and may stay", async () => {
    const config = await confidential();
    const jar = browser();
    await logIn(config, {}, { jar });
    const end = client.buildEndSessionUrl(config, {});
    assert.deepEqual((await visit(end, { jar, stay: true, deny: true })).asked, []);
    assert.deepEqual((await logIn(config, { prompt: "none" }, { jar })).arrival.asked, []);
    assert.deepEqual((await visit(end, { jar, stay: true })).asked, ["sign-out"]);
    assert.equal((await refusal(config, { prompt: "none" }, { jar })).error, "login_required");
  });

  test("a login ends with the browser's session, unless it asked for offline_access", async () => {
    const config = await confidential();
    const jar = browser();
    const { tokens: online } = await logIn(config, {}, { jar });
    const { tokens: offline } = await logIn(config, { scope: `${SCOPE} offline_access` }, { jar });
    const end = { id_token_hint: online.id_token, post_logout_redirect_uri: CALLBACK };
    await visit(client.buildEndSessionUrl(config, end), { jar });
    await assert.rejects(client.refreshTokenGrant(config, online.refresh_token), { error: "invalid_grant", status: 400 });
    assert.ok((await client.refreshTokenGrant(config, offline.refresh_token)).access_token);
  });

  test("an app that wants to know is told, by a token it can verify", async (context) => {
    const server = createServer();
    context.after(() => server.close().closeAllConnections());
    const heard = new Promise((tell) => {
      server.once("request", async (request, response) => {
        const body = await new Response(Readable.toWeb(request)).text();
        response.writeHead(204).end();
        tell(new URLSearchParams(body).get("logout_token"));
      });
    });
    // Where apps.toml says that it listens.
    await new Promise((ready) => server.listen(28473, "127.0.0.1", ready));
    const config = await discover("demo-oidc-eddsa", client.ClientSecretBasic(SECRET));
    const jar = browser();
    const { tokens, claims } = await logIn(config, {}, { jar });
    const end = { id_token_hint: tokens.id_token, post_logout_redirect_uri: CALLBACK };
    await visit(client.buildEndSessionUrl(config, end), { jar });
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    const expected = { issuer: ISSUER.origin, audience: "demo-oidc-eddsa", typ: "logout+jwt" };
    const { payload } = await jwtVerify(await heard, keys, expected);
    assert.deepEqual([payload.sub, payload.sid], [claims.sub, claims.sid]);
    assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} });
    assert.deepEqual([typeof payload.jti, payload.nonce], ["string", undefined]);
  });
});

describe("openid-client polls for a device", { concurrency: true }, () => {
  const poll = (config, device) =>
    client.pollDeviceAuthorizationGrant(config, device, undefined, { signal: AbortSignal.timeout(30_000) });

  test("a person allows it on another screen, and it is logged in", async () => {
    const config = await discover("demo-oidc-public", client.None());
    const device = await client.initiateDeviceAuthorization(config, { scope: SCOPE });
    assert.match(device.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    assert.equal(device.verification_uri, `${ISSUER.origin}/pair`);
    assert.equal(device.verification_uri_complete, `${ISSUER.origin}/pair?code=${device.user_code}`);
    assert.deepEqual([device.expires_in, device.interval], [600, 5]);
    const [{ asked }, tokens] = await Promise.all([
      visit(device.verification_uri_complete, { stay: true }),
      poll(config, device),
    ]);
    assert.deepEqual(asked.filter((what) => what !== "code"), ["sign-in", "consent"]);
    const claims = tokens.claims();
    assert.equal(claims.aud, "demo-oidc-public");
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, claims.sub)).email, "ada@example.test");
    assert.ok((await client.refreshTokenGrant(config, tokens.refresh_token)).access_token);
  });

  test("a person says no, and it is told", async () => {
    const config = await discover("demo-oidc-public", client.None());
    const device = await client.initiateDeviceAuthorization(config, { scope: SCOPE });
    await visit(device.verification_uri_complete, { stay: true, user: BOB, deny: true });
    await assert.rejects(poll(config, device), { error: "access_denied", status: 400 });
  });
});
