//! Tokens in use: fresh, renewed once, and never lost to an outage.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may be blunt")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keysig_client::{Error, NewPlaylist, Scope, Session, TokenSet, scopes};
use support::{Reply, Request, Server, TestClock, reply};

const ME: &str = r#"{"id":"ada","display_name":"Ada"}"#;

fn tokens_in_hour(access: &str) -> TokenSet {
    serde_json::from_value(serde_json::json!({
        "access_token": access, "refresh_token": "AQ-first", "expires_at": 3600, "scopes": "playlist-read-private"
    }))
    .unwrap()
}

fn refreshed(access: &str) -> Reply {
    reply(200, format!(r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":3600}}"#))
}

fn session(server: &Server, clock: &TestClock) -> Session {
    server.builder(clock).build().unwrap().session(tokens_in_hour("BQ-first"))
}

fn bearer(request: &Request) -> &str {
    request.headers["authorization"].strip_prefix("Bearer ").unwrap()
}

#[tokio::test]
async fn a_fresh_token_is_used_as_it_is_and_renewed_a_minute_before_it_ends() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/api/token" => refreshed("BQ-second"),
        _ => reply(200, ME),
    });
    let clock = TestClock::default();
    let session = session(&server, &clock);
    clock.advance(3_539);
    session.me().await.unwrap();
    assert!(server.requests("/api/token").is_empty());
    clock.advance(1);
    session.me().await.unwrap();
    assert_eq!(server.requests("/v1/me").iter().map(bearer).collect::<Vec<_>>(), ["BQ-first", "BQ-second"]);
    let refresh = &server.requests("/api/token")[0];
    assert_eq!(refresh.field("grant_type").unwrap(), "refresh_token");
    assert_eq!(refresh.field("refresh_token").unwrap(), "AQ-first");
    assert_eq!(session.tokens().await.refresh_token.unwrap().expose(), "AQ-first", "the old one is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_tasks_renew_once() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/api/token" => refreshed("BQ-second"),
        _ if bearer(request) == "BQ-second" => reply(200, ME),
        _ => reply(401, r#"{"error":{"status":401,"message":"The access token expired"}}"#),
    });
    for stale_by_clock in [true, false] {
        let clock = TestClock::default();
        if stale_by_clock {
            clock.advance(4_000);
        }
        let before = server.requests("/api/token").len();
        let session = session(&server, &clock);
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let session = session.clone();
                tokio::spawn(async move { session.me().await.map(|me| me.id) })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap(), "ada");
        }
        assert_eq!(server.requests("/api/token").len() - before, 1, "stale by clock: {stale_by_clock}");
        assert_eq!(session.renewals().await, 1);
    }
}

#[tokio::test]
async fn a_401_is_tried_once_more_and_not_twice() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/api/token" => refreshed("BQ-second"),
        _ => reply(401, r#"{"error":{"status":401,"message":"Invalid access token"}}"#),
    });
    let refused = session(&server, &TestClock::default()).me().await.unwrap_err();
    assert!(matches!(refused, Error::Api { status: 401, .. }));
    assert_eq!(server.requests("/v1/me").len(), 2);
    assert_eq!(server.requests("/api/token").len(), 1);
}

