//! What the person saved: tracks and albums, and shows, episodes and audiobooks, of which the catalogue has none.

use keysig_core::time::Timestamp;
use keysig_store::Write;
use keysig_store::catalogue::{Catalogue, Kind};
use keysig_store::library::{self, Saved};
use serde_json::{Value, json};

use super::call::{Answer, Call, checked_id, done, ok};
use super::catalogue::market;
use super::error::ApiError;
use super::objects::time;
use super::paging::Paging;

/// At most this many in one call.
const MAX_IDS: usize = 50;

/// Whether the catalogue has it. It has no shows, episodes or audiobooks.
pub fn exists(catalogue: &Catalogue, kind: Saved, id: &str) -> Result<bool, ApiError> {
    Ok(match kind {
        Saved::Track => catalogue.has(Kind::Track, id)?,
        Saved::Album => catalogue.has(Kind::Album, id)?,
        Saved::Show | Saved::Episode | Saved::Audiobook => false,
    })
}

/// A page of what is saved, latest first. What the catalogue lost is left out.
pub async fn list(call: Call, kind: Saved) -> Answer {
    let paging = Paging::read(&call.query, 20, 50)?;
    let market = market(&call).await?;
    let (saved, total) = library::saved(&call.state.store, call.user()?, kind, paging.limit, paging.offset).await?;
    let ids: Vec<&str> = saved.iter().map(|(id, _)| id.as_str()).collect();
    let (catalogue, links) = (call.catalogue(), call.links());
    let objects: Vec<Option<Value>> = match kind {
        Saved::Track => {
            catalogue.tracks(&ids)?.into_iter().map(|track| track.map(|track| links.track(&track, &market))).collect()
        }
        Saved::Album => {
            let mut objects = Vec::with_capacity(ids.len());
            for (id, album) in ids.iter().zip(catalogue.albums(&ids)?) {
                let tracks = super::catalogue::tracks_of(&call, id, super::catalogue::TRACKS_OF_ALBUM, &market)?;
                objects.push(album.map(|album| links.album(&album, tracks, &market)));
            }
            objects
        }
        Saved::Show | Saved::Episode | Saved::Audiobook => Vec::new(),
    };
    let item = |((_, saved_at), object): (&(String, Timestamp), Option<Value>)| {
        object.map(|object| json!({"added_at": time(*saved_at), kind.name(): object}))
    };
    let items = saved.iter().zip(objects).filter_map(item).collect();
    let keep = [("market", call.query.get("market"))];
    ok(paging.page(&links.to(&format!("me/{}s", kind.name())), &keep, items, total))
}

/// What to save and since when: `ids`, or `timestamped_ids` with times of their own.
fn asked(call: &Call) -> Result<Vec<(String, Timestamp)>, ApiError> {
    let Some(Value::Array(list)) = call.field("timestamped_ids") else {
        let now = call.now();
        return Ok(call.ids(MAX_IDS)?.into_iter().map(|id| (id, now)).collect());
    };
    if list.is_empty() || list.len() > MAX_IDS {
        return Err(ApiError::bad("Too many ids requested"));
    }
    let entry = |entry: &Value| {
        let id = entry.get("id").and_then(Value::as_str).ok_or(ApiError::bad("Invalid base62 id"))?;
        let added_at =
            entry.get("added_at").and_then(Value::as_str).and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let added_at = added_at.ok_or(ApiError::bad("Invalid added_at"))?;
        Ok((checked_id(id)?.to_owned(), Timestamp::from_unix_millis(added_at.as_millisecond())))
    };
    list.iter().map(entry).collect()
}

/// Saves.
pub async fn save(call: Call, kind: Saved) -> Answer {
    let (asked, user, catalogue) = (asked(&call)?, call.user()?, call.catalogue());
    let mut write = Write::default();
    for (id, saved_at) in asked {
        if !exists(&catalogue, kind, &id)? {
            return Err(ApiError::NOT_FOUND);
        }
        write = write.and(library::save(user, kind, &id, saved_at));
    }
    call.state.store.write(write).await?;
    done()
}

/// Takes out of what is saved.
pub async fn remove(call: Call, kind: Saved) -> Answer {
    let (ids, user) = (call.ids(MAX_IDS)?, call.user()?);
    let write = ids.iter().fold(Write::default(), |write, id| write.and(library::forget(user, kind, id)));
    call.state.store.write(write).await?;
    done()
}

/// Which of them are saved, in the order asked.
pub async fn contains(call: Call, kind: Saved) -> Answer {
    let (ids, user) = (call.ids(MAX_IDS)?, call.user()?);
    let mut saved = Vec::with_capacity(ids.len());
    for id in &ids {
        saved.push(library::is_saved(&call.state.store, user, kind, id).await?);
    }
    ok(json!(saved))
}
