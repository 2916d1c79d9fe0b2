//! Each thing that opens a door, in the hands of each other client, at each door that takes such things: refused, and
//! afterwards still good for its owner.

use std::net::SocketAddr;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use keysig_core::app::ClientType;
use keysig_core::profile::Profile;
use keysig_server::net::Peer;
use serde_json::json;

use crate::actors::{Answer, AuthorizeUrl, Browser, REDIRECT_URI, TestApp, VERIFIER, app, form};
use crate::relying_party::{bearer, provider};

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Both kinds of client in both profiles, with and without PKCE, and of each kind another.
const CLIENTS: [&str; 10] = [
    "web",
    "other",
    "public",
    "public-other",
    "standard",
    "standard-other",
    "standard-public",
    "standard-public-other",
    "oidc",
    "oidc-other",
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Artefact {
    Code,
    RefreshToken,
    AccessToken,
    DeviceCode,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Door {
    RedeemCode,
    Refresh,
    RedeemDevice,
    Revoke,
    RevokeByOtherHint,
    Introspect,
    Userinfo,
    Api,
}

const ARTEFACTS: [Artefact; 4] = [Artefact::Code, Artefact::RefreshToken, Artefact::AccessToken, Artefact::DeviceCode];
const DOORS: [Door; 8] = [
    Door::RedeemCode,
    Door::Refresh,
    Door::RedeemDevice,
    Door::Revoke,
    Door::RevokeByOtherHint,
    Door::Introspect,
    Door::Userinfo,
    Door::Api,
];

impl Door {
    /// Whether this artefact is made for this door.
    fn is_for(self, artefact: Artefact) -> bool {
        match self {
            Self::RedeemCode => artefact == Artefact::Code,
            Self::Refresh => artefact == Artefact::RefreshToken,
            Self::RedeemDevice => artefact == Artefact::DeviceCode,
            Self::Revoke | Self::RevokeByOtherHint | Self::Introspect => {
                matches!(artefact, Artefact::AccessToken | Artefact::RefreshToken)
            }
            Self::Userinfo | Self::Api => artefact == Artefact::AccessToken,
        }
    }

    /// Whether whoever holds the artefact may pass (RFC 6750 §1.2): a resource does not ask which client calls.
    fn is_for_bearers(self) -> bool {
        matches!(self, Self::Userinfo | Self::Api)
    }
}

fn is_public(client_id: &str) -> bool {
    client_id.contains("public")
}

/// Whether the app binds its codes by PKCE in this test.
fn binds(client_id: &str) -> bool {
    !["web", "other", "oidc", "oidc-other"].contains(&client_id)
}

fn request(client_id: &str) -> AuthorizeUrl {
    let scope = if client_id.starts_with("standard") || client_id.starts_with("oidc") {
        "openid offline_access user-read-email"
    } else {
        "user-read-email"
    };
    let request = AuthorizeUrl::of("web").with("client_id", client_id).with("scope", scope);
    if binds(client_id) { request.with_pkce() } else { request }
}

/// Posts as this client, with its proof.
async fn post(server: &TestApp, client_id: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut fields = fields.to_vec();
    let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if is_public(client_id) {
        fields.push(("client_id", client_id));
    } else {
        request = request.header(AUTHORIZATION, server.client(client_id).basic());
    }
    server.send(request.body(Body::from(form(&fields))).unwrap()).await
}

async fn redeem(server: &TestApp, client_id: &str, code: &str, bound: bool) -> Answer {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT_URI)];
    if bound {
        fields.push(("code_verifier", VERIFIER));
    }
    post(server, client_id, "/api/token", &fields).await
}

