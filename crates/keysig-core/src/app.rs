//! Apps: the clients of OAuth (RFC 6749 §2), as their developers registered them.

use std::collections::BTreeMap;

use crate::encoding::hex;
use crate::feed::Epoch;
use crate::id::{AppId, LogoId, UserId};
use crate::jose::SigningAlgorithm;
use crate::profile::{PkceRule, Policy, Profile, RefreshRule};
use crate::redirect_uri::{RedirectUri, RedirectUriRefused, RegisteredRedirectUri, resolve};
use crate::scope::{ScopeId, ScopeSet};
use crate::secret::SecretHash;
use crate::time::Timestamp;

/// Whether an app can keep a secret (RFC 6749 §2.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientType {
    /// It runs on a server and has a secret.
    Confidential,
    /// It runs in people's hands and has none; a "secret" it shows proves nothing (RFC 8252 §8.5).
    Public,
}

/// Who may log in to an app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Its owner and its test users.
    Development,
    /// Everybody.
    Live,
}

/// One of an app's secrets; at most two are active at once.
#[derive(Clone, Copy, Debug)]
pub struct StoredSecret {
    /// SHA-256 of the secret.
    pub hash: SecretHash,
    /// From when on it no longer works, if it is being retired.
    pub retires_at: Option<Timestamp>,
}

/// What an app chose of OpenID Connect (OpenID Connect Dynamic Client Registration §2).
#[derive(Clone, Debug, Default)]
pub struct OpenIdSettings {
    /// How its ID tokens are signed.
    pub id_token_algorithm: SigningAlgorithm,
    /// How answers of the userinfo endpoint are signed; `None`: plain JSON.
    pub userinfo_algorithm: Option<SigningAlgorithm>,
    /// Its sector, if it gets pairwise subjects (OpenID Connect Core §8.1): apps of one sector know a person by one name.
    pub sector: Option<String>,
    /// Where a browser may be sent after signing out; its redirect URIs, if it registered none.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where logout tokens are posted (OpenID Connect Back-Channel Logout §2.2).
    pub backchannel_logout_uri: Option<String>,
    /// What signed-out browsers load in a frame (OpenID Connect Front-Channel Logout §2).
    pub frontchannel_logout_uri: Option<String>,
}

impl OpenIdSettings {
    /// Whether the app wants to hear that a browser session has ended.
    pub fn wants_to_be_told(&self) -> bool {
        self.backchannel_logout_uri.is_some() || self.frontchannel_logout_uri.is_some()
    }
}

/// What an app says it does with the data it copied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeepsData {
    /// It keeps them until the person disconnects it.
    UntilDisconnected,
    /// It keeps them for so many days.
    Days(u32),
    /// It keeps nothing.
    NotKept,
}

impl KeepsData {
    /// As columns, seed files and commands spell it: `until disconnected`, `not kept`, `30 days`.
    pub fn print(self) -> String {
        match self {
            Self::UntilDisconnected => "until disconnected".to_owned(),
            Self::NotKept => "not kept".to_owned(),
            Self::Days(days) => format!("{days} days"),
        }
    }

    /// Reads what [`Self::print`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "until disconnected" => Some(Self::UntilDisconnected),
            "not kept" => Some(Self::NotKept),
            _ => {
                let days = text.strip_suffix(" days").or_else(|| text.strip_suffix(" day"))?;
                let days: u32 = days.parse().ok()?;
                (1..=3650).contains(&days).then_some(Self::Days(days))
            }
        }
    }
}

/// What the consent page says of an app besides who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsentSettings {
    /// The permissions that it works without: each is the person's choice.
    pub optional: ScopeSet,
    /// Why it asks for a permission, in a sentence of its own.
    pub reasons: BTreeMap<ScopeId, String>,
    /// What it does with data; `None`: it has not said.
    pub keeps_data: Option<KeepsData>,
    /// Its privacy policy.
    pub privacy_url: Option<String>,
    /// The operator answers for it: people are not asked, and find it under Connected apps all the same.
    pub trusted: bool,
}

