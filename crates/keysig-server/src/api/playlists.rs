//! Playlists: lists of them, one of them, new ones, and their details.

use http::StatusCode;
use keysig_store::library::{self, Followed};
use keysig_store::playlists::{self, Details, MAX_PLAYLISTS, NewPlaylist, Playlist, Sees};
use keysig_store::users;
use serde_json::Value;

use super::call::{Answer, Call, Reply, done, ok};
use super::catalogue::market;
use super::error::ApiError;
use super::fields::Fields;
use super::objects::People;
use super::paging::Paging;
use super::playlist_items;

/// In characters.
const MAX_NAME: usize = 200;
/// In characters.
const MAX_DESCRIPTION: usize = 1000;

/// What someone may do with a playlist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// Knows that it is there, if it is public.
    Stranger,
    /// May change its items: it is collaborative and they follow it.
    Collaborator,
    /// May change everything.
    Owner,
}

/// What the caller is to a playlist.
pub async fn standing(call: &Call, playlist: &Playlist) -> Result<Standing, ApiError> {
    let Some(user) = call.caller.user else { return Ok(Standing::Stranger) };
    if user == playlist.owner {
        return Ok(Standing::Owner);
    }
    let follows = playlist.collaborative
        && library::is_followed(&call.state.store, user, Followed::Playlist, &playlist.id).await?;
    Ok(if follows { Standing::Collaborator } else { Standing::Stranger })
}

/// The playlist of the path and what the caller is to it. A private one is not there for strangers.
pub async fn visible(call: &Call) -> Result<(Playlist, Standing), ApiError> {
    let playlist = playlists::by_id(&call.state.store, call.id()?).await?.ok_or(ApiError::NOT_FOUND)?;
    let standing = standing(call, &playlist).await?;
    // A collaborative one is reached by whoever knows its id: that is how people join.
    match standing == Standing::Stranger && !playlist.public && !playlist.collaborative {
        true => Err(ApiError::NOT_FOUND),
        false => Ok((playlist, standing)),
    }
}

/// Refuses a token whose scopes do not show a playlist that is not public.
pub fn may_read(call: &Call, playlist: &Playlist) -> Result<(), ApiError> {
    match playlist.public || (playlist.collaborative && call.has("playlist-read-collaborative")) {
        true => Ok(()),
        false => call.require("playlist-read-private"),
    }
}

/// Refuses a token that may not change playlists of this visibility.
pub fn may_modify(call: &Call, public: bool) -> Result<(), ApiError> {
    call.require(if public { "playlist-modify-public" } else { "playlist-modify-private" })
}

async fn page(call: &Call, paging: Paging, address: &str, found: (Vec<Playlist>, u64)) -> Answer {
    let (links, mut people) = (call.links(), People::new(&call.state.store));
    let mut items = Vec::with_capacity(found.0.len());
    for playlist in &found.0 {
        items.push(links.playlist(playlist, &mut people).await?);
    }
    ok(paging.page(&links.to(address), &[], items, found.1))
}

fn sees(call: &Call) -> Sees {
    Sees { private: call.has("playlist-read-private"), collaborative: call.has("playlist-read-collaborative") }
}

/// The playlists that the person follows, their own included.
pub async fn mine(call: Call) -> Answer {
    let paging = Paging::read(&call.query, 20, 50)?;
    let found = playlists::followed(&call.state.store, call.user()?, sees(&call), paging.limit, paging.offset).await?;
    page(&call, paging, "me/playlists", found).await
}

/// The public playlists of anybody; of oneself also what the scopes show.
pub async fn of_user(call: Call) -> Answer {
    let paging = Paging::read(&call.query, 20, 50)?;
    let store = &call.state.store;
    let user = users::by_public_id(store, call.part("id")).await?.ok_or(ApiError::NOT_FOUND)?;
    let found = match call.caller.user == Some(user.id) {
        true => playlists::followed(store, user.id, sees(&call), paging.limit, paging.offset).await?,
        false => playlists::public_of(store, user.id, paging.limit, paging.offset).await?,
    };
    let id = keysig_core::parameters::percent_encode(&user.public_id).into_owned();
    page(&call, paging, &format!("users/{id}/playlists"), found).await
}

