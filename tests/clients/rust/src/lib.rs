//! Where the server under test is, and how a person answers its pages.

use std::{collections::HashSet, env, process::Command};

use rspotify::{AuthCodePkceSpotify, AuthCodeSpotify, ClientCredsSpotify, Config, Credentials, OAuth, prelude::*};

/// Registered without a port: a client may listen on any.
pub const CALLBACK: &str = "http://127.0.0.1:47103/callback";
const SCOPES: &str = "playlist-modify-private playlist-modify-public playlist-read-private user-library-modify \
                      user-library-read user-read-email user-read-private";

/// A setting of the test's environment.
pub fn required(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test rust`"))
}

fn config() -> Config {
    Config {
        auth_base_url: required("KEYSIG_TEST_ISSUER"),
        api_base_url: format!("{}/v1/", required("KEYSIG_TEST_API")),
        ..Config::default()
    }
}

fn oauth() -> OAuth {
    OAuth {
        redirect_uri: CALLBACK.to_owned(),
        scopes: SCOPES.split(' ').map(str::to_owned).collect::<HashSet<_>>(),
        ..OAuth::default()
    }
}

/// The callback address after the person answered; `words` go to `person.py`.
pub fn person(words: &[&str], authorize_url: &str) -> String {
    let answer = Command::new(required("KEYSIG_TEST_PYTHON"))
        .arg(required("KEYSIG_TEST_PERSON"))
        .args(words)
        .arg(authorize_url)
        .output()
        .expect("python starts");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    String::from_utf8(answer.stdout).expect("an address is text").trim().to_owned()
}

/// The confidential client, not logged in yet.
pub fn confidential() -> AuthCodeSpotify {
    AuthCodeSpotify::with_config(Credentials::new("demo-web", "demo-secret"), oauth(), config())
}

/// The confidential client, logged in as Ada.
pub async fn auth_code() -> AuthCodeSpotify {
    let spotify = confidential();
    let callback = person(&[], &spotify.get_authorize_url(false).expect("an authorize URL"));
    let code = spotify.parse_response_code(&callback).expect("a code, and the state as sent");
    spotify.request_token(&code).await.expect("a token");
    spotify
}

/// The public client, logged in as Ada with a verifier of 43 characters.
pub async fn pkce() -> AuthCodePkceSpotify {
    let mut spotify = AuthCodePkceSpotify::with_config(Credentials::new_pkce("demo-public"), oauth(), config());
    let callback = person(&[], &spotify.get_authorize_url(None).expect("an authorize URL"));
    let code = spotify.parse_response_code(&callback).expect("a code, and the state as sent");
    spotify.request_token(&code).await.expect("a token");
    spotify
}

/// The application on its own.
pub async fn client_credentials() -> ClientCredsSpotify {
    let spotify = ClientCredsSpotify::with_config(Credentials::new("demo-web", "demo-secret"), config());
    spotify.request_token().await.expect("a token");
    spotify
}
