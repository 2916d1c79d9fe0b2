//! When a person is asked (RFC 6749 §10.2, RFC 8252 §8.6), and what an agreement remembers of what they saw.

use crate::app::{App, ClientType};
use crate::authorize::{AuthorizationRequest, ReplyTo};
use crate::encoding::hex;
use crate::grant::Grant;
use crate::redirect_uri::RegisteredRedirectUri;
use crate::scope::ScopeSet;

/// What the consent page showed of an app: its name, its owner, the hosts that answers went to, and the APIs beside ours at
/// which it acts in the person's name. If one of them is another next time, the person is asked again: a name and a logo can
/// imitate anyone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    name: String,
    owner: String,
    hosts: Vec<String>,
}

/// No host has a blank in it.
const DEVICE: &str = "a device";
/// In front of what stands for an API.
const API: &str = "api ";

fn host(reply_to: &ReplyTo) -> String {
    match reply_to {
        ReplyTo::Redirect { uri, .. } => host_of_redirect(uri),
        ReplyTo::Device { .. } => DEVICE.to_owned(),
    }
}

fn host_of_redirect(redirect_uri: &RegisteredRedirectUri) -> String {
    if redirect_uri.is_private_use_scheme() {
        // With its colon, so that no scheme is ever taken for the host of the same name.
        return format!("{}:", redirect_uri.destination());
    }
    // A loopback address has another port each time, and means the same device.
    let destination = redirect_uri.destination();
    let loopback = ["127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| destination.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    loopback.unwrap_or(destination).to_owned()
}

impl Shown {
    /// What a page for this `request` of `app` shows.
    pub fn now(app: &App, request: &AuthorizationRequest) -> Self {
        let owner = app.owner.map(|owner| owner.to_string()).unwrap_or_default();
        let api = request.audience.to_column().map(|id| format!("{API}{}", hex(&id)));
        let hosts = std::iter::once(host(&request.reply_to)).chain(api).collect();
        Self { name: app.name.clone(), owner, hosts }
    }

    /// The app's name as shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// From a grant's column.
    pub fn parse(column: &str) -> Self {
        let mut lines = column.lines().map(str::to_owned);
        let (name, owner) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        Self { name, owner, hosts: lines.collect() }
    }

    /// For a grant's column; names hold no line breaks.
    pub fn print(&self) -> String {
        let lines = [&self.name, &self.owner].into_iter().chain(&self.hosts);
        lines.map(|line| line.replace(['\n', '\r'], " ")).collect::<Vec<_>>().join("\n")
    }

    /// Whether whoever saw this has seen all that `other` shows.
    pub fn covers(&self, other: &Self) -> bool {
        self.name == other.name && self.owner == other.owner && other.hosts.iter().all(|host| self.hosts.contains(host))
    }

    /// What has been seen after `other` was seen as well: hosts add up as long as name and owner stay.
    pub fn and(self, other: Self) -> Self {
        if self.name != other.name || self.owner != other.owner {
            return other;
        }
        let mut hosts = self.hosts;
        hosts.extend(other.hosts.into_iter().filter(|host| !hosts.contains(host)).collect::<Vec<_>>());
        Self { hosts, ..other }
    }
}

/// What to show a signed-in person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// Nothing: the same was allowed before.
    None,
    /// The whole request, for the first time or again.
    Whole,
    /// Only what is new.
    More {
        /// What is new.
        new: ScopeSet,
    },
    /// One button: any program on the device could have sent this request (RFC 8252 §8.6).
    ContinueAs,
}

/// Whether what `request` asks for, and where it leads, was agreed to before.
pub fn covers(app: &App, request: &AuthorizationRequest, grant: &Grant) -> bool {
    let seen = Shown::parse(&grant.shown).covers(&Shown::now(app, request));
    seen && request.permissions().is_subset(grant.scopes)
}

/// Decides what to ask. `grant` is the agreement in force; `confirms_public_apps` is the instance's setting for apps
/// whose redirect any program could claim.
pub fn question(
    app: &App,
    request: &AuthorizationRequest,
    grant: Option<&Grant>,
    confirms_public_apps: bool,
) -> Question {
    let Some(grant) = grant else { return Question::Whole };
    let new = request.permissions().without(grant.scopes);
    let seen = Shown::parse(&grant.shown).covers(&Shown::now(app, request));
    if !seen || request.prompt.consent && new.is_empty() {
        return Question::Whole;
    }
    if !new.is_empty() {
        return Question::More { new };
    }
    let confirm = match &request.reply_to {
        ReplyTo::Redirect { uri, .. } => {
            let claimable = app.client_type == ClientType::Public && uri.is_claimable_by_any_program();
            claimable && confirms_public_apps || request.prompt.select_account
        }
        // Whoever started it sits at the device, and may be far away: the code is compared each time (RFC 8628 §5.4).
        ReplyTo::Device { .. } => true,
    };
    if confirm { Question::ContinueAs } else { Question::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, hosts: &[&str]) -> Shown {
        Shown { name: name.into(), owner: "o".into(), hosts: hosts.iter().map(|host| (*host).to_owned()).collect() }
    }

    #[test]
    fn a_new_host_or_name_is_not_covered() {
        assert!(shown("Peek", &["a", "b"]).covers(&shown("Peek", &["b"])));
        assert!(!shown("Peek", &["a"]).covers(&shown("Peek", &["b"])));
        assert!(!shown("Peek", &["a"]).covers(&shown("Peak", &["a"])));
    }

    #[test]
    fn hosts_add_up_until_the_name_changes() {
        assert_eq!(shown("Peek", &["a"]).and(shown("Peek", &["b"])), shown("Peek", &["a", "b"]));
        assert_eq!(shown("Peek", &["a"]).and(shown("Peak", &["b"])), shown("Peak", &["b"]));
        assert_eq!(Shown::parse(&shown("Peek", &["a", "b"]).print()), shown("Peek", &["a", "b"]));
    }
}
