//! The token endpoint.

use std::net::SocketAddr;

use axum::body::Body;
use http::Request;
use keysig_core::app::{App, ClientType, StoredSecret};
use keysig_core::encoding::{base64_encode, base64url_decode};
use keysig_core::profile::Profile;
use keysig_core::secret::Secret;
use keysig_server::net::Peer;

use crate::actors::{
    Answer, AuthorizeUrl, CHALLENGE, ClientApp, PASSWORD, REDIRECT_URI, TestApp, Tokens, VERIFIER, app, form,
};
use crate::relying_party::{asks, log_in, provider};

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) async fn send(server: &TestApp, authorization: &[&str], fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::post("/api/token").header("content-type", FORM);
    for value in authorization {
        request = request.header("authorization", *value);
    }
    server.send(request.body(Body::from(form(fields))).unwrap()).await
}

#[track_caller]
pub(super) fn assert_error(answer: &Answer, error: &str) {
    assert!([400, 401].contains(&answer.status.as_u16()), "{} {}", answer.status, answer.body);
    assert_eq!(answer.text("error"), error);
}

async fn exchange_with(client: &ClientApp, code: &str, redirect_uri: &str, verifier: Option<&str>) -> Answer {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
    fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    client.post("/api/token", &fields).await
}

#[tokio::test]
async fn t1_only_a_form_in_the_body_of_a_post_is_read_and_each_field_once() {
    let server = TestApp::new().await;
    let basic = server.client("standard").basic();
    let call = |method: &'static str, path: &'static str, content_type: &'static str, body: &'static str| {
        let request = Request::builder().method(method).uri(path).header("authorization", &basic);
        let request = request.header("content-type", content_type).body(Body::from(body)).unwrap();
        let server = server.clone();
        async move { server.send(request).await }
    };
    let good = "grant_type=client_credentials";
    for content_type in
        [FORM, "application/x-www-form-urlencoded; charset=ISO-8859-1", "APPLICATION/X-WWW-FORM-URLENCODED"]
    {
        call("POST", "/api/token", content_type, good).await.assert_status(200);
    }
    call("GET", "/api/token?grant_type=client_credentials", FORM, "").await.assert_status(405);
    assert!(call("POST", "/api/token?grant_type=client_credentials", FORM, "").await.status.is_client_error());
    let json = r#"{"grant_type":"client_credentials"}"#;
    call("POST", "/api/token", "application/json", json).await.assert_status(415);
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n--x--";
    call("POST", "/api/token", "multipart/form-data; boundary=x", multipart).await.assert_status(415);
    for twice in
        ["grant_type=client_credentials&grant_type=client_credentials", "grant_type=client_credentials&x=1&x=1"]
    {
        assert_error(&call("POST", "/api/token", FORM, twice).await, "invalid_request");
    }
}

#[tokio::test]
async fn t2_every_answer_is_json_that_nobody_keeps() {
    let server = provider().await;
    let client = server.client("oidc");
    let login = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    for answer in [
        login.answer,
        client.client_credentials().await,
        client.post("/api/token", &[("grant_type", "magic")]).await,
        client.exchange("x").await,
        send(&server, &["Basic !"], &[("grant_type", "client_credentials")]).await,
    ] {
        assert!(answer.json().is_object());
        assert!(answer.header("content-type").starts_with("application/json"));
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    }
}

#[tokio::test]
async fn t3_a_client_proves_itself_one_way_and_as_who_it_says_it_is() {
    let server = TestApp::new().await;
    for client_id in ["web", "standard"] {
        let basic = server.client(client_id).basic();
        let secret = format!("{client_id}-secret");
        let grant = ("grant_type", "client_credentials");
        let both = [grant, ("client_id", client_id), ("client_secret", secret.as_str())];
        let answer = send(&server, &[&basic], &both).await;
        assert!(["invalid_request", "invalid_client"].contains(&answer.text("error").as_str()));
        assert!(answer.status.is_client_error());
        assert!(send(&server, &[&basic], &[grant, ("client_id", "other")]).await.status.is_client_error());
        assert!(send(&server, &[&basic, &basic], &[grant]).await.status.is_client_error());
        send(&server, &[&basic], &[grant, ("client_id", client_id)]).await.assert_status(200);
    }
}

