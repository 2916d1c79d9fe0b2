//! The Web API calls that nearly every app makes, with the fields it needs. Everything else: [`Session::get`] and its kin.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::scope::Scopes;
use crate::scopes;
use crate::session::Session;

/// The most pages that are followed: a `next` that leads in a circle must not hold the app for ever.
const PAGE_LIMIT: usize = 250;

/// The person who logged in.
#[derive(Clone, Debug, Deserialize)]
pub struct Profile {
    /// Stays the same for as long as the account exists.
    pub id: String,
    /// What the person calls themselves, if anything.
    pub display_name: Option<String>,
    /// Only with [`crate::Scope::UserReadEmail`].
    pub email: Option<String>,
    /// ISO 3166-1 alpha-2; only with [`crate::Scope::UserReadPrivate`].
    pub country: Option<String>,
    /// `premium`, `free` or `open`; only with [`crate::Scope::UserReadPrivate`].
    pub product: Option<String>,
}

/// A playlist, in short.
#[derive(Clone, Debug, Deserialize)]
pub struct Playlist {
    /// Names it in every other call.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its owner wrote about it.
    pub description: Option<String>,
    /// Whether everyone may see it; absent where that is not known.
    pub public: Option<bool>,
    /// Whose it is.
    pub owner: Owner,
    /// Changes with every change of the playlist.
    pub snapshot_id: String,
    items: Option<Total>,
    tracks: Option<Total>,
}

impl Playlist {
    /// How many items it holds: `items` in the present era of the API, `tracks` in the one before.
    pub fn item_count(&self) -> u64 {
        self.items.as_ref().or(self.tracks.as_ref()).map_or(0, |part| part.total)
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Total {
    total: u64,
}

/// The owner of a playlist.
#[derive(Clone, Debug, Deserialize)]
pub struct Owner {
    /// The user id.
    pub id: String,
    /// What they call themselves, if anything.
    pub display_name: Option<String>,
}

/// A track, in short.
#[derive(Clone, Debug, Deserialize)]
pub struct Track {
    /// Its id, absent for a file of the user's own.
    pub id: Option<String>,
    /// Its title.
    pub name: String,
    /// Names it when it is added somewhere.
    pub uri: String,
}

/// A track the person saved.
#[derive(Clone, Debug, Deserialize)]
pub struct SavedTrack {
    /// When, RFC 3339.
    pub added_at: String,
    /// What.
    pub track: Track,
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct Page<T> {
    /// What is on it; an entry is empty where the thing was withdrawn.
    pub items: Vec<Option<T>>,
    /// The address of the next page.
    pub next: Option<String>,
    /// How many there are on all pages.
    pub total: u64,
}

/// A playlist to be created.
#[derive(Clone, Debug, Serialize)]
pub struct NewPlaylist<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is about.
    pub description: &'a str,
    /// Whether everyone may see it: a public one needs another permission than a private one.
    pub public: bool,
}

impl Session {
    /// Who logged in. Needs no permission; more fields with some.
    pub async fn me(&self) -> Result<Profile, Error> {
        self.get("me").await
    }

    /// All playlists of the person; the private ones with [`crate::Scope::PlaylistReadPrivate`].
    pub async fn playlists(&self) -> Result<Vec<Playlist>, Error> {
        let mut all = Vec::new();
        let mut next = Some("me/playlists?limit=50".to_owned());
        for _ in 0..PAGE_LIMIT {
            let Some(path) = next else { break };
            let page: Page<Playlist> = self.get_with(&path, scopes![PlaylistReadPrivate]).await?;
            all.extend(page.items.into_iter().flatten());
            next = page.next;
        }
        Ok(all)
    }

    /// The tracks saved last, at most `limit` (1 to 50). Needs [`crate::Scope::UserLibraryRead`].
    pub async fn saved_tracks(&self, limit: u8) -> Result<Page<SavedTrack>, Error> {
        self.get_with(&format!("me/tracks?limit={limit}"), scopes![UserLibraryRead]).await
    }

    /// Creates an empty playlist. Needs [`crate::Scope::PlaylistModifyPublic`] or [`crate::Scope::PlaylistModifyPrivate`].
    pub async fn create_playlist(&self, playlist: &NewPlaylist<'_>) -> Result<Playlist, Error> {
        let need = if playlist.public { scopes![PlaylistModifyPublic] } else { scopes![PlaylistModifyPrivate] };
        self.request(Method::POST, "me/playlists", Some(playlist), need).await?.json()
    }

    async fn get_with<T: serde::de::DeserializeOwned>(&self, path: &str, need: Scopes) -> Result<T, Error> {
        self.request(Method::GET, path, None::<&()>, need).await?.json()
    }
}
