//! openidconnect, as published: what a Rust web app or a device does to know who somebody is.

use std::{collections::HashMap, time::Duration};

use keysig_clients_rust::{CALLBACK, person, required};
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    DeviceAuthorizationUrl, EndSessionUrl, EndpointMaybeSet, EndpointSet, IntrospectionUrl, IssuerUrl, LogoutRequest,
    Nonce, NonceVerifier, OAuth2TokenResponse, PkceCodeChallenge, PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl,
    RequestTokenError, RevocationUrl, Scope, TokenIntrospectionResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
        CoreDeviceAuthorizationResponse, CoreErrorResponseType, CoreGrantType, CoreIdTokenClaims, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
        CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse, CoreUserInfoClaims,
    },
    reqwest,
    url::Url,
};
use serde::{Deserialize, Serialize};

/// Endpoints that the crate leaves to its users.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct MoreEndpoints {
    device_authorization_endpoint: DeviceAuthorizationUrl,
    introspection_endpoint: IntrospectionUrl,
    revocation_endpoint: RevocationUrl,
    end_session_endpoint: EndSessionUrl,
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for MoreEndpoints {}

type Metadata = ProviderMetadata<
    MoreEndpoints,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<EndpointSet, EndpointSet, EndpointSet, EndpointSet, EndpointMaybeSet, EndpointMaybeSet>;

struct App {
    metadata: Metadata,
    client: Client,
    http: reqwest::Client,
}

/// What a login gave; the claims are verified.
struct Login {
    tokens: CoreTokenResponse,
    claims: CoreIdTokenClaims,
}