#[tokio::test]
async fn t4_basic_credentials_are_read_strictly_and_in_one_way() {
    let server = TestApp::new().await;
    let secret = "p%a+s:s w&ö";
    let stored = StoredSecret { hash: Secret::new(secret.to_owned()).hash(), retires_at: None };
    server.add(&App { secrets: vec![stored], ..app("odd", ClientType::Confidential, Profile::Standard) }).await;
    let grant = [("grant_type", "client_credentials")];
    let encoded = base64_encode("odd:p%25a%2Bs%3As+w%26%C3%B6".as_bytes());
    for scheme in ["Basic", "basic", "BASIC"] {
        send(&server, &[&format!("{scheme} {encoded}")], &grant).await.assert_status(200);
    }
    let unpadded = base64_encode(b"standard:standard-secret").trim_end_matches('=').to_owned();
    let trailing_bits = base64_encode(b"standard:standard-secret!").replace("IQ==", "IR==");
    for broken in [
        format!("Basic {encoded} {encoded}"),
        format!("Basic {encoded}\t"),
        format!("Basic {}", base64_encode("odd:p%zz".as_bytes())),
        format!("Basic {unpadded}x"),
        format!("Basic {trailing_bits}"),
        "Basic".to_owned(),
        "Basic b2Rk".to_owned(),
    ] {
        let answer = send(&server, &[&broken], &grant).await;
        assert!(answer.status.is_client_error(), "{broken}");
    }
}

#[tokio::test]
async fn t5_a_failed_authentication_is_invalid_client_with_a_challenge_where_a_header_was_tried() {
    let server = TestApp::new().await;
    let grant = ("grant_type", "client_credentials");
    let by_header = send(&server, &[&format!("Basic {}", base64_encode(b"standard:wrong"))], &[grant]).await;
    assert_eq!(by_header.assert_status(401).text("error"), "invalid_client");
    assert!(by_header.header("www-authenticate").starts_with("Basic"));
    let by_body = send(&server, &[], &[grant, ("client_id", "standard"), ("client_secret", "wrong")]).await;
    assert_eq!(by_body.assert_status(401).text("error"), "invalid_client");
    let unknown = send(&server, &[], &[grant, ("client_id", "nobody"), ("client_secret", "x")]).await;
    assert_error(&unknown, "invalid_client");
    // The same for what needs no secret but a client: a confidential app cannot pass as a public one.
    let none =
        send(&server, &[], &[("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", "standard")]);
    assert_error(&none.await, "invalid_client");
}

#[tokio::test]
async fn t6_guessing_a_secret_is_slowed_for_the_guesser_alone() {
    let server = TestApp::new().await;
    let from = |block: u8, path: &'static str, secret: &'static str| {
        let fields = [("token", "x"), ("grant_type", "client_credentials"), ("client_id", "standard")];
        let body = form(&fields.into_iter().chain([("client_secret", secret)]).collect::<Vec<_>>());
        let peer = Peer(SocketAddr::from(([10, 0, block, 1], 1)));
        let request = Request::post(path).extension(peer).header("content-type", FORM).body(Body::from(body)).unwrap();
        let server = server.clone();
        async move { server.send(request).await.status.as_u16() }
    };
    for (block, path) in [(1, "/api/token"), (2, "/oauth2/revoke/v1"), (3, "/oauth2/introspect/v1")] {
        let mut tries = 0;
        while from(block, path, "guess").await != 429 {
            tries += 1;
            assert!(tries < 100, "{path} is never slowed");
        }
        assert_eq!(from(block, "/api/token", "standard-secret").await, 429, "one count for all doors");
        assert_eq!(from(100 + block, path, "standard-secret").await, 200);
    }
}

