//! An authorization request: the first byte says whose, the rest is its query. Nothing leaves for an address that is not
//! registered, nothing passes that the app may not have, and what leaves reads back.
#![no_main]

use std::sync::LazyLock;

use keysig_core::access_token::jwt::{self, JwtAccessToken, SignInClaims};
use keysig_core::access_token::{ACCESS_TOKEN_LIFETIME_SECONDS, AccessTokenFor, AccessTokens, Audience, Holder};
use keysig_core::app::App;
use keysig_core::authorize::{
    Answer, AuthorizationRequest, Departure, MAX_NONCE_BYTES, MAX_STATE_BYTES, PageReason, RedirectReason, Refused,
    ReplyTo, ResponseMode, ResponseType, check, client_id, redirect,
};
use keysig_core::grant::{Amr, MAX_CODE_CHARS};
use keysig_core::id::{AppId, GrantId, LoginId, UserId};
use keysig_core::openid::claims::ClaimsRequest;
use keysig_core::openid::id_token::{MAX_ID_TOKEN_CHARS, SignIn};
use keysig_core::parameters::Parameters;
use keysig_core::profile::{ErrorsGo, Profile};
use keysig_core::redirect_uri::RegisteredRedirectUri;
use keysig_core::resource::{Api, TokenFormat};
use keysig_core::secret::Secret;
use keysig_core::testing::SeededRng;
use keysig_fuzz::{
    APIS, INCARNATION, ISSUER, KEYS, NOW, REDIRECT_URIS, SCOPES, app, keyring, lookup, may_stand_for, offered,
    values_by_another_reader,
};
use libfuzzer_sys::fuzz_target;

const MAX_REDIRECT_BYTES: usize = 8192;

static TOKENS: LazyLock<AccessTokens> = LazyLock::new(|| AccessTokens::new(keyring("access"), INCARNATION));

fn sends(raw: &[u8], name: &str) -> Option<String> {
    values_by_another_reader(raw, name).into_iter().next().filter(|value| !value.is_empty())
}

/// What leaves goes to `to`, keeps its size, and says what it should to the last byte.
fn leaves(
    to: &RegisteredRedirectUri,
    mode: ResponseMode,
    answer: &Answer<'_>,
    state: Option<&str>,
    app: &App,
) -> Vec<(String, String)> {
    assert!(REDIRECT_URIS.iter().any(|registered| may_stand_for(registered, to.as_str())), "{}", to.as_str());
    let issuer = app.policy().sends_iss.then_some(ISSUER);
    let fields: Vec<(String, String)> = match redirect(to, mode, answer, state, issuer) {
        Departure::Form { action, fields } => {
            assert!(mode == ResponseMode::FormPost && action == to.as_str() && !to.is_private_use_scheme());
            fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        }
        Departure::Address(address) => {
            assert!(address.len() <= MAX_REDIRECT_BYTES, "{} bytes", address.len());
            assert!(address.bytes().all(|byte| byte.is_ascii_graphic()));
            let carried = address.strip_prefix(to.as_str()).expect("begins with where it goes");
            let first = match mode {
                ResponseMode::Fragment => '#',
                _ if to.as_str().contains('?') => '&',
                _ => '?',
            };
            let carried = carried.strip_prefix(first).expect("is set off");
            url::form_urlencoded::parse(carried.as_bytes()).into_owned().collect()
        }
    };
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(field("state"), state);
    assert_eq!(field("iss"), issuer);
    fields
}

/// An access token as long as this request's can get.
fn longest_token(request: &AuthorizationRequest, scope: &str) -> Secret {
    let holder = Holder::User {
        user: UserId::from_bytes([1; 16]),
        grant: GrantId::from_bytes([2; 16]),
        login: LoginId::from_bytes([3; 16]),
        user_epoch: 1,
        grant_epoch: 1,
        auth_time: NOW,
        amr: Amr::PASSWORD,
        paused: false,
    };
    let (app, scopes, audience) = (AppId::from_bytes([4; 16]), request.scopes, request.audience);
    let sealed = TOKENS.seal(
        AccessTokenFor { app, app_epoch: 1, holder, scopes, audience, lifetime_seconds: 3600 },
        NOW,
        &SeededRng::new(1),
    );
    let Some(Api { identifier, format: TokenFormat::Jwt(algorithm), .. }) = APIS.find(audience) else { return sealed };
    let claims = JwtAccessToken {
        iss: ISSUER,
        aud: identifier,
        sub: &"s".repeat(64),
        client_id: &"c".repeat(64),
        scope,
        iat: NOW.unix_seconds(),
        exp: NOW.unix_seconds(),
        jti: sealed.expose(),
        sign_in: Some(SignInClaims::new(SignIn { auth_time: NOW, amr: Amr::PASSWORD, session: None })),
    };
    let signed = KEYS.sign(*algorithm, jwt::TYPE, &claims, NOW).expect("signs");
    // RSA signatures are longer, and take long.
    Secret::new(format!("{signed}{}", "r".repeat(342 - 86)))
}

