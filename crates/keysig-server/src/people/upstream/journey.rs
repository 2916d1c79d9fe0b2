//! `/login/upstream/{id}` and its callback: to a provider and back.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::grant::Amr;
use keysig_core::parameters::Parameters;
use keysig_store::upstream::Linked;
use keysig_store::{StoreError, spent_tickets, upstream, users};

use super::{back_to_sign_in, told};
use crate::browser::{Ticket, is_page_of_ours};
use crate::oauth::pending::{self, Found};
use crate::pages::{ErrorPage, LinkProblem, ToProviderPage, UpstreamProblem, UpstreamProblemPage};
use crate::people::account::posted;
use crate::people::finish::finish;
use crate::people::{consent, recheck};
use crate::server::address_block;
use crate::upstream::{Begun, Proof, Provider, Purpose, Returned};
use crate::visit::{Form, Visit};

/// `POST /login/upstream/{id}`: a form and not a link, so that no other site sends people round (login CSRF).
pub async fn start(visit: Visit, Path(id): Path<String>, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let Some(provider) = visit.server.upstreams.find(&id) else { return visit.see_other("/login") };
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let Some(tx) = form.get("tx") else { return leave(visit, &provider, None, false, Purpose::SignIn).await };
    let again = match pending::find(&visit.server, &visit.browser, tx).await {
        Ok(Found::Waiting(waiting)) => waiting.asks_again(),
        Ok(found) => return consent::gone(visit, &found),
        Err(error) => return visit.store_error(&error),
    };
    leave(visit, &provider, Some(tx), again, Purpose::SignIn).await
}

/// The page that leads to a provider.
pub async fn leave(visit: Visit, provider: &Provider, tx: Option<&str>, again: bool, purpose: Purpose) -> Response {
    let begun = Begun::new(&visit.server, &provider.id, tx, purpose);
    set_out(visit, provider, begun, again).await
}

/// `POST /account/confirm/upstream/{id}`: somebody who is asked to show that it is them does so there.
pub async fn confirm(visit: Visit, Path(id): Path<String>, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(provider) = visit.server.upstreams.find(&id) else { return visit.see_other("/account") };
    let purpose = Purpose::Confirm(signed_in.user.id, signed_in.session.id);
    let next = form.get("next").filter(|next| is_page_of_ours(next)).map(str::to_owned);
    let begun = Begun { next, ..Begun::new(&visit.server, &provider.id, None, purpose) };
    set_out(visit, &provider, begun, true).await
}

async fn set_out(visit: Visit, provider: &Provider, begun: Begun, again: bool) -> Response {
    let upstreams = &visit.server.upstreams;
    let Some(state) = upstreams.seal_state(&visit.server, &visit.browser, &begun) else {
        return led_nowhere(visit, provider, &begun, UpstreamProblem::Stale);
    };
    let url = upstreams.authorization_url(provider, &begun, &state, again, visit.server.now()).await;
    let url = match url {
        Ok(url) => url,
        Err(error) => {
            let problem = told(provider, &error);
            return led_nowhere(visit, provider, &begun, problem);
        }
    };
    match ToProviderPage::new(visit.chrome(None, None), provider.name.clone(), &url) {
        Some(page) => visit.page(200, &page),
        None => led_nowhere(visit, provider, &begun, UpstreamProblem::Refused),
    }
}

/// Whoever came to sign in is on the sign-in page again; whoever came to link has a page that leads back.
fn led_nowhere(visit: Visit, provider: &Provider, begun: &Begun, problem: UpstreamProblem) -> Response {
    match begun.purpose {
        Purpose::SignIn => back_to_sign_in(visit, provider, begun.tx.as_deref(), problem),
        Purpose::Link(..) => not_linked(visit, provider, LinkProblem::Journey(problem)),
        Purpose::Confirm(..) => not_linked(visit, provider, LinkProblem::NotConfirmed(Some(problem))),
    }
}

