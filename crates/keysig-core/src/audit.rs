//! The audit: who changed what about apps and about this server. Append-only, each record holding the hash of the one
//! before it, so that a record cannot be altered or left out without breaking what follows (`docs/audit.md`).

use crate::id::{AppId, EventId, UserId};
use crate::seal::sha256;

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal,)*) => {
        /// What was done. Names are stored and hashed: they never change.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum AuditAction { $($(#[$doc])* $action,)* }

        impl AuditAction {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$action),*];

            /// The name in columns, exports and the API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$action => $name),* }
            }
        }
    };
}

actions! {
    /// An app was registered; about: its name.
    AppCreated = "app-created",
    /// Its name, description, links or logo changed; about: which.
    AppProfileChanged = "app-profile-changed",
    /// A setting of its flows changed; about: which.
    AppSettingsChanged = "app-settings-changed",
    /// A redirect URI was added; about: it.
    RedirectUriAdded = "redirect-uri-added",
    /// A redirect URI was removed; about: it.
    RedirectUriRemoved = "redirect-uri-removed",
    /// What it may ask for changed; about: the scopes.
    AppScopesChanged = "app-scopes-changed",
    /// A secret was added; about: its last four characters.
    SecretAdded = "secret-added",
    /// A secret was told to stop working; about: its last four characters, and when.
    SecretRetired = "secret-retired",
    /// A secret was said to have leaked; about: its last four characters.
    SecretLeaked = "secret-leaked",
    /// A test user was added; about: their address.
    TestUserAdded = "test-user-added",
    /// Somebody without an account was invited to be one; about: their address.
    TestUserInvited = "test-user-invited",
    /// A test user was removed, or an invitation taken back; about: their address.
    TestUserRemoved = "test-user-removed",
    /// A fake test user was made; about: their address.
    FakeUserMade = "fake-user-made",
    /// A webhook was set, changed or removed; about: its host.
    WebhookChanged = "webhook-changed",
    /// A signing secret of a webhook was made; about: its last four characters.
    WebhookSecretAdded = "webhook-secret-added",
    /// An app was paused; about: why.
    AppPaused = "app-paused",
    /// It was resumed.
    AppResumed = "app-resumed",
    /// Everybody's access through it was ended; about: of how many people.
    AppGrantsReset = "app-grants-reset",
    /// It was offered or given to another owner; about: their address.
    AppTransferred = "app-transferred",
    /// It was deleted; about: its name.
    AppDeleted = "app-deleted",
    /// Its makers asked for a review, or wrote to it.
    ReviewAsked = "review-asked",
    /// A review was answered; about: the decision.
    ReviewAnswered = "review-answered",
    /// It went live or back into development; about: which.
    AppModeChanged = "app-mode-changed",
    /// Its quota changed; about: to what.
    AppQuotaChanged = "app-quota-changed",
    /// The operator trusts it as their own, or no longer; about: which.
    AppTrustChanged = "app-trust-changed",
    /// The operator lets nobody new log in to it, or everybody again; about: which, and why.
    AppLoginsChanged = "app-logins-changed",
    /// The reports about it were read.
    AppReportsHandled = "app-reports-handled",
    /// Somebody began to register apps.
    DeveloperJoined = "developer-joined",
    /// An account was made by an operator; about: its address.
    UserAdded = "user-added",
    /// Somebody was invited; about: their address.
    UserInvited = "user-invited",
    /// An account was closed.
    UserLocked = "user-locked",
    /// It was opened again.
    UserUnlocked = "user-unlocked",
    /// Somebody was made to choose a new password.
    PasswordResetForced = "password-reset-forced",
    /// All sessions and connected apps of an account were ended.
    UserRevoked = "user-revoked",
    /// An account was deleted by an operator.
    UserDeleted = "user-deleted",
    /// What somebody may do changed; about: the role.
    RoleChanged = "role-changed",
    /// A scope was made, worded anew, or changed; about: its name.
    ScopeChanged = "scope-changed",
    /// A signing key was made, to be the next; about: its algorithm.
    KeyRotated = "key-rotated",
    /// A key was revoked; about: its id.
    KeyRevoked = "key-revoked",
    /// A limit changed; about: which, and to what.
    LimitChanged = "limit-changed",
    /// The brand changed; about: what of it.
    BrandChanged = "brand-changed",
    /// A policy changed; about: which, and to what.
    PolicyChanged = "policy-changed",
    /// The audit was exported; about: how many records.
    AuditExported = "audit-exported",
    /// A key of the admin API was made; about: its name.
    ApiKeyMade = "api-key-made",
    /// A key of the admin API was ended; about: its name.
    ApiKeyEnded = "api-key-ended",
}

