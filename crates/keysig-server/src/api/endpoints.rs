//! The list of everything the Web API serves. A test knocks on each door with every kind of wrong token.

use http::Method;
use keysig_store::library::Saved;

use super::call::Handler;
use super::{
    catalogue, following, library, listening, playlist_followers, playlist_items, playlists, saved, search, users,
};

/// Which tokens open an endpoint.
#[derive(Clone, Copy, Debug)]
pub enum Needs {
    /// Any good one, an app's own too.
    Token,
    /// A person's.
    User,
    /// A person's with at least one of these scopes. Where there are several, the object decides which: a public
    /// playlist wants `…-public`, a private one `…-private`.
    UserWith(&'static [&'static str]),
}

/// One method of one path.
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path; `{id}` stands for one part.
    pub path: &'static str,
    /// Which tokens open it.
    pub needs: Needs,
    pub(super) handler: Handler,
}

macro_rules! endpoints {
    ($($method:ident $path:literal, $needs:expr => $handler:expr;)*) => {
        /// Everything that is served, by family.
        pub static ENDPOINTS: &[Endpoint] = &[$(
            Endpoint { method: Method::$method, path: $path, needs: $needs, handler: |call| Box::pin($handler(call)) },
        )*];
    };
}

use Needs::{Token, User, UserWith};

const READ_LISTS: &[&str] = &["playlist-read-private"];
const MODIFY: &[&str] = &["playlist-modify-public", "playlist-modify-private"];
const LIBRARY_READ: &[&str] = &["user-library-read"];
const LIBRARY_MODIFY: &[&str] = &["user-library-modify"];
const FOLLOW_READ: &[&str] = &["user-follow-read"];
const FOLLOW_MODIFY: &[&str] = &["user-follow-modify"];
const ANY_READ: &[&str] = &["user-library-read", "user-follow-read", "playlist-read-private"];
const ANY_MODIFY: &[&str] =
    &["user-library-modify", "user-follow-modify", "playlist-modify-public", "playlist-modify-private"];

