// oauth4webapi, as published: one function per request and per answer, each of which refuses what its RFC does not allow.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import * as oauth from "oauth4webapi";
import { BOB, interval, SCOPE, SECRET, visit } from "./openid.mjs";
import { CALLBACK, ISSUER } from "./setting.mjs";

const LOOPBACK = { [oauth.allowInsecureRequests]: true };

const web = { client_id: "demo-oidc" };
const pocket = { client_id: "demo-oidc-public" };
const basic = oauth.ClientSecretBasic(SECRET);
const post = oauth.ClientSecretPost(SECRET);
const none = oauth.None();

async function discover(algorithm) {
  return oauth.processDiscoveryResponse(ISSUER, await oauth.discoveryRequest(ISSUER, { algorithm, ...LOOPBACK }));
}

let as;
before(async () => { as = await discover("oidc"); });

/** An authorization request as OAuth 2.1 has it. */
async function ask(client, more = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const sent = {
    client_id: client.client_id,
    response_type: "code",
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: oauth.generateRandomState(),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  };
  for (const name of Object.keys(sent)) if (sent[name] === undefined) delete sent[name];
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams(sent);
  return { url, verifier, sent };
}

/** A code that a person allowed, as the client's callback finds it. */
async function code(client, more, how) {
  const { url, verifier, sent } = await ask(client, more);
  const { address } = await visit(url, how);
  return { callback: oauth.validateAuthResponse(as, client, address, sent.state), verifier };
}

async function redeem(client, authentication, { callback, verifier }, redirectUri = CALLBACK) {
  const response = await oauth.authorizationCodeGrantRequest(
    as, client, authentication, callback, redirectUri, verifier, LOOPBACK);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response);
  if (tokens.id_token) await oauth.validateApplicationLevelSignature(as, response, LOOPBACK);
  return tokens;
}

const logIn = async (client, authentication, more, how) => redeem(client, authentication, await code(client, more, how));

async function refresh(client, authentication, token, additionalParameters) {
  const options = { additionalParameters, ...LOOPBACK };
  const response = await oauth.refreshTokenGrantRequest(as, client, authentication, token, options);
  return oauth.processRefreshTokenResponse(as, client, response);
}

async function introspect(client, authentication, token) {
  const response = await oauth.introspectionRequest(as, client, authentication, token, LOOPBACK);
  return oauth.processIntrospectionResponse(as, client, response);
}

const revoke = async (client, authentication, token, additionalParameters) =>
  oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, authentication, token, { additionalParameters, ...LOOPBACK }));

async function userinfo(token) {
  const response = await oauth.userInfoRequest(as, web, token, LOOPBACK);
  return oauth.processUserInfoResponse(as, web, oauth.skipSubjectCheck, response);
}

const invalidGrant = { error: "invalid_grant", status: 400 };

/** The server's refusal of a bearer token, as its challenge says it (RFC 6750 §3). */
const challenged = (status, error) => (told) => {
  assert.deepEqual([told.status, told.cause[0].scheme, told.cause[0].parameters.error], [status, "bearer", error]);
  return true;
};

/** The server's refusal of a client that tried Basic (RFC 6749 §5.2). */
const turnedAway = (told) => {
  assert.deepEqual([told.status, told.cause[0].scheme], [401, "basic"]);
  return true;
};

describe("oauth4webapi reads the metadata", () => {
  test("where RFC 8414 puts it stands the same as where OpenID Connect does", async () => {
    const there = await discover("oauth2");
    for (const name of Object.keys(there)) assert.deepEqual(there[name], as[name], name);
    assert.equal(there.token_endpoint, as.token_endpoint);
  });

  test("every key has a name, a use and an algorithm, and none has a private part", async () => {
    const { keys } = await (await fetch(as.jwks_uri)).json();
    assert.ok(keys.length > 0);
    for (const key of keys) {
      assert.deepEqual([typeof key.kid, key.use, typeof key.alg], ["string", "sig", "string"]);
      for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"]) assert.equal(key[secret], undefined);
    }
    assert.equal(new Set(keys.map((key) => key.kid)).size, keys.length);
    for (const algorithm of as.id_token_signing_alg_values_supported) {
      assert.ok(keys.some((key) => key.alg === algorithm), algorithm);
    }
  });
});

