//! `/v1/search`: the catalogue, and public playlists by the beginning of their name.

use keysig_store::catalogue::{CatalogueError, MAX_REACHABLE, Page, SearchQuery};
use keysig_store::playlists;
use serde_json::{Map, Value};

use super::call::{Answer, Call, ok};
use super::catalogue::market;
use super::error::ApiError;
use super::objects::People;
use super::paging::Paging;

/// No query is longer than this, in bytes.
const MAX_QUERY: usize = 500;

const TYPES: [&str; 7] = ["album", "artist", "playlist", "track", "show", "episode", "audiobook"];

/// What was found in the catalogue, for the kinds asked for. A search takes milliseconds: it runs beside the threads
/// that answer everybody else.
async fn in_catalogue<T: Send + 'static>(
    call: &Call,
    search: impl FnOnce(&keysig_store::catalogue::Catalogue) -> Result<Page<T>, CatalogueError> + Send + 'static,
) -> Result<Page<T>, ApiError> {
    let catalogue = call.catalogue();
    let found = tokio::task::spawn_blocking(move || search(&catalogue)).await;
    Ok(found.map_err(|_| ApiError::Internal)??)
}

/// A page per type asked for.
pub async fn search(call: Call) -> Answer {
    let text = call.query.get("q").ok_or(ApiError::bad("No search query"))?;
    if text.len() > MAX_QUERY {
        return Err(ApiError::bad("Query exceeds maximum length"));
    }
    let types = call.query.get("type").ok_or(ApiError::bad("Missing parameter type"))?;
    let types: Vec<&str> = types.split(',').collect();
    if !types.iter().all(|kind| TYPES.contains(kind)) {
        return Err(ApiError::bad("Bad search type field"));
    }
    let paging = Paging::read_to(&call.query, 5, 50, MAX_REACHABLE)?;
    let Paging { limit, offset } = paging;
    let (market, links) = (market(&call).await?, call.links());
    let query = SearchQuery::parse(text);
    let mut answer = Map::new();
    for kind in TYPES.into_iter().filter(|kind| types.contains(kind)) {
        let query = query.clone();
        let (items, total): (Vec<Value>, u64) = match kind {
            "track" => {
                let found =
                    in_catalogue(&call, move |catalogue| catalogue.search_tracks(&query, limit, offset)).await?;
                (found.items.iter().map(|track| links.track(track, &market)).collect(), found.total)
            }
            "album" => {
                let found =
                    in_catalogue(&call, move |catalogue| catalogue.search_albums(&query, limit, offset)).await?;
                (found.items.iter().map(|album| links.album_brief(&album.brief, &market)).collect(), found.total)
            }
            "artist" => {
                let found =
                    in_catalogue(&call, move |catalogue| catalogue.search_artists(&query, limit, offset)).await?;
                (found.items.iter().map(|artist| links.artist(artist)).collect(), found.total)
            }
            "playlist" => {
                let (found, total) = playlists::search(&call.state.store, text, limit, offset).await?;
                let mut people = People::new(&call.state.store);
                let mut items = Vec::with_capacity(found.len());
                for playlist in &found {
                    items.push(links.playlist(playlist, &mut people).await?);
                }
                (items, total)
            }
            // The catalogue has none of these.
            _ => (Vec::new(), 0),
        };
        let keep = [
            ("q", Some(text)),
            ("type", Some(kind)),
            ("market", call.query.get("market")),
            ("include_external", call.query.get("include_external")),
        ];
        answer.insert(format!("{kind}s"), paging.page(&links.to("search"), &keep, items, total));
    }
    ok(Value::Object(answer))
}
