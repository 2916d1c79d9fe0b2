//! `/v1/me/library` (2026): saving and following of every kind in one place, by uri.

use keysig_core::id::UserId;
use keysig_core::time::Timestamp;
use keysig_store::catalogue::Kind;
use keysig_store::library::{self, Followed, Saved};
use keysig_store::{Statement, Write, playlists, users};
use serde_json::json;

use super::call::{Answer, Call, checked_id, done, ok};
use super::error::ApiError;
use super::playlists::{Standing, may_modify, may_read, standing};
use super::saved;

/// At most this many uris in one call.
const MAX_URIS: usize = 40;

/// What a uri names.
enum Thing {
    Saved(Saved, String),
    Followed(Followed, String),
}

const INVALID: ApiError = ApiError::bad("Invalid uri");

fn thing(uri: &str) -> Result<Thing, ApiError> {
    let (kind, id) = uri.strip_prefix("spotify:").and_then(|rest| rest.split_once(':')).ok_or(INVALID)?;
    let saved = [Saved::Track, Saved::Album, Saved::Show, Saved::Episode, Saved::Audiobook];
    if let Some(kind) = saved.into_iter().find(|saved| saved.name() == kind) {
        return Ok(Thing::Saved(kind, checked_id(id)?.to_owned()));
    }
    match kind {
        "artist" => Ok(Thing::Followed(Followed::Artist, checked_id(id)?.to_owned())),
        "playlist" => Ok(Thing::Followed(Followed::Playlist, checked_id(id)?.to_owned())),
        // A user's id may be anything, and is percent-encoded in the uri.
        "user" if !id.is_empty() => {
            let id = keysig_core::parameters::form_decode(&id.replace('+', "%2B")).map_err(|_| INVALID)?;
            Ok(Thing::Followed(Followed::User, id))
        }
        _ => Err(INVALID),
    }
}

fn things(call: &Call) -> Result<Vec<Thing>, ApiError> {
    let uris = call.list("uris", MAX_URIS, "Too many uris requested")?.unwrap_or_default();
    if uris.is_empty() {
        return Err(ApiError::bad("Missing required field: uris"));
    }
    uris.iter().map(|uri| thing(uri)).collect()
}

/// Refuses what is not there, or not there for the caller, and tokens whose scopes do not cover it.
async fn permit(call: &Call, thing: &Thing, is_removal: bool) -> Result<(), ApiError> {
    let is_there = match thing {
        Thing::Saved(kind, id) => {
            call.require("user-library-modify")?;
            is_removal || saved::exists(&call.catalogue(), *kind, id)?
        }
        Thing::Followed(Followed::Artist, id) => {
            call.require("user-follow-modify")?;
            is_removal || call.catalogue().has(Kind::Artist, id)?
        }
        Thing::Followed(Followed::User, id) => {
            call.require("user-follow-modify")?;
            is_removal || users::by_public_id(&call.state.store, id).await?.is_some()
        }
        Thing::Followed(Followed::Playlist, id) => match playlists::by_id(&call.state.store, id).await? {
            Some(playlist) => {
                may_modify(call, playlist.public)?;
                playlist.public || playlist.collaborative || standing(call, &playlist).await? != Standing::Stranger
            }
            None => false,
        },
    };
    if is_there { Ok(()) } else { Err(ApiError::NOT_FOUND) }
}

async fn change(call: Call, is_removal: bool, statement: fn(UserId, &Thing, Timestamp) -> Statement) -> Answer {
    let (user, now) = (call.user()?, call.now());
    let mut write = Write::default();
    for thing in things(&call)? {
        permit(&call, &thing, is_removal).await?;
        write = write.and(statement(user, &thing, now));
    }
    call.state.store.write(write).await?;
    done()
}

/// Saves or follows all of `uris`, or none.
pub async fn save(call: Call) -> Answer {
    change(call, false, |user, thing, now| match thing {
        Thing::Saved(kind, id) => library::save(user, *kind, id, now),
        Thing::Followed(kind, id) => library::follow(user, *kind, id, true, now),
    })
    .await
}

/// Takes out or stops following all of `uris`, or none.
pub async fn remove(call: Call) -> Answer {
    change(call, true, |user, thing, _| match thing {
        Thing::Saved(kind, id) => library::forget(user, *kind, id),
        Thing::Followed(kind, id) => library::unfollow(user, *kind, id),
    })
    .await
}

/// Which of `uris` are saved or followed, in the order asked.
pub async fn contains(call: Call) -> Answer {
    let (store, user) = (&call.state.store, call.user()?);
    let things = things(&call)?;
    let mut held = Vec::with_capacity(things.len());
    for thing in &things {
        held.push(match thing {
            Thing::Saved(kind, id) => {
                call.require("user-library-read")?;
                library::is_saved(store, user, *kind, id).await?
            }
            Thing::Followed(Followed::Playlist, id) => {
                match playlists::by_id(store, id).await? {
                    Some(playlist) => may_read(&call, &playlist)?,
                    None => call.require("playlist-read-private")?,
                }
                library::is_followed(store, user, Followed::Playlist, id).await?
            }
            Thing::Followed(kind, id) => {
                call.require("user-follow-read")?;
                library::is_followed(store, user, *kind, id).await?
            }
        });
    }
    ok(json!(held))
}
