//! When a person is asked (RFC 6749 §10.2, RFC 8252 §8.6), for what, and for how long their answer holds.

mod shown;

pub use shown::Shown;

use crate::access_token::Audience;
use crate::app::{App, ClientType};
use crate::authorize::{AuthorizationRequest, ReplyTo};
use crate::grant::Grant;
use crate::scope::{ScopeCatalogue, ScopeSet};
use crate::time::Timestamp;

/// What a page asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// To be allowed together or not at all.
    pub required: ScopeSet,
    /// Each the person's choice: the app works without.
    pub optional: ScopeSet,
    /// What is allowed already and stays so whatever the answer.
    pub already: ScopeSet,
}

/// What to show a signed-in person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// Nothing: the same was allowed before.
    None,
    /// Nothing, although it was not: the operator answers for the app.
    Trusted,
    /// The whole request, for the first time or again.
    Whole(Asked),
    /// Only what is new.
    More(Asked),
    /// One button: any program on the device could have sent this request (RFC 8252 §8.6).
    ContinueAs,
}

/// What of the instance a question depends on.
#[derive(Clone, Copy)]
pub struct Instance<'a> {
    /// The scopes that exist, and how risky they are.
    pub catalogue: &'a ScopeCatalogue,
    /// Whether apps whose redirect any program could claim are confirmed each time.
    pub confirms_public_apps: bool,
    /// The time.
    pub now: Timestamp,
}

/// How long an answer holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// As long as what was agreed before; where that is nothing, until it is removed.
    AsBefore,
    /// Until the person removes it.
    Removed,
    /// For so many days.
    Days(i64),
}

impl Until {
    /// The time boxes on offer, in days.
    pub const DAYS: [i64; 2] = [30, 1];

    /// From a form; nothing chosen changes nothing.
    pub fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            None | Some("as-before") => Some(Self::AsBefore),
            Some("removed") => Some(Self::Removed),
            Some(days) => Self::DAYS.into_iter().find(|offered| offered.to_string() == days).map(Self::Days),
        }
    }

    /// The same for at most so many days, where it would end `before`, if it ends at all.
    #[must_use]
    pub fn at_most(self, days: i64, before: Option<Timestamp>, now: Timestamp) -> Self {
        let last = now.plus_seconds(days * 86_400);
        match self.ends_at(before, now) {
            Some(end) if end <= last => self,
            _ => Self::Days(days),
        }
    }

    /// When the agreement ends, if it was to end at `before` and is answered `now`.
    pub fn ends_at(self, before: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::AsBefore => before,
            Self::Removed => None,
            Self::Days(days) => Some(now.plus_seconds(days * 86_400)),
        }
    }
}

/// What a login of this request may hold: what is asked for, and with `include_granted_scopes` what the app was granted
/// before. What was allowed at our API was not allowed at another: there nothing is added.
pub fn wanted(request: &AuthorizationRequest, grant: Option<&Grant>) -> ScopeSet {
    let granted = grant.map_or(ScopeSet::EMPTY, |grant| grant.scopes);
    match request.include_granted && request.audience == Audience::OwnApi {
        true => request.permissions().union(granted),
        false => request.permissions(),
    }
}

/// The scopes that the tokens of this request have at most, apart from what single claims bring.
pub fn of_login(request: &AuthorizationRequest, grant: &Grant) -> ScopeSet {
    match request.include_granted && request.audience == Audience::OwnApi {
        true => request.scopes.union(grant.scopes),
        false => request.scopes,
    }
}

/// What somebody agrees to who allows this request and ticks `ticked`: everything required, and of the rest only what is a
/// person's choice of this request. Whatever else a form brings counts for nothing.
pub fn agreed(app: &App, request: &AuthorizationRequest, ticked: ScopeSet) -> ScopeSet {
    let optional = request.permissions().intersection(app.consent.optional);
    request.permissions().without(optional).union(ticked.intersection(optional))
}

/// Decides what to ask. `grant` is the agreement in force, if there is one.
pub fn question(app: &App, request: &AuthorizationRequest, grant: Option<&Grant>, instance: Instance<'_>) -> Question {
    let grant = grant.filter(|grant| !grant.has_ended(instance.now));
    let granted = grant.map_or(ScopeSet::EMPTY, |grant| grant.scopes);
    let wanted = wanted(request, grant);
    let optional = wanted.intersection(app.consent.optional).without(granted);
    let whole =
        Question::Whole(Asked { required: wanted.without(optional), optional, already: granted.without(wanted) });
    let claimable = match &request.reply_to {
        ReplyTo::Redirect { uri, .. } => app.client_type == ClientType::Public && uri.is_claimable_by_any_program(),
        // Whoever started it sits at the device, and may be far away: the code is compared each time (RFC 8628 §5.4).
        ReplyTo::Device { .. } => true,
    };
    // The operator answers for the app, and not for whatever program claims to be it.
    if app.consent.trusted && !claimable && !request.prompt.consent && !request.prompt.select_account {
        let covered = grant.is_some_and(|grant| agreed(app, request, ScopeSet::EMPTY).is_subset(grant.scopes));
        return if covered { Question::None } else { Question::Trusted };
    }
    let Some(grant) = grant else { return whole };
    let before = Shown::parse(&grant.shown);
    let seen = before.covers(&Shown::now(app, request, wanted, instance.catalogue), granted);
    // An optional permission that was on offer before and not taken was declined: it is not asked for at each login.
    let declined = if request.prompt.consent { ScopeSet::EMPTY } else { before.scopes() };
    let more = Asked {
        required: wanted.without(app.consent.optional).without(granted),
        optional: optional.without(declined),
        already: granted,
    };
    let is_more = !more.required.union(more.optional).is_empty();
    if !seen || request.prompt.consent && !is_more {
        return whole;
    }
    if is_more {
        return Question::More(more);
    }
    let is_device = matches!(request.reply_to, ReplyTo::Device { .. });
    let confirms = claimable && instance.confirms_public_apps || is_device || request.prompt.select_account;
    if confirms { Question::ContinueAs } else { Question::None }
}

#[cfg(test)]
mod tests;
