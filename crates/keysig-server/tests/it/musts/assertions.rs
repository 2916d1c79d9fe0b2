//! Client assertions (RFC 7523) do not exist here. Whoever presents one has proven nothing.

use keysig_core::encoding::base64url;

use super::token::{assert_error, send};
use crate::actors::{ISSUER, REDIRECT_URI, TestApp, VERIFIER};

/// A client assertion (RFC 7523 §3) whose signature is the matter of nobody.
fn assertion(client_id: &str, now: i64, algorithm: &str) -> String {
    let header = format!(r#"{{"alg":"{algorithm}"}}"#);
    let claims = format!(
        r#"{{"iss":"{client_id}","sub":"{client_id}","aud":"{}","exp":{},"iat":{now},"jti":"1"}}"#,
        ISSUER,
        now + 60
    );
    let signature = if algorithm == "none" { String::new() } else { base64url(&[7; 64]) };
    format!("{}.{}.{signature}", base64url(header.as_bytes()), base64url(claims.as_bytes()))
}

/// Presents an assertion of this moment instead of a secret, and beside one; both are refused and nothing is spent.
async fn refuses_assertions(issued_ahead: i64, algorithms: &[&str]) {
    let server = TestApp::new().await;
    let client = server.client("standard");
    let code = server.signed_in("ada").await.code(&client.request()).await;
    let refresh = client.log_in("ada").await.refresh;
    for algorithm in algorithms {
        let assertion = assertion("standard", server.server.now().unix_seconds() + issued_ahead, algorithm);
        let proof = [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        for grant in [
            vec![
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", REDIRECT_URI),
                ("code_verifier", VERIFIER),
            ],
            vec![("grant_type", "refresh_token"), ("refresh_token", &refresh)],
            vec![("grant_type", "client_credentials")],
        ] {
            let mut fields: Vec<(&str, &str)> = grant.into_iter().chain(proof).collect();
            assert_error(&send(&server, &[], &fields).await, "invalid_client");
            fields.push(("client_id", "standard"));
            assert_error(&send(&server, &[], &fields).await, "invalid_client");
            let beside = send(&server, &[&client.basic()], &fields).await;
            assert!(beside.status.is_client_error(), "two ways at once: {}", beside.body);
        }
    }
    client.exchange(&code).await.assert_status(200);
    client.refresh(&refresh).await.assert_status(200);
}

#[tokio::test]
async fn t16_a_client_assertion_is_no_proof_here_and_spends_nothing() {
    refuses_assertions(0, &["RS256", "ES256", "HS256", "none"]).await;
    let server = TestApp::new().await;
    let metadata = crate::relying_party::fetch(&server, "/.well-known/openid-configuration").await.json();
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array().unwrap();
    assert!(!methods.iter().any(|method| method.as_str().unwrap().ends_with("_jwt")), "{methods:?}");
}

#[tokio::test]
async fn t17_nor_is_one_from_the_near_or_far_future() {
    refuses_assertions(10, &["ES256"]).await;
    refuses_assertions(61, &["ES256"]).await;
}