#[tokio::test]
async fn a_403_is_never_tried_again_and_says_which_permission_to_ask_for() {
    let server = Server::start(|_, _| reply(403, r#"{"error":{"status":403,"message":"Insufficient client scope"}}"#));
    let session = session(&server, &TestClock::default());
    let refused =
        session.create_playlist(&NewPlaylist { name: "N", description: "", public: false }).await.unwrap_err();
    let Error::MissingScope { need, ask_again_url, pending } = refused else { panic!("{refused}") };
    assert_eq!(need, scopes![PlaylistModifyPrivate]);
    assert!(ask_again_url.as_str().contains("scope=playlist-modify-private+playlist-read-private"), "{ask_again_url}");
    assert!(pending.scopes().contains(&Scope::PlaylistReadPrivate));
    let calls = server.requests("/v1/me/playlists");
    assert_eq!(calls.iter().map(|call| call.method.as_str()).collect::<Vec<_>>(), ["POST"]);
    assert!(server.requests("/api/token").is_empty());
}

#[tokio::test]
async fn the_permission_a_challenge_names_is_asked_for() {
    let server = Server::start(|_, _| {
        reply(403, r#"{"error":{"status":403,"message":"Forbidden"}}"#)
            .header("www-authenticate", r#"Bearer realm="api", error="insufficient_scope", scope="user-top-read""#)
    });
    let refused = session(&server, &TestClock::default()).get::<serde_json::Value>("me/top/tracks").await.unwrap_err();
    assert!(matches!(refused, Error::MissingScope { need, .. } if need == scopes![UserTopRead]));
}

#[tokio::test]
async fn other_403s_are_told_apart() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/v1/me" => reply(403, "Check settings on the dashboard, the user may not be registered."),
        _ => reply(403, r#"{"error":{"status":403,"message":"Forbidden"}}"#),
    });
    let session = session(&server, &TestClock::default());
    assert!(matches!(session.me().await, Err(Error::NotOnTestList { .. })));
    let refused = session.get::<serde_json::Value>("x").await.unwrap_err();
    assert_eq!(refused.to_string(), "The API answered 403: Forbidden");
}

#[tokio::test]
async fn invalid_grant_disconnects_and_is_not_asked_again() {
    let server =
        Server::start(|_, _| reply(400, r#"{"error":"invalid_grant","error_description":"Refresh token revoked"}"#));
    let clock = TestClock::default();
    let session = session(&server, &clock);
    clock.advance(4_000);
    for _ in 0..3 {
        let gone = session.me().await.unwrap_err();
        assert!(matches!(&gone, Error::Disconnected { reason, .. } if reason == "Refresh token revoked"), "{gone}");
    }
    assert_eq!(server.requests("/api/token").len(), 1);
    assert!(server.requests("/v1/me").is_empty());
}

#[tokio::test]
async fn an_outage_of_the_token_endpoint_costs_no_token() {
    let broken = Arc::new(AtomicUsize::new(0));
    let outage = Arc::clone(&broken);
    let server = Server::start(move |request, _| match request.path.as_str() {
        "/api/token" if outage.fetch_add(1, Ordering::SeqCst) < 2 => reply(503, "<html>down</html>"),
        "/api/token" => refreshed("BQ-second"),
        _ => reply(200, ME),
    });
    let clock = TestClock::default();
    let session = session(&server, &clock);
    // Early: the old token still does.
    clock.advance(3_550);
    assert_eq!(session.me().await.unwrap().id, "ada");
    // Over: nobody can be served, nothing is lost, and nobody hammers.
    clock.advance(100);
    for _ in 0..5 {
        assert!(matches!(session.me().await, Err(Error::Unavailable { .. })));
    }
    assert_eq!(broken.load(Ordering::SeqCst), 2);
    clock.advance(2);
    assert_eq!(session.me().await.unwrap().id, "ada");
    assert_eq!(session.tokens().await.access_token.expose(), "BQ-second");
}

#[tokio::test]
async fn a_caller_that_goes_away_during_a_renewal_loses_no_rotated_token() {
    let (entered, inside) = std::sync::mpsc::channel();
    let (let_go, gate) = std::sync::mpsc::channel::<()>();
    let (entered, gate) = (std::sync::Mutex::new(entered), std::sync::Mutex::new(gate));
    let server = Server::start(move |_, _| {
        entered.lock().unwrap().send(()).unwrap();
        gate.lock().unwrap().recv().unwrap();
        reply(
            200,
            r#"{"access_token":"BQ-second","token_type":"Bearer","expires_in":3600,"refresh_token":"AQ-second"}"#,
        )
    });
    let session = session(&server, &TestClock::default());
    let caller = tokio::spawn({
        let session = session.clone();
        async move { session.renew().await }
    });
    tokio::task::spawn_blocking(move || inside.recv().unwrap()).await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    let_go.send(()).unwrap();
    assert_eq!(session.tokens().await.refresh_token.unwrap().expose(), "AQ-second");
}

#[tokio::test]
async fn a_429_waits_as_told() {
    let server = Server::start(|_, before| match before {
        0 => reply(429, "").header("retry-after", "7"),
        _ => reply(200, ME),
    });
    let clock = TestClock::default();
    assert_eq!(session(&server, &clock).me().await.unwrap().id, "ada");
    assert_eq!(*clock.slept.lock().unwrap(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn a_429_beyond_the_ceiling_is_not_waited_for() {
    let server = Server::start(|_, _| reply(429, "").header("retry-after", "86400"));
    let clock = TestClock::default();
    let refused = session(&server, &clock).me().await.unwrap_err();
    assert!(matches!(refused, Error::RateLimited { retry_after_seconds: 86_400 }));
    assert!(clock.slept.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_always_says_429_is_given_up_on() {
    let server = Server::start(|_, _| reply(429, ""));
    let refused = session(&server, &TestClock::default()).me().await.unwrap_err();
    assert!(matches!(refused, Error::RateLimited { .. }));
    assert_eq!(server.requests("/v1/me").len(), 4);
}

#[tokio::test]
async fn playlists_are_read_to_the_last_page_and_gaps_are_left_out() {
    let server = Server::start(|request, _| {
        let playlist = |id: &str, field: &str| {
            format!(r#"{{"id":"{id}","name":"{id}","owner":{{"id":"ada"}},"snapshot_id":"s","{field}":{{"total":3}}}}"#)
        };
        let base = format!("http://{}", request.headers["host"]);
        match request.path.as_str() {
            "/v1/me/playlists?limit=50" => reply(
                200,
                format!(
                    r#"{{"items":[{},null],"next":"{base}/v1/me/playlists?offset=50","total":3}}"#,
                    playlist("one", "items")
                ),
            ),
            _ => reply(200, format!(r#"{{"items":[{}],"next":null,"total":3}}"#, playlist("two", "tracks"))),
        }
    });
    let playlists = session(&server, &TestClock::default()).playlists().await.unwrap();
    let seen: Vec<_> = playlists.iter().map(|playlist| (playlist.id.as_str(), playlist.item_count())).collect();
    assert_eq!(seen, [("one", 3), ("two", 3)]);
}

#[tokio::test]
async fn a_next_page_on_another_host_is_not_given_the_token() {
    let thief = Server::start(|_, _| reply(200, "{}"));
    let next = format!("{}/v1/me/playlists", thief.base);
    let server = Server::start(move |_, _| reply(200, format!(r#"{{"items":[],"next":"{next}","total":99}}"#)));
    let refused = session(&server, &TestClock::default()).playlists().await.unwrap_err();
    assert!(matches!(refused, Error::ForeignUrl));
    assert!(thief.requests("/v1/me/playlists").is_empty());
}

#[tokio::test]
async fn disconnecting_revokes_the_refresh_token_and_ends_the_session() {
    let server = Server::start(|_, _| reply(200, ""));
    let session = session(&server, &TestClock::default());
    session.disconnect().await.unwrap();
    let revoked = &server.requests("/oauth2/revoke/v1")[0];
    assert_eq!(revoked.field("token").unwrap(), "AQ-first");
    assert!(revoked.headers["authorization"].starts_with("Basic "));
    assert!(matches!(session.me().await, Err(Error::Disconnected { .. })));
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_keeps_the_login() {
    let server = Server::start(|_, _| reply(200, ME));
    let clock = TestClock::default();
    let unreachable = keysig_client::Endpoints::custom("http://127.0.0.1:1").unwrap();
    let session = server.builder(&clock).endpoints(unreachable).build().unwrap().session(tokens_in_hour("BQ-first"));
    clock.advance(4_000);
    let failed = session.me().await.unwrap_err();
    assert!(matches!(failed, Error::Unreachable(_)));
    assert!(!format!("{failed:?}").contains("AQ-first"));
    assert_eq!(session.tokens().await.refresh_token.unwrap().expose(), "AQ-first");
}