/// What `client_id` hears when it presents `value` at this door; right in all but whose it is, or what.
async fn knock(server: &TestApp, door: Door, client_id: &str, value: &str, bound: bool) -> Answer {
    match door {
        Door::RedeemCode => redeem(server, client_id, value, bound).await,
        Door::Refresh => {
            post(server, client_id, "/api/token", &[("grant_type", "refresh_token"), ("refresh_token", value)]).await
        }
        Door::RedeemDevice => {
            post(server, client_id, "/api/token", &[("grant_type", DEVICE_GRANT), ("device_code", value)]).await
        }
        Door::Revoke => post(server, client_id, "/oauth2/revoke/v1", &[("token", value)]).await,
        Door::RevokeByOtherHint => {
            let fields = [("token", value), ("token_type_hint", "refresh_token")];
            post(server, client_id, "/oauth2/revoke/v1", &fields).await
        }
        Door::Introspect => post(server, client_id, "/oauth2/introspect/v1", &[("token", value)]).await,
        Door::Userinfo => bearer(server, Method::GET, "/oidc/userinfo/v1", value).await,
        Door::Api => bearer(server, Method::GET, "/v1/me", value).await,
    }
}

fn is_refusal(door: Door, client_id: &str, answer: &Answer) -> bool {
    let error = || answer.text("error");
    match door {
        Door::RedeemCode | Door::Refresh | Door::RedeemDevice => {
            [400, 401].contains(&answer.status.as_u16())
                && ["invalid_grant", "invalid_client", "unauthorized_client"].contains(&error().as_str())
        }
        // RFC 7009 §2.2: what cannot be revoked is not there. That nothing was revoked is seen afterwards.
        Door::Revoke | Door::RevokeByOtherHint => {
            answer.status.as_u16() == 200 || answer.status.as_u16() == 400 && error() == "invalid_grant"
        }
        Door::Introspect if is_public(client_id) => answer.status.as_u16() == 400 && error() == "unauthorized_client",
        Door::Introspect => answer.status.as_u16() == 200 && answer.json() == json!({ "active": false }),
        Door::Userinfo | Door::Api => answer.status.as_u16() == 401,
    }
}

/// A device code, and the code its person types.
async fn device_code(server: &TestApp, owner: &str) -> (String, String) {
    let scope = request(owner).parameters.into_iter().find(|(name, _)| name == "scope").unwrap().1;
    let answer = post(server, owner, "/oauth2/device/authorize", &[("scope", scope.as_str())]).await;
    answer.assert_status(200);
    (answer.text("device_code"), answer.text("user_code"))
}

/// The person types the code and allows.
async fn pair(browser: &mut Browser, user_code: &str) {
    let csrf = browser.open("/pair").await.field("csrf");
    let found = browser.post("/pair", &[("csrf", &csrf), ("code", user_code)]).await;
    let consent = browser.open(&found.assert_status(303).destination()).await;
    browser.decide(&consent, "allow").await.assert_status(200);
}

struct Thing {
    value: String,
    /// Of a device: what the person types.
    user_code: String,
    /// The access token beside a refresh token: it must live on too.
    beside: Option<String>,
}

async fn make(server: &TestApp, ada: &mut Browser, artefact: Artefact, owner: &str) -> Thing {
    if artefact == Artefact::DeviceCode {
        let (value, user_code) = device_code(server, owner).await;
        return Thing { value, user_code, beside: None };
    }
    let code = ada.code(&request(owner)).await;
    if artefact == Artefact::Code {
        return Thing { value: code, user_code: String::new(), beside: None };
    }
    let answer = redeem(server, owner, &code, binds(owner)).await;
    let (access, refresh) = (answer.assert_status(200).text("access_token"), answer.text("refresh_token"));
    if artefact == Artefact::AccessToken {
        return Thing { value: access, user_code: String::new(), beside: None };
    }
    Thing { value: refresh, user_code: String::new(), beside: Some(access) }
}

/// That the owner still has what it had.
async fn assert_good(server: &TestApp, ada: &mut Browser, artefact: Artefact, owner: &str, thing: &Thing) {
    let value = &thing.value;
    let answer = match artefact {
        Artefact::Code => redeem(server, owner, value, binds(owner)).await,
        Artefact::RefreshToken => knock(server, Door::Refresh, owner, value, false).await,
        Artefact::AccessToken => knock(server, Door::Api, owner, value, false).await,
        Artefact::DeviceCode => {
            pair(ada, &thing.user_code).await;
            server.clock.advance(5);
            knock(server, Door::RedeemDevice, owner, value, false).await
        }
    };
    assert_eq!(answer.status.as_u16(), 200, "{artefact:?} of {owner} was spent: {}", answer.body);
    if let Some(access) = &thing.beside {
        knock(server, Door::Api, owner, access, false).await.assert_status(200);
    }
}