impl ConsentSettings {
    /// The reasons for a column: a line each, number first.
    pub fn print_reasons(&self) -> String {
        let line =
            |(scope, reason): (&ScopeId, &String)| format!("{} {}", scope.number(), reason.replace(['\n', '\r'], " "));
        self.reasons.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Reads what [`Self::print_reasons`] writes.
    pub fn parse_reasons(column: &str) -> Option<BTreeMap<ScopeId, String>> {
        let reason = |line: &str| {
            let (number, reason) = line.split_once(' ')?;
            Some((ScopeId::from_number(number.parse().ok()?)?, reason.to_owned()))
        };
        column.lines().map(reason).collect()
    }
}

/// What an app says of itself beside its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What it is for, in a sentence or two.
    pub description: Option<String>,
    /// What its users agree to.
    pub terms_url: Option<String>,
    /// Where its users find help.
    pub support_url: Option<String>,
    /// Its picture.
    pub logo: Option<LogoId>,
}

/// How an app stands with the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Nobody new may log in; those who have it connected go on.
    pub logins_stopped: bool,
    /// The operator switched it off: its developer cannot switch it on.
    pub paused_by_operator: bool,
    /// That the operator looked at it.
    pub review: Option<Review>,
    /// What it may ask for within 30 seconds, where that is not what is set for all.
    pub quota: OwnQuota,
}

/// Quotas of an app's own, in requests within 30 seconds: 0 is any number, `None` what is set for all apps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnQuota {
    /// Calls of the Web API. With one of its own, an app does not count towards its developer's.
    pub calls: Option<u32>,
    /// Token requests.
    pub tokens: Option<u32>,
}

/// What the operator found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// When.
    pub at: Timestamp,
    /// [`App::reviewable`] as it was then.
    pub of: String,
}

