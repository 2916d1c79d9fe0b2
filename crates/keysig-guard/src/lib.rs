//! What a resource server links (RFC 6749 §1.1): verify a token, check scopes, follow the revocation feed.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # fn routes(guard: Arc<keysig_guard::Guard>) {
//! use keysig_guard::GuardLayer;
//! let layer = GuardLayer::new(guard);   // a `tower::Layer`: around every route that needs a token
//! # }
//! ```
//! Behind the layer each request carries a [`Bearer`] in its extensions; handlers ask it with [`Bearer::require`].

mod denied;
mod layer;
mod uses;

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Uri};
use keysig_core::access_token::{AccessToken, AccessTokens, Audience, Holder, NotAToken};
use keysig_core::feed::{Revocations, Revoked};
use keysig_core::id::UserId;
use keysig_core::scope::ScopeSet;
use keysig_core::time::{Clock, Timestamp};

pub use denied::{Denied, SignInWanted};
pub use layer::{GuardLayer, GuardService};
pub use uses::{Counted, UseOf, Uses};

/// A request's verified access token: opened, alive, for this API, and not revoked.
#[derive(Clone, Copy, Debug)]
pub struct Bearer {
    token: AccessToken,
}

impl Bearer {
    /// What the token says.
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    /// The person it acts for; an app's own token acts for nobody.
    pub fn user(&self) -> Result<UserId, Denied> {
        match self.token.holder {
            Holder::User { user, .. } => Ok(user),
            Holder::App => Err(Denied::UserRequired),
        }
    }

    /// Whether the token has every scope of `needed` (RFC 6750 §3.1 `insufficient_scope`).
    pub fn require(&self, needed: ScopeSet) -> Result<(), Denied> {
        if needed.is_subset(self.token.scopes) { Ok(()) } else { Err(Denied::InsufficientScope { needed }) }
    }

    /// Whether the person signed in as recently, and in such a way, as a call wants (RFC 9470 §3). An app that is refused
    /// asks them again with the `max_age` or `acr_values` of the challenge.
    pub fn require_sign_in(&self, wanted: SignInWanted, now: Timestamp) -> Result<(), Denied> {
        let sign_in = self.token.sign_in().ok_or(Denied::UserRequired)?;
        let ends = wanted.max_age_seconds.map(|seconds| sign_in.auth_time.plus_seconds(i64::from(seconds)));
        let is_recent = ends.is_none_or(|ends| now < ends);
        let is_strong = wanted.acr.is_none_or(|acr| sign_in.amr.satisfies(acr));
        if is_recent && is_strong { Ok(()) } else { Err(Denied::InsufficientAuthentication(wanted)) }
    }

    /// Whether the token has at least one scope of `any`.
    pub fn require_any(&self, any: ScopeSet) -> Result<(), Denied> {
        if any.is_empty() || !any.intersection(self.token.scopes).is_empty() {
            Ok(())
        } else {
            Err(Denied::InsufficientScope { needed: any })
        }
    }
}

/// Whether a query holds a token: beside one that came in another way it is a second one (RFC 6750 §2).
pub fn is_token_in_query(uri: &Uri) -> bool {
    uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("access_token=")))
}

/// Whether the revocation feed is as fresh as it must be; told by whoever follows it.
pub type FeedIsFresh = dyn Fn(Timestamp) -> bool + Send + Sync;

/// Verifies access tokens. In this version it opens sealed tokens, inside the server that made them; tokens for other
/// resource servers come with RFC 9068 and introspection.
pub struct Guard {
    tokens: Arc<AccessTokens>,
    revocations: Arc<Revocations>,
    feed_is_fresh: Box<FeedIsFresh>,
    clock: Arc<dyn Clock>,
    realm: String,
    uses: Arc<Uses>,
}

impl Guard {
    /// `realm` is named in challenges (RFC 6750 §3).
    pub fn new(
        tokens: Arc<AccessTokens>,
        revocations: Arc<Revocations>,
        feed_is_fresh: Box<FeedIsFresh>,
        clock: Arc<dyn Clock>,
        realm: &str,
    ) -> Self {
        Self { tokens, revocations, feed_is_fresh, clock, realm: realm.to_owned(), uses: Arc::default() }
    }

    /// The realm that challenges name.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// What was used by the tokens it let in, as their endpoints count it.
    pub fn uses(&self) -> &Arc<Uses> {
        &self.uses
    }

    /// Every rule for a request, in order (RFC 6750 §2, §3.1; RFC 9700 §4.3.2).
    pub fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<Bearer, Denied> {
        let mut sent = headers.get_all(AUTHORIZATION).iter();
        let header = sent.next();
        if sent.next().is_some() {
            return Err(Denied::TwoTokens);
        }
        // A token in the query ends up in logs and histories: never accepted, and beside a header it is a second one.
        let in_query = is_token_in_query(uri);
        let Some(header) = header else { return Err(Denied::NoToken) };
        if in_query {
            return Err(Denied::TwoTokens);
        }
        let (scheme, token) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Denied::NotBearer)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Denied::NotBearer);
        }
        self.verify(token.trim_start_matches(' '))
    }

    /// The rules for the token itself: seal, age, audience, revocation.
    pub fn verify(&self, token: &str) -> Result<Bearer, Denied> {
        let now = self.clock.now();
        let token = self.tokens.open(token, now).map_err(|not| match not {
            NotAToken::Invalid => Denied::Invalid,
            NotAToken::Expired => Denied::Expired,
        })?;
        if token.audience != Audience::OwnApi {
            return Err(Denied::Invalid);
        }
        if !(self.feed_is_fresh)(now) {
            return Err(Denied::Revoked(Revoked::FeedStale));
        }
        self.revocations.check(&token).map_err(Denied::Revoked)?;
        if matches!(token.holder, Holder::User { paused: true, .. }) {
            return Err(Denied::Paused);
        }
        Ok(Bearer { token })
    }
}