/// One playlist, with the first of its items.
pub async fn get(call: Call) -> Answer {
    let (playlist, standing) = visible(&call).await?;
    if standing == Standing::Stranger && !playlist.public {
        return Err(ApiError::NOT_FOUND);
    }
    may_read(&call, &playlist)?;
    let fields = call.query.get("fields").map(Fields::parse).transpose()?;
    let found = full(&call, &playlist).await?;
    ok(match fields {
        Some(fields) => fields.apply(found),
        None => found,
    })
}

async fn full(call: &Call, playlist: &Playlist) -> Result<Value, ApiError> {
    let store = &call.state.store;
    let followers = library::followers(store, Followed::Playlist, &playlist.id, playlist.owner).await?;
    let mut value = call.links().playlist(playlist, &mut People::new(store)).await?;
    let paging = Paging { limit: 100, offset: 0 };
    let market = market(call).await?;
    let entries = playlist_items::entries(call, playlist, paging, &market).await?;
    if let Some(members) = value.as_object_mut() {
        members.insert("followers".into(), serde_json::json!({"href": null, "total": followers}));
        for name in ["items", "tracks"] {
            members.insert(name.into(), playlist_items::page(call, playlist, name, paging, None, entries.clone()));
        }
    }
    Ok(value)
}

fn text(call: &Call, name: &str, max: usize) -> Result<Option<String>, ApiError> {
    match call.field(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() > max => Err(ApiError::bad("Name or description too long")),
        Some(Value::String(text)) if text.chars().any(|c| c.is_control() && c != '\n') => {
            Err(ApiError::bad("Control characters are not allowed"))
        }
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::bad("Error parsing JSON.")),
    }
}

fn flag(call: &Call, name: &str) -> Result<Option<bool>, ApiError> {
    match call.field(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(ApiError::bad("Error parsing JSON.")),
    }
}

fn details(call: &Call) -> Result<Details, ApiError> {
    let name = text(call, "name", MAX_NAME)?;
    if name.as_deref().is_some_and(|name| name.trim().is_empty()) {
        return Err(ApiError::bad("Missing required field: name"));
    }
    Ok(Details {
        name,
        description: text(call, "description", MAX_DESCRIPTION)?,
        public: flag(call, "public")?,
        collaborative: flag(call, "collaborative")?,
    })
}

const COLLABORATIVE_IS_PRIVATE: ApiError = ApiError::bad("Collaborative playlists can only be private.");

/// A new playlist of the person.
pub async fn create(call: Call) -> Answer {
    let user = call.user()?;
    let asked = details(&call)?;
    let name = asked.name.ok_or(ApiError::bad("Missing required field: name"))?;
    let collaborative = asked.collaborative.unwrap_or(false);
    if collaborative {
        if asked.public == Some(true) {
            return Err(COLLABORATIVE_IS_PRIVATE);
        }
        may_modify(&call, true)?;
    }
    let public = asked.public.unwrap_or(true) && !collaborative;
    may_modify(&call, public)?;
    let store = &call.state.store;
    if i64::try_from(playlists::count_of(store, user).await?).unwrap_or(i64::MAX) >= MAX_PLAYLISTS {
        return Err(ApiError::forbidden("Playlist limit reached"));
    }
    let new = NewPlaylist { name, description: asked.description, public, collaborative };
    let (made, write) = playlists::create(user, new, call.now(), call.state.rng.as_ref());
    store.write(write).await?;
    Ok(Reply::Json(StatusCode::CREATED, full(&call, &made).await?))
}

/// The same at the older address, which names the user.
pub async fn create_for(call: Call) -> Answer {
    let named = users::by_public_id(&call.state.store, call.part("id")).await?;
    if named.map(|user| user.id) != Some(call.user()?) {
        return Err(ApiError::forbidden("You cannot create a playlist for another user."));
    }
    create(call).await
}

/// Changes name, description or who may see it.
pub async fn change(call: Call) -> Answer {
    let (playlist, standing) = visible(&call).await?;
    if standing != Standing::Owner {
        return Err(ApiError::forbidden("You cannot change a playlist you don't own."));
    }
    let asked = details(&call)?;
    may_modify(&call, playlist.public)?;
    let collaborative = asked.collaborative.unwrap_or(playlist.collaborative);
    let public = asked.public.unwrap_or(playlist.public);
    if public && collaborative {
        return Err(COLLABORATIVE_IS_PRIVATE);
    }
    if public != playlist.public || collaborative != playlist.collaborative {
        may_modify(&call, true)?;
        may_modify(&call, false)?;
    }
    playlists::change(&call.state.store, &playlist, asked, call.now()).await?;
    done()
}