#[tokio::test]
async fn t7_a_code_is_good_for_its_client_its_redirect_uri_and_its_verifier_only() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    for client_id in ["standard", "standard-public", "public"] {
        let client = server.client(client_id);
        let code = ada.code(&client.request()).await;
        for (stranger, redirect_uri, verifier) in [
            (server.client(if client_id == "public" { "standard-public" } else { "public" }), REDIRECT_URI, VERIFIER),
            (client.clone(), "https://peek.example/cb", VERIFIER),
            (client.clone(), "", VERIFIER),
            (client.clone(), REDIRECT_URI, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"),
            (client.clone(), REDIRECT_URI, CHALLENGE),
        ] {
            let answer = exchange_with(&stranger, &code, redirect_uri, Some(verifier)).await;
            assert_error(&answer, "invalid_grant");
        }
        client.exchange(&code).await.assert_status(200);
    }
}

#[tokio::test]
async fn t8_neither_challenge_nor_verifier_comes_alone() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for client_id in ["web", "oidc"] {
        let client = server.client(client_id);
        let request = AuthorizeUrl::of("web").with("client_id", client_id);
        let unbound = ada.code(&request).await;
        assert_error(&exchange_with(&client, &unbound, REDIRECT_URI, Some(VERIFIER)).await, "invalid_grant");
        let bound = ada.code(&request.with_pkce()).await;
        assert_error(&exchange_with(&client, &bound, REDIRECT_URI, None).await, "invalid_grant");
        exchange_with(&client, &unbound, REDIRECT_URI, None).await.assert_status(200);
        exchange_with(&client, &bound, REDIRECT_URI, Some(VERIFIER)).await.assert_status(200);
    }
}

#[tokio::test]
async fn t9_a_second_use_is_refused_and_ends_the_first_only_if_it_is_right_in_all_else() {
    let server = TestApp::new().await;
    let client = server.client("standard");
    let code = server.signed_in("ada").await.code(&client.request()).await;
    let tokens = Tokens::of(&client.exchange(&code).await);
    server.clock.advance(30);
    for (who, redirect_uri, verifier) in [
        (server.client("standard-public"), REDIRECT_URI, VERIFIER),
        (client.clone(), "https://peek.example/cb", VERIFIER),
        (client.clone(), REDIRECT_URI, CHALLENGE),
    ] {
        assert_error(&exchange_with(&who, &code, redirect_uri, Some(verifier)).await, "invalid_grant");
        server.api("/v1/me", &tokens.access).await.assert_status(200);
    }
    assert_error(&client.exchange(&code).await, "invalid_grant");
    server.api("/v1/me", &tokens.access).await.assert_status(401);
    assert_error(&client.refresh(&tokens.refresh).await, "invalid_grant");
}

#[tokio::test]
async fn t10_a_refresh_token_is_its_client_s_and_its_scope_may_only_shrink() {
    let server = TestApp::new().await;
    let client = server.client("standard");
    let tokens = client.log_in("ada").await;
    for stranger in ["web", "public", "standard-public"] {
        assert_error(&server.client(stranger).refresh(&tokens.refresh).await, "invalid_grant");
    }
    let narrowed = |refresh: String, scope: &'static str| {
        let client = client.clone();
        async move {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str()), ("scope", scope)];
            client.post("/api/token", &fields).await
        }
    };
    assert_error(&narrowed(tokens.refresh.clone(), "user-read-email user-top-read").await, "invalid_scope");
    let narrow = narrowed(tokens.refresh.clone(), "user-read-email").await;
    assert_eq!(narrow.assert_status(200).text("scope"), "user-read-email");
    let full = client.refresh(&narrow.text("refresh_token")).await;
    assert_eq!(full.assert_status(200).text("scope"), "user-read-email user-read-private");
}

#[tokio::test]
async fn t11_a_public_client_s_tokens_rotate_and_an_old_one_ends_the_family() {
    let server = TestApp::new().await;
    let client = server.client("standard-public");
    let first = client.log_in("ada").await;
    let second = Tokens::of(&client.refresh(&first.refresh).await);
    let third = Tokens::of(&client.refresh(&second.refresh).await);
    assert!(first.refresh != second.refresh && second.refresh != third.refresh);
    assert_error(&client.refresh(&first.refresh).await, "invalid_grant");
    assert_error(&client.refresh(&third.refresh).await, "invalid_grant");
    server.api("/v1/me", &third.access).await.assert_status(401);
}

