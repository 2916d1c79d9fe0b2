//! Making tokens, whatever led to them: an access token in the form its API asks for, and an ID token.

use keysig_core::access_token::jwt::{self, JwtAccessToken, SignInClaims};
use keysig_core::access_token::{ACCESS_TOKEN_LIFETIME_SECONDS, AccessTokenFor, Audience, Holder};
use keysig_core::app::App;
use keysig_core::grant::{Grant, Login};
use keysig_core::openid::claims::{ClaimSet, PersonClaims};
use keysig_core::openid::id_token::{self, IdToken, SignIn, half_hash};
use keysig_core::openid::subject::{session_name, subject};
use keysig_core::resource::TokenFormat;
use keysig_core::scope::ScopeSet;
use keysig_core::secret::Secret;
use keysig_core::user::User;
use keysig_store::grants::StandingRows;

use crate::server::Server;

/// No token can be made now: a key is missing, or an API has been taken off the list. Nothing is wrong with the request.
#[derive(Clone, Copy, Debug)]
pub struct NotNow;

/// Makes an access token. `subject` is what its API calls whoever it acts for.
fn seal(server: &Server, app: &App, token: AccessTokenFor, subject: &str) -> Result<Secret, NotNow> {
    let now = server.now();
    let (algorithm, aud) = match (token.audience, server.apis.find(token.audience)) {
        (Audience::OwnApi, _) => return Ok(server.access_tokens.seal(token, now, &*server.rng)),
        (Audience::Resource(_), None) => return Err(NotNow),
        (Audience::Resource(_), Some(api)) => match api.format {
            // An API that reads a JWT by itself cannot see that the person paused the app.
            TokenFormat::Jwt(_) if matches!(token.holder, Holder::User { paused: true, .. }) => {
                return Ok(server.access_tokens.seal(token, now, &*server.rng));
            }
            TokenFormat::Opaque => return Ok(server.access_tokens.seal(token, now, &*server.rng)),
            TokenFormat::Jwt(algorithm) => (algorithm, api.identifier.as_str()),
        },
    };
    let state = server.jwt_states.seal(token, now, &*server.rng);
    let sign_in = match token.holder {
        Holder::User { auth_time, amr, .. } => Some(SignInClaims::new(SignIn { auth_time, amr, session: None })),
        Holder::App => None,
    };
    let scope = server.scopes().print(token.scopes);
    let claims = JwtAccessToken {
        iss: &server.settings.public_url,
        aud,
        sub: subject,
        client_id: &app.client_id,
        scope: &scope,
        iat: now.unix_seconds(),
        exp: now.unix_seconds() + i64::from(token.lifetime_seconds),
        jti: state.expose(),
        sign_in,
    };
    server.signing.sign(algorithm, jwt::TYPE, &claims, now).map(Secret::new).ok_or(NotNow)
}

/// The access token of a login. It carries the epochs that were `read` before, so that a revocation in between wins.
pub fn access_token(
    server: &Server,
    app: &App,
    login: &Login,
    (grant, read): (&Grant, &StandingRows),
    scopes: ScopeSet,
    user: Option<&User>,
) -> Result<Secret, NotNow> {
    let holder = Holder::User {
        user: login.user,
        grant: grant.id,
        login: login.id,
        user_epoch: read.user_epoch.unwrap_or_default(),
        grant_epoch: grant.access_epoch,
        auth_time: login.auth_time,
        amr: login.amr,
        paused: grant.paused,
    };
    let app_epoch = read.app_epoch.unwrap_or_default();
    let lifetime_seconds = grant.access_token_lifetime_seconds(server.now());
    let token = AccessTokenFor { app: app.id, app_epoch, holder, scopes, audience: login.audience, lifetime_seconds };
    let subject = user.map(|user| subject(app, user)).unwrap_or_default();
    seal(server, app, token, &subject)
}

/// The access token of an app in its own name (RFC 6749 §4.4).
pub fn app_token(server: &Server, app: &App, audience: Audience) -> Result<Secret, NotNow> {
    let token = AccessTokenFor {
        app: app.id,
        app_epoch: app.epoch,
        holder: Holder::App,
        scopes: ScopeSet::EMPTY,
        audience,
        lifetime_seconds: ACCESS_TOKEN_LIFETIME_SECONDS,
    };
    seal(server, app, token, &app.client_id)
}

/// Whether the person's row is needed to make the tokens of `login` with these scopes.
pub fn needs_user(server: &Server, login: &Login, scopes: ScopeSet) -> bool {
    let is_jwt = server.apis.find(login.audience).is_some_and(|api| matches!(api.format, TokenFormat::Jwt(_)));
    is_jwt || scopes.is_openid()
}

/// What an ID token is made of, beside the app and the person.
pub struct Statement<'a> {
    /// How and where the person signed in.
    pub sign_in: SignIn,
    /// As the request sent it; never repeated on refresh (OpenID Connect Core §12.2).
    pub nonce: Option<&'a str>,
    /// The access token that comes with it.
    pub access_token: Option<&'a Secret>,
    /// The code that comes with it.
    pub code: Option<&'a Secret>,
    /// What to tell about the person.
    pub shown: ClaimSet,
}

/// An ID token for `app` about `user`.
pub fn id_token(server: &Server, app: &App, user: &User, statement: &Statement<'_>) -> Result<String, NotNow> {
    let (now, algorithm) = (server.now(), app.openid.id_token_algorithm);
    let subject = subject(app, user);
    let mut claims = IdToken::new(&server.settings.public_url, &subject, &app.client_id, statement.sign_in, now);
    claims.nonce = statement.nonce;
    let sector = app.openid.sector.as_deref();
    claims.sid = statement.sign_in.session.map(|session| session_name(sector, user.id, session));
    claims.at_hash = statement.access_token.map(|token| half_hash(token.expose(), algorithm));
    claims.c_hash = statement.code.map(|code| half_hash(code.expose(), algorithm));
    claims.person = PersonClaims::of(user, statement.shown);
    server.signing.sign(algorithm, id_token::TYPE, &claims, now).ok_or(NotNow)
}
