//! Authorization requests: what became of them, at the endpoint and on the pages that it leads to.

use keysig_core::app::App;
use keysig_core::authorize::{AuthorizationRequest, Check, PageReason, RedirectReason, ReplyTo, ResponseType};
use keysig_core::id::{EventId, UserId};
use keysig_core::parameters::Parameters;
use keysig_core::user::User;

#[cfg(feature = "dev")]
use keysig_core::authorize::{Refused, check};
#[cfg(feature = "dev")]
use keysig_store::StoreError;
#[cfg(feature = "dev")]
use keysig_store::inspector::{Wanted, of_app};

use super::{About, Details, Facts, Outcome, Reason, Sent, Step, Warning, facts_of_page, facts_of_redirect, observe};
use crate::oauth::admission::NotAdmitted;
use crate::server::Server;
use crate::visit::Visit;

/// An authorization request on its way: as it was sent, or as it was kept while a person decides.
#[derive(Clone, Copy)]
pub enum Asked<'a> {
    /// As it came.
    Sent(&'a Parameters),
    /// As it was kept.
    Kept(&'a AuthorizationRequest),
}

/// What of a kept request stood in the one that was sent.
fn pairs(server: &Server, request: &AuthorizationRequest) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if let ReplyTo::Redirect { uri, mode } = &request.reply_to {
        pairs.push(("redirect_uri", uri.as_str().to_owned()));
        if *mode != request.response_type.default_mode() {
            pairs.push(("response_mode", mode.name().to_owned()));
        }
    }
    let named = ResponseType::ALL.into_iter().find(|name| ResponseType::parse(name) == Some(request.response_type));
    pairs.push(("response_type", named.unwrap_or_default().to_owned()));
    pairs.push(("scope", server.scopes().print(request.scopes)));
    pairs.extend(request.state.clone().map(|state| ("state", state)));
    if let Some(challenge) = &request.challenge {
        pairs.push(("code_challenge", challenge.to_wire()));
        pairs.push(("code_challenge_method", "S256".to_owned()));
    }
    pairs.extend(request.nonce.clone().map(|nonce| ("nonce", nonce)));
    pairs
}

fn sent(server: &Server, app: &App, asked: Asked<'_>) -> Sent {
    match asked {
        Asked::Sent(parameters) => Sent::of(server, &app.client_id, parameters.pairs()),
        Asked::Kept(request) => {
            let pairs = pairs(server, request);
            let client_id = ("client_id", app.client_id.as_str());
            let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
            Sent::of(server, &app.client_id, std::iter::once(client_id).chain(pairs))
        }
    }
}

fn about<'a>(visit: &'a Visit, app: &'a App, user: Option<UserId>) -> About<'a> {
    About { app, user, step: Step::Authorize, request_id: visit.request_id() }
}

fn refused(
    visit: &Visit,
    (app, user): (&App, Option<UserId>),
    asked: Asked<'_>,
    (reason, facts): (Reason, Facts),
    check: Check,
) -> Option<EventId> {
    observe(&visit.server, about(visit, app, user), Outcome::Refused(reason), || Details {
        sent: sent(&visit.server, app, asked),
        facts,
        check: Some(check.name().to_owned()),
        ..Details::default()
    })
}

/// It ended on a page.
pub fn ended(visit: &Visit, app: &App, parameters: &Parameters, reason: &PageReason) {
    let named = Reason::of_page(reason, &visit.server.scopes());
    refused(visit, (app, None), Asked::Sent(parameters), (named, facts_of_page(reason)), reason.check());
}

/// It was sent back with an error.
pub fn sent_back(visit: &Visit, about: (&App, Option<UserId>), asked: Asked<'_>, reason: &RedirectReason) {
    let duplicate = match asked {
        Asked::Sent(parameters) => parameters.duplicate(),
        Asked::Kept(_) => None,
    };
    let named = Reason::of_redirect(reason, &visit.server.scopes());
    refused(visit, about, asked, (named, facts_of_redirect(reason, duplicate)), reason.check());
}

/// The person was shown a page.
pub fn shown(visit: &Visit, about_it: (&App, Option<UserId>), asked: Asked<'_>, page: &'static str) {
    let (app, user) = about_it;
    observe(&visit.server, about(visit, app, user), Outcome::Shown(page), || Details {
        sent: sent(&visit.server, app, asked),
        check: Some(if page == "consent" { Check::Consent } else { Check::Login }.name().to_owned()),
        ..Details::default()
    });
}

/// It was answered with what it asked for.
pub fn passed(visit: &Visit, app: &App, user: UserId, asked: Asked<'_>, request: &AuthorizationRequest) {
    observe(&visit.server, about(visit, app, Some(user)), Outcome::Passed, || {
        let is_device = matches!(request.reply_to, ReplyTo::Device { .. });
        let misses = |warning, is_missing: bool| (is_missing && !is_device).then_some(warning);
        let no_pkce = request.response_type.has_code() && request.challenge.is_none();
        let warnings = [misses(Warning::NoState, request.state.is_none()), misses(Warning::NoPkce, no_pkce)];
        Details {
            sent: sent(&visit.server, app, asked),
            warnings: warnings.into_iter().flatten().collect(),
            ..Details::default()
        }
    });
}

/// The app is not open to this person.
pub fn not_admitted(visit: &Visit, app: &App, user: &User, (asked, why): (Asked<'_>, NotAdmitted)) {
    refused(visit, (app, Some(user.id)), asked, Reason::of_admission(why), Check::OnTheList);
}

/// It was answered before.
pub fn answered_before(visit: &Visit, app: &App, request: &AuthorizationRequest) {
    refused(visit, (app, None), Asked::Kept(request), (Reason::AlreadyAnswered, Facts::new()), Check::Consent);
}

/// It waited too long, or its app changed meanwhile: nothing of the request is left to look at.
pub fn gone(visit: &Visit, app: &App, reason: Reason) {
    observe(&visit.server, about(visit, app, None), Outcome::Refused(reason), Details::default);
}

/// One request that failed, so that the Inspector of a playground is never empty: an address with a slash too many.
#[cfg(feature = "dev")]
pub async fn example(server: &Server, client_id: &str) -> Result<(), StoreError> {
    let Some(app) = server.app(client_id).await? else { return Ok(()) };
    if !of_app(&server.store, app.id, &Wanted::default(), 1).await?.is_empty() {
        return Ok(());
    }
    let sent = format!("client_id={client_id}&response_type=code&redirect_uri=http://127.0.0.1:8888/callback/&state=x");
    let parameters = Parameters::parse(sent.as_bytes()).unwrap_or_default();
    if let Err(Refused::Page(reason)) = server.look_up(|lookup| check(&parameters, &app, lookup)) {
        let about = About { app: &app, user: None, step: Step::Authorize, request_id: "req_EXAMPLE000" };
        observe(server, about, Outcome::Refused(Reason::of_page(&reason, &server.scopes())), || Details {
            sent: Sent::of(server, client_id, parameters.pairs()),
            facts: facts_of_page(&reason),
            check: Some(reason.check().name().to_owned()),
            ..Details::default()
        });
        super::flush(server).await;
    }
    Ok(())
}
