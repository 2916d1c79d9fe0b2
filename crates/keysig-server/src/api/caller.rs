//! Who calls: what the guard verified, as the endpoints need it. The only place where the Web API meets the guard.

use http::Extensions;
use keysig_core::id::UserId;
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;
use keysig_guard::{Bearer, Denied, Uses};

use crate::usage::{Metric, UsageCounts};

/// The holder of a verified access token.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The person the app acts for; nobody behind an app's own token.
    pub user: Option<UserId>,
    /// What the token may do.
    pub scopes: ScopeSet,
    /// What the guard verified.
    pub(super) bearer: Option<Bearer>,
}

impl Caller {
    /// Whoever the guard let in. Without a guard around the routes nobody is.
    pub fn of(extensions: &Extensions) -> Result<Self, Denied> {
        #[cfg(test)]
        if let Some(caller) = extensions.get::<Self>() {
            return Ok(*caller);
        }
        let bearer = extensions.get::<Bearer>().ok_or(Denied::NoToken)?;
        Ok(Self { user: bearer.user().ok(), scopes: bearer.token().scopes, bearer: Some(*bearer) })
    }

    /// Counts a call for the person's receipts: permissions and a time, nothing of what was asked or answered.
    pub fn count(&self, uses: &Uses, used: ScopeSet, now: Timestamp) {
        if let Some(bearer) = &self.bearer {
            uses.count(bearer, used, now);
        }
    }

    /// Counts a call for the figures of its app.
    pub fn note(&self, usage: &UsageCounts, now: Timestamp) {
        if let Some(bearer) = &self.bearer {
            let app = bearer.token().app;
            usage.count(app, Metric::ApiCalls, now);
            if let Some(user) = self.user {
                usage.used(app, user, now);
            }
        }
    }

    /// The person, where one is needed.
    pub fn user(&self) -> Result<UserId, Denied> {
        self.user.ok_or(Denied::UserRequired)
    }
}
