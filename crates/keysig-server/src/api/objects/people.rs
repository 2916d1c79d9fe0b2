//! Users and playlists, which name their owners.

use std::collections::HashMap;

use keysig_core::id::UserId;
use keysig_core::user::User;
use keysig_store::playlists::{Item, Playlist};
use keysig_store::{Store, StoreError, users};
use serde_json::{Value, json};

use super::{Links, time, with};

/// Users looked up for one answer, each once.
pub struct People<'a> {
    store: &'a Store,
    known: HashMap<UserId, Option<User>>,
}

impl<'a> People<'a> {
    /// Knows nobody yet.
    pub fn new(store: &'a Store) -> Self {
        Self { store, known: HashMap::new() }
    }

    /// The user; `None` if the account is gone.
    pub async fn get(&mut self, id: UserId) -> Result<Option<&User>, StoreError> {
        if !self.known.contains_key(&id) {
            let user = users::by_id(self.store, id).await?;
            self.known.insert(id, user);
        }
        Ok(self.known.get(&id).and_then(Option::as_ref))
    }
}

impl Links {
    /// What anybody may see of a user.
    pub fn user(&self, user: &User, followers: u64) -> Value {
        with(
            self.object("user", &user.public_id),
            json!({
                "display_name": user.display_name,
                "followers": {"href": null, "total": followers},
                "images": [],
            }),
        )
    }

    /// A playlist without its items. Both names of the era before and since 2026 are there.
    pub async fn playlist(&self, playlist: &Playlist, people: &mut People<'_>) -> Result<Value, StoreError> {
        let owner = people.get(playlist.owner).await?;
        let owner =
            owner.map(|owner| with(self.object("user", &owner.public_id), json!({"display_name": owner.display_name})));
        let part =
            |name| json!({"href": self.to(&format!("playlists/{}/{name}", playlist.id)), "total": playlist.total});
        Ok(with(
            self.object("playlist", &playlist.id),
            json!({
                "collaborative": playlist.collaborative,
                "description": playlist.description.as_deref().unwrap_or_default(),
                "images": [],
                "items": part("items"),
                "name": playlist.name,
                "owner": owner,
                "primary_color": null,
                "public": playlist.public,
                "snapshot_id": playlist.snapshot.print(),
                "tracks": part("tracks"),
            }),
        ))
    }

    /// An entry of a playlist. `track` is null where the catalogue has it no more.
    pub async fn entry(&self, item: &Item, track: Value, people: &mut People<'_>) -> Result<Value, StoreError> {
        let added_by = people.get(item.added_by).await?;
        let added_by = added_by.map(|user| Value::Object(self.object("user", &user.public_id)));
        let mut track = track;
        if let Some(fields) = track.as_object_mut() {
            fields.insert("episode".into(), false.into());
            fields.insert("track".into(), true.into());
        }
        Ok(json!({
            "added_at": time(item.added_at),
            "added_by": added_by,
            "is_local": false,
            "item": track,
            "primary_color": null,
            "track": track,
            "video_thumbnail": {"url": null},
        }))
    }
}
