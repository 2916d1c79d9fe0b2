//! People who log in without end, and what became of each login as far as its client knows.

use std::net::SocketAddr;

use keysig_bench::app::{App, Tokens};
use keysig_bench::connection::Connection;
use keysig_bench::person::Person;

const SCOPE: &str = "user-read-private user-read-email";
/// Of so many logins one is ended by its client at once.
const ONE_REVOKED_IN: usize = 7;

/// People who are signed in and have agreed, and the two apps they agreed to: one whose refresh tokens are echoed, one
/// whose rotate.
pub struct Crowd {
    pub address: SocketAddr,
    apps: [App; 2],
    /// Id and cookies.
    people: Vec<(&'static str, String)>,
}

/// A code, and what came of it.
#[derive(Debug)]
pub struct Login {
    pub app: App,
    pub who: &'static str,
    pub code: String,
    pub fate: Fate,
}

/// What a client knows of its login.
#[derive(Debug)]
pub enum Fate {
    /// It holds these tokens.
    Handed(Tokens),
    /// It held these, and was told that they are dead.
    Revoked(Tokens),
    /// It asked to end the login and was told nothing.
    Unsure,
    /// It sent the code, or was about to, and was told nothing.
    Lost,
}

impl Crowd {
    pub async fn sign_in(address: SocketAddr) -> Self {
        let apps = ["bench-echo", "bench-rotating"].map(|id| App::new(address, id, "bench-secret", SCOPE));
        let mut people = Vec::new();
        for who in ["ada", "bob"] {
            let mut person = Person::new(address, &format!("{who}@example.test"), "demo-password");
            for app in &apps {
                let callback = person.authorize(&app.authorize_path("first")).await.unwrap();
                app.code(&callback, "first").unwrap();
            }
            people.push((who, person.cookies()));
        }
        Self { address, apps, people }
    }

    /// One login, refreshed once. `None`: the server was gone before there was a code.
    ///
    /// # Panics
    /// At any answer that a living server must not give.
    pub async fn log_in(&self, connection: &mut Connection, number: usize) -> Option<Login> {
        let app = self.apps.get(number % 2).unwrap();
        let (who, cookies) = self.people.get(number / 2 % self.people.len()).unwrap();
        let state = number.to_string();
        let answer = connection.exchange(&app.authorize(&state, cookies)).await.ok()?;
        let code = app.code(answer.header("location").unwrap_or_default(), &state).unwrap();
        let fate = match connection.exchange(&app.redeem(&code)).await {
            Ok(answer) => Self::use_tokens(connection, app, Tokens::of(&answer).unwrap(), number).await,
            Err(_) => Fate::Lost,
        };
        Some(Login { app: app.clone(), who, code, fate })
    }

    async fn use_tokens(connection: &mut Connection, app: &App, mut tokens: Tokens, number: usize) -> Fate {
        let refresh_token = tokens.refresh_token.clone().unwrap();
        match connection.exchange(&app.refresh(&refresh_token)).await {
            Ok(answer) => tokens = Tokens::of(&answer).unwrap(),
            // Rotated or not: what the client holds must go on working.
            Err(_) => return Fate::Handed(tokens),
        }
        if !number.is_multiple_of(ONE_REVOKED_IN) {
            return Fate::Handed(tokens);
        }
        match connection.exchange(&app.revoke(&refresh_token)).await {
            Ok(answer) => {
                assert_eq!(answer.status, 200, "{}", answer.text());
                Fate::Revoked(tokens)
            }
            Err(_) => Fate::Unsure,
        }
    }
}
