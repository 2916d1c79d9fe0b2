//! Spellings of a redirect URI that are not the registered one (RFC 9700 §2.1, §4.1.3; RFC 8252 §7.3).

use keysig_core::app::{App, ClientType};
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::testing::OTHER_SPELLINGS;

use crate::actors::{AuthorizeUrl, TestApp, app, location};

/// Registered: `http://127.0.0.1/cb` of a native app.
const NOT_LOOPBACK: &[&str] = &[
    "http://localhost/cb",
    "http://localhost:8080/cb",
    "http://127.1:8080/cb",
    "http://2130706433:8080/cb",
    "http://0x7f000001:8080/cb",
    "http://127.0.0.2:8080/cb",
    "http://[::ffff:127.0.0.1]:8080/cb",
    "http://[::1]:8080/cb",
    "http://127.0.0.1:80@evil.example/cb",
    "http://127.0.0.1:8080@evil.example/cb",
    "http://127.0.0.1:8080/other",
    "http://127.0.0.1:8080/cb?x=1",
    "http://127.0.0.1:8080/cb#x",
    "https://127.0.0.1:8080/cb",
    "http://127.0.0.1:0/cb",
    "http://127.0.0.1:65536/cb",
    "http://127.0.0.1:/cb",
    "http://127.0.0.1:+80/cb",
];

async fn with_app(client_type: ClientType, profile: Profile, uri: &str) -> TestApp {
    let server = TestApp::new().await;
    let redirect_uris = vec![RedirectUri::register(uri, &profile.policy()).unwrap()];
    server.add(&App { redirect_uris, ..app("one-uri", client_type, profile) }).await;
    server
}

async fn stays_here(server: &TestApp, uri: &str) {
    let request = AuthorizeUrl::of("one-uri").with("redirect_uri", uri);
    let mut ada = server.signed_in("ada").await;
    let page = ada.get(&request.to_string()).await;
    assert_eq!((page.status.as_u16(), location(&page)), (400, None), "{uri}");
    assert!(!page.body.contains("id=\"continue\"") && !page.body.contains("http-equiv=\"refresh\""), "{uri}");
}

#[tokio::test]
async fn a2_a_redirect_uri_is_the_registered_bytes_or_it_is_refused() {
    for profile in [Profile::Spotify, Profile::Standard] {
        let server = with_app(ClientType::Confidential, profile, "https://app.example/cb").await;
        for uri in OTHER_SPELLINGS.iter().chain(&["http://app.example/cb"]) {
            stays_here(&server, uri).await;
        }
        let twice = AuthorizeUrl::of("one-uri").with("redirect_uri", "https://app.example/cb");
        let twice = twice.and("redirect_uri", "https://app.example/cb");
        let page = server.signed_in("ada").await.get(&twice.to_string()).await;
        assert_eq!((page.status.as_u16(), location(&page)), (400, None));
        let request = AuthorizeUrl::of("one-uri").with("redirect_uri", "https://app.example/cb");
        assert!(server.signed_in("ada").await.allow(&request).await.starts_with("https://app.example/cb?code="));
    }
}

#[tokio::test]
async fn a2_only_the_port_of_a_loopback_address_may_vary() {
    let server = with_app(ClientType::Public, Profile::Standard, "http://127.0.0.1/cb").await;
    for uri in NOT_LOOPBACK {
        stays_here(&server, uri).await;
    }
    for port in ["1", "8080", "65535"] {
        let uri = format!("http://127.0.0.1:{port}/cb");
        let request = AuthorizeUrl::of("one-uri").with("redirect_uri", &uri);
        assert!(server.signed_in("ada").await.allow(&request).await.starts_with(&format!("{uri}?code=")));
    }
}

#[test]
fn a3_what_is_no_safe_absolute_uri_cannot_be_registered() {
    for profile in [Profile::Spotify, Profile::Standard] {
        let refused = |uri: &str| RedirectUri::register(uri, &profile.policy()).is_err();
        for uri in [
            "https://app.example/cb#x",
            "https://app.example/cb#",
            "/cb",
            "//app.example/cb",
            "app.example/cb",
            "http://app.example/cb",
            "http://localhost/cb",
            "http://127.0.0.2/cb",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://user@app.example/cb",
            "https://*.example/cb",
            "",
        ] {
            assert!(refused(uri), "{uri}");
        }
        for uri in ["https://app.example/cb", "http://127.0.0.1/cb", "http://[::1]/cb", "com.example.app:/cb"] {
            assert!(!refused(uri), "{uri}");
        }
    }
    assert!(RedirectUri::register("foo:/cb", &Profile::Standard.policy()).is_err(), "RFC 8252 §7.1: a dot");
}