async fn clients() -> TestApp {
    let server = provider().await;
    for (client_id, client_type, profile) in [
        ("public-other", ClientType::Public, Profile::Spotify),
        ("standard-other", ClientType::Confidential, Profile::Standard),
        ("standard-public-other", ClientType::Public, Profile::Standard),
    ] {
        server.add(&app(client_id, client_type, profile)).await;
    }
    server
}

#[tokio::test]
async fn what_is_one_client_s_is_worth_nothing_to_another_at_any_door_and_is_not_spent() {
    let server = clients().await;
    let mut ada = server.signed_in("ada").await;
    for owner in CLIENTS {
        for artefact in ARTEFACTS {
            let thing = make(&server, &mut ada, artefact, owner).await;
            for stranger in CLIENTS.into_iter().filter(|client_id| *client_id != owner) {
                for door in DOORS {
                    if door.is_for_bearers() && door.is_for(artefact) {
                        continue;
                    }
                    let answer = knock(&server, door, stranger, &thing.value, binds(owner)).await;
                    assert!(
                        is_refusal(door, stranger, &answer),
                        "{artefact:?} of {owner} at {door:?} by {stranger}: {} {}",
                        answer.status,
                        answer.body
                    );
                }
            }
            assert_good(&server, &mut ada, artefact, owner, &thing).await;
        }
    }
}

#[tokio::test]
async fn what_is_made_for_one_door_opens_no_other_and_is_not_spent() {
    let server = clients().await;
    let mut ada = server.signed_in("ada").await;
    for owner in CLIENTS {
        for artefact in ARTEFACTS {
            let thing = make(&server, &mut ada, artefact, owner).await;
            for door in DOORS.into_iter().filter(|door| !door.is_for(artefact)) {
                let answer = knock(&server, door, owner, &thing.value, binds(owner)).await;
                assert!(
                    is_refusal(door, owner, &answer),
                    "{artefact:?} of {owner} at {door:?}: {} {}",
                    answer.status,
                    answer.body
                );
            }
            assert_good(&server, &mut ada, artefact, owner, &thing).await;
        }
    }
}

#[tokio::test]
async fn a_client_that_fails_to_prove_itself_spends_nothing_of_its_own() {
    let server = clients().await;
    let mut ada = server.signed_in("ada").await;
    // Guessing is slowed, and this test guesses from many places.
    let mut places = 0_u8;
    for owner in ["web", "standard", "oidc"] {
        for artefact in ARTEFACTS {
            let thing = make(&server, &mut ada, artefact, owner).await;
            let value = thing.value.as_str();
            for (path, mut fields) in [
                (
                    "/api/token",
                    vec![
                        ("grant_type", "authorization_code"),
                        ("code", value),
                        ("redirect_uri", REDIRECT_URI),
                        ("code_verifier", VERIFIER),
                    ],
                ),
                ("/api/token", vec![("grant_type", "refresh_token"), ("refresh_token", value)]),
                ("/api/token", vec![("grant_type", DEVICE_GRANT), ("device_code", value)]),
                ("/oauth2/revoke/v1", vec![("token", value)]),
                ("/oauth2/introspect/v1", vec![("token", value)]),
            ] {
                fields.extend([("client_id", owner), ("client_secret", "wrong")]);
                places += 1;
                let request = Request::post(path)
                    .extension(Peer(SocketAddr::from(([10, 0, places, 1], 1))))
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                let answer = server.send(request.body(Body::from(form(&fields))).unwrap()).await;
                assert_eq!(answer.text("error"), "invalid_client", "{path} {artefact:?} of {owner}");
            }
            assert_good(&server, &mut ada, artefact, owner, &thing).await;
        }
    }
}
