//! Replay: how a request that was kept would fare under today's settings. Nothing is issued, written or counted: the same
//! rules are asked as of a living request, with something in place of the values that were not kept.

use std::sync::Arc;

use keysig_core::app::App;
use keysig_core::authorize::{Check, RedirectReason, Refused, check, client_id};
use keysig_core::client_authentication::Shown;
use keysig_core::consent::Question;
use keysig_core::id::UserId;
use keysig_core::token_checks::TokenCheck;
use keysig_store::inspector::InspectorRecord;
use keysig_store::{StoreError, users};

use super::{Details, Facts, Reason, Sent, Step, facts_of_page, facts_of_redirect, fingerprint};
use crate::oauth::admission::{Admission, admission};
use crate::oauth::answer;
use crate::oauth::token;
use crate::server::Server;

/// How a request would fare.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It would pass, or lead to a page that asks the person.
    Passes,
    /// It would be refused.
    Refused(Reason, Facts),
    /// As it was: what decided was the value of a code or token, which is not kept and works once.
    AsBefore(Option<Reason>),
}

impl Verdict {
    /// The reason, if it would be refused.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Passes => None,
            Self::Refused(reason, _) => Some(*reason),
            Self::AsBefore(reason) => *reason,
        }
    }
}

/// Asks today's rules about a record.
pub async fn replay(
    server: &Server,
    app: &Arc<App>,
    record: &InspectorRecord,
    details: &Details,
) -> Result<Verdict, StoreError> {
    let before = Verdict::AsBefore(Reason::from_name(&record.reason).filter(|_| record.outcome == "refused"));
    // Of some requests nothing was kept: they could not be read, or a page ended them.
    match Step::from_name(&record.step) {
        Some(Step::Authorize) if !details.sent.parameters.is_empty() => {
            let verdict = authorize(server, app, record.user, &details.sent).await?;
            // What the person said, and when, is not in the request.
            let by_person =
                matches!(before.reason(), Some(Reason::Denied | Reason::AlreadyAnswered | Reason::AcrUnmet));
            Ok(if by_person && verdict == Verdict::Passes { before } else { verdict })
        }
        Some(Step::Token) if details.check.as_deref() != Some(TokenCheck::Form.name()) => {
            match token::dry_run(server, app, &details.sent, shown(server, app, &details.sent)).await {
                Ok(()) => {
                    let check = TokenCheck::ALL.iter().find(|check| Some(check.name()) == details.check.as_deref());
                    // Nothing before the code or token stands in its way now.
                    let by_value = check.is_none_or(|check| check.asks_about_the_value());
                    Ok(if by_value { before } else { Verdict::Passes })
                }
                Err(refused) => Ok(Verdict::Refused(Reason::of_token(&refused, &server.scopes()), Facts::new())),
            }
        }
        _ => Ok(before),
    }
}

/// Whether the secret that was shown works today.
fn shown(server: &Server, app: &App, sent: &Sent) -> Shown {
    let Some(secret) = sent.secret() else { return Shown::Nothing };
    let now = server.now();
    let live = app.secrets.iter().filter(|stored| stored.retires_at.is_none_or(|at| now < at));
    let is_it = |stored: &keysig_core::app::StoredSecret| {
        secret.fingerprint.as_deref() == Some(fingerprint(server, stored.hash.as_bytes()).as_str())
    };
    if live.into_iter().any(is_it) { Shown::Right } else { Shown::Wrong }
}

async fn authorize(server: &Server, app: &Arc<App>, user: Option<UserId>, sent: &Sent) -> Result<Verdict, StoreError> {
    let parameters = sent.stand_ins(false);
    let scopes = server.scopes();
    let page = |reason| Verdict::Refused(Reason::of_page(&reason, &scopes), facts_of_page(&reason));
    let to_app = |reason| {
        let facts = facts_of_redirect(&reason, parameters.duplicate());
        Verdict::Refused(Reason::of_redirect(&reason, &scopes), facts)
    };
    if let Err(reason) = client_id(&parameters) {
        return Ok(page(reason));
    }
    let request = match server.look_up(|lookup| check(&parameters, app, lookup)) {
        Ok(request) => request,
        Err(Refused::Page(reason)) => return Ok(page(reason)),
        Err(Refused::Redirect { reason, .. }) => return Ok(to_app(reason)),
    };
    let silent = request.prompt.none;
    let user = match user {
        Some(user) => users::by_id(&server.store, user).await?,
        None => None,
    };
    let Some(user) = user else {
        return Ok(if silent { to_app(RedirectReason::LoginRequired) } else { Verdict::Passes });
    };
    if let Admission::Refused(why) = admission(server, app, &request, &user).await? {
        let (reason, facts) = Reason::of_admission(why);
        let refused = Verdict::Refused(reason, facts);
        return Ok(if silent { to_app(RedirectReason::InteractionRequired) } else { refused });
    }
    let (question, _) = answer::what_to_ask_of(server, app, &request, user.id).await?;
    Ok(match question {
        Question::ContinueAs if silent => to_app(RedirectReason::InteractionRequired),
        Question::More(_) | Question::Whole(_) if silent => to_app(RedirectReason::ConsentRequired),
        _ => Verdict::Passes,
    })
}

/// How far a request came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reached {
    /// The check passed.
    Passed,
    /// It failed.
    Failed,
    /// It was not made.
    Not,
}

/// The checks of a request in the order in which they are made, and how each went.
pub fn checks(record: &InspectorRecord, details: &Details) -> Vec<(&'static str, Reached)> {
    let names: Vec<&'static str> = match Step::from_name(&record.step) {
        Some(Step::Authorize) => Check::ALL.iter().map(|check| check.name()).collect(),
        Some(Step::Token) => {
            TokenCheck::order(details.sent.text("grant_type")).iter().map(|check| check.name()).collect()
        }
        _ => return Vec::new(),
    };
    let failed = details.check.as_deref().filter(|_| record.outcome == "refused");
    let failed_at = failed.and_then(|failed| names.iter().position(|name| *name == failed));
    // A page that was shown asks the person, which is the last of the checks.
    let stops_at = match record.outcome.as_str() {
        "shown" => names.iter().position(|name| Some(*name) == details.check.as_deref()),
        _ => None,
    };
    let how = |(index, name): (usize, &'static str)| match (failed_at, stops_at) {
        (Some(at), _) if index == at => (name, Reached::Failed),
        (Some(at), _) if index > at => (name, Reached::Not),
        (_, Some(at)) if index >= at => (name, Reached::Not),
        _ if failed.is_some() && failed_at.is_none() => (name, Reached::Not),
        _ => (name, Reached::Passed),
    };
    names.into_iter().enumerate().map(how).collect()
}