#[tokio::test]
async fn t12_no_refresh_token_lives_for_ever() {
    let server = TestApp::new().await;
    for client_id in ["public", "standard"] {
        let client = server.client(client_id);
        let mut refresh = client.log_in("ada").await.refresh;
        let mut days = 0;
        while days < 400 {
            server.clock.advance(30 * 86_400);
            days += 30;
            let answer = client.refresh(&refresh).await;
            if answer.status.as_u16() != 200 {
                break;
            }
            refresh = answer.text("refresh_token");
        }
        assert!(days <= 180, "{client_id}: alive after {days} days");
    }
}

#[tokio::test]
async fn t13_an_app_s_own_token_is_for_apps_with_a_secret_and_for_nobody_s_data() {
    let server = provider().await;
    for client_id in ["web", "standard", "oidc"] {
        let answer = server.client(client_id).client_credentials().await;
        let token = answer.assert_status(200).text("access_token");
        for of_people in ["refresh_token", "id_token", "scope"] {
            assert!(answer.json()[of_people].is_null(), "{of_people}");
        }
        server.api("/v1/me", &token).await.assert_status(401);
        crate::relying_party::userinfo(&server, &token).await.assert_status(403);
    }
    let fields = [("grant_type", "client_credentials"), ("scope", "openid user-read-email")];
    assert_error(&server.client("standard").post("/api/token", &fields).await, "invalid_scope");
    for client_id in ["public", "standard-public"] {
        assert_error(&server.client(client_id).client_credentials().await, "unauthorized_client");
    }
}

#[tokio::test]
async fn t14_the_password_grant_does_not_exist() {
    let server = TestApp::new().await;
    for client_id in ["web", "public", "standard", "standard-public"] {
        let fields = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
        assert_error(&server.client(client_id).post("/api/token", &fields).await, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn t15_what_opens_a_door_cannot_be_guessed_from_what_was_given_before() {
    let server = TestApp::new().await;
    let client = server.client("standard");
    let mut ada = server.signed_in("ada").await;
    let (mut codes, mut refresh, mut access) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..16 {
        let code = ada.code(&client.request()).await;
        let tokens = Tokens::of(&client.exchange(&code).await);
        codes.push(code);
        refresh.push(tokens.refresh);
        access.push(tokens.access);
    }
    for family in [codes, refresh, access] {
        let bytes: Vec<_> = family.iter().map(|text| base64url_decode(text).expect("strict base64url")).collect();
        // One person, one app, one moment: what still differs is what must be guessed.
        for (one, rest) in bytes.iter().enumerate().map(|(at, one)| (one, &bytes[at + 1..])) {
            for other in rest {
                let bits: u32 = one.iter().zip(other).map(|(a, b)| (a ^ b).count_ones()).sum();
                assert!(bits > 96, "two of them differ in {bits} bits only; 256 random ones differ in about 128");
            }
        }
    }
}

#[tokio::test]
async fn t18_errors_are_told_in_the_characters_that_errors_have() {
    let server = TestApp::new().await;
    let odd = "x\"\\\u{7f}\u{e9}\u{1f3b5}\n<b>";
    for client_id in ["web", "standard", "public"] {
        let client = server.client(client_id);
        for fields in [
            vec![("grant_type", odd)],
            vec![("grant_type", "authorization_code"), ("code", odd), ("redirect_uri", odd)],
            vec![("grant_type", "refresh_token"), ("refresh_token", odd), ("scope", odd)],
            vec![("grant_type", "client_credentials"), ("scope", odd), (odd, "1"), (odd, "2")],
        ] {
            let answer = client.post("/api/token", &fields).await;
            let json = answer.json();
            for name in ["error", "error_description"] {
                let text = json[name].as_str().unwrap_or_default();
                let allowed = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
                assert!(text.bytes().all(allowed), "{text:?}");
            }
        }
    }
}
