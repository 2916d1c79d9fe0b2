//! The invariants of `ARCHITECTURE.md` that one node can break, each tried where it would.

use std::pin::Pin;
use std::task::Poll;

use keysig_core::account_event::AccountEvent;
use keysig_core::id::EventId;
use keysig_core::scope::ScopeSet;
use keysig_store::account_events::Happened;
use keysig_store::{apps, grants, users};

use crate::actors::{Answer, Browser, ClientApp, TestApp, Tokens, app_id, user_id};

/// Polls `work` until it has waited `times` times, then lets `meanwhile` happen, then lets it finish.
async fn paused<T>(
    mut work: Pin<Box<dyn Future<Output = T> + Send>>,
    times: usize,
    meanwhile: impl Future<Output = ()>,
) -> (T, bool) {
    let mut waited = 0;
    let early = std::future::poll_fn(|context| {
        if waited == times {
            return Poll::Ready(None);
        }
        match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => {
                waited += 1;
                if waited == times { Poll::Ready(None) } else { Poll::Pending }
            }
        }
    })
    .await;
    meanwhile.await;
    match early {
        Some(done) => (done, true),
        None => (work.await, false),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mint {
    Redeem,
    Rotate,
    Replay,
    Echo,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Revoke {
    RefreshToken,
    Grant,
    User,
    App,
    Pause,
    Scope,
}

struct Scene {
    client: ClientApp,
    ada: Browser,
    /// What the mint presents.
    presented: String,
    /// A refresh token of the login that exists already, if it does.
    refresh: Option<String>,
}

async fn scene(app: &TestApp, mint: Mint) -> Scene {
    let client = app.client(if mint == Mint::Echo { "web" } else { "standard" });
    let mut ada = app.signed_in("ada").await;
    let code = ada.code(&client.request()).await;
    if mint == Mint::Redeem {
        return Scene { client, ada, presented: code, refresh: None };
    }
    let first = Tokens::of(&client.exchange(&code).await).refresh;
    let refresh = match mint {
        Mint::Replay => Tokens::of(&client.refresh(&first).await).refresh,
        _ => first.clone(),
    };
    Scene { client, ada, presented: first, refresh: Some(refresh) }
}

fn by_hand() -> Happened {
    Happened {
        id: EventId::from_bytes([7; 16]),
        event: AccountEvent::AppRemoved,
        about: String::new(),
        address: String::new(),
        user_agent: String::new(),
    }
}

async fn revoke(app: &TestApp, scene: &Scene, revoke: Revoke) {
    let (store, keep) = (&app.server.store, app.server.keep_until());
    match revoke {
        Revoke::RefreshToken => {
            if let Some(refresh) = &scene.refresh {
                scene.client.revoke(refresh).await.assert_status(200);
            }
        }
        Revoke::Grant => {
            let id = app_id(&scene.client.client_id);
            let grant = grants::in_force(store, user_id("ada"), id).await.unwrap().unwrap();
            grants::remove(store, grant.user, grant.id, &by_hand(), app.server.now(), keep).await.unwrap();
        }
        Revoke::Pause => {
            let id = app_id(&scene.client.client_id);
            let grant = grants::in_force(store, user_id("ada"), id).await.unwrap().unwrap();
            grants::set_paused(store, grant.user, grant.id, true, &by_hand(), keep).await.unwrap();
        }
        Revoke::Scope => {
            let id = app_id(&scene.client.client_id);
            let grant = grants::in_force(store, user_id("ada"), id).await.unwrap().unwrap();
            let email = app.server.scopes().find("user-read-email").unwrap();
            let email = ScopeSet::EMPTY.with(email);
            grants::turn_off(store, grant.user, grant.id, email, &by_hand(), keep).await.unwrap();
        }
        Revoke::User => users::revoke_all(store, user_id("ada"), keep).await.unwrap(),
        Revoke::App => {
            let id = app_id(&scene.client.client_id);
            apps::set_paused(store, id, true, keep).await.unwrap();
            apps::set_paused(store, id, false, keep).await.unwrap();
        }
    }
}

/// Dead, or as much less as was taken away.
async fn is_dead(app: &TestApp, client: &ClientApp, answer: &Answer, how: Revoke) -> bool {
    if answer.status.as_u16() != 200 {
        return true;
    }
    let tokens = Tokens::of(answer);
    let me = app.api("/v1/me", &tokens.access).await;
    match how {
        Revoke::Pause => return me.status.as_u16() != 200,
        Revoke::Scope => return !me.body.contains("\"email\""),
        _ => {}
    }
    app.api("/v1/me", &tokens.access).await.status.as_u16() != 200
        && client.refresh(&tokens.refresh).await.status.as_u16() != 200
}

#[tokio::test]
async fn whatever_is_minted_while_it_is_revoked_is_dead() {
    for mint in [Mint::Redeem, Mint::Rotate, Mint::Replay, Mint::Echo] {
        for how in [Revoke::RefreshToken, Revoke::Grant, Revoke::User, Revoke::App, Revoke::Pause, Revoke::Scope] {
            // A login that does not exist yet has no refresh token to revoke.
            if (mint, how) == (Mint::Redeem, Revoke::RefreshToken) {
                continue;
            }
            for times in 0.. {
                let app = TestApp::new().await;
                let scene = scene(&app, mint).await;
                let (client, presented) = (scene.client.clone(), scene.presented.clone());
                let work = async move {
                    if mint == Mint::Redeem {
                        client.exchange(&presented).await
                    } else {
                        client.refresh(&presented).await
                    }
                };
                let (answer, finished_early) = paused(Box::pin(work), times, revoke(&app, &scene, how)).await;
                assert!(
                    is_dead(&app, &scene.client, &answer, how).await,
                    "{mint:?} {how:?} paused at {times}: {}",
                    answer.body
                );
                drop(scene.ada);
                if finished_early {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_redeemed_code_stays_redeemed_across_a_restart() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("web").request()).await;
    let late = app.signed_in("ada").await.code(&app.client("web").request()).await;
    let tokens = Tokens::of(&app.client("web").exchange(&code).await);
    let app = app.restart().await;
    app.client("web").exchange(&code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
    app.client("web").exchange(&late).await.assert_status(200);
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    app.client("web").refresh(&tokens.refresh).await.assert_status(200);
}

#[tokio::test]
async fn one_generation_is_one_byte_string_across_key_rotation_and_restart() {
    let app = TestApp::new().await;
    // The MAC key changes every 30 days since the epoch: stand 10 seconds before the next change.
    let day = app.server.now().unix_days();
    let next_change = (day / 30 + 1) * 30 * 86_400;
    app.clock.advance(next_change - app.server.now().unix_seconds() - 10);
    let first = app.client("standard").log_in("ada").await;
    let before = app.server.refresh_tokens.current_key(app.server.now());
    let successor = Tokens::of(&app.client("standard").refresh(&first.refresh).await).refresh;
    app.clock.advance(20);
    assert_ne!(before, app.server.refresh_tokens.current_key(app.server.now()), "the key has changed meanwhile");
    let app = app.restart().await;
    assert_eq!(Tokens::of(&app.client("standard").refresh(&first.refresh).await).refresh, successor);
    app.client("standard").refresh(&successor).await.assert_status(200);
}

#[tokio::test]
async fn no_jump_of_the_clock_revives_what_is_dead() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let standard = app.client("standard");
    let expired = web.log_in("ada").await;
    let code = app.signed_in("ada").await.code(&web.request()).await;
    app.clock.advance(3601);
    let revoked = web.log_in("bob").await;
    web.revoke(&revoked.refresh).await.assert_status(200);
    let old = standard.log_in("ada").await;
    let young = Tokens::of(&standard.refresh(&old.refresh).await);
    app.clock.advance(60);
    app.api("/v1/me", &expired.access).await.assert_status(401);
    app.clock.advance(-3700);
    app.api("/v1/me", &expired.access).await.assert_status(401);
    app.api("/v1/me", &revoked.access).await.assert_status(401);
    web.refresh(&revoked.refresh).await.assert_status(400);
    web.exchange(&code).await.assert_status(400);
    // The window of the old generation is over, and stays over.
    standard.refresh(&old.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    standard.refresh(&young.refresh).await.assert_status(400);
}

#[tokio::test]
async fn nothing_made_in_one_store_is_good_in_another() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let elsewhere = TestApp::with_seed(9).await;
    // The same key and issuer, but another store: another incarnation, and no rows.
    let code = app.signed_in("ada").await.code(&app.client("web").request()).await;
    elsewhere.client("web").refresh(&tokens.refresh).await.assert_status(400);
    elsewhere.api("/v1/me", &tokens.access).await.assert_status(401);
    elsewhere.client("web").exchange(&code).await.assert_status(400);
}