/// An app.
#[derive(Clone, Debug)]
pub struct App {
    /// The id that never changes; sealed tokens carry it.
    pub id: AppId,
    /// The public identifier: given ones match `[A-Za-z0-9._-]{1,64}`, generated ones are 32 lower-case hex.
    pub client_id: String,
    /// Shown on the consent page.
    pub name: String,
    /// Who registered it.
    pub owner: Option<UserId>,
    /// The owner's name, shown as the developer.
    pub developer: String,
    /// Its home page.
    pub homepage: Option<String>,
    /// Its temper.
    pub profile: Profile,
    /// Whether it has secrets.
    pub client_type: ClientType,
    /// Where it may be returned to.
    pub redirect_uris: Vec<RedirectUri>,
    /// Its secrets, retired ones left out.
    pub secrets: Vec<StoredSecret>,
    /// The scopes it may ask for; `None` is all of the catalogue.
    pub scopes: Option<ScopeSet>,
    /// Who may log in.
    pub mode: Mode,
    /// Who may log in while it is in development, besides its owner.
    pub test_users: Vec<UserId>,
    /// It chose rotation of refresh tokens although its profile echoes them.
    pub rotates: bool,
    /// Its developer or the operator switched it off.
    pub paused: bool,
    /// Implicit and hybrid response types are allowed; for history and conformance only.
    pub legacy_flows: bool,
    /// A confidential app whose requests need no PKCE although its profile demands it; what is sent still counts.
    pub pkce_optional: bool,
    /// What it chose of OpenID Connect.
    pub openid: OpenIdSettings,
    /// What it says to those who are asked.
    pub consent: ConsentSettings,
    /// What it says of itself.
    pub about: About,
    /// How it stands with the operator.
    pub standing: Standing,
    /// Raised when everything of it must die.
    pub epoch: Epoch,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl App {
    /// The policy that the checks consult.
    pub fn policy(&self) -> Policy {
        let policy = self.profile.policy();
        if self.rotates { Policy { refresh: RefreshRule::Rotate, ..policy } } else { policy }
    }

    /// Whether its authorization requests must carry a challenge.
    pub fn needs_pkce(&self) -> bool {
        match self.policy().pkce {
            PkceRule::Required => self.client_type == ClientType::Public || !self.pkce_optional,
            PkceRule::RequiredForPublic => self.client_type == ClientType::Public,
        }
    }

    /// Finds a request's redirect URI among the registered ones (RFC 6749 §3.1.2.3).
    pub fn resolve(&self, requested: &str) -> Result<RegisteredRedirectUri, RedirectUriRefused> {
        resolve(&self.redirect_uris, requested)
    }

    /// Finds where a browser may be sent after signing out (OpenID Connect RP-Initiated Logout §3): exactly a registered
    /// address, or where none was registered for this, a redirect URI.
    pub fn resolve_post_logout(&self, requested: &str) -> Result<RegisteredRedirectUri, RedirectUriRefused> {
        match self.openid.post_logout_redirect_uris.as_slice() {
            [] => self.resolve(requested),
            registered => resolve(registered, requested),
        }
    }

    /// Which of its secrets `presented` is, if it is one that works. All are compared, so that time tells nothing.
    pub fn secret_shown(&self, presented: &str, now: Timestamp) -> Option<SecretHash> {
        let works = |secret: &&StoredSecret| secret.retires_at.is_none_or(|at| now < at);
        let shown =
            |found, secret: &StoredSecret| if secret.hash.matches(presented) { Some(secret.hash) } else { found };
        self.secrets.iter().filter(works).fold(None, shown)
    }

    /// What a review is of: who it says it is, where answers go, and what it may ask for. After a change of one of these it
    /// is another app, of which nobody has said anything.
    pub fn reviewable(&self) -> String {
        let mut hosts: Vec<&str> = self.redirect_uris.iter().map(RedirectUri::destination).collect();
        hosts.sort_unstable();
        hosts.dedup();
        let scopes = self.scopes.map(|scopes| hex(&scopes.to_bytes())).unwrap_or_default();
        let logo = self.about.logo.map(|logo| logo.to_string()).unwrap_or_default();
        let owner = self.owner.map(|owner| owner.to_string()).unwrap_or_default();
        let homepage = self.homepage.as_deref().unwrap_or_default();
        let hosts = hosts.join(" ");
        [&self.name, &self.developer, &owner, homepage, &logo, &scopes, &hosts]
            .map(|part| part.replace('\n', " "))
            .join("\n")
    }

    /// Whether the operator looked at it, as it is now.
    pub fn is_reviewed(&self) -> bool {
        self.standing.review.as_ref().is_some_and(|review| review.of == self.reviewable())
    }

    /// Whether this person may log in to it at all.
    pub fn is_open_to(&self, user: UserId) -> bool {
        self.mode == Mode::Live || self.owner == Some(user) || self.test_users.contains(&user)
    }
}

/// Whether a client ID that was given, not generated, can be one.
pub fn is_client_id(text: &str) -> bool {
    // The two that browsers read as steps in a path cannot be part of an address.
    let is_step = matches!(text, "." | "..");
    !is_step
        && (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_app_says_is_read_as_it_was_written() {
        for keeps in [KeepsData::UntilDisconnected, KeepsData::NotKept, KeepsData::Days(1), KeepsData::Days(3650)] {
            assert_eq!(KeepsData::parse(&keeps.print()), Some(keeps));
        }
        for bad in ["", "0 days", "3651 days", "-1 days", "forever", "30", "days"] {
            assert_eq!(KeepsData::parse(bad), None, "{bad}");
        }
        let scope = |number| ScopeId::from_number(number).unwrap();
        let reasons = BTreeMap::from([(scope(0), "to greet you".to_owned()), (scope(127), "later on".to_owned())]);
        let said = ConsentSettings { reasons: reasons.clone(), ..ConsentSettings::default() };
        assert_eq!(ConsentSettings::parse_reasons(&said.print_reasons()), Some(reasons));
        assert_eq!(ConsentSettings::parse_reasons(""), Some(BTreeMap::new()));
        assert_eq!(ConsentSettings::parse_reasons("128 x"), None);
    }
}