describe("oauth4webapi redeems a code", () => {
  test("by Basic with every character encoded, or by the body, or without a secret", async () => {
    for (const [client, authentication] of [[web, basic], [web, post], [pocket, none]]) {
      const tokens = await logIn(client, authentication);
      assert.equal(oauth.getValidatedIdTokenClaims(tokens).aud, client.client_id);
      assert.equal((await userinfo(tokens.access_token)).email, "ada@example.test");
    }
  });

  test("a posted request is the same request", async () => {
    assert.ok((await logIn(web, basic, {}, { post: true })).access_token);
  });

  test("it is worth one token", async () => {
    const given = await code(web);
    assert.ok((await redeem(web, basic, given)).access_token);
    await assert.rejects(redeem(web, basic, given), invalidGrant);
  });

  test("not with another verifier, another redirect URI, or by another app, and none of these burns it", async () => {
    const given = await code(web);
    await assert.rejects(redeem(web, basic, { ...given, verifier: oauth.generateRandomCodeVerifier() }), invalidGrant);
    await assert.rejects(redeem(web, basic, { ...given, verifier: oauth.nopkce }), invalidGrant);
    await assert.rejects(redeem(web, basic, given, `${CALLBACK}/`), invalidGrant);
    await assert.rejects(redeem(pocket, none, given), invalidGrant);
    assert.ok((await redeem(web, basic, given)).access_token);
  });

  test("nor with a wrong secret, which is told as the client tried it", async () => {
    const given = await code(web);
    await assert.rejects(redeem(web, oauth.ClientSecretBasic("not-the-secret"), given), turnedAway);
    await assert.rejects(redeem(web, oauth.ClientSecretPost("not-the-secret"), given), {
      error: "invalid_client",
      status: 401,
    });
    assert.ok((await redeem(web, post, given)).access_token);
  });
});