endpoints! {
    GET "/v1/me", User => users::me;
    GET "/v1/users/{id}", Token => users::user;

    GET "/v1/me/playlists", UserWith(READ_LISTS) => playlists::mine;
    POST "/v1/me/playlists", UserWith(MODIFY) => playlists::create;
    GET "/v1/users/{id}/playlists", Token => playlists::of_user;
    POST "/v1/users/{id}/playlists", UserWith(MODIFY) => playlists::create_for;
    GET "/v1/playlists/{id}", Token => playlists::get;
    PUT "/v1/playlists/{id}", UserWith(MODIFY) => playlists::change;

    // A public playlist needs no scope, any other the one that shows it (`playlists::may_read`).
    GET "/v1/playlists/{id}/items", User => playlist_items::list;
    POST "/v1/playlists/{id}/items", UserWith(MODIFY) => playlist_items::add;
    PUT "/v1/playlists/{id}/items", UserWith(MODIFY) => playlist_items::replace_or_move;
    DELETE "/v1/playlists/{id}/items", UserWith(MODIFY) => playlist_items::remove;
    GET "/v1/playlists/{id}/tracks", User => playlist_items::list_tracks;
    POST "/v1/playlists/{id}/tracks", UserWith(MODIFY) => playlist_items::add;
    PUT "/v1/playlists/{id}/tracks", UserWith(MODIFY) => playlist_items::replace_or_move;
    DELETE "/v1/playlists/{id}/tracks", UserWith(MODIFY) => playlist_items::remove;

    PUT "/v1/playlists/{id}/followers", UserWith(MODIFY) => playlist_followers::follow;
    DELETE "/v1/playlists/{id}/followers", UserWith(MODIFY) => playlist_followers::unfollow;
    GET "/v1/playlists/{id}/followers/contains", User => playlist_followers::contains;

    GET "/v1/me/library/contains", UserWith(ANY_READ) => library::contains;
    PUT "/v1/me/library", UserWith(ANY_MODIFY) => library::save;
    DELETE "/v1/me/library", UserWith(ANY_MODIFY) => library::remove;

    GET "/v1/me/tracks", UserWith(LIBRARY_READ) => |call| saved::list(call, Saved::Track);
    PUT "/v1/me/tracks", UserWith(LIBRARY_MODIFY) => |call| saved::save(call, Saved::Track);
    DELETE "/v1/me/tracks", UserWith(LIBRARY_MODIFY) => |call| saved::remove(call, Saved::Track);
    GET "/v1/me/tracks/contains", UserWith(LIBRARY_READ) => |call| saved::contains(call, Saved::Track);
    GET "/v1/me/albums", UserWith(LIBRARY_READ) => |call| saved::list(call, Saved::Album);
    PUT "/v1/me/albums", UserWith(LIBRARY_MODIFY) => |call| saved::save(call, Saved::Album);
    DELETE "/v1/me/albums", UserWith(LIBRARY_MODIFY) => |call| saved::remove(call, Saved::Album);
    GET "/v1/me/albums/contains", UserWith(LIBRARY_READ) => |call| saved::contains(call, Saved::Album);
    GET "/v1/me/shows", UserWith(LIBRARY_READ) => |call| saved::list(call, Saved::Show);
    PUT "/v1/me/shows", UserWith(LIBRARY_MODIFY) => |call| saved::save(call, Saved::Show);
    DELETE "/v1/me/shows", UserWith(LIBRARY_MODIFY) => |call| saved::remove(call, Saved::Show);
    GET "/v1/me/shows/contains", UserWith(LIBRARY_READ) => |call| saved::contains(call, Saved::Show);
    GET "/v1/me/episodes", UserWith(LIBRARY_READ) => |call| saved::list(call, Saved::Episode);
    PUT "/v1/me/episodes", UserWith(LIBRARY_MODIFY) => |call| saved::save(call, Saved::Episode);
    DELETE "/v1/me/episodes", UserWith(LIBRARY_MODIFY) => |call| saved::remove(call, Saved::Episode);
    GET "/v1/me/episodes/contains", UserWith(LIBRARY_READ) => |call| saved::contains(call, Saved::Episode);
    GET "/v1/me/audiobooks", UserWith(LIBRARY_READ) => |call| saved::list(call, Saved::Audiobook);
    PUT "/v1/me/audiobooks", UserWith(LIBRARY_MODIFY) => |call| saved::save(call, Saved::Audiobook);
    DELETE "/v1/me/audiobooks", UserWith(LIBRARY_MODIFY) => |call| saved::remove(call, Saved::Audiobook);
    GET "/v1/me/audiobooks/contains", UserWith(LIBRARY_READ) => |call| saved::contains(call, Saved::Audiobook);

    GET "/v1/me/following", UserWith(FOLLOW_READ) => following::list;
    PUT "/v1/me/following", UserWith(FOLLOW_MODIFY) => following::follow;
    DELETE "/v1/me/following", UserWith(FOLLOW_MODIFY) => following::unfollow;
    GET "/v1/me/following/contains", UserWith(FOLLOW_READ) => following::contains;

    GET "/v1/me/top/{kind}", UserWith(&["user-top-read"]) => listening::top;
    GET "/v1/me/player/recently-played", UserWith(&["user-read-recently-played"]) => listening::recently_played;

    GET "/v1/search", Token => search::search;
    GET "/v1/tracks", Token => catalogue::tracks;
    GET "/v1/tracks/{id}", Token => catalogue::track;
    GET "/v1/albums", Token => catalogue::albums;
    GET "/v1/albums/{id}", Token => catalogue::album;
    GET "/v1/albums/{id}/tracks", Token => catalogue::album_tracks;
    GET "/v1/artists", Token => catalogue::artists;
    GET "/v1/artists/{id}", Token => catalogue::artist;
    GET "/v1/artists/{id}/albums", Token => catalogue::artist_albums;
    GET "/v1/artists/{id}/top-tracks", Token => catalogue::artist_top_tracks;
}
