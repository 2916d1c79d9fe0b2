//! The built binary under `kill -9` and cut connections: what a client was told before, is so after.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may be blunt")]

mod crowd;
mod cut;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keysig_bench::app::{App, NoTokens, Tokens, id_and_email};
use keysig_bench::connection::Connection;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::crowd::{Crowd, Fate, Login};
use crate::server::Server;

const LOGINS: usize = 1000;
const CONNECTIONS: usize = 64;
/// So many logins are done when the server dies.
const KILLED_AFTER: usize = 400;
/// A server that hangs fails the test.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_was_told_before_a_kill_is_so_after_it() {
    tokio::time::timeout(PATIENCE, kill_and_compare()).await.expect("the server answers in time");
}

async fn kill_and_compare() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::start(directory.path(), None).await;
    let crowd = Arc::new(Crowd::sign_in(server.address).await);

    let (next, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let mut running = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (crowd, next, done) = (crowd.clone(), next.clone(), done.clone());
        running.spawn(async move { many_logins(&crowd, &next, &done).await });
    }
    let enough = done.acquire_many(u32::try_from(KILLED_AFTER).unwrap()).await.unwrap();
    server.kill();
    drop(enough);
    let logins: Vec<Login> = running.join_all().await.into_iter().flatten().collect();
    let count = |fate: fn(&Fate) -> bool| logins.iter().filter(|login| fate(&login.fate)).count();
    let (handed, revoked) =
        (count(|fate| matches!(fate, Fate::Handed(_))), count(|fate| matches!(fate, Fate::Revoked(_))));
    let lost = count(|fate| matches!(fate, Fate::Lost));
    eprintln!("killed: {handed} logins held, {revoked} revoked, {lost} codes without an answer");
    assert!(handed + revoked >= KILLED_AFTER && revoked > 0);
    assert!(logins.len() < LOGINS && lost > 0, "the kill came in the middle");

    // At the same address: the issuer is part of every token.
    let server = Server::start(directory.path(), Some(server.address)).await;
    let mut running = JoinSet::new();
    let share = logins.len().div_ceil(CONNECTIONS);
    let mut logins = logins.into_iter();
    loop {
        let mine: Vec<Login> = logins.by_ref().take(share).collect();
        if mine.is_empty() {
            break;
        }
        let address = server.address;
        running.spawn(async move {
            let mut connection = Connection::open(address).await.unwrap();
            for login in &mine {
                is_as_it_was(&mut connection, login).await;
            }
        });
    }
    running.join_all().await;
}

/// Logs in again and again until there are enough logins, or no server.
async fn many_logins(crowd: &Crowd, next: &AtomicUsize, done: &Semaphore) -> Vec<Login> {
    let mut logins = Vec::new();
    let mut connection = Connection::open(crowd.address).await.unwrap();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number >= LOGINS {
            return logins;
        }
        let Some(login) = crowd.log_in(&mut connection, number).await else { return logins };
        let is_lost = matches!(login.fate, Fate::Lost);
        logins.push(login);
        if is_lost {
            return logins;
        }
        done.add_permits(1);
    }
}

async fn is_as_it_was(connection: &mut Connection, login: &Login) {
    let app = &login.app;
    match &login.fate {
        Fate::Handed(tokens) => {
            works(connection, app, tokens, login.who).await;
            assert_eq!(redeem(connection, app, &login.code).await, Err("invalid_grant".to_owned()), "{login:?}");
        }
        Fate::Revoked(tokens) => {
            let me = connection.exchange(&app.me(&tokens.access_token)).await.unwrap();
            assert_eq!(me.status, 401, "{login:?}\n{}", me.text());
            let refreshed = refresh(connection, app, tokens).await;
            assert_eq!(refreshed.map(drop), Err("invalid_grant".to_owned()), "{login:?}");
            assert_eq!(redeem(connection, app, &login.code).await, Err("invalid_grant".to_owned()), "{login:?}");
        }
        Fate::Unsure => {
            assert_eq!(redeem(connection, app, &login.code).await, Err("invalid_grant".to_owned()), "{login:?}");
        }
        Fate::Lost => {
            // It was redeemed, or it can be now; in both cases never again.
            if let Err(error) = redeem(connection, app, &login.code).await {
                assert_eq!(error, "invalid_grant", "{login:?}");
            }
            assert_eq!(redeem(connection, app, &login.code).await, Err("invalid_grant".to_owned()), "{login:?}");
        }
    }
}

async fn works(connection: &mut Connection, app: &App, tokens: &Tokens, who: &str) {
    let me = connection.exchange(&app.me(&tokens.access_token)).await.unwrap();
    assert_eq!(id_and_email(&me).unwrap().0, who);
    let refreshed = refresh(connection, app, tokens).await.unwrap();
    assert_ne!(refreshed.access_token, tokens.access_token);
}

/// The `error` where it is refused.
async fn refresh(connection: &mut Connection, app: &App, tokens: &Tokens) -> Result<Tokens, String> {
    let request = app.refresh(tokens.refresh_token.as_deref().unwrap());
    Tokens::of(&connection.exchange(&request).await.unwrap()).map_err(error)
}

async fn redeem(connection: &mut Connection, app: &App, code: &str) -> Result<(), String> {
    Tokens::of(&connection.exchange(&app.redeem(code)).await.unwrap()).map(drop).map_err(error)
}

fn error(no: NoTokens) -> String {
    match no {
        NoTokens::Refused { error, .. } => error,
        NoTokens::Strange(answer) => panic!("a strange answer: {answer}"),
    }
}
