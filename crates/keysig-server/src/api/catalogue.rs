//! Tracks, albums and artists. The shared side of the API: any token opens it.

use keysig_store::catalogue::{AlbumGroup, Kind};
use keysig_store::users;
use serde_json::{Value, json};

use super::call::{Answer, Call, ok};
use super::error::ApiError;
use super::objects::Market;
use super::paging::Paging;

/// Which country counts: the one asked for, else (or for the old `from_token`) the person's own, where the token may
/// know it.
pub async fn market(call: &Call) -> Result<Market, ApiError> {
    match call.query.get("market") {
        None | Some("from_token") => {}
        Some(code) if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            return Ok(Market(Some(code.to_ascii_uppercase())));
        }
        Some(_) => return Err(ApiError::bad("Invalid market code")),
    }
    match call.caller.user.filter(|_| call.has("user-read-private")) {
        Some(user) => Ok(Market(users::by_id(&call.state.store, user).await?.map(|user| user.country))),
        None => Ok(Market(None)),
    }
}

fn one<T>(found: Vec<Option<T>>) -> Result<T, ApiError> {
    found.into_iter().next().flatten().ok_or(ApiError::NOT_FOUND)
}

/// One track.
pub async fn track(call: Call) -> Answer {
    let market = market(&call).await?;
    let track = one(call.catalogue().tracks(&[call.id()?])?)?;
    ok(call.links().track(&track, &market))
}

/// Up to 50 tracks; null for an id that nothing has.
pub async fn tracks(call: Call) -> Answer {
    let market = market(&call).await?;
    let (found, links) = (call.catalogue().tracks(&call.ids(50)?)?, call.links());
    let tracks: Vec<Value> =
        found.iter().map(|track| track.as_ref().map_or(Value::Null, |t| links.track(t, &market))).collect();
    ok(json!({"tracks": tracks}))
}

/// A page of an album's tracks as its object shows it.
pub fn tracks_of(call: &Call, id: &str, paging: Paging, market: &Market) -> Result<Value, ApiError> {
    let found = call.catalogue().album_tracks(id, paging.limit, paging.offset)?;
    let links = call.links();
    let items = found.items.iter().map(|track| links.track_brief(track, market)).collect();
    let keep = [("market", call.query.get("market"))];
    Ok(paging.page(&links.to(&format!("albums/{id}/tracks")), &keep, items, found.total))
}

/// How many tracks an album object carries.
pub const TRACKS_OF_ALBUM: Paging = Paging { limit: 50, offset: 0 };

/// One album with its tracks.
pub async fn album(call: Call) -> Answer {
    let market = market(&call).await?;
    let album = one(call.catalogue().albums(&[call.id()?])?)?;
    let tracks = tracks_of(&call, &album.brief.id, TRACKS_OF_ALBUM, &market)?;
    ok(call.links().album(&album, tracks, &market))
}

/// Up to 20 albums; null for an id that nothing has.
pub async fn albums(call: Call) -> Answer {
    let market = market(&call).await?;
    let mut albums = Vec::new();
    for album in call.catalogue().albums(&call.ids(20)?)? {
        albums.push(match album {
            Some(album) => {
                let tracks = tracks_of(&call, &album.brief.id, TRACKS_OF_ALBUM, &market)?;
                call.links().album(&album, tracks, &market)
            }
            None => Value::Null,
        });
    }
    ok(json!({"albums": albums}))
}

/// A page of an album's tracks.
pub async fn album_tracks(call: Call) -> Answer {
    let paging = Paging::read(&call.query, 20, 50)?;
    let market = market(&call).await?;
    let id = call.id()?;
    if !call.catalogue().has(Kind::Album, id)? {
        return Err(ApiError::NOT_FOUND);
    }
    ok(tracks_of(&call, id, paging, &market)?)
}

/// One artist.
pub async fn artist(call: Call) -> Answer {
    let artist = one(call.catalogue().artists(&[call.id()?])?)?;
    ok(call.links().artist(&artist))
}

/// Up to 50 artists; null for an id that nothing has.
pub async fn artists(call: Call) -> Answer {
    let (found, links) = (call.catalogue().artists(&call.ids(50)?)?, call.links());
    let artists: Vec<Value> =
        found.iter().map(|artist| artist.as_ref().map_or(Value::Null, |a| links.artist(a))).collect();
    ok(json!({"artists": artists}))
}

fn groups(call: &Call) -> Result<Vec<AlbumGroup>, ApiError> {
    let Some(asked) = call.query.get("include_groups") else { return Ok(AlbumGroup::ALL.to_vec()) };
    let group = |name: &str| AlbumGroup::ALL.into_iter().find(|group| group.name() == name);
    asked.split(',').map(|name| group(name).ok_or(ApiError::bad("Invalid include_groups"))).collect()
}

/// A page of an artist's albums.
pub async fn artist_albums(call: Call) -> Answer {
    let paging = Paging::read(&call.query, 5, 50)?;
    let (groups, market) = (groups(&call)?, market(&call).await?);
    let (id, catalogue, links) = (call.id()?, call.catalogue(), call.links());
    if !catalogue.has(Kind::Artist, id)? {
        return Err(ApiError::NOT_FOUND);
    }
    let found = catalogue.artist_albums(id, &groups, paging.limit, paging.offset)?;
    let item = |(album, group): &(_, AlbumGroup)| {
        let mut album = links.album_brief(album, &market);
        if let Some(fields) = album.as_object_mut() {
            fields.insert("album_group".into(), group.name().into());
        }
        album
    };
    let keep = [("include_groups", call.query.get("include_groups")), ("market", call.query.get("market"))];
    let items = found.items.iter().map(item).collect();
    ok(paging.page(&links.to(&format!("artists/{id}/albums")), &keep, items, found.total))
}

/// An artist's ten most popular tracks.
pub async fn artist_top_tracks(call: Call) -> Answer {
    let market = market(&call).await?;
    let (id, catalogue, links) = (call.id()?, call.catalogue(), call.links());
    if !catalogue.has(Kind::Artist, id)? {
        return Err(ApiError::NOT_FOUND);
    }
    let found = catalogue.artist_top_tracks(id, 10)?;
    ok(json!({"tracks": found.iter().map(|track| links.track(track, &market)).collect::<Vec<_>>()}))
}
