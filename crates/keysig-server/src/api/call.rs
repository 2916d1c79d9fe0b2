//! One call: what every endpoint is asked, what it may answer, and the checks that come before it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use keysig_core::id::UserId;
use keysig_core::parameters::Parameters;
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;
use keysig_guard::Denied;
use keysig_store::catalogue::Catalogue;
use serde_json::Value;

use super::caller::Caller;
use super::endpoints::{Endpoint, Needs};
use super::error::ApiError;
use super::objects::Links;
use super::{ApiState, JSON, body};

/// Bodies are no longer than this (design §5).
const MAX_BODY_BYTES: usize = 64 * 1024;

/// At most this many ids or uris are read from a list before its own limit is looked at.
const MAX_LIST: usize = 1000;

/// A call that passed the checks of its [`Endpoint`].
pub struct Call {
    /// What to work with.
    pub state: ApiState,
    /// Who calls.
    pub caller: Caller,
    /// The parameters of the query, none of them twice.
    pub query: Parameters,
    /// The JSON body, if there was one.
    pub body: Option<Value>,
    path: Vec<(String, String)>,
    used: Arc<Used>,
}

/// The permissions a call came to need, for the receipts. An endpoint asks for them in the order in which it works, so what
/// is noted is what was decisive and not what the token could have done besides.
#[derive(Default)]
struct Used(Mutex<ScopeSet>);

impl Used {
    fn note(&self, scopes: ScopeSet) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = noted.union(scopes);
    }

    fn scopes(&self) -> ScopeSet {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an endpoint answers with.
pub enum Reply {
    /// JSON.
    Json(StatusCode, Value),
    /// Nothing.
    Empty(StatusCode),
}

/// What an endpoint comes to.
pub type Answer = Result<Reply, ApiError>;

/// An endpoint's work.
pub type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>>;

/// 200 with JSON.
pub fn ok(value: Value) -> Answer {
    Ok(Reply::Json(StatusCode::OK, value))
}

/// 200 with nothing.
pub fn done() -> Answer {
    Ok(Reply::Empty(StatusCode::OK))
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Json(status, value) => (status, [(CONTENT_TYPE, JSON)], value.to_string()).into_response(),
            Self::Empty(status) => status.into_response(),
        }
    }
}

/// Every check in order, then the endpoint.
pub async fn answer(
    state: ApiState,
    endpoint: &'static Endpoint,
    path: Option<RawPathParams>,
    request: Request,
) -> Response {
    match call(state, endpoint, path, request).await {
        Ok(reply) => reply.into_response(),
        Err(error) => error.into_response(),
    }
}

async fn call(state: ApiState, endpoint: &'static Endpoint, path: Option<RawPathParams>, request: Request) -> Answer {
    let caller = Caller::of(request.extensions())?;
    caller.note(&state.usage, state.clock.now());
    let would_do = permit(&state, &caller, &endpoint.needs)?;
    let query = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    if query.duplicate().is_some() {
        return Err(ApiError::bad("Duplicate parameter"));
    }
    if !is_percent_encoded(request.uri().path()) {
        return Err(ApiError::bad("Malformed percent-encoding"));
    }
    let path = path.ok_or(ApiError::bad("Not valid UTF-8"))?;
    let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = match endpoint.method {
        Method::GET => None,
        _ => body::parse(&read(request.into_body()).await?)?,
    };
    let (uses, clock, used) = (state.uses.clone(), state.clock.clone(), Arc::new(Used::default()));
    let answer = (endpoint.handler)(Call { state, caller, query, body, path, used: used.clone() }).await;
    // What was refused used nothing. What went wrong later did: a call for what is not there is a call all the same.
    if !matches!(answer, Err(ApiError::Denied(_))) {
        let decisive = Some(used.scopes()).filter(|scopes| !scopes.is_empty());
        caller.count(&uses, decisive.unwrap_or(would_do), clock.now());
    }
    answer
}

/// Those of the token's scopes of which the endpoint needs one.
fn permit(state: &ApiState, caller: &Caller, needs: &Needs) -> Result<ScopeSet, Denied> {
    let (one_of, is_for_users) = match needs {
        Needs::Token => return Ok(ScopeSet::EMPTY),
        Needs::User => (&[][..], true),
        Needs::UserWith(one_of) => (*one_of, true),
    };
    if is_for_users {
        caller.user()?;
    }
    let scopes = state.scopes.now();
    let known = one_of.iter().filter_map(|name| scopes.find(name));
    let needed = known.fold(ScopeSet::EMPTY, ScopeSet::with);
    let has = needed.intersection(caller.scopes);
    match one_of.is_empty() || !has.is_empty() {
        true => Ok(has),
        false => Err(Denied::InsufficientScope { needed }),
    }
}

