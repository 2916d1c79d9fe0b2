//! What the person listens to: their top artists and tracks, and what they played last.

use keysig_core::time::Timestamp;
use keysig_store::library::{self, PlaysFrom};
use serde_json::{Value, json};

use super::call::{Answer, Call, ok};
use super::catalogue::market;
use super::error::ApiError;
use super::objects::{Links, time_with_millis};
use super::paging::{self, Paging};

/// The person's favourites over about four weeks, six months (the default) or a year.
pub async fn top(call: Call) -> Answer {
    let kind = match call.part("kind") {
        "artists" => "artist",
        "tracks" => "track",
        _ => return Err(ApiError::bad("Invalid type")),
    };
    let paging = Paging::read(&call.query, 20, 50)?;
    let time_range = match call.query.get("time_range").unwrap_or("medium_term") {
        range @ ("short_term" | "medium_term" | "long_term") => range,
        _ => return Err(ApiError::bad("Invalid time range.")),
    };
    let (ids, total) =
        library::top(&call.state.store, call.user()?, kind, time_range, paging.limit, paging.offset).await?;
    let (catalogue, links) = (call.catalogue(), call.links());
    let items: Vec<Value> = match kind {
        "artist" => catalogue.artists(&ids)?.iter().flatten().map(|artist| links.artist(artist)).collect(),
        _ => {
            let market = market(&call).await?;
            catalogue.tracks(&ids)?.iter().flatten().map(|track| links.track(track, &market)).collect()
        }
    };
    let keep = [("time_range", call.query.get("time_range"))];
    ok(paging.page(&links.to(&format!("me/top/{kind}s")), &keep, items, total))
}

fn cursor(call: &Call, name: &str) -> Result<Option<Timestamp>, ApiError> {
    let millis = call.query.get(name).map(str::parse::<i64>).transpose();
    Ok(millis.map_err(|_| ApiError::bad("Invalid cursor"))?.map(Timestamp::from_unix_millis))
}

/// What the person played, latest first, before or after a time in milliseconds.
pub async fn recently_played(call: Call) -> Answer {
    let limit = paging::limit(&call.query, 20, 50)?;
    let from = match (cursor(&call, "after")?, cursor(&call, "before")?) {
        (Some(_), Some(_)) => return Err(ApiError::bad("Only one of before and after can be specified")),
        (Some(after), None) => PlaysFrom::After(after),
        (None, Some(before)) => PlaysFrom::Before(before),
        (None, None) => PlaysFrom::Before(Timestamp::from_unix_millis(i64::MAX)),
    };
    let store = &call.state.store;
    let plays = library::plays(store, call.user()?, from, limit).await?;
    let market = market(&call).await?;
    let links = call.links();
    let ids: Vec<&str> = plays.iter().map(|play| play.track_id.as_str()).collect();
    let tracks = call.catalogue().tracks(&ids)?;
    let item = |(play, track): (&library::Play, &Option<_>)| {
        let track = links.track(track.as_ref()?, &market);
        let context = play.context.as_deref().map(|uri| context(&links, uri));
        Some(json!({"context": context, "played_at": time_with_millis(play.played_at), "track": track}))
    };
    let items: Vec<Value> = plays.iter().zip(&tracks).filter_map(item).collect();
    let ends = plays.first().zip(plays.last());
    let at = |name: &str, time: Timestamp| {
        format!("{}?{name}={}&limit={limit}", links.to("me/player/recently-played"), time.unix_millis())
    };
    // A full page may have more behind it; an address of an empty page is harmless, a missing one would hide plays.
    let next = ends.filter(|_| plays.len() == limit as usize).map(|(first, last)| match from {
        PlaysFrom::Before(_) => at("before", last.played_at),
        PlaysFrom::After(_) => at("after", first.played_at),
    });
    let cursors = ends.map(|(first, last)| {
        let millis = |time: Timestamp| time.unix_millis().to_string();
        json!({"after": millis(first.played_at), "before": millis(last.played_at)})
    });
    let mut href = format!("{}?limit={limit}", links.to("me/player/recently-played"));
    paging::append(&mut href, &["after", "before"].map(|name| (name, call.query.get(name))));
    ok(json!({"cursors": cursors, "href": href, "items": items, "limit": limit, "next": next}))
}

fn context(links: &Links, uri: &str) -> Value {
    let (kind, id) = uri.strip_prefix("spotify:").and_then(|rest| rest.split_once(':')).unwrap_or_default();
    let href = links.to(&format!("{kind}s/{id}"));
    json!({"external_urls": {"spotify": href}, "href": href, "type": kind, "uri": uri})
}