/// The page that says why nothing was linked.
pub fn not_linked(visit: Visit, provider: &Provider, problem: LinkProblem) -> Response {
    let page = UpstreamProblemPage { chrome: visit.chrome(None, None), provider: provider.name.clone(), problem };
    visit.page(page.status(), &page)
}

/// Why a callback leads nowhere.
enum Nowhere {
    Problem(UpstreamProblem),
    Store(StoreError),
}

impl From<StoreError> for Nowhere {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// `GET /login/upstream/{id}/callback`: whoever comes back began here, in this browser, at this provider, and once.
pub async fn callback(visit: Visit, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Some(provider) = visit.server.upstreams.find(&id) else { return visit.see_other("/login") };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let state = query.get("state").filter(|_| query.duplicate().is_none()).unwrap_or_default();
    let Some(begun) = visit.server.upstreams.open_state(&visit.server, &visit.browser, state) else {
        // Nothing is known of it but that it is not this browser's: not even which request waits.
        return back_to_sign_in(visit, &provider, None, UpstreamProblem::Stale);
    };
    match arrive(&visit, &provider, &begun, &query).await {
        Ok(returned) => match begun.purpose {
            Purpose::SignIn => sign_in(visit, &provider, &begun, returned).await,
            Purpose::Link(..) => link(visit, &provider, &begun, returned).await,
            Purpose::Confirm(..) => confirmed(visit, &provider, &begun, &returned).await,
        },
        Err(Nowhere::Problem(problem)) => led_nowhere(visit, &provider, &begun, problem),
        Err(Nowhere::Store(error)) => visit.store_error(&error),
    }
}

async fn arrive(visit: &Visit, provider: &Provider, begun: &Begun, query: &Parameters) -> Result<Returned, Nowhere> {
    let (server, now) = (&visit.server, visit.server.now());
    let problem = |problem| Err(Nowhere::Problem(problem));
    // Another provider's callback: its code must not be shown to this one (mix-up, RFC 9700 §4.4).
    if begun.provider != provider.id {
        tracing::warn!(
            provider = provider.id,
            begun = begun.provider,
            "an answer came back at another provider's address"
        );
        return problem(UpstreamProblem::Refused);
    }
    if !spent_tickets::spend(&server.store, begun.id, begun.expires_at()).await? {
        return problem(UpstreamProblem::Stale);
    }
    // Every look costs requests of ours, right or not.
    let counted = match server.journeys.try_once(address_block(visit.peer), now) {
        Ok(counted) => counted,
        Err(_) => return problem(UpstreamProblem::TooMany),
    };
    let told = |error| Nowhere::Problem(told(provider, &error));
    if !server.upstreams.is_from(provider, query.get("iss"), now).await.map_err(told)? {
        tracing::warn!(provider = provider.id, "an answer names another issuer");
        return problem(UpstreamProblem::Refused);
    }
    if let Some(error) = query.get("error") {
        return problem(match error {
            "server_error" | "temporarily_unavailable" => UpstreamProblem::Down,
            _ => UpstreamProblem::Declined,
        });
    }
    let Some(code) = query.get("code") else { return problem(UpstreamProblem::Refused) };
    let returned = server.upstreams.person(provider, begun, code, now).await.map_err(told)?;
    server.journeys.take_back(address_block(visit.peer), counted);
    Ok(returned)
}

/// By provider and subject, and by nothing else: an address is no name (pre-hijacking, accounts that changed hands).
async fn found(visit: &Visit, provider: &Provider, returned: &Returned) -> Result<Option<Linked>, StoreError> {
    upstream::find(&visit.server.store, provider.realm(), &returned.person.subject).await
}

async fn sign_in(visit: Visit, provider: &Provider, begun: &Begun, returned: Returned) -> Response {
    let known = async {
        let Some(link) = found(&visit, provider, &returned).await? else { return Ok(None) };
        let user = users::by_id(&visit.server.store, link.user).await?;
        if user.as_ref().is_some_and(|user| !user.disabled) {
            let (server, upstreams) = (&visit.server, &visit.server.upstreams);
            let tokens = upstreams.seal_tokens(server, provider, &link, &returned.tokens);
            upstream::used(&server.store, &link, tokens, server.now()).await?;
        }
        Ok(user)
    };
    match known.await {
        Ok(Some(user)) if user.disabled => {
            back_to_sign_in(visit, provider, begun.tx.as_deref(), UpstreamProblem::Closed)
        }
        Ok(Some(user)) => finish(visit, &user, Amr::UPSTREAM, begun.tx.as_deref()).await,
        Ok(None) => wait(visit, provider, begun, returned, false).await,
        Err(error) => visit.store_error(&error),
    }
}

/// Whoever began it is still signed in, in the same session: what came back is theirs to link, once they say so.
async fn link(visit: Visit, provider: &Provider, begun: &Begun, returned: Returned) -> Response {
    let looked = async {
        let signed_in = visit.browser.signed_in(&visit.server).await?;
        Ok((signed_in, found(&visit, provider, &returned).await?))
    };
    let (signed_in, link) = match looked.await {
        Ok(found) => found,
        Err(error) => return visit.store_error(&error),
    };
    let same = signed_in.filter(|now| begun.purpose == Purpose::Link(now.user.id, now.session.id));
    let Some(signed_in) = same else {
        return not_linked(visit, provider, LinkProblem::Journey(UpstreamProblem::Stale));
    };
    match link {
        Some(link) if link.user == signed_in.user.id => visit.see_other("/account/security"),
        Some(_) => not_linked(visit, provider, LinkProblem::Taken),
        None => wait(visit, provider, begun, returned, true).await,
    }
}

/// The person of the session, in the same session, by the account that is linked to theirs: nobody else confirms it.
async fn confirmed(visit: Visit, provider: &Provider, begun: &Begun, returned: &Returned) -> Response {
    let looked = async {
        let signed_in = visit.browser.signed_in(&visit.server).await?;
        Ok((signed_in, found(&visit, provider, returned).await?))
    };
    let (signed_in, link) = match looked.await {
        Ok(looked) => looked,
        Err(error) => return visit.store_error(&error),
    };
    let same = signed_in.filter(|now| begun.purpose == Purpose::Confirm(now.user.id, now.session.id));
    let Some(signed_in) = same else {
        return not_linked(visit, provider, LinkProblem::NotConfirmed(Some(UpstreamProblem::Stale)));
    };
    if link.is_none_or(|link| link.user != signed_in.user.id) {
        return not_linked(visit, provider, LinkProblem::NotConfirmed(None));
    }
    match recheck::confirmed(visit, signed_in, Amr::UPSTREAM).await {
        Ok((visit, _)) => visit.see_other(begun.next.as_deref().unwrap_or("/account")),
        Err(answer) => answer,
    }
}

/// Keeps what was proven for this browser, and asks what is to be done with it.
async fn wait(visit: Visit, provider: &Provider, begun: &Begun, returned: Returned, linking: bool) -> Response {
    let Returned { person, tokens } = returned;
    let proof = Proof {
        provider: provider.id.clone(),
        subject: person.subject,
        name: person.name,
        email_verified: provider.trust_email && person.email_verified,
        email: person.email,
        tokens: provider.keep_tokens.then_some(tokens),
        tx: begun.tx.clone(),
        linking,
    };
    let server = &visit.server;
    let Some(waiting) = server.upstreams.seal_proof(server, &visit.browser, &proof) else {
        let page = ErrorPage::internal(visit.chrome(None, None));
        return visit.error(&page);
    };
    match upstream::wait(&server.store, &waiting).await {
        Ok(()) => visit.see_other("/account/linking"),
        Err(error) => visit.store_error(&error),
    }
}
