//! Connected apps (ux §3): what may use the account, and the way to stop it.

use askama::Template;

use super::{Badge, Chrome, Permissions, Sentence, WebAddress, When, Words, count, initial, screen, unmarked};

/// `/account/apps`. "Remove access" is a link to `/account/apps/{grant_id}/remove`, "Remove all" to
/// `/account/apps/remove-all`.
#[derive(Template)]
#[template(path = "connected_apps.html")]
pub struct ConnectedAppsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The most recently used first.
    pub apps: Vec<ConnectedApp>,
    /// The name of the app whose access has just been removed.
    pub removed: Option<String>,
}

screen!(ConnectedAppsPage, "connected-apps");

/// One grant on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedApp {
    /// The grant that "Remove access" ends.
    pub grant_id: String,
    /// The app's name.
    pub name: String,
    /// The app's home page.
    pub home: Option<WebAddress>,
    /// How well the service knows it.
    pub badge: Badge,
    /// When it was first allowed.
    pub connected_at: When,
    /// When it last used the account.
    pub last_used: Option<When>,
    /// When access ends by itself.
    pub ends: Option<When>,
    /// It has ended: the app must ask again.
    pub ended: bool,
    /// What it may do.
    pub permissions: Permissions,
}

impl ConnectedApp {
    fn initial(&self) -> String {
        initial(&self.name)
    }

    /// When access ends or ended by itself, if it does.
    fn end(&self, words: Words) -> Option<Sentence> {
        let key = if self.ended { "access-ended-on" } else { "access-ends-on" };
        self.ends.as_ref().map(|ends| words.say(key).time("date", &ends.machine(), &ends.date(words)))
    }
}

impl ConnectedAppsPage {
    fn section(&self) -> &'static str {
        "apps"
    }

    fn page_title(&self) -> String {
        format!("Connected apps – {}", unmarked(&self.chrome.brand))
    }
}

/// Asks before removing one app. Posts `csrf` to `/account/apps/{grant_id}/remove`.
#[derive(Template)]
#[template(path = "remove_app.html")]
pub struct RemoveAppPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The grant to end.
    pub grant_id: String,
    /// The app's name.
    pub name: String,
    /// Where to ask its makers to delete what they copied.
    pub contact_url: Option<WebAddress>,
}

screen!(RemoveAppPage, "remove-app");

impl RemoveAppPage {
    fn section(&self) -> &'static str {
        "apps"
    }

    fn page_title(&self) -> String {
        format!("Remove access for {}? – {}", unmarked(&self.name), unmarked(&self.chrome.brand))
    }
}

/// Asks before removing all apps. Posts `csrf` to `/account/apps/remove-all`.
#[derive(Template)]
#[template(path = "remove_all.html")]
pub struct RemoveAllPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The names of the apps.
    pub names: Vec<String>,
}

screen!(RemoveAllPage, "remove-all");

impl RemoveAllPage {
    fn section(&self) -> &'static str {
        "apps"
    }

    fn heading(&self) -> String {
        format!("Remove access for {}?", count(self.names.len() as u64, "app", "apps"))
    }

    fn page_title(&self) -> String {
        format!("{} – {}", self.heading(), unmarked(&self.chrome.brand))
    }
}
