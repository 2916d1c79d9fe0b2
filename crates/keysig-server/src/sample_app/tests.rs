//! The sample app's own rules, against a fake music service of a few lines.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use keysig_core::testing::{SeededRng, TestClock};
use keysig_core::time::Timestamp;
use tower::ServiceExt;
use url::{Url, form_urlencoded};

use super::{SampleAppConfig, router};

/// What the fake service knows: how it answers, and what it was asked.
#[derive(Default)]
struct Service {
    asked: Vec<(String, HashMap<String, String>)>,
    /// The scope of the tokens it gives out.
    scope: String,
    removed: bool,
    down: bool,
    tokens_given: u32,
}

type Shared = Arc<Mutex<Service>>;

async fn service(State(service): State<Shared>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let fields = form_urlencoded::parse(&body).into_owned().collect::<HashMap<_, _>>();
    let bearer =
        parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let mut service = service.lock().unwrap();
    service.asked.push((parts.uri.path().to_owned(), fields));
    if service.down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match parts.uri.path() {
        "/api/token" if service.removed => {
            (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant","error_description":"Refresh token revoked"}"#)
                .into_response()
        }
        "/api/token" => {
            service.tokens_given += 1;
            let (n, scope) = (service.tokens_given, &service.scope);
            format!(
                r#"{{"access_token":"BQ-access-token-{n}","token_type":"Bearer","expires_in":3600,"refresh_token":"AQ-refresh-token-{n}","scope":"{scope}"}}"#
            )
            .into_response()
        }
        "/oauth2/revoke/v1" => StatusCode::OK.into_response(),
        _ if service.removed || !bearer.starts_with("Bearer BQ-access-token-") => {
            (StatusCode::UNAUTHORIZED, r#"{"error":{"status":401,"message":"Invalid access token"}}"#).into_response()
        }
        "/v1/me" => r#"{"id":"ada","display_name":"Ada <b>L."}"#.into_response(),
        "/v1/me/playlists" => {
            r#"{"items":[{"id":"1","name":"Morning","public":false,"owner":{"id":"ada"},"snapshot_id":"s","items":{"total":12}}],"next":null,"total":1}"#
                .into_response()
        }
        "/v1/me/tracks" => {
            r#"{"items":[{"added_at":"2026-01-01T00:00:00Z","track":{"id":"t","name":"Paper Lanterns","uri":"u"}}],"next":null,"total":7}"#
                .into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The sample app beside its fake service, and one browser.
struct Browser {
    app: Router,
    service: Shared,
    clock: TestClock,
    cookies: HashMap<String, String>,
}

/// An answer, read to its end.
struct Seen {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: String,
}

impl Seen {
    fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    fn set_cookie(&self) -> &str {
        self.headers[header::SET_COOKIE].to_str().unwrap()
    }

    /// The token of the forms on this page.
    fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once(r#"name="csrf" value=""#).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    async fn new() -> Self {
        Self::at("http://127.0.0.1:8081").await
    }

    async fn at(public_url: &str) -> Self {
        let shared = Shared::default();
        shared.lock().unwrap().scope = "playlist-read-private".into();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let fake = Router::new().fallback(service).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, fake).await });
        let clock = TestClock::at(Timestamp::from_unix_millis(1_700_000_000_000));
        let config = SampleAppConfig {
            api_base: format!("{issuer}/v1"),
            issuer,
            client_id: "demo-web".into(),
            client_secret: Some("demo-secret".into()),
            public_url: public_url.into(),
        };
        let app = router(config, Arc::new(clock.clone()), Arc::new(SeededRng::new(7))).unwrap();
        Self { app, service: shared, clock, cookies: HashMap::new() }
    }

    async fn get(&mut self, path: &str) -> Seen {
        self.send(Request::get(path), Body::empty()).await
    }

    async fn post(&mut self, path: &str, form: &str) -> Seen {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(form.to_owned())).await
    }

    async fn send(&mut self, mut request: axum::http::request::Builder, body: Body) -> Seen {
        for (name, value) in &self.cookies {
            request = request.header(header::COOKIE, format!("{name}={value}"));
        }
        let response = self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            let cookie = cookie::Cookie::parse(cookie.to_str().unwrap()).unwrap();
            if cookie.value().is_empty() {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Seen { status: parts.status, headers: parts.headers, body }
    }

    /// Presses the button; the `state` that went to the service.
    async fn leave_by(&mut self, path: &str) -> String {
        let left = self.get(path).await;
        assert_eq!(left.status, StatusCode::FOUND);
        query_of(left.location())["state"].clone()
    }

    /// The whole login.
    async fn log_in(&mut self) -> Seen {
        let state = self.leave_by("/login").await;
        self.get(&format!("/callback?code=AQ-code&state={state}")).await
    }

    fn asked(&self, path: &str) -> Vec<HashMap<String, String>> {
        let service = self.service.lock().unwrap();
        service.asked.iter().filter(|(asked, _)| asked == path).map(|(_, fields)| fields.clone()).collect()
    }
}

fn query_of(url: &str) -> HashMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

#[tokio::test]
async fn the_button_leads_away_with_state_pkce_and_this_apps_callback() {
    let mut browser = Browser::new().await;
    let welcome = browser.get("/").await;
    assert!(welcome.body.contains(r#"<a class="lb" href="/login">"#), "{}", welcome.body);
    assert!(welcome.headers.get(header::SET_COOKIE).is_none(), "a look costs no session");
    let left = browser.get("/login").await;
    let query = query_of(left.location());
    assert_eq!(query["client_id"], "demo-web");
    assert_eq!(query["redirect_uri"], "http://127.0.0.1:8081/callback");
    assert_eq!(query["scope"], "playlist-read-private");
    assert_eq!(query["code_challenge_method"], "S256");
    assert!(query["state"].len() >= 22);
}

#[tokio::test]
async fn a_login_ends_at_the_playlists() {
    let mut browser = Browser::new().await;
    let back = browser.log_in().await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/"));
    let home = browser.get("/").await;
    assert!(home.body.contains("Morning") && home.body.contains(">12<"), "{}", home.body);
    assert!(home.body.contains("Ada &#60;b&#62;L."), "a name is text and never markup");
    assert_eq!(browser.asked("/api/token")[0]["code"], "AQ-code");
}

#[tokio::test]
async fn the_cookie_is_httponly_lax_and_of_256_bits() {
    let mut browser = Browser::new().await;
    let cookie = browser.get("/login").await.set_cookie().to_owned();
    assert!(cookie.starts_with("app="), "{cookie}");
    assert!(
        cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax") && cookie.contains("; Path=/"),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(browser.cookies["app"].len(), 43);
}

#[tokio::test]
async fn on_https_the_cookie_is_bound_to_the_host() {
    let mut browser = Browser::at("https://peek.example").await;
    let cookie = browser.get("/login").await.set_cookie().to_owned();
    assert!(cookie.starts_with("__Host-app=") && cookie.contains("; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_login_renews_the_session_id() {
    let mut browser = Browser::new().await;
    let state = browser.leave_by("/login").await;
    let planted = browser.cookies["app"].clone();
    browser.get(&format!("/callback?code=AQ-code&state={state}")).await;
    assert_ne!(browser.cookies["app"], planted);
    browser.cookies.insert("app".into(), planted);
    assert!(!browser.get("/").await.body.contains("Morning"), "the old id must lead nowhere");
}

#[tokio::test]
async fn a_state_that_does_not_match_is_refused_and_the_code_is_not_spent() {
    let mut browser = Browser::new().await;
    browser.leave_by("/login").await;
    for query in ["code=AQ&state=forged", "code=AQ", "error=access_denied&state=forged", ""] {
        let refused = browser.get(&format!("/callback?{query}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(refused.body.contains("did not start here"), "{query}");
    }
    assert!(browser.asked("/api/token").is_empty());
}

#[tokio::test]
async fn a_callback_in_another_browser_is_refused() {
    let mut browser = Browser::new().await;
    let state = browser.leave_by("/login").await;
    browser.cookies.clear();
    let refused = browser.get(&format!("/callback?code=AQ&state={state}")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(browser.asked("/api/token").is_empty());
}

#[tokio::test]
async fn a_callback_counts_once() {
    let mut browser = Browser::new().await;
    let state = browser.leave_by("/login").await;
    let callback = format!("/callback?code=AQ-code&state={state}");
    assert_eq!(browser.get(&callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get(&callback).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.asked("/api/token").len(), 1);
    assert!(browser.get("/").await.body.contains("Morning"), "the first login stays");
}

#[tokio::test]
async fn two_tabs_may_both_log_in() {
    let mut browser = Browser::new().await;
    let (one, other) = (browser.leave_by("/login").await, browser.leave_by("/login").await);
    for state in [one, other] {
        assert_eq!(browser.get(&format!("/callback?code=AQ&state={state}")).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_denial_is_friendly_and_offers_another_try() {
    let mut browser = Browser::new().await;
    let state = browser.leave_by("/login").await;
    let back = browser.get(&format!("/callback?error=access_denied&state={state}")).await;
    assert_eq!(back.location(), "/?notice=denied");
    let page = browser.get("/?notice=denied").await;
    assert!(page.body.contains("Nothing was shared") && page.body.contains(r#"href="/login""#));
}

#[tokio::test]
async fn no_token_is_on_any_page_or_in_any_header() {
    let mut browser = Browser::new().await;
    let mut seen = vec![browser.get("/login").await, browser.log_in().await, browser.get("/").await];
    let csrf = seen[2].csrf();
    seen.push(browser.post("/renew", &format!("csrf={csrf}")).await);
    seen.push(browser.get("/more").await);
    browser.service.lock().unwrap().down = true;
    seen.push(browser.get("/").await);
    seen.push(browser.post("/disconnect", &format!("csrf={csrf}")).await);
    for answer in seen {
        let all = format!("{:?}{}", answer.headers, answer.body);
        for secret in ["BQ-access", "AQ-refresh", "AQ-code", "demo-secret", "code_verifier"] {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
    }
}

#[tokio::test]
async fn an_hour_later_the_access_is_renewed_silently() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    browser.clock.advance(3_600);
    let home = browser.get("/").await;
    assert!(home.body.contains("Morning") && home.body.contains("Renewed so far: 1 time."), "{}", home.body);
    let renewal = &browser.asked("/api/token")[1];
    assert_eq!(renewal["refresh_token"], "AQ-refresh-token-1");
}

#[tokio::test]
async fn one_more_permission_is_asked_for_together_with_the_old_ones_and_shown() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    assert!(browser.asked("/v1/me/tracks").is_empty());
    let left = browser.get("/more").await;
    assert_eq!(query_of(left.location())["scope"], "playlist-read-private user-library-read");
    browser.service.lock().unwrap().scope = "playlist-read-private user-library-read".into();
    let state = query_of(left.location())["state"].clone();
    let back = browser.get(&format!("/callback?code=AQ&state={state}")).await;
    let home = browser.get(back.location()).await;
    assert!(home.body.contains("saved 7 tracks") && home.body.contains("Paper Lanterns"), "{}", home.body);
    assert!(home.body.contains("Thank you."));
}

#[tokio::test]
async fn declining_one_more_permission_keeps_the_login() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    let state = browser.leave_by("/more").await;
    let back = browser.get(&format!("/callback?error=access_denied&state={state}")).await;
    assert_eq!(back.location(), "/?notice=kept");
    assert!(browser.get("/").await.body.contains("Morning"));
}

#[tokio::test]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    for path in ["/logout", "/disconnect", "/renew"] {
        for form in ["", "csrf=", "csrf=guess", "csrf=a&csrf=b"] {
            assert_eq!(browser.post(path, form).await.status, StatusCode::FORBIDDEN, "{path} {form}");
        }
        assert_eq!(browser.get(path).await.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    assert!(browser.asked("/oauth2/revoke/v1").is_empty());
    assert!(browser.get("/").await.body.contains("Morning"));
}

#[tokio::test]
async fn logging_out_forgets_the_session_and_revokes_nothing() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    let (old_cookie, csrf) = (browser.cookies["app"].clone(), browser.get("/").await.csrf());
    let out = browser.post("/logout", &format!("csrf={csrf}")).await;
    assert_eq!(out.location(), "/?notice=logged-out");
    assert!(browser.cookies.is_empty(), "{}", out.set_cookie());
    browser.cookies.insert("app".into(), old_cookie);
    assert!(!browser.get("/").await.body.contains("Morning"));
    assert!(browser.asked("/oauth2/revoke/v1").is_empty());
}

#[tokio::test]
async fn disconnecting_revokes_the_refresh_token() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    let csrf = browser.get("/").await.csrf();
    let out = browser.post("/disconnect", &format!("csrf={csrf}")).await;
    assert_eq!(out.location(), "/?notice=disconnected");
    assert_eq!(browser.asked("/oauth2/revoke/v1")[0]["token"], "AQ-refresh-token-1");
    assert!(!browser.get("/").await.body.contains("Morning"));
}

#[tokio::test]
async fn disconnecting_is_not_called_done_while_the_service_is_down() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    let csrf = browser.get("/").await.csrf();
    browser.service.lock().unwrap().down = true;
    assert_eq!(browser.post("/disconnect", &format!("csrf={csrf}")).await.status, StatusCode::SERVICE_UNAVAILABLE);
    browser.service.lock().unwrap().down = false;
    assert!(browser.get("/").await.body.contains("Morning"));
}

#[tokio::test]
async fn an_app_that_the_server_removed_signs_out_and_says_so() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    browser.service.lock().unwrap().removed = true;
    let out = browser.get("/").await;
    assert_eq!(out.location(), "/?notice=removed");
    assert!(browser.cookies.is_empty());
    let page = browser.get("/?notice=removed").await;
    assert!(page.body.contains("ended the access") && page.body.contains(r#"href="/login""#));
}

#[tokio::test]
async fn an_outage_says_so_and_loses_nothing() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    browser.service.lock().unwrap().down = true;
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("Nothing was lost"));
    browser.service.lock().unwrap().down = false;
    assert!(browser.get("/").await.body.contains("Morning"));
}

#[tokio::test]
async fn a_session_ends_after_half_a_day_unused() {
    let mut browser = Browser::new().await;
    browser.log_in().await;
    browser.clock.advance(12 * 3600 + 1);
    assert!(!browser.get("/").await.body.contains("Morning"));
}

#[tokio::test]
async fn every_answer_carries_the_strict_policy() {
    let mut browser = Browser::new().await;
    for path in ["/", "/login", "/callback", "/more", "/style.css", "/mark.svg", "/health", "/nowhere", "/logout"] {
        let answer = browser.get(path).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert!(!answer.body.contains("<script") && !answer.body.contains(" style="), "{path}");
    }
    assert_eq!(browser.get("/health").await.body, "ok");
}

#[tokio::test]
async fn a_notice_that_nobody_wrote_is_not_shown() {
    let mut browser = Browser::new().await;
    let page = browser.get("/?notice=%3Cb%3Ehello").await;
    assert!(!page.body.contains("hello") && !page.body.contains(r#"class="note""#));
}

#[test]
fn the_buttons_label_stands_out_seven_to_one_in_both_schemes() {
    let css = include_str!("../../../../button/login-button.css");
    let (light, dark) = css.split_once("prefers-color-scheme: dark").unwrap();
    for scheme in [light, dark] {
        let colour = |name: &str| {
            let (_, rest) = scheme.split_once(&format!("{name}: #")).unwrap();
            let channel = |at: usize| f64::from(u8::from_str_radix(&rest[at..at + 2], 16).unwrap()) / 255.0;
            // WCAG 2.2, relative luminance.
            let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
            0.2126 * linear(channel(0)) + 0.7152 * linear(channel(2)) + 0.0722 * linear(channel(4))
        };
        let label = colour("--lb-fg");
        for background in [colour("--lb-bg"), colour("--lb-bg-hover")] {
            let (lighter, darker) = (label.max(background), label.min(background));
            assert!((lighter + 0.05) / (darker + 0.05) >= 7.0);
        }
    }
}
