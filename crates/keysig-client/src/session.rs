//! Tokens in use: kept fresh, one refresh at a time.

use std::sync::Arc;

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::client::Client;
use crate::error::{Error, quoted};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::token::TokenSet;
use crate::transport::Answer;

/// An access token is renewed this long before it ends, so that it does not end on its way to the API.
const EARLY_SECONDS: i64 = 60;
/// After a failed renewal nobody tries again for this long: a server that is down is not hammered.
const REST_SECONDS: i64 = 2;

/// A login in use. Clones share the tokens: however many tasks find them stale, one request renews them.
#[derive(Clone, Debug)]
pub struct Session {
    client: Client,
    state: Arc<Mutex<State>>,
    /// A session of the app itself renews with client credentials, a person's with its refresh token.
    app_only: bool,
}

#[derive(Debug)]
struct State {
    tokens: TokenSet,
    /// Counts renewals, so that of many tasks that were answered 401 with one token only the first renews it.
    renewals: u64,
    rest_until: i64,
    disconnected: Option<String>,
}

impl State {
    fn token(&self) -> (Secret, u64) {
        (self.tokens.access_token.clone(), self.renewals)
    }
}

impl Session {
    pub(crate) fn new(client: Client, tokens: TokenSet, app_only: bool) -> Self {
        let state = State { tokens, renewals: 0, rest_until: i64::MIN, disconnected: None };
        Self { client, state: Arc::new(Mutex::new(state)), app_only }
    }

    /// The tokens as they are now, to be stored (encrypted).
    pub async fn tokens(&self) -> TokenSet {
        self.state.lock().await.tokens.clone()
    }

    /// How often the access token was renewed by this session.
    pub async fn renewals(&self) -> u64 {
        self.state.lock().await.renewals
    }

    /// Renews the access token now, fresh or not.
    pub async fn renew(&self) -> Result<(), Error> {
        let renewals = self.renewals().await;
        self.fresh_token(Some(renewals)).await.map(drop)
    }

    /// Ends the login at the server (RFC 7009) and here.
    pub async fn disconnect(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        let token = state.tokens.refresh_token.as_ref().unwrap_or(&state.tokens.access_token);
        self.client.revoke(token).await?;
        state.disconnected = Some("the app disconnected itself".into());
        Ok(())
    }

    /// Sends the request that `build` makes with an access token that is still good. A 401 renews the token and tries
    /// once more; a 403 never does, since a new token would hold no more permissions; a 429 waits as told.
    ///
    /// `build` decides where the token goes: send it only to the API it was issued for.
    pub async fn with_fresh_token(
        &self,
        build: impl Fn(&reqwest::Client, &Secret) -> reqwest::RequestBuilder,
    ) -> Result<Answer, Error> {
        self.call(build, Scopes::none()).await
    }

