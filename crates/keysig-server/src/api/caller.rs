//! Who calls: what the guard verified, as the endpoints need it. The only place where the Web API meets the guard.

use http::Extensions;
use keysig_core::id::UserId;
use keysig_core::scope::ScopeSet;
use keysig_guard::{Bearer, Denied};

/// The holder of a verified access token.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The person the app acts for; nobody behind an app's own token.
    pub user: Option<UserId>,
    /// What the token may do.
    pub scopes: ScopeSet,
}

impl Caller {
    /// Whoever the guard let in. Without a guard around the routes nobody is.
    pub fn of(extensions: &Extensions) -> Result<Self, Denied> {
        #[cfg(test)]
        if let Some(caller) = extensions.get::<Self>() {
            return Ok(*caller);
        }
        let bearer = extensions.get::<Bearer>().ok_or(Denied::NoToken)?;
        Ok(Self { user: bearer.user().ok(), scopes: bearer.token().scopes })
    }

    /// The person, where one is needed.
    pub fn user(&self) -> Result<UserId, Denied> {
        self.user.ok_or(Denied::UserRequired)
    }
}
