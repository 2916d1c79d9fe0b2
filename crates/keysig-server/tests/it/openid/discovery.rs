//! OpenID Connect Discovery §3, §4; RFC 8414; RFC 7517.

use axum::body::Body;
use http::Request;
use serde_json::Value;

use crate::actors::ISSUER;
use crate::relying_party::{FRONT_CHANNEL, fetch, provider};

const CONFIGURATION: &str = "/.well-known/openid-configuration";

fn texts(metadata: &Value, name: &str) -> Vec<String> {
    let list = metadata[name].as_array().unwrap_or_else(|| panic!("no {name} in {metadata}"));
    list.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_configuration_is_complete() {
    let server = provider().await;
    let answer = fetch(&server, CONFIGURATION).await;
    assert!(answer.assert_status(200).header("content-type").starts_with("application/json"));
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], ISSUER);
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/api/token"),
        ("userinfo_endpoint", "/oidc/userinfo/v1"),
        ("jwks_uri", "/oidc/certs/v1"),
        ("revocation_endpoint", "/oauth2/revoke/v1"),
        ("introspection_endpoint", "/oauth2/introspect/v1"),
        ("device_authorization_endpoint", "/oauth2/device/authorize"),
        ("end_session_endpoint", "/oidc/logout/v1"),
    ] {
        assert_eq!(metadata[name], format!("{ISSUER}{path}"), "{name}");
    }
    for (name, needed) in [
        ("scopes_supported", vec!["openid", "profile", "email", "offline_access"]),
        ("response_modes_supported", vec!["query", "fragment", "form_post"]),
        ("grant_types_supported", vec!["authorization_code", "refresh_token", "implicit"]),
        ("id_token_signing_alg_values_supported", vec!["RS256", "ES256", "EdDSA"]),
        ("claims_supported", vec!["sub", "name", "preferred_username", "email", "email_verified"]),
        ("acr_values_supported", vec!["urn:keysig:acr:1fa", "urn:keysig:acr:2fa"]),
        ("code_challenge_methods_supported", vec!["S256"]),
    ] {
        let known = texts(&metadata, name);
        for value in needed {
            assert!(known.iter().any(|known| known == value), "{value} is not in {name}: {known:?}");
        }
    }
    let types = texts(&metadata, "response_types_supported");
    for response_type in FRONT_CHANNEL.into_iter().chain(["code"]) {
        assert!(types.iter().any(|known| known == response_type), "{types:?}");
    }
    assert_eq!(texts(&metadata, "code_challenge_methods_supported"), ["S256"]);
    assert_eq!(metadata["claims_parameter_supported"], true);
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert!(!texts(&metadata, "id_token_signing_alg_values_supported").contains(&"none".to_owned()));
}

#[tokio::test]
async fn oauth_clients_find_the_same_under_their_own_name() {
    let server = provider().await;
    let openid = fetch(&server, CONFIGURATION).await.json();
    let oauth = fetch(&server, "/.well-known/oauth-authorization-server").await.assert_status(200).json();
    for (name, value) in oauth.as_object().unwrap() {
        assert_eq!(&openid[name], value, "{name}");
    }
    for name in ["issuer", "token_endpoint", "jwks_uri", "authorization_endpoint"] {
        assert!(oauth[name].is_string(), "{name}");
    }
}

#[tokio::test]
async fn all_addresses_are_of_the_issuer_whoever_a_request_says_we_are() {
    let server = provider().await;
    let honest = fetch(&server, CONFIGURATION).await.body;
    let request = Request::get(CONFIGURATION)
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "gopher")
        .header("forwarded", "host=evil.example");
    assert_eq!(server.send(request.body(Body::empty()).unwrap()).await.body, honest);
    let metadata: Value = serde_json::from_str(&honest).unwrap();
    for (name, value) in metadata.as_object().unwrap() {
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            assert!(value.as_str().unwrap().starts_with(&format!("{ISSUER}/")), "{name}");
        }
    }
}

#[tokio::test]
async fn logout_is_advertised_with_sessions() {
    let server = provider().await;
    let metadata = fetch(&server, CONFIGURATION).await.json();
    for name in [
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
    ] {
        assert_eq!(metadata[name], true, "{name}");
    }
}

#[tokio::test]
async fn the_keys_are_public_named_and_for_signing() {
    let server = provider().await;
    let answer = fetch(&server, "/oidc/certs/v1").await;
    let keys = answer.assert_status(200).json()["keys"].as_array().unwrap().clone();
    let mut ids = Vec::new();
    let mut algorithms = Vec::new();
    for key in &keys {
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key[private].is_null(), "{private} is nobody's business");
        }
        ids.push(key["kid"].as_str().unwrap().to_owned());
        algorithms.push(key["alg"].as_str().unwrap().to_owned());
        let expected = match key["alg"].as_str().unwrap() {
            "RS256" => ("RSA", "n"),
            "ES256" => ("EC", "y"),
            _ => ("OKP", "x"),
        };
        assert_eq!(key["kty"], expected.0);
        assert!(key[expected.1].is_string());
    }
    let many = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), many, "one name, one key");
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        assert!(algorithms.iter().any(|known| known == algorithm), "{algorithms:?}");
    }
}

#[tokio::test]
async fn metadata_and_keys_may_be_read_by_any_origin_and_kept_for_a_while() {
    let server = provider().await;
    for path in [CONFIGURATION, "/.well-known/oauth-authorization-server", "/oidc/certs/v1"] {
        let request = Request::get(path).header("origin", "https://app.example").body(Body::empty()).unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert!(answer.header("cache-control").contains("max-age"), "{path}: {:?}", answer.headers);
    }
}
