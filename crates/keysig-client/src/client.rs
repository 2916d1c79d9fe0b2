//! An app at one server: starts logins, finishes them, asks for tokens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::ambient::{Clock, Rng, SystemClock, SystemRng};
use crate::authorize::PendingLogin;
use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::pkce;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::session::Session;
use crate::token::TokenSet;
use crate::token_request::{Credentials, TokenResponse, refusal};
use crate::transport::Transport;

/// An app at one server. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    credentials: Credentials,
    redirect_uri: Option<String>,
    endpoints: Endpoints,
    transport: Transport,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Client {
    /// From `KEYSIG_CLIENT_ID`, `KEYSIG_CLIENT_SECRET` (none: a public app), `KEYSIG_REDIRECT_URI` and `KEYSIG_BASE`
    /// (none: Spotify).
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let client_id = set("KEYSIG_CLIENT_ID").ok_or_else(|| {
            Error::Configuration("KEYSIG_CLIENT_ID is not set. Copy the client ID from the app's dashboard.".into())
        })?;
        let mut builder = Self::builder(client_id);
        if let Some(base) = set("KEYSIG_BASE") {
            builder = builder.endpoints(Endpoints::custom(&base)?);
        }
        if let Some(secret) = set("KEYSIG_CLIENT_SECRET") {
            builder = builder.secret(secret);
        }
        if let Some(redirect_uri) = set("KEYSIG_REDIRECT_URI") {
            builder = builder.redirect_uri(redirect_uri);
        }
        builder.build()
    }

    /// A client with settings of your own; a public app at Spotify until told otherwise.
    pub fn builder(client_id: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            credentials: Credentials { client_id: client_id.into(), client_secret: None },
            redirect_uri: None,
            endpoints: None,
            wait_ceiling: Duration::from_secs(30),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
        }
    }

    /// Starts a login that asks for `scopes`: the address to send the browser to, and what to keep until the browser
    /// comes back to the redirect address.
    pub fn login(&self, scopes: Scopes) -> Result<(Url, PendingLogin), Error> {
        let redirect_uri = self.0.redirect_uri.clone().ok_or_else(|| {
            Error::Configuration(
                "No redirect address is set. Set KEYSIG_REDIRECT_URI to one registered for the app.".into(),
            )
        })?;
        let pending = PendingLogin {
            state: pkce::state(&*self.0.rng)?,
            code_verifier: pkce::code_verifier(&*self.0.rng)?,
            redirect_uri,
            issuer: self.0.endpoints.issuer.clone(),
            scopes,
            started_at: self.now(),
        };
        Ok((pending.authorize_url(&self.0.endpoints, &self.0.credentials.client_id), pending))
    }

    /// Finishes a login with the address (or the query) the browser came back with: checks it and exchanges the code.
    pub async fn finish(&self, pending: PendingLogin, callback: &str) -> Result<Session, Error> {
        let code = pending.code_of(callback, self.now())?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", &pending.redirect_uri),
            ("code_verifier", pending.code_verifier.expose()),
        ];
        let response = self.tokens(&form).await?;
        Ok(self.session(TokenSet::first(response, &pending.scopes, self.now())))
    }

    /// A session over tokens that were stored.
    pub fn session(&self, tokens: TokenSet) -> Session {
        Session::new(self.clone(), tokens, false)
    }

    /// A session of the app itself, with no user in it (RFC 6749 §4.4). Renews by asking again.
    pub async fn client_credentials(&self) -> Result<Session, Error> {
        Ok(Session::new(self.clone(), self.app_tokens().await?, true))
    }

    pub(crate) async fn app_tokens(&self) -> Result<TokenSet, Error> {
        if self.0.credentials.client_secret.is_none() {
            return Err(Error::Configuration("An app without a secret cannot act on its own (RFC 6749 §4.4).".into()));
        }
        let response = self.tokens(&[("grant_type", "client_credentials")]).await?;
        Ok(TokenSet::first(response, &Scopes::none(), self.now()))
    }

    /// New tokens for old ones (RFC 6749 §6). `invalid_grant` is [`Error::Disconnected`]: nothing but a new login helps.
    ///
    /// A [`Session`] does this by itself and one at a time; two of these at once may spend a rotating token twice.
    pub async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, Error> {
        let refresh_token = tokens
            .refresh_token
            .as_ref()
            .ok_or_else(|| Error::Disconnected { reason: "there is no refresh token".into(), request_id: None })?;
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
        match self.tokens(&form).await {
            Ok(response) => Ok(tokens.merged(response, self.now())),
            Err(Error::Refused { error, description, request_id, .. }) if error == "invalid_grant" => {
                Err(Error::Disconnected { reason: description.unwrap_or(error), request_id })
            }
            Err(other) => Err(other),
        }
    }

    /// Ends a token at the server (RFC 7009). Given a refresh token, the access tokens of that login end with it.
    pub async fn revoke(&self, token: &Secret) -> Result<(), Error> {
        let url = self.0.endpoints.revoke.as_ref().ok_or(Error::NotOffered(
            "a token cannot be revoked by the app. The person can remove the app on their account page.",
        ))?;
        let form = [("token", token.expose())];
        let answer = self.0.transport.send(|http| self.0.credentials.sign(http.post(url.clone()), &form)).await?;
        if answer.status == 200 { Ok(()) } else { Err(refusal(answer)) }
    }

    async fn tokens(&self, form: &[(&str, &str)]) -> Result<TokenResponse, Error> {
        let url = &self.0.endpoints.token;
        let answer = self.0.transport.send(|http| self.0.credentials.sign(http.post(url.clone()), form)).await?;
        TokenResponse::read(answer)
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.clock.unix_seconds()
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.0.endpoints
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.0.transport
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("client_id", &self.0.credentials.client_id)
            .field("client_secret", &self.0.credentials.client_secret)
            .field("endpoints", &self.0.endpoints)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
pub struct ClientBuilder {
    credentials: Credentials,
    redirect_uri: Option<String>,
    endpoints: Option<Endpoints>,
    wait_ceiling: Duration,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl ClientBuilder {
    /// The secret of a confidential app. Without it the app is public and PKCE alone protects the code.
    pub fn secret(mut self, client_secret: impl Into<Secret>) -> Self {
        self.credentials.client_secret = Some(client_secret.into());
        self
    }

    /// The server; Spotify if never called.
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = Some(endpoints);
        self
    }

    /// Where the browser comes back to; registered for the app, letter by letter.
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// The longest a call waits in all when the server answers 429; 30 seconds if never called.
    pub fn wait_ceiling(mut self, ceiling: Duration) -> Self {
        self.wait_ceiling = ceiling;
        self
    }

    /// Another clock than the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Other randomness than the operating system's.
    pub fn rng(mut self, rng: Arc<dyn Rng>) -> Self {
        self.rng = rng;
        self
    }

    /// The client. Fails if the HTTP client cannot be set up.
    pub fn build(self) -> Result<Client, Error> {
        let endpoints = self.endpoints.map_or_else(Endpoints::spotify, Ok)?;
        let transport = Transport::new(&endpoints, Arc::clone(&self.clock), self.wait_ceiling)?;
        Ok(Client(Arc::new(Inner {
            credentials: self.credentials,
            redirect_uri: self.redirect_uri,
            endpoints,
            transport,
            clock: self.clock,
            rng: self.rng,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Client, Error> {
        Client::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_says_who_asks_and_where() {
        let client = from(&[
            ("KEYSIG_BASE", "http://127.0.0.1:8080"),
            ("KEYSIG_CLIENT_ID", "demo-web"),
            ("KEYSIG_CLIENT_SECRET", "demo-secret"),
            ("KEYSIG_REDIRECT_URI", "http://127.0.0.1:8888/callback"),
        ])
        .unwrap();
        let (url, _) = client.login(Scopes::none()).unwrap();
        assert!(url.as_str().starts_with("http://127.0.0.1:8080/authorize?response_type=code&client_id=demo-web&"));
        assert!(!format!("{client:?}").contains("demo-secret"));
    }

    #[test]
    fn without_a_base_it_is_spotify() {
        assert_eq!(Endpoints::spotify().unwrap().token.as_str(), "https://accounts.spotify.com/api/token");
        assert_eq!(Endpoints::spotify().unwrap().api_url("me").unwrap().as_str(), "https://api.spotify.com/v1/me");
    }

    #[test]
    fn a_client_over_tls_needs_no_crypto_provider_installed_beforehand() {
        let built = Client::builder("abc").build();
        // A machine without root certificates is told so; a missing provider would panic.
        assert!(matches!(built, Ok(_) | Err(Error::Configuration(_))));
    }

    #[test]
    fn a_missing_client_id_is_named() {
        let error = from(&[("KEYSIG_CLIENT_ID", "")]).unwrap_err();
        assert!(error.to_string().contains("KEYSIG_CLIENT_ID"));
    }

    #[test]
    fn a_login_without_a_redirect_address_says_what_to_set() {
        let client = from(&[("KEYSIG_BASE", "http://127.0.0.1:1"), ("KEYSIG_CLIENT_ID", "a")]).unwrap();
        assert!(client.login(Scopes::none()).unwrap_err().to_string().contains("KEYSIG_REDIRECT_URI"));
    }
}
