//! What clients learn about us by themselves: `/.well-known/…` (OpenID Connect Discovery §3, RFC 8414 §2, RFC 9728 §2) and
//! the JWKS. Everything follows from the configuration, never from a header (RFC 8414 §6.2).

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use keysig_core::authorize::{Prompt, ResponseMode, ResponseType};
use keysig_core::grant::ACR_VALUES;
use keysig_core::jose::SigningAlgorithm;
use keysig_core::openid::claims::Claim;
use keysig_core::scope::ScopeCatalogue;
use serde_json::{Value, json};

use crate::language::Lang;
use crate::oauth::token::DEVICE_CODE;
use crate::server::Server;

/// How long the documents may be kept: a new key is published two days before it signs.
const CACHED: &str = "public, max-age=3600";

/// The documents, made once at the start.
pub struct Documents {
    metadata: Bytes,
    resource: Bytes,
    web_api: Bytes,
}

fn names(catalogue: &ScopeCatalogue) -> Vec<&str> {
    let mut names: Vec<&str> = catalogue.grantable().map(|(_, entry)| entry.name.as_str()).collect();
    names.sort_unstable();
    names
}

/// What the profile `standard` does: a library that reads this belongs to such an app.
fn metadata(issuer: &str, catalogue: &ScopeCatalogue, languages: &[Lang]) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let algorithms = SigningAlgorithm::ALL.map(SigningAlgorithm::name);
    let client_authentication = ["client_secret_basic", "client_secret_post", "none"];
    let claims: Vec<&str> = ["iss", "sub", "aud", "exp", "iat", "nonce", "sid", "at_hash", "c_hash"]
        .into_iter()
        .chain(Claim::ALL.map(Claim::name))
        .collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/api/token"),
        "jwks_uri": at("/oidc/certs/v1"),
        "userinfo_endpoint": at("/oidc/userinfo/v1"),
        "revocation_endpoint": at("/oauth2/revoke/v1"),
        "introspection_endpoint": at("/oauth2/introspect/v1"),
        "device_authorization_endpoint": at("/oauth2/device/authorize"),
        "end_session_endpoint": at("/oidc/logout/v1"),
        "scopes_supported": names(catalogue),
        "response_types_supported": ResponseType::ALL,
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::name),
        "grant_types_supported":
            ["authorization_code", "refresh_token", "client_credentials", "implicit", DEVICE_CODE],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": client_authentication,
        "revocation_endpoint_auth_methods_supported": client_authentication,
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "introspection_signing_alg_values_supported": algorithms,
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "acr_values_supported": ACR_VALUES,
        "prompt_values_supported": Prompt::VALUES,
        "display_values_supported": ["page"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "ui_locales_supported": languages.iter().map(|lang| lang.tag()).collect::<Vec<_>>(),
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}

fn resource(identifier: &str, issuer: &str, catalogue: &ScopeCatalogue) -> Value {
    json!({
        "resource": identifier,
        "authorization_servers": [issuer],
        "scopes_supported": names(catalogue),
        "bearer_methods_supported": ["header"],
    })
}

impl Documents {
    /// For an instance with this issuer.
    pub fn new(issuer: &str, catalogue: &ScopeCatalogue, languages: &[Lang]) -> Self {
        let web_api = format!("{issuer}/v1");
        let bytes = |document: Value| Bytes::from(document.to_string());
        Self {
            metadata: bytes(metadata(issuer, catalogue, languages)),
            resource: bytes(resource(issuer, issuer, catalogue)),
            web_api: bytes(resource(&web_api, issuer, catalogue)),
        }
    }
}

fn document(bytes: Bytes) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(CACHED));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub async fn authorization_server(State(server): State<Arc<Server>>) -> Response {
    document(server.documents().metadata.clone())
}

/// `GET /.well-known/oauth-protected-resource`.
pub async fn protected_resource(State(server): State<Arc<Server>>) -> Response {
    document(server.documents().resource.clone())
}

/// `GET /.well-known/oauth-protected-resource/v1`: of the Web API by its own address (RFC 9728 §3.1).
pub async fn web_api(State(server): State<Arc<Server>>) -> Response {
    document(server.documents().web_api.clone())
}

/// `GET /oidc/certs/v1`.
pub async fn jwks(State(server): State<Arc<Server>>) -> Response {
    document(server.signing.jwks(server.now()))
}