/// The longest answer there can be to a request that was accepted.
fn answered(request: &AuthorizationRequest, uri: &RegisteredRedirectUri, mode: ResponseMode, app: &App) {
    let scope = SCOPES.print(request.scopes);
    let wanted = request.response_type;
    let code = Secret::new("c".repeat(MAX_CODE_CHARS));
    let token = longest_token(request, &scope);
    let id_token = "i".repeat(MAX_ID_TOKEN_CHARS);
    let answer = Answer::Granted {
        code: wanted.has_code().then_some(&code),
        access_token: wanted.has_token().then_some((&token, ACCESS_TOKEN_LIFETIME_SECONDS, &scope)),
        id_token: wanted.has_id_token().then_some(&id_token),
    };
    let fields = leaves(uri, mode, &answer, request.state.as_deref(), app);
    let has = |name: &str, value: &str| fields.iter().any(|(known, sent)| known == name && sent == value);
    assert_eq!(has("code", code.expose()), wanted.has_code());
    assert_eq!(has("access_token", token.expose()) && has("scope", &scope), wanted.has_token());
    assert_eq!(has("id_token", &id_token), wanted.has_id_token());
    let denied = Answer::Error { reason: &RedirectReason::Denied, described: app.policy().describes_errors_to_apps };
    leaves(uri, mode, &denied, request.state.as_deref(), app);
}

fn accepted(request: &AuthorizationRequest, raw: &[u8], app: &App) {
    let ReplyTo::Redirect { uri, mode } = &request.reply_to else { panic!("no device asked") };
    let standard = app.profile == Profile::Standard;
    assert!(!app.paused);
    assert_eq!(Some(uri.as_str()), sends(raw, "redirect_uri").as_deref());
    assert_eq!(request.state, sends(raw, "state"), "echoed byte for byte");
    assert!(request.state.as_ref().is_none_or(|state| state.len() <= MAX_STATE_BYTES));

    let wanted = request.response_type;
    assert_eq!(sends(raw, "response_type").as_deref().and_then(ResponseType::parse), Some(wanted));
    assert!(!wanted.is_legacy() || app.legacy_flows);
    assert!(!wanted.is_legacy() || *mode != ResponseMode::Query, "tokens in a query");
    assert!(!wanted.has_id_token() || standard && request.scopes.is_openid() && request.nonce.is_some());
    assert!(!wanted.has_code() || !app.needs_pkce() || request.challenge.is_some());
    assert_eq!(request.challenge.map(|challenge| challenge.to_wire()), sends(raw, "code_challenge"));

    assert!(request.scopes.is_subset(offered(app)));
    assert_eq!(SCOPES.parse(&sends(raw, "scope").unwrap_or_default()), Ok(request.scopes));
    assert_eq!(request.nonce, sends(raw, "nonce"));
    assert!(request.nonce.as_ref().is_none_or(|nonce| nonce.len() <= MAX_NONCE_BYTES));
    assert!(!request.prompt.none || !request.prompt.login && !request.prompt.select_account);
    assert!(request.login_hint.as_ref().is_none_or(|hint| hint.chars().count() <= 254));

    let names: Vec<_> =
        url::form_urlencoded::parse(raw).map(|(name, _)| name).filter(|name| name != "resource").collect();
    assert!(names.iter().enumerate().all(|(index, name)| !names[..index].contains(name)), "a parameter twice");
    let ignored = ["request", "request_uri", "registration"].into_iter().any(|name| sends(raw, name).is_some());
    assert!(!ignored || !standard);
    if standard {
        let named = values_by_another_reader(raw, "resource");
        let named: Vec<_> = named.iter().filter(|name| !name.is_empty()).map(|name| APIS.resolve(name)).collect();
        assert!(named.iter().all(|audience| *audience == Some(request.audience)));
        assert!(!named.is_empty() || request.audience == Audience::OwnApi);
    } else {
        assert!(
            request.audience == Audience::OwnApi && request.subjects.is_empty() && request.max_age_seconds.is_none()
        );
        assert!(request.claims == ClaimsRequest::default() && !request.prompt.none && *mode != ResponseMode::FormPost);
    }
    answered(request, uri, *mode, app);
}

fn refused(refused: &Refused, raw: &[u8], app: &App) {
    let policy = app.policy();
    match refused {
        Refused::Page(reason) => {
            let of_the_address = matches!(
                reason,
                PageReason::ParameterMissing("redirect_uri")
                    | PageReason::RedirectUriNotRegistered { .. }
                    | PageReason::RedirectUriInsecure
                    | PageReason::AppPaused
                    | PageReason::StateTooLong
                    | PageReason::AnswerTooLong
            ) || *reason == PageReason::ParameterTwice("state".to_owned());
            assert!(of_the_address || policy.request_errors == ErrorsGo::ToPage, "{reason:?}");
        }
        Refused::Redirect { to, mode, state, reason } => {
            assert!(!app.paused);
            assert_eq!(Some(to.as_str()), sends(raw, "redirect_uri").as_deref());
            assert_eq!(*state, sends(raw, "state"));
            let described = policy.describes_errors_to_apps;
            let fields = leaves(to, *mode, &Answer::Error { reason, described }, state.as_deref(), app);
            let has = |name: &str, value: &str| fields.iter().any(|(known, sent)| known == name && sent == value);
            assert!(has("error", reason.code()));
            assert_eq!(has("error_description", reason.description()), described);
            assert!(!fields.iter().any(|(name, _)| matches!(name.as_str(), "code" | "access_token" | "id_token")));
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, raw)) = data.split_first() else { return };
    let Ok(parameters) = Parameters::parse(raw) else { return };
    let app = app(*kind);
    match client_id(&parameters) {
        Ok(id) => assert_eq!(Some(id), sends(raw, "client_id").as_deref()),
        Err(_) => return,
    }
    match check(&parameters, app, lookup()) {
        Ok(request) => accepted(&request, raw, app),
        Err(reason) => refused(&reason, raw, app),
    }
});
