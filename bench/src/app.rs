//! An app at the authorization server: the requests it sends, and what it demands of the answers.

use std::fmt::Write as _;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::connection::Answer;

/// RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A confidential app. It uses PKCE as well.
#[derive(Clone, Debug)]
pub struct App {
    /// Where the server listens.
    pub address: SocketAddr,
    client_id: String,
    basic: String,
    redirect_uri: String,
    scope: String,
}

/// A successful token answer (RFC 6749 §5.1).
#[derive(Clone, Debug, Deserialize)]
pub struct Tokens {
    /// For the API.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// In seconds.
    pub expires_in: u32,
    /// Absent where the app speaks for itself.
    pub refresh_token: Option<String>,
    /// What was granted, in the order of the catalogue.
    pub scope: Option<String>,
}

/// An answer that does not give tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoTokens {
    /// The server says no (RFC 6749 §5.2).
    Refused {
        /// Its `error`.
        error: String,
        /// Its `error_description`.
        because: String,
    },
    /// Not an answer to a token request; what it was.
    Strange(String),
}

impl App {
    /// An app that returns to `http://127.0.0.1:9/callback`.
    pub fn new(address: SocketAddr, client_id: &str, client_secret: &str, scope: &str) -> Self {
        Self {
            address,
            client_id: client_id.to_owned(),
            basic: STANDARD.encode(format!("{client_id}:{client_secret}")),
            redirect_uri: "http://127.0.0.1:9/callback".to_owned(),
            scope: scope.to_owned(),
        }
    }

    /// What it is called by in requests.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The scopes it asks for.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Path and query of the authorization request.
    pub fn authorize_path(&self, state: &str) -> String {
        let query = form(&[
            ("client_id", &self.client_id),
            ("response_type", "code"),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", state),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        format!("/authorize?{query}")
    }

    /// The same as a request of a browser with these cookies.
    pub fn authorize(&self, state: &str, cookies: &str) -> String {
        let (path, host) = (self.authorize_path(state), self.address);
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nCookie: {cookies}\r\n\r\n")
    }

    /// The code in an address the browser was sent to.
    ///
    /// # Errors
    /// The address, if it is not ours, has no code or another `state`.
    pub fn code(&self, callback: &str, state: &str) -> Result<String, String> {
        let query = callback.strip_prefix(&self.redirect_uri).and_then(|rest| rest.strip_prefix('?'));
        let parameter = |name: &str| {
            let mut pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        match parameter("code") {
            Some(code) if parameter("state") == Some(state) && code.starts_with("AQ") => Ok(code.to_owned()),
            _ => Err(format!("no code for state {state} in {callback}")),
        }
    }

    /// Redeems a code (RFC 6749 §4.1.3).
    pub fn redeem(&self, code: &str) -> String {
        self.post(
            "/api/token",
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &self.redirect_uri),
                ("code_verifier", VERIFIER),
            ],
        )
    }

    /// Refreshes (RFC 6749 §6).
    pub fn refresh(&self, refresh_token: &str) -> String {
        self.post("/api/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
    }

    /// Asks in its own name (RFC 6749 §4.4.2).
    pub fn client_credentials(&self) -> String {
        self.post("/api/token", &[("grant_type", "client_credentials")])
    }

    /// Ends a login (RFC 7009 §2.1).
    pub fn revoke(&self, token: &str) -> String {
        self.post("/oauth2/revoke/v1", &[("token", token)])
    }

    /// Asks who the person is.
    pub fn me(&self, access_token: &str) -> String {
        format!("GET /v1/me HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {access_token}\r\n\r\n", self.address)
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let (host, basic, body) = (self.address, &self.basic, form(fields));
        format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {basic}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

impl Tokens {
    /// Reads the answer to a token request.
    ///
    /// # Errors
    /// See [`NoTokens`].
    pub fn of(answer: &Answer) -> Result<Self, NoTokens> {
        #[derive(Deserialize)]
        struct Refusal {
            error: String,
            #[serde(default)]
            error_description: String,
        }
        let strange = || NoTokens::Strange(format!("{} {}", answer.status, answer.text()));
        if answer.status != 200 {
            let refusal: Refusal = serde_json::from_slice(answer.body()).map_err(|_| strange())?;
            return Err(NoTokens::Refused { error: refusal.error, because: refusal.error_description });
        }
        let tokens: Self = serde_json::from_slice(answer.body()).map_err(|_| strange())?;
        let sound = tokens.access_token.starts_with("BQ") && tokens.token_type == "Bearer" && tokens.expires_in == 3600;
        if sound { Ok(tokens) } else { Err(strange()) }
    }
}

/// The id and the e-mail address in an answer of `/v1/me`.
///
/// # Errors
/// What the answer is instead.
pub fn id_and_email(answer: &Answer) -> Result<(String, String), String> {
    #[derive(Deserialize)]
    struct Me {
        id: String,
        email: String,
    }
    let strange = || format!("{} {}", answer.status, answer.text());
    if answer.status != 200 {
        return Err(strange());
    }
    let me: Me = serde_json::from_slice(answer.body()).map_err(|_| strange())?;
    Ok((me.id, me.email))
}

/// `application/x-www-form-urlencoded`.
pub fn form(fields: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(512);
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{App, form};

    #[test]
    fn what_is_not_plain_is_encoded() {
        assert_eq!(form(&[("a b", "c&d"), ("e", "é")]), "a%20b=c%26d&e=%C3%A9");
    }

    #[test]
    fn a_code_for_another_state_is_none() {
        let app = App::new(([127, 0, 0, 1], 1).into(), "id", "secret", "");
        assert_eq!(app.code("http://127.0.0.1:9/callback?code=AQx&state=1", "1").unwrap(), "AQx");
        for bad in [
            "http://127.0.0.1:9/callback?code=AQx&state=2",
            "http://127.0.0.1:9/callback?error=access_denied&state=1",
            "http://127.0.0.1:9/elsewhere?code=AQx&state=1",
        ] {
            assert!(app.code(bad, "1").is_err(), "{bad}");
        }
    }
}
