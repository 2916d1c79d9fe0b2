//! Connected apps (ux §3): what may use the account, what it used, and the way to stop it.

use askama::Template;
use keysig_core::id::LogoId;
use keysig_core::scope::ScopeGroup;

use super::{Badge, Chrome, ScopeText, Sentence, WebAddress, When, initial, screen};

/// `/account/apps`, and `?filter=unused`: only those that were not used for 90 days. "Remove access" is a link to
/// `/account/apps/{grant_id}/remove`, "Remove all" to `/account/apps/remove-all`; `…/pause`, `…/resume` and `…/turn-off` are
/// posted to with `csrf`, the last with `scope`.
#[derive(Template)]
#[template(path = "connected_apps.html")]
pub struct ConnectedAppsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The most recently used first.
    pub apps: Vec<ConnectedApp>,
    /// Whether only those are listed that were not used for 90 days.
    pub is_review: bool,
    /// How many there are of these.
    pub unused: u64,
    /// What has just been done, and to which app.
    pub done: Option<(AppDone, String)>,
}

screen!(ConnectedAppsPage, "connected-apps");

/// What a person just did to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppDone {
    /// Ended its access.
    Removed,
    /// Ended the access of all.
    AllRemoved,
    /// Paused it.
    Paused,
    /// Let it go on.
    Resumed,
    /// Turned a permission off.
    Reduced,
}

impl AppDone {
    const ALL: [Self; 5] = [Self::Removed, Self::AllRemoved, Self::Paused, Self::Resumed, Self::Reduced];

    /// As addresses say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::AllRemoved => "all-removed",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Reduced => "reduced",
        }
    }

    /// From an address, which says one of these or nothing.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.name() == name)
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Removed => "done-removed",
            Self::AllRemoved => "done-all-removed",
            Self::Paused => "done-paused",
            Self::Resumed => "done-resumed",
            Self::Reduced => "done-reduced",
        }
    }
}

/// One permission of an app, and how it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedPermission {
    /// What "Turn off" is about: a number that nobody sees.
    pub number: u8,
    /// The thing.
    pub title: String,
    /// Its limit, or an example.
    pub detail: String,
    /// Wears the tag "Can delete".
    pub can_delete: bool,
    /// Whether the app works without it.
    pub is_optional: bool,
    /// When it was last used.
    pub last_used: Option<When>,
    /// How often within the last 30 days.
    pub times: u64,
    pub(super) group: ScopeGroup,
    pub(super) rank: (keysig_core::scope::Risk, bool),
}

impl UsedPermission {
    /// A permission that was never used.
    #[must_use]
    pub fn of(number: u8, scope: &ScopeText<'_>, is_optional: bool) -> Self {
        Self {
            number,
            title: scope.title.to_owned(),
            detail: scope.detail.to_owned(),
            can_delete: scope.can_delete,
            is_optional,
            last_used: None,
            times: 0,
            group: scope.group,
            rank: (scope.risk, scope.can_delete),
        }
    }
}

/// One grant on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedApp {
    /// The grant that "Remove access" ends.
    pub grant_id: String,
    /// The app's name.
    pub name: String,
    /// Its picture; its initial where it has none.
    pub logo: Option<LogoId>,
    /// The app's home page.
    pub home: Option<WebAddress>,
    /// How well the service knows it; an app that no longer exists is not known.
    pub badge: Option<Badge>,
    /// When it was first allowed.
    pub connected_at: When,
    /// When it last used the account.
    pub last_used: Option<When>,
    /// When its access ends by itself.
    pub ends_at: Option<When>,
    /// Whether that was before now: the app must ask again.
    pub has_ended: bool,
    /// Whether it is paused.
    pub is_paused: bool,
    /// What it may do.
    pub permissions: Vec<UsedPermission>,
}

impl ConnectedApp {
    fn initial(&self) -> String {
        initial(&self.name)
    }

    fn tag(&self) -> (&'static str, &'static str) {
        match &self.badge {
            None => ("gone", ""),
            Some(badge @ Badge::Reviewed) => ("badge-reviewed", badge.tone()),
            Some(badge @ Badge::NotReviewed { .. }) => ("badge-not-reviewed", badge.tone()),
            Some(badge @ Badge::YourOwn) => ("badge-your-own", badge.tone()),
            Some(badge @ Badge::Test) => ("badge-test", badge.tone()),
        }
    }

    /// The groups that it has permissions of, with the keys of their chip and their heading, the most sensitive first.
    fn groups(&self) -> Vec<(&'static str, &'static str, Vec<&UsedPermission>)> {
        let all = [
            (ScopeGroup::See, "sees", "group-see"),
            (ScopeGroup::Change, "changes", "group-change"),
            (ScopeGroup::Control, "controls", "group-control"),
        ];
        all.map(|(group, chip, heading)| {
            let mut lines: Vec<_> = self.permissions.iter().filter(|line| line.group == group).collect();
            lines.sort_by_key(|line| std::cmp::Reverse(line.rank));
            (chip, heading, lines)
        })
        .to_vec()
    }
}

impl ConnectedAppsPage {
    fn section(&self) -> &'static str {
        "apps"
    }

    fn heading(&self) -> Sentence {
        self.say(if self.is_review { "review-heading" } else { "heading" })
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }

    fn history(&self, app: &ConnectedApp) -> Sentence {
        let connected = &app.connected_at;
        let said = self.say(if app.last_used.is_some() { "history" } else { "history-unused" });
        let said = said.time("date", &connected.machine(), &connected.date(self.words()));
        match &app.last_used {
            Some(used) => said.time("when", &used.machine(), &used.full(self.words())),
            None => said,
        }
    }

    fn ends(&self, ends: &When, has_ended: &bool) -> Sentence {
        let key = if *has_ended { "has-ended" } else { "ends" };
        self.say(key).time("date", &ends.machine(), &ends.date(self.words()))
    }

    fn usage(&self, line: &UsedPermission) -> Sentence {
        match &line.last_used {
            Some(used) => {
                self.say("used").count("n", line.times).time("when", &used.machine(), &used.relative(self.words()))
            }
            None => self.say("never-used"),
        }
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

screen!(RemoveAppPage, "connected-apps");

impl RemoveAppPage {
    fn section(&self) -> &'static str {
        "apps"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("remove-heading").name("name", &self.name), false)
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

screen!(RemoveAllPage, "connected-apps");

impl RemoveAllPage {
    fn section(&self) -> &'static str {
        "apps"
    }

    fn heading(&self) -> Sentence {
        self.say("remove-all-heading").count("n", self.names.len())
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}