impl AuditAction {
    /// From a column or a filter.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

/// What is recorded. It holds names and addresses that people who read the audit see anyway, and never a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRecord {
    /// Its id, which holds the time.
    pub id: EventId,
    /// Who did it; nobody where it was done on the server's own machine, by its command line.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: AuditAction,
    /// To which app.
    pub app: Option<AppId>,
    /// To whose account.
    pub user: Option<UserId>,
    /// What else is to be known, in at most [`MAX_ABOUT_CHARS`] characters.
    pub about: String,
    /// The address it came from.
    pub address: String,
    /// The request it came by.
    pub request_id: String,
    /// The key of the admin API it was done with, by its name and last four characters; empty where by none.
    pub by_key: String,
}

/// `about` is cut to this.
pub const MAX_ABOUT_CHARS: usize = 500;

/// A hash in the chain.
pub type ChainHash = [u8; 32];

/// What the first record of a chain follows.
pub const CHAIN_BEGINS: ChainHash = [0; 32];

impl AuditRecord {
    /// The hash of the `n`th record of a chain, which follows one of hash `previous`. Each part is preceded by its length,
    /// so that no two records are hashed from the same bytes.
    pub fn hash(&self, n: u64, previous: &ChainHash) -> ChainHash {
        let number = n.to_be_bytes();
        let optional = |id: Option<&[u8; 16]>| id.map_or_else(Vec::new, |id| id.to_vec());
        let (actor, app, user) = (
            optional(self.actor.as_ref().map(UserId::as_bytes)),
            optional(self.app.as_ref().map(AppId::as_bytes)),
            optional(self.user.as_ref().map(UserId::as_bytes)),
        );
        let origin = [self.address.as_bytes(), b"\n", self.request_id.as_bytes()].concat();
        let mut parts: Vec<&[u8]> = vec![
            b"keysig audit 1",
            &number,
            previous,
            self.id.as_bytes(),
            &actor,
            self.action.name().as_bytes(),
            &app,
            &user,
            self.about.as_bytes(),
            &origin,
        ];
        // Records from before there were such keys keep their hash.
        if !self.by_key.is_empty() {
            parts.push(self.by_key.as_bytes());
        }
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        sha256(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> AuditRecord {
        AuditRecord {
            id: EventId::from_bytes([1; 16]),
            actor: Some(UserId::from_bytes([2; 16])),
            action: AuditAction::SecretAdded,
            app: Some(AppId::from_bytes([3; 16])),
            user: None,
            about: "9f2c".to_owned(),
            address: "192.0.2.1".to_owned(),
            request_id: "req_1".to_owned(),
            by_key: String::new(),
        }
    }

    #[test]
    fn names_are_read_as_they_were_written_and_differ() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::from_name(action.name()), Some(*action));
        }
        assert_eq!(AuditAction::from_name("x"), None);
    }

    #[test]
    fn every_part_of_a_record_is_in_its_hash() {
        let hash = record().hash(1, &CHAIN_BEGINS);
        let same = record();
        assert_eq!(same.hash(1, &CHAIN_BEGINS), hash);
        let id = EventId::from_bytes([9; 16]);
        let others = [
            AuditRecord { id, ..record() },
            AuditRecord { actor: None, ..record() },
            AuditRecord { action: AuditAction::SecretRetired, ..record() },
            AuditRecord { app: None, ..record() },
            AuditRecord { app: None, user: Some(UserId::from_bytes([3; 16])), ..record() },
            AuditRecord { about: "9f2".to_owned(), ..record() },
            AuditRecord { address: "192.0.2.2".to_owned(), ..record() },
            AuditRecord { request_id: "req_2".to_owned(), ..record() },
            AuditRecord { by_key: "deploy …9f2c".to_owned(), ..record() },
        ];
        for other in others {
            assert_ne!(other.hash(1, &CHAIN_BEGINS), hash, "{other:?}");
        }
        assert_ne!(record().hash(2, &CHAIN_BEGINS), hash);
        assert_ne!(record().hash(1, &[1; 32]), hash);
    }
}
