//! One call: who asks, what is given, and the answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use keysig_core::parameters::Parameters;
use serde_json::{Map, Value};

use super::{JSON, Problem};
use crate::actions::{Actor, api_keys, audit_copy};
use crate::api::body::parse;
use crate::net::Peer;
use crate::operations::{Operation, audit_export};
use crate::request_id::RequestId;
use crate::routes::uri_is_too_long;
use crate::server::{Server, address_block};
use crate::visit::MAX_BODY_BYTES;

/// Every check in order, then the operation.
pub async fn answer(
    server: Arc<Server>,
    operation: &'static Operation,
    path: Option<RawPathParams>,
    request: Request,
) -> Response {
    carried_out(server, operation, path, request).await.unwrap_or_else(IntoResponse::into_response)
}

async fn carried_out(
    server: Arc<Server>,
    operation: &'static Operation,
    path: Option<RawPathParams>,
    request: Request,
) -> Result<Response, Problem> {
    if uri_is_too_long(request.uri()) {
        return Err(Problem::AddressTooLong);
    }
    let (parts, body) = request.into_parts();
    let actor = actor(&server, &parts).await?;
    actor.needs(operation.needs)?;
    let given = given(path, &parts, body).await?;
    let is_copy = operation.route.as_ref().is_some_and(|route| route.is_copy);
    let asked = is_copy.then(|| given.clone());
    let done = operation.carry_out(&server, &actor, given).await?;
    match asked {
        None => Ok(([(CONTENT_TYPE, JSON)], done.to_string()).into_response()),
        Some(asked) => {
            let (filter, is_csv) = audit_export(&server, asked).await?;
            let (kind, name) = audit_copy::described(is_csv);
            let headers = [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)];
            Ok((headers, audit_copy::body(server, actor, filter, is_csv)).into_response())
        }
    }
}

/// The one key that was sent.
fn presented(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = sent.next().ok_or(Problem::NoKey)?;
    if sent.next().is_some() {
        return Err(Problem::Unreadable("The Authorization header was sent twice."));
    }
    let header = header.to_str().map_err(|_| Problem::WrongKey)?;
    let (scheme, key) = header.split_once(' ').ok_or(Problem::NoKey)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(key.trim()) } else { Err(Problem::NoKey) }
}

/// Whoever acts. A right key is never made to wait by wrong ones that come from beside it, since nobody guesses 256 bits; who
/// keeps on trying is told to stop.
async fn actor(server: &Server, parts: &Parts) -> Result<Actor, Problem> {
    let key = presented(&parts.headers)?;
    let peer = Peer::of(parts);
    match api_keys::actor(server, key).await? {
        Some(actor) => {
            Ok(Actor { address: peer.to_canonical().to_string(), request_id: RequestId::of(parts), ..actor })
        }
        None => match server.api_keys.try_once(address_block(peer), server.now()) {
            Ok(_) => Err(Problem::WrongKey),
            Err(seconds) => Err(Problem::TooManyKeys(seconds)),
        },
    }
}

/// Parts of the path, of the query and of the body, as one object; none of them twice.
async fn given(path: Option<RawPathParams>, parts: &Parts, body: Body) -> Result<Value, Problem> {
    let path = path.ok_or(Problem::Unreadable("The path is not valid UTF-8."))?;
    let mut given: Map<String, Value> =
        path.iter().map(|(name, value)| (name.to_owned(), Value::from(value.to_owned()))).collect();
    let query = Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let query = query.map_err(|_| Problem::Unreadable("The query cannot be read."))?;
    let mut sent: Vec<(String, Value)> =
        query.pairs().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    if parts.method != Method::GET && parts.method != Method::HEAD {
        if !sent.is_empty() {
            return Err(Problem::Unreadable("What is changed is said in the body, and not in the query."));
        }
        match read(&parts.headers, body).await? {
            None => {}
            Some(Value::Object(members)) => sent.extend(members),
            Some(_) => return Err(Problem::Unreadable("The body is no JSON object.")),
        }
    }
    for (name, value) in sent {
        if given.insert(name, value).is_some() {
            return Err(Problem::Unreadable("Something was given twice."));
        }
    }
    Ok(Value::Object(given))
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Option<Value>, Problem> {
    let bytes = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(Problem::BodyTooLong),
        Err(_) => return Err(Problem::Unreadable("The body ended early.")),
    };
    if bytes.is_empty() {
        return Ok(None);
    }
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    if !kind.eq_ignore_ascii_case(JSON.as_bytes()) {
        return Err(Problem::NotJson);
    }
    parse(&bytes).map_err(|_| Problem::Unreadable("The body is no JSON, or says something twice."))
}
