//! What a reviewer looks for in an app, as far as it can be told from the app itself: its developer sees it before they ask,
//! and whoever reviews it beside their question. Nothing of it decides.

use keysig_core::app::{App, ClientType};
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::scope::{ScopeEntry, ScopeId, ScopeSet};
use keysig_store::{StoreError, uses};
use url::Url;

use crate::people::apps::RECENT_DAYS;
use crate::server::Server;

/// A point of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Point {
    /// Its home page is encrypted.
    Homepage,
    /// It has a privacy policy.
    Privacy,
    /// It says what it is for.
    Description,
    /// It has a logo.
    Logo,
    /// People come back to where its home page is.
    RedirectUris,
    /// It says why it asks for each permission.
    Reasons,
    /// It used each permission lately.
    Used,
}

impl Point {
    /// All of them, in the order of the pages.
    pub const ALL: [Self; 7] =
        [Self::Homepage, Self::Privacy, Self::Description, Self::Logo, Self::RedirectUris, Self::Reasons, Self::Used];

    /// Its name in words and programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Homepage => "homepage",
            Self::Privacy => "privacy",
            Self::Description => "description",
            Self::Logo => "logo",
            Self::RedirectUris => "redirect-uris",
            Self::Reasons => "reasons",
            Self::Used => "used",
        }
    }
}

/// How an app meets a point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Which.
    pub point: Point,
    /// Whether it does.
    pub is_met: bool,
    /// What does not: addresses or names of scopes.
    pub open: Vec<String>,
}

/// The scopes that an app may ask for.
pub fn may_ask(server: &Server, app: &App) -> ScopeSet {
    let grantable = server.scopes().grantable().fold(ScopeSet::EMPTY, |all, (scope, _)| all.with(scope));
    app.scopes.map_or(grantable, |scopes| scopes.intersection(grantable))
}

/// Of these, those that no call was made with in the last 30 days. What opens no endpoint is never called.
pub async fn unused(server: &Server, app: &App) -> Result<ScopeSet, StoreError> {
    let since = server.now().unix_days() - RECENT_DAYS + 1;
    let used = uses::exercised_by_app(&server.store, app.id, since).await?;
    let scopes = server.scopes();
    let is_unused = |scope: &ScopeId| {
        let opens = scopes.entry(*scope).is_some_and(|entry| !entry.endpoints.is_empty());
        opens && !used.contains(scope)
    };
    Ok(may_ask(server, app).iter().filter(is_unused).fold(ScopeSet::EMPTY, ScopeSet::with))
}

/// The list.
pub async fn of(server: &Server, app: &App) -> Result<Vec<Checked>, StoreError> {
    let scopes = server.scopes();
    let names = |set: ScopeSet| {
        let entries = set.iter().filter_map(|scope| scopes.entry(scope));
        entries.map(|entry: &ScopeEntry| entry.name.clone()).collect::<Vec<_>>()
    };
    let is_silent = |scope: &ScopeId| !app.consent.reasons.contains_key(scope);
    let silent = may_ask(server, app).iter().filter(is_silent).fold(ScopeSet::EMPTY, ScopeSet::with);
    let unused = names(unused(server, app).await?);
    let at_home = app.homepage.as_deref().and_then(encrypted);
    let elsewhere: Vec<String> = app
        .redirect_uris
        .iter()
        .filter(|uri| !is_at_home(uri, at_home.as_ref(), app.client_type))
        .map(|uri| uri.as_str().to_owned())
        .collect();
    let point = |point| {
        let (is_met, open) = match point {
            Point::Homepage => (at_home.is_some(), Vec::new()),
            Point::Privacy => (app.consent.privacy_url.as_deref().and_then(encrypted).is_some(), Vec::new()),
            Point::Description => (app.about.description.is_some(), Vec::new()),
            Point::Logo => (app.about.logo.is_some(), Vec::new()),
            Point::RedirectUris => (elsewhere.is_empty() && !app.redirect_uris.is_empty(), elsewhere.clone()),
            Point::Reasons => (silent.is_empty(), names(silent)),
            Point::Used => (unused.is_empty(), unused.clone()),
        };
        Checked { point, is_met, open }
    };
    Ok(Point::ALL.map(point).into())
}

fn encrypted(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|url| url.scheme() == "https" && url.has_host())
}

/// Whether a redirect URI is encrypted and at the host of the home page, or at one below it. A program in people's hands may
/// listen on loopback or have a scheme of its own.
fn is_at_home(uri: &RedirectUri, home: Option<&Url>, client_type: ClientType) -> bool {
    let Ok(url) = Url::parse(uri.as_str()) else { return false };
    match (url.scheme(), url.host_str(), home.and_then(Url::host_str)) {
        ("https", Some(host), Some(home)) => {
            host == home || host.strip_suffix(home).is_some_and(|below| below.ends_with('.'))
        }
        ("https", ..) => false,
        _ => client_type == ClientType::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keysig_core::profile::Profile;

    #[test]
    fn people_come_back_to_where_the_home_page_is() {
        let home = encrypted("https://peek.example/about");
        let is_home = |uri: &str, client_type| {
            let uri = RedirectUri::register(uri, &Profile::Spotify.policy()).unwrap();
            is_at_home(&uri, home.as_ref(), client_type)
        };
        for good in ["https://peek.example/cb", "https://login.peek.example:8443/cb"] {
            assert!(is_home(good, ClientType::Confidential), "{good}");
        }
        for bad in ["https://peek.example.evil.example/cb", "https://notpeek.example/cb", "https://evil.example/cb"] {
            assert!(!is_home(bad, ClientType::Public), "{bad}");
        }
        for own in ["http://127.0.0.1:8888/cb", "com.example.app:/cb"] {
            assert!(is_home(own, ClientType::Public) && !is_home(own, ClientType::Confidential), "{own}");
        }
        assert!(encrypted("http://peek.example").is_none() && encrypted("javascript:alert(1)").is_none());
    }
}
