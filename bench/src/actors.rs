//! What is done over and over, and what every answer must be.

use std::net::SocketAddr;

use keysig_bench::app::{App, Tokens, id_and_email};
use keysig_bench::connection::{Answer, Connection};

use crate::load::Actor;

fn lost(error: std::io::Error) -> String {
    format!("a connection was lost: {error}")
}

async fn open(address: SocketAddr) -> Result<Connection, String> {
    Connection::open(address).await.map_err(lost)
}

fn tokens(answer: &Answer) -> Result<Tokens, String> {
    Tokens::of(answer).map_err(|not| format!("no tokens: {not:?}"))
}

/// Asks the bare server.
pub struct Bare {
    connection: Connection,
    request: String,
}

impl Bare {
    /// On a new connection.
    pub async fn new(address: SocketAddr) -> Result<Self, String> {
        let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n");
        Ok(Self { connection: open(address).await?, request })
    }
}

impl Actor for Bare {
    async fn once(&mut self) -> Result<(), String> {
        let answer = self.connection.exchange(&self.request).await.map_err(lost)?;
        if answer.status == 200 && answer.body() == b"ok" { Ok(()) } else { Err(answer.text()) }
    }
}

/// An app that asks for tokens of its own.
pub struct ClientCredentials {
    connection: Connection,
    request: String,
    token: String,
}

impl ClientCredentials {
    /// On a new connection.
    pub async fn new(app: &App) -> Result<Self, String> {
        let connection = open(app.address).await?;
        Ok(Self { connection, request: app.client_credentials(), token: String::new() })
    }
}

impl Actor for ClientCredentials {
    async fn once(&mut self) -> Result<(), String> {
        let answer = tokens(&self.connection.exchange(&self.request).await.map_err(lost)?)?;
        if answer.refresh_token.is_some() {
            return Err("an app alone was given a refresh token".to_owned());
        }
        keep(&mut self.token, answer.access_token)
    }

    fn token(&self) -> Option<&str> {
        Some(&self.token)
    }
}

/// The new token takes the place of the old one, from which it must differ.
fn keep(held: &mut String, new: String) -> Result<(), String> {
    if *held == new {
        return Err("the same access token was given twice".to_owned());
    }
    *held = new;
    Ok(())
}

/// A person who is signed in and has agreed, at an app of which they want nothing but to log in.
pub struct Login {
    connection: Connection,
    app: App,
    cookies: String,
    number: usize,
    count: usize,
    token: String,
}

impl Login {
    /// On a new connection, with the cookies of somebody who has agreed.
    pub async fn new(app: &App, cookies: &str, number: usize) -> Result<Self, String> {
        let (app, cookies) = (app.clone(), cookies.to_owned());
        Ok(Self { connection: open(app.address).await?, app, cookies, number, count: 0, token: String::new() })
    }

    /// `GET /authorize`, which answers with a code at once, and `POST /api/token`.
    pub async fn log_in(&mut self) -> Result<Tokens, String> {
        self.count += 1;
        let state = format!("{}-{}", self.number, self.count);
        let request = self.app.authorize(&state, &self.cookies);
        let answer = self.connection.exchange(&request).await.map_err(lost)?;
        if answer.status != 302 {
            return Err(format!("no redirect with a code: {} {}", answer.status, answer.text()));
        }
        let code = self.app.code(answer.header("location").unwrap_or_default(), &state)?;
        let tokens = tokens(&self.connection.exchange(&self.app.redeem(&code)).await.map_err(lost)?)?;
        let scope = tokens.scope.as_deref().unwrap_or_default();
        if !same_words(scope, self.app.scope()) {
            return Err(format!("asked for {:?} and was given {scope:?}", self.app.scope()));
        }
        if !tokens.refresh_token.as_ref().is_some_and(|token| token.starts_with("AQ")) {
            return Err("a login without a refresh token".to_owned());
        }
        Ok(tokens)
    }
}

fn same_words(one: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    sorted(one) == sorted(other)
}

impl Actor for Login {
    async fn once(&mut self) -> Result<(), String> {
        let tokens = self.log_in().await?;
        keep(&mut self.token, tokens.access_token)
    }

    fn token(&self) -> Option<&str> {
        Some(&self.token)
    }
}

/// A client that refreshes a login of its own.
pub struct Refresh {
    connection: Connection,
    app: App,
    held: Tokens,
    refresh_token: String,
    rotates: bool,
}

impl Refresh {
    /// On a connection of its own, after logging in.
    pub async fn new(mut login: Login, rotates: bool) -> Result<Self, String> {
        let held = login.log_in().await?;
        let refresh_token = held.refresh_token.clone().unwrap_or_default();
        Ok(Self { connection: open(login.app.address).await?, app: login.app, held, refresh_token, rotates })
    }
}

impl Actor for Refresh {
    async fn once(&mut self) -> Result<(), String> {
        let request = self.app.refresh(&self.refresh_token);
        let answer = tokens(&self.connection.exchange(&request).await.map_err(lost)?)?;
        if answer.scope != self.held.scope {
            return Err(format!("the scope changed from {:?} to {:?}", self.held.scope, answer.scope));
        }
        let refresh_token = answer.refresh_token.unwrap_or_default();
        if (refresh_token != self.refresh_token) != self.rotates {
            return Err(format!("rotates: {}, but the refresh token did otherwise", self.rotates));
        }
        self.refresh_token = refresh_token;
        keep(&mut self.held.access_token, answer.access_token)
    }

    fn token(&self) -> Option<&str> {
        Some(&self.held.access_token)
    }
}

/// An app that asks the guarded API who the person is.
pub struct Me {
    connection: Connection,
    request: String,
    /// Id and e-mail address.
    who: (String, String),
}

impl Me {
    /// On a connection of its own, after logging in as the person with this id.
    pub async fn new(mut login: Login, id: &str) -> Result<Self, String> {
        let held = login.log_in().await?;
        let request = login.app.me(&held.access_token);
        let who = (id.to_owned(), format!("{id}@example.test"));
        Ok(Self { connection: open(login.app.address).await?, request, who })
    }
}

impl Actor for Me {
    async fn once(&mut self) -> Result<(), String> {
        let who = id_and_email(&self.connection.exchange(&self.request).await.map_err(lost)?)?;
        if who == self.who { Ok(()) } else { Err(format!("the API takes {:?} for {who:?}", self.who)) }
    }
}
