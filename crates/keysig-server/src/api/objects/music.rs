//! Tracks, albums and artists.

use keysig_store::catalogue::{Album, AlbumBrief, Artist, ArtistRef, Precision, Track};
use serde_json::{Value, json};

use super::{Links, with};

/// The country the caller is in or asks for, if any. The whole catalogue is offered everywhere; without a country
/// nobody can say so, and content counts as unavailable.
#[derive(Clone, Debug)]
pub struct Market(pub Option<String>);

impl Market {
    fn available(&self) -> Value {
        json!(self.0.as_slice())
    }
}

impl Links {
    fn artist_ref(&self, artist: &ArtistRef) -> Value {
        with(self.object("artist", &artist.id), json!({"name": artist.name}))
    }

    fn artist_refs(&self, artists: &[ArtistRef]) -> Vec<Value> {
        artists.iter().map(|artist| self.artist_ref(artist)).collect()
    }

    /// A full artist. `followers` are those elsewhere and here.
    pub fn artist(&self, artist: &Artist) -> Value {
        with(
            self.object("artist", &artist.id),
            json!({
                "followers": {"href": null, "total": artist.followers},
                "genres": artist.genres,
                "images": artist.images,
                "name": artist.name,
                "popularity": artist.popularity,
            }),
        )
    }

    /// A simplified album.
    pub fn album_brief(&self, album: &AlbumBrief, market: &Market) -> Value {
        let precision = match album.release_date.precision() {
            Precision::Year => "year",
            Precision::Month => "month",
            Precision::Day => "day",
        };
        let mut value = with(
            self.object("album", &album.id),
            json!({
                "album_type": album.kind.name(),
                "artists": self.artist_refs(&album.artists),
                "available_markets": market.available(),
                "images": album.images,
                "name": album.name,
                "release_date": album.release_date.as_str(),
                "release_date_precision": precision,
                "total_tracks": album.total_tracks,
            }),
        );
        playable(&mut value, market);
        value
    }

    /// A full album around a page of its tracks.
    pub fn album(&self, album: &Album, tracks: Value, market: &Market) -> Value {
        let mut value = self.album_brief(&album.brief, market);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("copyrights".into(), json!(album.copyrights));
            fields.insert("external_ids".into(), external_ids("upc", album.upc.as_deref()));
            fields.insert("genres".into(), json!(album.genres));
            fields.insert("label".into(), json!(album.label));
            fields.insert("popularity".into(), json!(album.popularity));
            fields.insert("tracks".into(), tracks);
        }
        value
    }

    /// A simplified track, as albums hold them.
    pub fn track_brief(&self, track: &Track, market: &Market) -> Value {
        let mut value = with(
            self.object("track", &track.id),
            json!({
                "artists": self.artist_refs(&track.artists),
                "available_markets": market.available(),
                "disc_number": track.disc_number,
                "duration_ms": track.duration_ms,
                "explicit": track.explicit,
                "is_local": false,
                "name": track.name,
                "preview_url": null,
                "track_number": track.track_number,
            }),
        );
        playable(&mut value, market);
        value
    }

    /// A full track.
    pub fn track(&self, track: &Track, market: &Market) -> Value {
        let mut value = self.track_brief(track, market);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("album".into(), self.album_brief(&track.album, market));
            fields.insert("external_ids".into(), external_ids("isrc", track.isrc.as_deref()));
            fields.insert("popularity".into(), json!(track.popularity));
        }
        value
    }
}

fn playable(value: &mut Value, market: &Market) {
    if let (Some(fields), Some(_)) = (value.as_object_mut(), &market.0) {
        fields.insert("is_playable".into(), true.into());
    }
}

fn external_ids(name: &str, id: Option<&str>) -> Value {
    match id {
        Some(id) => json!({name: id}),
        None => json!({}),
    }
}
