//! `GET /`: the login button, or the playlists.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use keysig_client::{Error, Page, Playlist, Profile, SavedTrack};

use super::leave::removed_by_server;
use super::login::ONE_MORE;
use super::notice::Notice;
use super::problem::Problem;
use super::sessions::SignedIn;
use super::{SampleApp, page};

/// The service whose account is used, as the seed of `keysig dev` names it.
const BRAND: &str = "Demo Music";

#[derive(Template)]
#[template(path = "sample_app/welcome.html")]
struct WelcomePage {
    brand: &'static str,
    start: &'static str,
    notice: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "sample_app/playlists.html")]
struct PlaylistsPage<'a> {
    brand: &'static str,
    notice: Option<&'static str>,
    name: &'a str,
    playlists: &'a [Playlist],
    saved: Option<&'a Page<SavedTrack>>,
    csrf: &'a str,
    renewals: u64,
    minutes_left: i64,
    connected_apps_url: &'a str,
    issuer: &'a str,
    api_base: &'a str,
}

/// `GET /`.
pub(super) async fn home(State(app): State<SampleApp>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let notice = Notice::said(query.as_deref());
    let Some(signed_in) = app.0.sessions.signed_in(&headers) else {
        return page(StatusCode::OK, &WelcomePage { brand: BRAND, start: "/login", notice: notice.map(Notice::words) });
    };
    match Shown::read(&signed_in).await {
        Ok(shown) => shown.page(&app, &signed_in, notice).await,
        Err(Error::Disconnected { .. }) => removed_by_server(&app, &signed_in),
        Err(cause) => Problem::from_error(&cause).into_response(),
    }
}

/// What the API says about the person.
struct Shown {
    me: Profile,
    playlists: Vec<Playlist>,
    saved: Option<Page<SavedTrack>>,
}

impl Shown {
    async fn read(signed_in: &SignedIn) -> Result<Self, Error> {
        let login = &signed_in.login;
        let saved = async {
            if !login.tokens().await.scopes.contains(&ONE_MORE) {
                return Ok(None);
            }
            match login.saved_tracks(5).await {
                // The permission was taken back since: offer to ask again.
                Err(Error::MissingScope { .. }) => Ok(None),
                saved => saved.map(Some),
            }
        };
        let (me, playlists, saved) = tokio::try_join!(login.me(), login.playlists(), saved)?;
        Ok(Self { me, playlists, saved })
    }

    async fn page(&self, app: &SampleApp, signed_in: &SignedIn, notice: Option<Notice>) -> Response {
        let seconds_left = signed_in.login.tokens().await.expires_at.saturating_sub(app.0.clock.now().unix_seconds());
        page(
            StatusCode::OK,
            &PlaylistsPage {
                brand: BRAND,
                notice: notice.map(Notice::words),
                name: self.me.display_name.as_deref().unwrap_or(&self.me.id),
                playlists: &self.playlists,
                saved: self.saved.as_ref(),
                csrf: signed_in.csrf.expose(),
                renewals: signed_in.login.renewals().await,
                minutes_left: seconds_left.max(0) / 60,
                connected_apps_url: &app.0.connected_apps_url,
                issuer: &app.0.issuer,
                api_base: &app.0.api_base,
            },
        )
    }
}
