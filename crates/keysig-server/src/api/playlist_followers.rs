//! Following playlists. An owner who unfollows their own takes it out of their list: that is how playlists are deleted.

use keysig_store::library::{self, Followed};
use keysig_store::{Write, users};
use serde_json::{Value, json};

use super::call::{Answer, Call, done, ok};
use super::error::ApiError;
use super::playlists::{may_modify, visible};

/// Follows; `public` (true) is whether it shows on one's profile.
pub async fn follow(call: Call) -> Answer {
    let (playlist, _) = visible(&call).await?;
    let public = call.field("public").and_then(Value::as_bool).unwrap_or(true);
    may_modify(&call, public && playlist.public)?;
    let follow = library::follow(call.user()?, Followed::Playlist, &playlist.id, public, call.now());
    call.state.store.write(Write::one(follow)).await?;
    done()
}

/// Stops following.
pub async fn unfollow(call: Call) -> Answer {
    let (playlist, _) = visible(&call).await?;
    may_modify(&call, playlist.public)?;
    let unfollow = library::unfollow(call.user()?, Followed::Playlist, &playlist.id);
    call.state.store.write(Write::one(unfollow)).await?;
    done()
}

/// Whether the person follows it, or each of up to five users in `ids`. Whom somebody else follows is theirs to show:
/// of others only what they follow in public counts.
pub async fn contains(call: Call) -> Answer {
    let (playlist, _) = visible(&call).await?;
    let (store, user) = (&call.state.store, call.user()?);
    let Some(ids) = call.list("ids", 5, "Too many ids requested")? else {
        return ok(json!([library::is_followed(store, user, Followed::Playlist, &playlist.id).await?]));
    };
    let mut follows = Vec::with_capacity(ids.len());
    for id in ids {
        follows.push(match users::by_public_id(store, &id).await? {
            Some(other) if other.id == user => {
                library::is_followed(store, user, Followed::Playlist, &playlist.id).await?
            }
            Some(other) => library::shows_playlist(store, other.id, &playlist.id).await?,
            None => return Err(ApiError::NOT_FOUND),
        });
    }
    ok(json!(follows))
}
