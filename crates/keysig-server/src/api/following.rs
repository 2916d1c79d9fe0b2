//! The artists and users that the person follows.

use http::StatusCode;
use keysig_store::catalogue::Kind;
use keysig_store::library::{self, Followed};
use keysig_store::{Write, users};
use serde_json::json;

use super::call::{Answer, Call, Reply, checked_id, ok};
use super::error::ApiError;
use super::paging;

/// At most this many in one call.
const MAX_IDS: usize = 50;

fn kind(call: &Call) -> Result<Followed, ApiError> {
    match call.query.get("type") {
        Some("artist") => Ok(Followed::Artist),
        Some("user") => Ok(Followed::User),
        Some(_) => Err(ApiError::bad("Invalid type")),
        None => Err(ApiError::bad("Missing parameter type")),
    }
}

/// Followed artists, from behind the artist `after`.
pub async fn list(call: Call) -> Answer {
    if kind(&call)? != Followed::Artist {
        return Err(ApiError::bad("Invalid type"));
    }
    let limit = paging::limit(&call.query, 20, 50)?;
    let after = call.query.get("after").map(checked_id).transpose()?;
    // One more than asked tells whether there is a next page.
    let (mut ids, total) =
        library::followed_artists(&call.state.store, call.user()?, after.unwrap_or_default(), limit + 1).await?;
    let has_next = limit > 0 && ids.len() > limit as usize;
    ids.truncate(limit as usize);
    let links = call.links();
    let at = |after: Option<&str>| {
        let mut link = format!("{}?type=artist&limit={limit}", links.to("me/following"));
        paging::append(&mut link, &[("after", after)]);
        link
    };
    let last = ids.last().map(String::as_str).filter(|_| has_next);
    let artists = call.catalogue().artists(&ids)?;
    ok(json!({"artists": {
        "cursors": {"after": last},
        "href": at(after),
        "items": artists.iter().flatten().map(|artist| links.artist(artist)).collect::<Vec<_>>(),
        "limit": limit,
        "next": last.map(|last| at(Some(last))),
        "total": total,
    }}))
}

/// The `type` and `ids` of a call; ids of users may be anything.
fn targets(call: &Call) -> Result<(Followed, Vec<String>), ApiError> {
    match kind(call)? {
        Followed::Artist => Ok((Followed::Artist, call.ids(MAX_IDS)?)),
        kind => {
            let ids = call.list("ids", MAX_IDS, "Too many ids requested")?.unwrap_or_default();
            match ids.iter().all(String::is_empty) {
                true => Err(ApiError::bad("Missing required field: ids")),
                false => Ok((kind, ids)),
            }
        }
    }
}

/// Follows.
pub async fn follow(call: Call) -> Answer {
    let (kind, ids) = targets(&call)?;
    let (user, now, catalogue) = (call.user()?, call.now(), call.catalogue());
    let mut write = Write::default();
    for id in &ids {
        let is_there = match kind {
            Followed::Artist => catalogue.has(Kind::Artist, id)?,
            _ => users::by_public_id(&call.state.store, id).await?.is_some(),
        };
        if !is_there {
            return Err(ApiError::NOT_FOUND);
        }
        write = write.and(library::follow(user, kind, id, true, now));
    }
    call.state.store.write(write).await?;
    Ok(Reply::Empty(StatusCode::NO_CONTENT))
}

/// Stops following.
pub async fn unfollow(call: Call) -> Answer {
    let (kind, ids) = targets(&call)?;
    let user = call.user()?;
    let write = ids.iter().fold(Write::default(), |write, id| write.and(library::unfollow(user, kind, id)));
    call.state.store.write(write).await?;
    Ok(Reply::Empty(StatusCode::NO_CONTENT))
}

/// Which of them are followed, in the order asked.
pub async fn contains(call: Call) -> Answer {
    let (kind, ids) = targets(&call)?;
    let user = call.user()?;
    let mut follows = Vec::with_capacity(ids.len());
    for id in &ids {
        follows.push(library::is_followed(&call.state.store, user, kind, id).await?);
    }
    ok(json!(follows))
}