    /// `GET`s JSON below the API base, or from the `next` of a page.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.request(Method::GET, path, None::<&()>, Scopes::none()).await?.json()
    }

    /// `POST`s JSON below the API base.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.request(Method::POST, path, Some(body), Scopes::none()).await
    }

    /// `PUT`s JSON below the API base.
    pub async fn put(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.request(Method::PUT, path, Some(body), Scopes::none()).await
    }

    /// `DELETE`s below the API base, with a JSON body as the playlist calls want it.
    pub async fn delete(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.request(Method::DELETE, path, Some(body), Scopes::none()).await
    }

    /// `need` is what the call takes, for servers that answer 403 without naming it.
    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        need: Scopes,
    ) -> Result<Answer, Error> {
        let url = self.client.endpoints().api_url(path)?;
        let build = |http: &reqwest::Client, token: &Secret| {
            let request = http.request(method.clone(), url.clone()).bearer_auth(token.expose());
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        self.call(build, need).await
    }

    async fn call(
        &self,
        build: impl Fn(&reqwest::Client, &Secret) -> reqwest::RequestBuilder,
        need: Scopes,
    ) -> Result<Answer, Error> {
        let (token, renewals) = self.fresh_token(None).await?;
        let mut answer = self.client.transport().send(|http| build(http, &token)).await?;
        if answer.status == 401 {
            let (token, _) = self.fresh_token(Some(renewals)).await?;
            answer = self.client.transport().send(|http| build(http, &token)).await?;
        }
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(self.refusal(answer, need).await) }
    }

    /// An access token that the API should accept, and the count of renewals it came from. `rejected` is the count of
    /// a token that it did not accept.
    async fn fresh_token(&self, rejected: Option<u64>) -> Result<(Secret, u64), Error> {
        let state = Arc::clone(&self.state).lock_owned().await;
        if let Some(reason) = &state.disconnected {
            return Err(Error::Disconnected { reason: reason.clone(), request_id: None });
        }
        let rejected = rejected == Some(state.renewals);
        let now = self.client.now();
        if !rejected && now < state.tokens.expires_at.saturating_sub(EARLY_SECONDS) {
            return Ok(state.token());
        }
        if now < state.rest_until {
            let usable = !rejected && now < state.tokens.expires_at;
            return if usable { Ok(state.token()) } else { Err(Error::Unavailable { status: None, request_id: None }) };
        }
        // A task of its own: if the caller goes away in the middle, a refresh token that was rotated is still kept.
        let renewal = tokio::spawn(renewed(self.client.clone(), self.app_only, state, rejected));
        renewal.await.map_err(|_| Error::Unavailable { status: None, request_id: None })?
    }

    async fn refusal(&self, answer: Answer, need: Scopes) -> Error {
        let request_id = answer.request_id.clone();
        let message = message_of(&answer);
        match answer.status {
            403 if ["not be registered", "not registered", "not approved"]
                .iter()
                .any(|text| message.contains(text)) =>
            {
                Error::NotOnTestList { request_id }
            }
            403 => {
                let named = answer.challenge.as_deref().and_then(insufficient_scope).unwrap_or_default();
                let need = if named.is_empty() && message == "Insufficient client scope" { need } else { named };
                if need.is_empty() {
                    return Error::Api { status: 403, message, request_id };
                }
                let scopes = self.tokens().await.scopes.union(&need);
                match self.client.login(scopes) {
                    Ok((ask_again_url, pending)) => {
                        Error::MissingScope { need, ask_again_url, pending: Box::new(pending) }
                    }
                    Err(cause) => cause,
                }
            }
            500.. => Error::Unavailable { status: Some(answer.status), request_id },
            status => Error::Api { status, message, request_id },
        }
    }
}

/// Renews the tokens in `state`. Whatever fails, they stay: only `invalid_grant` ends the login.
async fn renewed(
    client: Client,
    app_only: bool,
    mut state: OwnedMutexGuard<State>,
    rejected: bool,
) -> Result<(Secret, u64), Error> {
    let renewed = if app_only { client.app_tokens().await } else { client.refresh(&state.tokens).await };
    match renewed {
        Ok(tokens) => {
            state.tokens = tokens;
            state.renewals += 1;
            Ok(state.token())
        }
        Err(cause) => {
            let now = client.now();
            state.rest_until = now.saturating_add(REST_SECONDS);
            if let Error::Disconnected { reason, .. } = &cause {
                state.disconnected = Some(reason.clone());
                return Err(cause);
            }
            // Renewed early, failed, and not yet over: the old token still does.
            if !rejected && now < state.tokens.expires_at { Ok(state.token()) } else { Err(cause) }
        }
    }
}

/// The words of an API error: Spotify's object, or plain text as its older refusals are.
fn message_of(answer: &Answer) -> String {
    let json: Option<serde_json::Value> = answer.json().ok();
    let message = json.as_ref().and_then(|body| body.pointer("/error/message")).and_then(|text| text.as_str());
    message.map_or_else(|| quoted(&String::from_utf8_lossy(&answer.body)), quoted)
}

/// The `scope` of an RFC 6750 §3.1 `insufficient_scope` challenge.
fn insufficient_scope(challenge: &str) -> Option<Scopes> {
    let parameter = |name: &str| {
        let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
        rest.split('"').next()
    };
    (parameter("error")? == "insufficient_scope").then_some(())?;
    parameter(" scope").or_else(|| parameter(",scope")).map(Scopes::parse)
}
