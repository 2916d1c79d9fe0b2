// passport-spotify, as published, behind Node's own HTTP server: how most Node web apps offer this login.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { allow, API, deny, ISSUER } from "./setting.mjs";

const require = createRequire(import.meta.url);
const { Passport } = require("passport");
const { Strategy } = require("passport-spotify");

describe("a web app with passport-spotify", () => {
  let server, origin, strategy;

  before(async () => {
    server = createServer((request, response) => app(request, response));
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    origin = `http://127.0.0.1:${server.address().port}`;
    strategy = new Strategy(
      {
        clientID: "demo-web",
        clientSecret: "demo-secret",
        callbackURL: `${origin}/callback`,
        authorizationURL: `${ISSUER.origin}/authorize`,
        tokenURL: `${ISSUER.origin}/api/token`,
        userProfileURL: `${API.origin}/v1/me`,
        scope: ["user-read-email", "user-read-private"],
      },
      (accessToken, refreshToken, expiresIn, profile, done) =>
        done(null, { accessToken, refreshToken, expiresIn, profile }),
    );
  });
  after(() => server.close());

  function app(request, response) {
    request.query = Object.fromEntries(new URL(request.url, origin).searchParams);
    response.redirect = (to) => response.writeHead(302, { Location: to }).end();
    const answer = (error, user) => {
      response.writeHead(error ? 500 : user ? 200 : 401, { "Content-Type": "application/json" });
      response.end(JSON.stringify(error ? { error: String(error), cause: error.oauthError } : user || {}));
    };
    const passport = new Passport();
    passport.use(strategy);
    passport.authenticate("spotify", { session: false }, answer)(request, response, answer);
  }

  async function press() {
    const { headers } = await fetch(`${origin}/login`, { redirect: "manual" });
    return headers.get("location");
  }

  test("it logs in, and knows the profile", async () => {
    const answer = await fetch(await allow(await press()));
    const user = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(user));
    assert.equal(user.profile.id, "ada");
    assert.equal(user.profile.emails[0].value, "ada@example.test");
    assert.equal(user.profile.product, "premium");
    assert.equal(user.expiresIn, 3600);
  });

  test("its refresh token works three times", async () => {
    const { refreshToken } = await (await fetch(await allow(await press()))).json();
    const refresh = () =>
      new Promise((resolve, reject) =>
        strategy._oauth2.getOAuthAccessToken(refreshToken, { grant_type: "refresh_token" }, (error, accessToken) =>
          error ? reject(error) : resolve(accessToken)));
    const profile = (accessToken) =>
      new Promise((resolve, reject) =>
        strategy.userProfile(accessToken, (error, known) => (error ? reject(error) : resolve(known))));
    for (let time = 0; time < 3; time++) {
      assert.equal((await profile(await refresh())).id, "ada");
    }
  });

  test("a denial is a 401 of the app", async () => {
    assert.equal((await fetch(await deny(await press()))).status, 401);
  });
});
