//! Replay says what the living request was told, as long as no setting changed.

use keysig_core::app::{App, ClientType};
use keysig_core::profile::Profile;
use keysig_core::scope::ScopeSet;
use keysig_core::testing::SeededRng;
use keysig_server::inspector::replay::replay;
use keysig_server::inspector::{Details, Reason};

use super::inspector::records;
use crate::actors::{Browser, CHALLENGE, TestApp, app, form};

/// Draws choices.
struct Dice(SeededRng);

impl Dice {
    fn below(&self, n: usize) -> usize {
        usize::from(keysig_core::rng::random::<1>(&self.0)[0]) % n
    }

    fn of<'a>(&self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

const APPS: [&str; 8] = ["web", "public", "standard", "standard-public", "legacy", "paused", "narrow", "development"];

/// A server with apps of every kind.
async fn server() -> TestApp {
    let server = TestApp::new().await;
    let scopes = server.server.scopes();
    let email = scopes.parse("user-read-email").unwrap();
    let kind = |name| app(name, ClientType::Confidential, Profile::Spotify);
    server.add(&App { paused: true, ..kind("paused") }).await;
    server.add(&App { scopes: Some(email.union(ScopeSet::EMPTY)), ..kind("narrow") }).await;
    server.add(&App { mode: keysig_core::app::Mode::Development, ..kind("development") }).await;
    server
}

/// A request as a good one, with some of its parameters exchanged for others.
fn request(dice: &Dice, client_id: &str) -> Vec<(String, String)> {
    let long = "x".repeat(300);
    let longer = "s".repeat(5000);
    let of: &[(&str, &[&str])] = &[
        (
            "redirect_uri",
            &["https://peek.example/cb/", "http://peek.example/cb", "http://localhost:1/cb", "", "nonsense"],
        ),
        ("response_type", &["token", "id_token", "code id_token", "banana", ""]),
        (
            "scope",
            &["user-read-email", "openid", "user-read-birthdate", "playlist-read-private", "", "openid offline_access"],
        ),
        ("state", &["", longer.as_str(), "ü€*", "a b"]),
        (
            "code_challenge",
            &[
                "",
                "short",
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
                "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
            ],
        ),
        ("code_challenge_method", &["plain", "", "s256"]),
        ("nonce", &["n", long.as_str()]),
        ("prompt", &["none", "login", "none login", "consent", "select_account"]),
        ("max_age", &["10", "-1", "soon"]),
        ("claims", &["{}", "[", "{\"id_token\":{\"acr\":{\"essential\":true,\"value\":\"gold\"}}}"]),
        ("resource", &["https://tickets.example.test", "https://nowhere.example"]),
        ("response_mode", &["query", "fragment", "form_post", "pigeon"]),
        ("request", &["e30.e30."]),
        ("request_uri", &["https://peek.example/r"]),
        ("registration", &["{}"]),
        ("id_token_hint", &["abc"]),
        ("show_dialog", &["true"]),
        ("include_granted_scopes", &["true"]),
        ("colour", &["blue"]),
    ];
    let mut sent: Vec<(String, String)> = [
        ("client_id", client_id),
        ("redirect_uri", "https://peek.example/cb"),
        ("response_type", "code"),
        ("scope", "user-read-email"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for _ in 0..dice.below(3) {
        let (name, values) = of[dice.below(of.len())];
        let value = dice.of(values).to_owned();
        match sent.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => sent.push((name.to_owned(), value)),
        }
    }
    // Sometimes a parameter is lost or comes twice.
    match dice.below(12) {
        0 => drop(sent.remove(1 + dice.below(sent.len() - 1))),
        1 => sent.push(sent[1 + dice.below(sent.len() - 1)].clone()),
        _ => {}
    }
    sent
}

fn pairs(sent: &[(String, String)]) -> Vec<(&str, &str)> {
    sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What was said of a request, and what replay says of it.
async fn compare(server: &TestApp, client_id: &str, tried: &str) -> Option<Reason> {
    let all = records(server, client_id).await;
    let record = all.first().unwrap_or_else(|| panic!("nothing is written down of {tried}"));
    let details: Details = serde_json::from_str(&record.body).unwrap();
    let app = server.server.app(client_id).await.unwrap().unwrap();
    let lived = Reason::from_name(&record.reason).filter(|_| record.outcome == "refused");
    let verdict = replay(&server.server, &app, record, &details).await.unwrap();
    assert_eq!(verdict.reason(), lived, "{client_id}: {tried}: {} {verdict:?}", record.body);
    lived
}

#[tokio::test]
async fn of_five_hundred_requests_to_authorize_replay_says_what_they_were_told() {
    let server = server().await;
    let dice = Dice(SeededRng::new(5));
    let mut ada: Browser = server.signed_in("ada").await;
    let mut stranger = server.browser();
    let mut reasons = std::collections::BTreeMap::new();
    for round in 0..500 {
        server.clock.advance(2);
        let client_id = dice.of(&APPS);
        let sent = request(&dice, client_id);
        let address = format!("/authorize?{}", form(&pairs(&sent)));
        if round % 2 == 0 {
            ada.get(&address).await
        } else {
            stranger.get(&address).await
        };
        *reasons.entry(compare(&server, client_id, &address).await.map(Reason::name)).or_insert(0) += 1;
    }
    assert!(reasons.len() >= 20, "the corpus is as wide as it says: {reasons:?}");
    assert!(reasons[&None] >= 50, "{reasons:?}");
}

/// A request to the token endpoint: a header or none, and a body.
fn token_request(dice: &Dice, client_id: &str) -> (Option<String>, Vec<(String, String)>) {
    let grant =
        dice.of(&["authorization_code", "refresh_token", "client_credentials", "client_credentials", "banana", ""]);
    let mut sent = vec![("grant_type".to_owned(), grant.to_owned())];
    match grant {
        "authorization_code" if dice.below(4) > 0 => {
            sent.push(("code".into(), "AQnone".into()));
            sent.push(("redirect_uri".into(), "https://peek.example/cb".into()));
            sent.push(("code_verifier".into(), "v".repeat(43)));
        }
        "refresh_token" if dice.below(4) > 0 => sent.push(("refresh_token".into(), "AQnone".into())),
        _ => {}
    }
    if dice.below(5) == 0 {
        sent.push(("scope".into(), "user-read-email".into()));
    }
    if dice.below(6) == 0 {
        sent.push(("resource".into(), dice.of(&["https://tickets.example.test", "https://nowhere.example"]).into()));
    }
    if dice.below(10) == 0 {
        sent.push(sent[0].clone());
    }
    let right = format!("{client_id}-secret");
    let secret = if dice.below(6) == 0 { "wrong" } else { right.as_str() };
    let basic = |secret: &str| {
        format!("Basic {}", keysig_core::encoding::base64_encode(format!("{client_id}:{secret}").as_bytes()))
    };
    let is_public = client_id.contains("public") && dice.below(5) > 0;
    match dice.below(8) {
        _ if is_public => {
            sent.push(("client_id".into(), client_id.into()));
            (None, sent)
        }
        0..3 => (Some(basic(secret)), sent),
        3 => (Some(basic("")), sent),
        4 => {
            sent.push(("client_secret".into(), secret.into()));
            (Some(basic(secret)), sent)
        }
        5 => {
            sent.push(("client_id".into(), client_id.into()));
            (None, sent)
        }
        _ => {
            sent.push(("client_id".into(), client_id.into()));
            sent.push(("client_secret".into(), secret.into()));
            (None, sent)
        }
    }
}

#[tokio::test]
async fn of_five_hundred_requests_to_the_token_endpoint_replay_says_what_they_were_told() {
    let server = server().await;
    let dice = Dice(SeededRng::new(6));
    let mut reasons = std::collections::BTreeMap::new();
    let mut compared = 0;
    while compared < 500 {
        // Wrong secrets are forgiven in between.
        server.clock.advance(3601);
        let client_id = dice.of(&APPS);
        let (header, sent) = token_request(&dice, client_id);
        let before = records(&server, client_id).await.len();
        let mut request = http::Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
        if let Some(header) = &header {
            request = request.header("authorization", header);
        }
        let body = form(&pairs(&sent));
        server.send(request.body(axum::body::Body::from(body.clone())).unwrap()).await;
        // Of a request that names no app nobody is told.
        if records(&server, client_id).await.len() == before {
            continue;
        }
        compared += 1;
        let tried = format!("{header:?} {body}");
        *reasons.entry(compare(&server, client_id, &tried).await.map(Reason::name)).or_insert(0) += 1;
    }
    assert!(reasons.len() >= 12, "the corpus is as wide as it says: {reasons:?}");
    assert!(reasons[&None] >= 30, "{reasons:?}");
}