describe("oauth4webapi refreshes", () => {
  test("each refresh token is good once; a lost answer is given again, byte for byte", async () => {
    const first = await logIn(web, basic);
    const second = await refresh(web, basic, first.refresh_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal((await refresh(web, basic, first.refresh_token)).refresh_token, second.refresh_token);
    assert.equal((await userinfo(second.access_token)).email, "ada@example.test");
  });

  test("an older refresh token is theft, and ends all that came of the login", async () => {
    const first = await logIn(web, basic);
    const second = await refresh(web, basic, first.refresh_token);
    const third = await refresh(web, basic, second.refresh_token);
    await assert.rejects(refresh(web, basic, first.refresh_token), invalidGrant);
    await assert.rejects(refresh(web, basic, third.refresh_token), invalidGrant);
    await assert.rejects(userinfo(third.access_token), challenged(401, "invalid_token"));
    assert.deepEqual(await introspect(web, basic, third.access_token), { active: false });
  });

  test("two tabs that refresh at once have one and the same successor", async () => {
    const { refresh_token: token } = await logIn(pocket, none);
    const answers = await Promise.all([refresh(pocket, none, token), refresh(pocket, none, token)]);
    assert.equal(answers[0].refresh_token, answers[1].refresh_token);
  });

  test("the ID token tells of the same sign-in, and has no nonce of its own", async () => {
    const nonce = oauth.generateRandomNonce();
    const given = await code(web, { nonce, max_age: "3600" });
    const response = await oauth.authorizationCodeGrantRequest(
      as, web, basic, given.callback, CALLBACK, given.verifier, LOOPBACK);
    const tokens = await oauth.processAuthorizationCodeResponse(as, web, response, { expectedNonce: nonce, maxAge: 3600 });
    const then = oauth.getValidatedIdTokenClaims(tokens);
    const now = oauth.getValidatedIdTokenClaims(await refresh(web, basic, tokens.refresh_token));
    for (const claim of ["iss", "sub", "aud", "auth_time"]) assert.deepEqual(now[claim], then[claim], claim);
    assert.ok([undefined, nonce].includes(now.nonce));
  });

  test("a scope narrows one access token, never the login; a wider one is refused", async () => {
    const first = await logIn(web, basic);
    const narrow = await refresh(web, basic, first.refresh_token, { scope: "openid" });
    assert.equal(narrow.scope, "openid");
    assert.deepEqual(Object.keys(await userinfo(narrow.access_token)), ["sub"]);
    await assert.rejects(refresh(web, basic, narrow.refresh_token, { scope: "openid user-library-modify" }), {
      error: "invalid_scope",
      status: 400,
    });
    const full = await refresh(web, basic, narrow.refresh_token);
    assert.deepEqual(full.scope.split(" ").sort(), SCOPE.split(" ").sort());
  });

  test("another app's refresh token is nothing, and is not harmed by the try", async () => {
    const { refresh_token: token } = await logIn(web, basic);
    await assert.rejects(refresh(pocket, none, token), invalidGrant);
    assert.ok((await refresh(web, basic, token)).access_token);
  });
});

describe("oauth4webapi introspects and revokes", () => {
  test("the owner learns what a token is; another app learns nothing; nobody may ask without a secret", async () => {
    const tokens = await logIn(web, basic);
    const told = await introspect(web, basic, tokens.access_token);
    assert.deepEqual([told.active, told.client_id, told.iss], [true, "demo-oidc", ISSUER.origin]);
    assert.equal(told.sub, oauth.getValidatedIdTokenClaims(tokens).sub);
    assert.deepEqual(told.scope.split(" ").sort(), SCOPE.split(" ").sort());
    for (const time of ["exp", "iat"]) assert.ok(Number.isInteger(told[time]), time);
    const stranger = { client_id: "demo-legacy" };
    assert.deepEqual(await introspect(stranger, basic, tokens.access_token), { active: false });
    assert.deepEqual(await introspect(web, basic, "BQnotatoken"), { active: false });
    await assert.rejects(introspect(pocket, none, tokens.access_token), {
      error: "unauthorized_client",
      status: 400,
    });
    await assert.rejects(introspect(web, oauth.ClientSecretBasic("not-the-secret"), tokens.access_token), turnedAway);
  });

  test("the answer may be signed", async () => {
    const { access_token: token } = await logIn(web, basic);
    const options = { requestJwtResponse: true, ...LOOPBACK };
    const response = await oauth.introspectionRequest(as, web, basic, token, options);
    assert.equal(response.headers.get("content-type"), "application/token-introspection+jwt");
    const told = await oauth.processIntrospectionResponse(as, web, response);
    await oauth.validateApplicationLevelSignature(as, response, LOOPBACK);
    assert.deepEqual([told.active, told.client_id], [true, "demo-oidc"]);
  });

  test("a revoked refresh token takes its access tokens along, whatever the hint", async () => {
    const tokens = await logIn(web, basic);
    await revoke(web, basic, tokens.refresh_token, { token_type_hint: "access_token" });
    assert.deepEqual(await introspect(web, basic, tokens.access_token), { active: false });
    await assert.rejects(userinfo(tokens.access_token), challenged(401, "invalid_token"));
    await assert.rejects(refresh(web, basic, tokens.refresh_token), invalidGrant);
  });

  test("a revoked access token leaves the login alive", async () => {
    const tokens = await logIn(pocket, none);
    await revoke(pocket, none, tokens.access_token);
    await assert.rejects(userinfo(tokens.access_token), challenged(401, "invalid_token"));
    const next = await refresh(pocket, none, tokens.refresh_token);
    assert.equal((await userinfo(next.access_token)).email, "ada@example.test");
  });

  test("an unknown token is revoked already, another app's stays as it is, a wrong secret is refused", async () => {
    await revoke(web, basic, "AQnotatoken");
    const tokens = await logIn(web, basic);
    for (const token of [tokens.refresh_token, tokens.access_token]) {
      await assert.rejects(revoke(pocket, none, token), invalidGrant);
    }
    assert.equal((await introspect(web, basic, tokens.access_token)).active, true);
    await assert.rejects(revoke(web, oauth.ClientSecretBasic("not-the-secret"), tokens.access_token), turnedAway);
  });
});

describe("oauth4webapi as somebody else's API", () => {
  const RADIO = "https://radio.example.test";

  /** What the API makes of a request to it. */
  const read = (token, audience = RADIO) =>
    oauth.validateJwtAccessToken(
      as, new Request(`${RADIO}/now`, { headers: { Authorization: `Bearer ${token}` } }), audience, LOOPBACK);

  test("it verifies a person's access token by itself", async () => {
    const tokens = await logIn(web, basic, { resource: RADIO });
    const claims = await read(tokens.access_token);
    assert.equal(claims.client_id, "demo-oidc");
    assert.equal(claims.sub, oauth.getValidatedIdTokenClaims(tokens).sub);
    assert.deepEqual(claims.scope.split(" ").sort(), SCOPE.split(" ").sort());
    await assert.rejects(read(tokens.access_token, "https://tickets.example.test"), /audience/);
    await assert.rejects(userinfo(tokens.access_token), challenged(401, "invalid_token"));
    assert.equal((await introspect(web, basic, tokens.access_token)).aud, RADIO);
    const next = await refresh(web, basic, tokens.refresh_token);
    assert.equal((await read(next.access_token)).sub, claims.sub);
  });

  test("it takes an app's own, and an ID token for none", async () => {
    const response = await oauth.clientCredentialsGrantRequest(as, web, basic, { resource: RADIO }, LOOPBACK);
    const tokens = await oauth.processClientCredentialsResponse(as, web, response);
    assert.equal((await read(tokens.access_token)).client_id, "demo-oidc");
    await assert.rejects(read((await logIn(web, basic)).id_token, "demo-oidc"), /typ/);
  });

  test("an API that nobody listed is an invalid_target", async () => {
    await assert.rejects(code(web, { resource: "https://nobody.example.test" }), { error: "invalid_target" });
  });
});

describe("oauth4webapi logs a device in, poll by poll", { concurrency: true }, () => {
  const begin = async (client, authentication) =>
    oauth.processDeviceAuthorizationResponse(as, client, await oauth.deviceAuthorizationRequest(
      as, client, authentication, { scope: SCOPE }, LOOPBACK));
  const poll = async (client, authentication, device) =>
    oauth.processDeviceCodeResponse(as, client, await oauth.deviceCodeGrantRequest(
      as, client, authentication, device.device_code, LOOPBACK));

  test("pending, then allowed, then tokens, then nothing more", async () => {
    const device = await begin(web, basic);
    await assert.rejects(poll(web, basic, device), { error: "authorization_pending", status: 400 });
    await visit(device.verification_uri_complete, { stay: true });
    await interval(device.interval);
    const tokens = await poll(web, basic, device);
    assert.equal(oauth.getValidatedIdTokenClaims(tokens).aud, "demo-oidc");
    assert.equal((await userinfo(tokens.access_token)).email, "ada@example.test");
    await interval(device.interval);
    await assert.rejects(poll(web, basic, device), invalidGrant);
  });

  test("a device that does not wait is told to slow down", async () => {
    const device = await begin(pocket, none);
    await assert.rejects(poll(pocket, none, device), { error: "authorization_pending" });
    await assert.rejects(poll(pocket, none, device), { error: "slow_down", status: 400 });
  });

  test("another app's device code is nothing", async () => {
    await assert.rejects(poll(pocket, none, await begin(web, basic)), invalidGrant);
  });

  test("a denial is told to the device", async () => {
    const device = await begin(web, basic);
    await visit(device.verification_uri_complete, { stay: true, user: BOB, deny: true });
    await assert.rejects(poll(web, basic, device), { error: "access_denied", status: 400 });
  });
});

describe("oauth4webapi as an app of its own", () => {
  test("client credentials are an access token and nothing else, and nobody", async () => {
    const response = await oauth.clientCredentialsGrantRequest(as, web, basic, {}, LOOPBACK);
    const tokens = await oauth.processClientCredentialsResponse(as, web, response);
    assert.deepEqual([tokens.token_type, tokens.refresh_token, tokens.id_token], ["bearer", undefined, undefined]);
    const told = await introspect(web, basic, tokens.access_token);
    assert.deepEqual([told.active, told.client_id], [true, "demo-oidc"]);
    await assert.rejects(userinfo(tokens.access_token), (refused) => [401, 403].includes(refused.status));
  });

  test("an app without a secret has none to give", async () => {
    const response = await oauth.clientCredentialsGrantRequest(as, pocket, none, {}, LOOPBACK);
    await assert.rejects(oauth.processClientCredentialsResponse(as, pocket, response), {
      error: "unauthorized_client",
      status: 400,
    });
  });

  test("a password is no grant", async () => {
    const parameters = { username: "ada@example.test", password: "demo-password" };
    const response = await oauth.genericTokenEndpointRequest(as, web, basic, "password", parameters, LOOPBACK);
    await assert.rejects(oauth.processGenericTokenEndpointResponse(as, web, response), {
      error: "unsupported_grant_type",
      status: 400,
    });
  });
});

describe("oauth4webapi is told what was wrong with its request", () => {
  const wrong = [
    ["an unknown scope", { scope: "openid no-such-scope" }, "invalid_scope"],
    ["no challenge", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["the plain method", { code_challenge_method: "plain" }, "invalid_request"],
    ["a request object", { request: "eyJhbGciOiJub25lIn0.e30." }, "request_not_supported"],
    ["a request URI", { request_uri: "https://client.example/request" }, "request_uri_not_supported"],
    ["an unknown response type", { response_type: "coda" }, "unsupported_response_type"],
    ["no response type", { response_type: undefined }, "invalid_request"],
  ];
  for (const [what, more, error] of wrong) {
    test(`${what}: ${error}, with state and iss`, async () => {
      // `code` checks both before it looks at the error.
      await assert.rejects(code(web, more), { code: "OAUTH_AUTHORIZATION_RESPONSE_ERROR", error });
    });
  }

  test("a redirect URI nobody registered is not gone to", async () => {
    const { url } = await ask(web, { redirect_uri: "https://evil.example/callback" });
    assert.equal((await visit(url, { stay: true })).address.origin, ISSUER.origin);
  });

  test("a bad bearer token is a challenge", async () => {
    await assert.rejects(userinfo("BQnotatoken"), challenged(401, "invalid_token"));
  });
});
