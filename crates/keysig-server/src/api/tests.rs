//! Every endpoint through the router, with a caller as the guard would have let in.

mod catalogue;
mod doors;
mod edges;
mod guard;
mod library;
mod playlists;
mod profile;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use keysig_core::id::UserId;
use keysig_core::password::PasswordHash;
use keysig_core::scope::{ScopeCatalogue, ScopeFile, ScopeSet};
use keysig_core::testing::{SeededRng, TestClock};
use keysig_core::time::Timestamp;
use keysig_core::user::{Product, Role, User};
use keysig_store::catalogue::{Catalogue, Kind, SharedCatalogue};
use keysig_store::library::{LibrarySpec, PlaylistSpec, seed_library};
use keysig_store::{EngineConfig, Store, StoreConfig, users};
use serde_json::Value;
use tower::ServiceExt;

use super::{ApiState, Caller, finish, router};
use crate::catalogue_import::{Format, parse};
use crate::live::Scopes;

const NOW: Timestamp = Timestamp::from_unix_millis(1_760_000_000_000);
const URL: &str = "http://127.0.0.1:8080";

/// A server with the seed catalogue, Ada with a library, and Bob without.
struct World {
    _directory: tempfile::TempDir,
    state: ApiState,
    api: Router,
    ada: UserId,
    bob: UserId,
    every_scope: ScopeSet,
    tracks: Vec<String>,
}

/// An answer.
struct Got {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Got {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {:?}", self.status, self.text))
    }

    #[track_caller]
    fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    #[track_caller]
    fn refused(&self, status: u16, message: &str) {
        let expected =
            format!("{{\n  \"error\": {{\n    \"status\": {status},\n    \"message\": \"{message}\"\n  }}\n}}");
        assert_eq!((self.status.as_u16(), self.text.as_str()), (status, expected.as_str()));
        assert_eq!(self.headers["content-type"], "application/json; charset=utf-8");
    }
}

async fn person(store: &Store, name: &str, product: Product, rng: &SeededRng) -> UserId {
    let user = User {
        id: UserId::generate(rng),
        public_id: name.to_owned(),
        email: format!("{name}@example.test"),
        display_name: name.to_uppercase(),
        country: "NL".to_owned(),
        product,
        role: Role::User,
        epoch: 0,
        disabled: false,
        email_verified: true,
        locale: None,
    };
    users::add(store, &user, &PasswordHash::of_nobody(), NOW).await.unwrap();
    user.id
}

impl World {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let rng = Arc::new(SeededRng::new(42));
        let engine = EngineConfig::Sqlite { path: directory.path().join("keysig.db"), cache_bytes: 1 << 20 };
        let store = Store::open(StoreConfig { engine }, NOW, rng.clone()).await.unwrap();
        let music = parse(Format::Json, include_bytes!("../../../../seed/catalogue.json")).unwrap();
        let path = directory.path().join("catalogue.db");
        Catalogue::build(&path, &music).unwrap();
        let catalogue = Arc::new(SharedCatalogue::open(&path).unwrap());
        let ada = person(&store, "ada", Product::Premium, &rng).await;
        let bob = person(&store, "bob", Product::Free, &rng).await;
        let list = |name: &str, public, tracks| PlaylistSpec {
            name: name.into(),
            description: None,
            public,
            collaborative: false,
            tracks,
        };
        let spec = LibrarySpec {
            playlists: vec![
                list("Morning", true, 7),
                list("Secret", false, 3),
                list("Run", true, 0),
                list("Long", true, 120),
            ],
            saved_tracks: 30,
            saved_albums: 3,
            followed_artists: 5,
            recently_played: 12,
            top: 10,
        };
        seed_library(&store, &catalogue.get(), ada, &spec, NOW, rng.as_ref()).await.unwrap();
        let file: ScopeFile = toml::from_str(include_str!("../../../../seed/scopes.toml")).unwrap();
        let scopes = ScopeCatalogue::new(file, &["en"]).unwrap();
        let every_scope = scopes.entries().fold(ScopeSet::EMPTY, |set, (scope, _)| set.with(scope));
        let tracks = catalogue.get().most_popular(Kind::Track, 100).unwrap();
        let state = ApiState {
            store: Arc::new(store),
            catalogue,
            scopes: Arc::new(Scopes::new(Arc::new(scopes))),
            clock: Arc::new(TestClock::at(NOW)),
            rng,
            uses: Arc::default(),
            usage: Arc::default(),
            public_url: URL.into(),
        };
        let api = finish(router(state.clone()));
        Self { _directory: directory, state, api, ada, bob, every_scope, tracks }
    }

    fn scopes(&self, names: &str) -> ScopeSet {
        self.state.scopes.now().parse(names).unwrap()
    }

    fn ada(&self) -> Caller {
        Caller { user: Some(self.ada), scopes: self.every_scope, bearer: None }
    }

    fn ada_with(&self, scopes: &str) -> Caller {
        Caller { user: Some(self.ada), scopes: self.scopes(scopes), bearer: None }
    }

    fn bob(&self) -> Caller {
        Caller { user: Some(self.bob), scopes: self.every_scope, bearer: None }
    }

    fn app(&self) -> Caller {
        Caller { user: None, scopes: ScopeSet::EMPTY, bearer: None }
    }

    fn uri(&self, n: usize) -> String {
        format!("spotify:track:{}", self.tracks[n])
    }

    async fn send(&self, caller: Option<Caller>, method: Method, path: &str, body: impl Into<Body>) -> Got {
        let mut request = Request::builder().method(method).uri(path).body(body.into()).unwrap();
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
        let response = self.api.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Got { status: parts.status, headers: parts.headers, text }
    }

    async fn get(&self, caller: Caller, path: &str) -> Got {
        self.send(Some(caller), Method::GET, path, "").await
    }

    async fn put(&self, caller: Caller, path: &str, body: impl ToString) -> Got {
        self.send(Some(caller), Method::PUT, path, body.to_string()).await
    }

    async fn post(&self, caller: Caller, path: &str, body: impl ToString) -> Got {
        self.send(Some(caller), Method::POST, path, body.to_string()).await
    }

    async fn delete(&self, caller: Caller, path: &str, body: impl ToString) -> Got {
        self.send(Some(caller), Method::DELETE, path, body.to_string()).await
    }

    /// The path behind an absolute link, which must be on this server.
    #[track_caller]
    fn path(link: &Value) -> String {
        link.as_str().unwrap().strip_prefix(URL).unwrap().to_owned()
    }
}

#[track_caller]
fn has_keys(object: &Value, keys: &str) {
    for key in keys.split(' ') {
        assert!(object.get(key).is_some(), "no `{key}` in {object}");
    }
}

const PAGE: &str = "href items limit next offset previous total";
const TRACK: &str = "album artists disc_number duration_ms explicit external_ids external_urls href id is_local name \
                     popularity preview_url track_number type uri available_markets";
const ALBUM: &str = "album_type artists external_urls href id images name release_date release_date_precision \
                     total_tracks type uri";
const ARTIST: &str = "external_urls followers genres href id images name popularity type uri";
const PLAYLIST: &str = "collaborative description external_urls href id images name owner primary_color public \
                        snapshot_id type uri items tracks";
