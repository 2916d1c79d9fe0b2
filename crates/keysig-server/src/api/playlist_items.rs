//! The items of a playlist, at both addresses: `/items` (2026) and `/tracks` (before).

use http::StatusCode;
use keysig_store::catalogue::Kind;
use keysig_store::playlists::{self, Edit, Playlist, Removal, SnapshotId};
use serde_json::{Value, json};

use super::call::{Answer, Call, Reply, checked_id, ok};
use super::catalogue::market;
use super::error::ApiError;
use super::fields::Fields;
use super::objects::{Market, People};
use super::paging::Paging;
use super::playlists::{Standing, may_modify, may_read, visible};

/// At most this many items in one edit.
const MAX_EDIT: usize = 100;
const TOO_MANY: &str = "You can add a maximum of 100 tracks per request.";

/// Entries as both pages show them.
pub async fn entries(
    call: &Call,
    playlist: &Playlist,
    paging: Paging,
    market: &Market,
) -> Result<Vec<Value>, ApiError> {
    let items = playlists::items(&call.state.store, playlist, paging.limit, paging.offset).await?;
    let ids: Vec<&str> = items.iter().map(|item| item.uri.rsplit(':').next().unwrap_or_default()).collect();
    let tracks = call.catalogue().tracks(&ids)?;
    let (links, mut people) = (call.links(), People::new(&call.state.store));
    let mut entries = Vec::with_capacity(items.len());
    for (item, track) in items.iter().zip(tracks) {
        let track = track.map_or(Value::Null, |track| links.track(&track, market));
        entries.push(links.entry(item, track, &mut people).await?);
    }
    Ok(entries)
}

/// The page of entries at the address that ends in `name`. `fields` is what its links filter by: the filter of a whole
/// playlist would be another thing.
pub fn page(
    call: &Call,
    playlist: &Playlist,
    name: &str,
    paging: Paging,
    fields: Option<&str>,
    entries: Vec<Value>,
) -> Value {
    let sent = |name| (name, call.query.get(name));
    let keep = [sent("additional_types"), ("fields", fields), sent("market")];
    let address = call.links().to(&format!("playlists/{}/{name}", playlist.id));
    paging.page(&address, &keep, entries, u64::from(playlist.total))
}

async fn list_named(call: Call, name: &str) -> Answer {
    let paging = Paging::read(&call.query, 20, 100)?;
    let fields = call.query.get("fields").map(Fields::parse).transpose()?;
    let (playlist, standing) = visible(&call).await?;
    // Since 2026 only owner and collaborators read items; the older address still shows those of public playlists.
    if standing == Standing::Stranger && (name == "items" || !playlist.public) {
        return Err(ApiError::forbidden("Forbidden"));
    }
    may_read(&call, &playlist)?;
    let market = market(&call).await?;
    let entries = entries(&call, &playlist, paging, &market).await?;
    let page = page(&call, &playlist, name, paging, call.query.get("fields"), entries);
    ok(match fields {
        Some(fields) => fields.apply(page),
        None => page,
    })
}

/// A page of items.
pub async fn list(call: Call) -> Answer {
    list_named(call, "items").await
}

/// The same at the older address.
pub async fn list_tracks(call: Call) -> Answer {
    list_named(call, "tracks").await
}

fn track_id(uri: &str) -> Result<&str, ApiError> {
    let id = uri.strip_prefix("spotify:track:").ok_or(ApiError::bad("Invalid track uri"))?;
    checked_id(id)
}

/// The `uris` of query or body, each of them a track that is there.
fn uris(call: &Call) -> Result<Option<Vec<String>>, ApiError> {
    let Some(uris) = call.list("uris", MAX_EDIT, TOO_MANY)? else { return Ok(None) };
    let catalogue = call.catalogue();
    for uri in &uris {
        if !catalogue.has(Kind::Track, track_id(uri)?)? {
            return Err(ApiError::bad("Payload contains a non-existing ID"));
        }
    }
    Ok(Some(uris))
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}

fn number_field(call: &Call, name: &str, otherwise: Option<u32>) -> Result<u32, ApiError> {
    let found = call.field(name).map_or(otherwise, number);
    found.ok_or(ApiError::bad("Error parsing JSON."))
}

fn position(call: &Call) -> Result<Option<u32>, ApiError> {
    const INVALID: ApiError = ApiError::bad("Invalid position");
    match (call.query.get("position"), call.field("position")) {
        (Some(text), _) => text.parse().map(Some).map_err(|_| INVALID),
        (None, None | Some(Value::Null)) => Ok(None),
        (None, Some(value)) => number(value).map(Some).ok_or(INVALID),
    }
}

fn snapshot(call: &Call) -> Result<Option<SnapshotId>, ApiError> {
    match call.field("snapshot_id") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_str().and_then(SnapshotId::parse) {
            Some(snapshot) => Ok(Some(snapshot)),
            None => Err(ApiError::bad("Invalid snapshot id")),
        },
    }
}

async fn edit(call: &Call, edit: Edit, status: StatusCode) -> Answer {
    let (playlist, standing) = visible(call).await?;
    if standing == Standing::Stranger {
        return Err(ApiError::forbidden("You cannot add tracks to a playlist you don't own."));
    }
    may_modify(call, playlist.public)?;
    let (user, seen) = (call.user()?, snapshot(call)?);
    let snapshot = playlists::edit(&call.state.store, &playlist, seen, edit, user, call.now()).await?;
    Ok(Reply::Json(status, json!({"snapshot_id": snapshot.print()})))
}

/// Puts items in.
pub async fn add(call: Call) -> Answer {
    let uris = uris(&call)?.filter(|uris| !uris.is_empty()).ok_or(ApiError::bad("No uris provided"))?;
    let position = position(&call)?;
    edit(&call, Edit::Add { uris, position }, StatusCode::CREATED).await
}

/// Makes other items the items (`uris`), or moves a range (`range_start`).
pub async fn replace_or_move(call: Call) -> Answer {
    let what = match uris(&call)? {
        Some(uris) => Edit::Replace(uris),
        None => Edit::Move {
            range_start: number_field(&call, "range_start", None)?,
            insert_before: number_field(&call, "insert_before", None)?,
            range_length: number_field(&call, "range_length", Some(1))?,
        },
    };
    edit(&call, what, StatusCode::OK).await
}

/// Takes items out: `items` or, older, `tracks`, each with a `uri` and perhaps `positions`.
pub async fn remove(call: Call) -> Answer {
    let list = call.field("items").or_else(|| call.field("tracks")).and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty()).ok_or(ApiError::bad("No items provided"))?;
    if list.len() > MAX_EDIT {
        return Err(ApiError::bad(TOO_MANY));
    }
    let mut removals = Vec::with_capacity(list.len());
    for item in list {
        let uri = item.get("uri").and_then(Value::as_str).ok_or(ApiError::bad("Invalid track uri"))?;
        track_id(uri)?;
        let positions = match item.get("positions") {
            None | Some(Value::Null) => None,
            Some(Value::Array(list)) => {
                let positions = list.iter().map(number).collect::<Option<Vec<u32>>>();
                Some(positions.ok_or(ApiError::bad("Invalid position"))?)
            }
            Some(_) => return Err(ApiError::bad("Invalid position")),
        };
        removals.push(Removal { uri: uri.to_owned(), positions });
    }
    edit(&call, Edit::Remove(removals), StatusCode::OK).await
}