fn is_percent_encoded(path: &str) -> bool {
    path.split('%').skip(1).all(|after| after.get(..2).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())))
}

async fn read(body: Body) -> Result<bytes::Bytes, ApiError> {
    match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(ApiError::TOO_LARGE),
        Err(_) => Err(ApiError::bad("The request body ended early")),
    }
}

impl Call {
    /// A part of the path; empty if the path has no such part.
    pub fn part(&self, name: &str) -> &str {
        self.path.iter().find(|(part, _)| part == name).map_or("", |(_, value)| value)
    }

    /// The part of the path that is a catalogue or playlist id.
    pub fn id(&self) -> Result<&str, ApiError> {
        checked_id(self.part("id"))
    }

    /// The person the app acts for.
    pub fn user(&self) -> Result<UserId, ApiError> {
        Ok(self.caller.user()?)
    }

    /// Whether the token has the scope of this name. If it has, the call used it: ask only where that decides something.
    pub fn has(&self, scope: &str) -> bool {
        let found = self.state.scopes.now().find(scope).filter(|scope| self.caller.scopes.has(*scope));
        if let Some(scope) = found {
            self.used.note(ScopeSet::EMPTY.with(scope));
        }
        found.is_some()
    }

    /// Refuses a token that does not have the scope of this name.
    pub fn require(&self, scope: &str) -> Result<(), ApiError> {
        if self.has(scope) {
            return Ok(());
        }
        let needed = self.state.scopes.now().find(scope).map_or(ScopeSet::EMPTY, |scope| ScopeSet::EMPTY.with(scope));
        Err(Denied::InsufficientScope { needed }.into())
    }

    /// The time of the call.
    pub fn now(&self) -> Timestamp {
        self.state.clock.now()
    }

    /// The catalogue to use for the whole call.
    pub fn catalogue(&self) -> std::sync::Arc<Catalogue> {
        self.state.catalogue.get()
    }

    /// Where links point.
    pub fn links(&self) -> Links {
        Links(self.state.public_url.clone())
    }

    /// A member of the body, if the body is an object that has it.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.body.as_ref()?.get(name)
    }

    /// The list named `name`: from the query (separated by commas), from the body's member of that name, or the body
    /// itself if that is a list. The query wins.
    pub fn list(&self, name: &str, max: usize, too_many: &'static str) -> Result<Option<Vec<String>>, ApiError> {
        let list: Vec<String> = match (self.query.get(name), self.body.as_ref()) {
            (Some(text), _) => text.split(',').take(MAX_LIST).map(|item| item.trim().to_owned()).collect(),
            (None, Some(Value::Array(list))) => strings(list)?,
            (None, _) => match self.field(name) {
                Some(Value::Array(list)) => strings(list)?,
                Some(_) => return Err(ApiError::bad("Error parsing JSON.")),
                None => return Ok(None),
            },
        };
        if list.len() > max { Err(ApiError::bad(too_many)) } else { Ok(Some(list)) }
    }

    /// The `ids` of the query or body: at least one, at most `max`, each of them one.
    pub fn ids(&self, max: usize) -> Result<Vec<String>, ApiError> {
        let ids = self.list("ids", max, "Too many ids requested")?.unwrap_or_default();
        if ids.is_empty() {
            return Err(ApiError::bad("Missing required field: ids"));
        }
        ids.iter().try_for_each(|id| checked_id(id).map(drop))?;
        Ok(ids)
    }
}

fn strings(list: &[Value]) -> Result<Vec<String>, ApiError> {
    let text = |item: &Value| item.as_str().map(str::to_owned).ok_or(ApiError::bad("Error parsing JSON."));
    list.iter().take(MAX_LIST).map(text).collect()
}

/// `id` if it is 22 base62 characters.
pub fn checked_id(id: &str) -> Result<&str, ApiError> {
    let is_id = id.len() == 22 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id { Ok(id) } else { Err(ApiError::bad("Invalid base62 id")) }
}