impl App {
    async fn new(id: &str, secret: Option<&str>) -> Self {
        let issuer = IssuerUrl::new(required("KEYSIG_TEST_ISSUER")).expect("an address");
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let metadata = Metadata::discover_async(issuer, &http).await.expect("a discovery document and its keys");
        let more = metadata.additional_metadata().clone();
        let secret = secret.map(|secret| ClientSecret::new(secret.to_owned()));
        let client = CoreClient::from_provider_metadata(metadata.clone(), ClientId::new(id.to_owned()), secret)
            .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).expect("an address"))
            .set_device_authorization_url(more.device_authorization_endpoint)
            .set_introspection_url(more.introspection_endpoint)
            .set_revocation_url(more.revocation_endpoint);
        Self { metadata, client, http }
    }

    async fn confidential() -> Self {
        Self::new("demo-oidc", Some("demo-secret")).await
    }

    async fn public() -> Self {
        Self::new("demo-oidc-public", None).await
    }

    async fn log_in(&self) -> Login {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = self
            .client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(["profile", "email"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        let answer = answer(&person(&[], url.as_str()));
        assert_eq!(answer["state"], *state.secret());
        assert_eq!(answer["iss"], **self.metadata.issuer());
        let code = AuthorizationCode::new(answer["code"].clone());
        let exchange = self.client.exchange_code(code).expect("a token endpoint");
        let tokens = exchange.set_pkce_verifier(verifier).request_async(&self.http).await.expect("tokens");
        let claims = self.claims(&tokens, &nonce);
        Login { tokens, claims }
    }

    /// The claims of the ID token, once its signature, issuer, audience, times and nonce are proven.
    fn claims(&self, tokens: &CoreTokenResponse, nonce: impl NonceVerifier) -> CoreIdTokenClaims {
        let id_token = tokens.id_token().expect("an ID token");
        id_token.claims(&self.client.id_token_verifier(), nonce).expect("an ID token that holds").clone()
    }

    async fn userinfo(&self, login: &Login) -> CoreUserInfoClaims {
        let subject = login.claims.subject().clone();
        let request = self.client.user_info(login.tokens.access_token().clone(), Some(subject)).expect("an endpoint");
        request.request_async(&self.http).await.expect("what userinfo says of the same subject")
    }
}

/// The parameters of an authorization response.
fn answer(callback: &str) -> HashMap<String, String> {
    Url::parse(callback).expect("an address").query_pairs().into_owned().collect()
}

fn no_nonce(nonce: Option<&Nonce>) -> Result<(), String> {
    nonce.map_or(Ok(()), |_| Err("a nonce that nobody sent".to_owned()))
}

async fn a_login_tells_who_it_is(app: App) {
    let login = app.log_in().await;
    let userinfo = app.userinfo(&login).await;
    assert_eq!(userinfo.email().map(|email| email.as_str()), Some("ada@example.test"));
    assert!(userinfo.email_verified().is_some());
    assert_eq!(userinfo.subject(), login.claims.subject());
    if let Some(hash) = login.claims.access_token_hash() {
        let id_token = login.tokens.id_token().expect("an ID token");
        let verifier = app.client.id_token_verifier();
        let key = id_token.signing_key(&verifier).expect("the key it was signed with");
        let algorithm = id_token.signing_alg().expect("an algorithm");
        assert_eq!(*hash, AccessTokenHash::from_token(login.tokens.access_token(), algorithm, key).expect("a hash"));
    }
}

#[tokio::test]
async fn a_confidential_app_learns_who_logged_in() {
    a_login_tells_who_it_is(App::confidential().await).await;
}

#[tokio::test]
async fn a_public_app_learns_who_logged_in() {
    a_login_tells_who_it_is(App::public().await).await;
}

#[tokio::test]
async fn the_secret_may_come_in_the_body() {
    let mut app = App::confidential().await;
    app.client = app.client.set_auth_type(AuthType::RequestBody);
    a_login_tells_who_it_is(app).await;
}

#[tokio::test]
async fn an_id_token_is_signed_as_the_app_chose() {
    for (id, algorithm) in [
        ("demo-oidc-es256", CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        ("demo-oidc-eddsa", CoreJwsSigningAlgorithm::EdDsa),
    ] {
        let app = App::new(id, Some("demo-secret")).await;
        let login = app.log_in().await;
        assert_eq!(*login.tokens.id_token().expect("an ID token").signing_alg().expect("an algorithm"), algorithm);
    }
}

#[tokio::test]
async fn refreshing_gives_another_refresh_token_and_the_same_subject() {
    let app = App::confidential().await;
    let login = app.log_in().await;
    let first = login.tokens.refresh_token().expect("a refresh token");
    let request = app.client.exchange_refresh_token(first).expect("a token endpoint");
    let tokens = request.request_async(&app.http).await.expect("tokens");
    assert_ne!(tokens.refresh_token().expect("a refresh token").secret(), first.secret());
    // A refreshed ID token should have no nonce: OpenID Connect Core 1.0 §12.2.
    let claims = app.claims(&tokens, no_nonce);
    assert_eq!((claims.subject(), claims.auth_time()), (login.claims.subject(), login.claims.auth_time()));
    app.userinfo(&Login { tokens, claims }).await;
}

/// The crate refuses to send a revocation over http, so the other end of a token's life is what it can look at.
#[tokio::test]
async fn introspection_tells_a_live_token_from_none() {
    let app = App::confidential().await;
    let login = app.log_in().await;
    let told = app.client.introspect(login.tokens.access_token()).request_async(&app.http).await.expect("an answer");
    assert!(told.active());
    assert_eq!(told.client_id().map(|id| id.as_str()), Some("demo-oidc"));
    assert_eq!(told.sub(), Some(login.claims.subject().as_str()));
    assert!(told.exp().is_some());
    let mut scopes: Vec<&str> = told.scopes().expect("scopes").iter().map(|scope| scope.as_str()).collect();
    scopes.sort_unstable();
    assert_eq!(scopes, ["email", "openid", "profile"]);

    let unknown = openidconnect::AccessToken::new("BQnotatoken".to_owned());
    let told = app.client.introspect(&unknown).request_async(&app.http).await.expect("an answer");
    assert!(!told.active());
}

#[tokio::test]
async fn a_wrong_verifier_is_an_invalid_grant() {
    let app = App::public().await;
    let (challenge, _) = PkceCodeChallenge::new_random_sha256();
    let (_, another) = PkceCodeChallenge::new_random_sha256();
    let (url, ..) = app
        .client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .set_pkce_challenge(challenge)
        .url();
    let code = AuthorizationCode::new(answer(&person(&[], url.as_str()))["code"].clone());
    let exchange = app.client.exchange_code(code).expect("a token endpoint").set_pkce_verifier(another);
    match exchange.request_async(&app.http).await.expect_err("no tokens") {
        RequestTokenError::ServerResponse(refused) => assert_eq!(*refused.error(), CoreErrorResponseType::InvalidGrant),
        other => panic!("not in words it can read: {other}"),
    }
}

#[tokio::test]
async fn a_denial_carries_no_code() {
    let app = App::new("demo-legacy", Some("demo-secret")).await;
    let (challenge, _) = PkceCodeChallenge::new_random_sha256();
    let (url, state, _) = app
        .client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .set_pkce_challenge(challenge)
        .url();
    let answer = answer(&person(&["--user", "bob@example.test", "--deny"], url.as_str()));
    assert_eq!((answer["error"].as_str(), &answer["state"]), ("access_denied", state.secret()));
    assert!(!answer.contains_key("code"));
}

#[tokio::test]
async fn an_application_alone_is_an_access_token_and_nobody() {
    let app = App::confidential().await;
    let request = app.client.exchange_client_credentials().expect("a token endpoint");
    let tokens = request.request_async(&app.http).await.expect("tokens");
    assert!(tokens.refresh_token().is_none());
    assert!(tokens.id_token().is_none());
}

#[tokio::test]
async fn a_device_waits_until_somebody_allows_it() {
    let app = App::public().await;
    let device: CoreDeviceAuthorizationResponse = app
        .client
        .exchange_device_code()
        .add_scopes(["profile", "email"].map(|scope| Scope::new(scope.to_owned())))
        .request_async(&app.http)
        .await
        .expect("a device code");
    assert_eq!(device.interval(), Duration::from_secs(5));
    let address = device.verification_uri_complete().expect("an address with the code in it").secret();
    // The crate asks first and waits then: somebody allows it while it waits.
    let somebody = |pause: Duration| async move {
        person(&["--stay"], address);
        tokio::time::sleep(pause).await;
    };
    let request = app.client.exchange_device_access_token(&device).expect("a token endpoint");
    let tokens = request.request_async(&app.http, somebody, Some(Duration::from_secs(30))).await.expect("tokens");
    let claims = app.claims(&tokens, no_nonce);
    let userinfo = app.userinfo(&Login { tokens, claims }).await;
    assert_eq!(userinfo.email().map(|email| email.as_str()), Some("ada@example.test"));
}

#[tokio::test]
async fn signing_out_leads_back_to_the_app() {
    let app = App::confidential().await;
    let login = app.log_in().await;
    let end = LogoutRequest::from(app.metadata.additional_metadata().end_session_endpoint.clone())
        .set_id_token_hint(login.tokens.id_token().expect("an ID token"))
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(CALLBACK.to_owned()).expect("an address"))
        .set_state(CsrfToken::new("bye".to_owned()))
        .http_get_url();
    assert_eq!(person(&[], end.as_str()), format!("{CALLBACK}?state=bye"));
}
