//! Apps: the clients of OAuth (RFC 6749 §2), as their developers registered them.

use crate::feed::Epoch;
use crate::id::{AppId, UserId};
use crate::jose::SigningAlgorithm;
use crate::profile::{PkceRule, Policy, Profile, RefreshRule};
use crate::redirect_uri::{RedirectUri, RedirectUriRefused, RegisteredRedirectUri, resolve};
use crate::scope::ScopeSet;
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

    /// Whether `presented` is one of its secrets and not retired. All are compared, so that time tells nothing.
    pub fn has_secret(&self, presented: &str, now: Timestamp) -> bool {
        let live = |secret: &StoredSecret| secret.retires_at.is_none_or(|at| now < at);
        self.secrets
            .iter()
            .filter(|secret| live(secret))
            .fold(false, |found, secret| found | secret.hash.matches(presented))
    }

    /// Whether this person may log in to it at all.
    pub fn is_open_to(&self, user: UserId) -> bool {
        self.mode == Mode::Live || self.owner == Some(user) || self.test_users.contains(&user)
    }
}

/// Whether a client ID that was given, not generated, can be one.
pub fn is_client_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
