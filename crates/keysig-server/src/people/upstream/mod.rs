//! Signing in by an account elsewhere (`docs/upstream.md`): on the way there (`journey`), back with an account that belongs
//! to nobody here (`linking`), and its place on the Security page (`security`).

pub mod journey;
pub mod linking;
pub mod security;

use axum::response::Response;
use keysig_store::{StoreError, upstream};

use crate::browser::SignedIn;
use crate::pages::{Offered, UpstreamButtons, UpstreamProblem};
use crate::upstream::{Provider, UpstreamError};
use crate::visit::Visit;

/// A provider as pages show it.
fn offered(provider: &Provider) -> Offered {
    Offered { id: provider.id.clone(), name: provider.name.clone() }
}

/// The buttons of a sign-in page: `csrf` and `tx` are those of its form. `problem` is what the address says of a way that
/// led nowhere: the names of a provider and of a problem of ours, and nothing else.
pub fn buttons(visit: &Visit, csrf: &str, tx: Option<&str>, problem: Option<(&str, &str)>) -> UpstreamButtons {
    let upstreams = &visit.server.upstreams;
    UpstreamButtons {
        lang: visit.chrome(None, None).lang,
        csrf: csrf.to_owned(),
        tx: tx.map(str::to_owned),
        offered: upstreams.all().iter().map(|provider| offered(provider)).collect(),
        next: None,
        problem: problem.and_then(|(through, problem)| {
            Some((upstreams.find(through)?.name.clone(), UpstreamProblem::from_name(problem)?))
        }),
    }
}

/// The buttons of "Confirm it's you", for the providers whose accounts are linked; then on to the page at `next`.
pub async fn buttons_to_confirm(
    visit: &Visit,
    signed_in: &SignedIn,
    csrf: &str,
    next: &str,
) -> Result<UpstreamButtons, StoreError> {
    let all = buttons(visit, csrf, None, None);
    if all.offered.is_empty() {
        return Ok(all);
    }
    let links = upstream::of_user(&visit.server.store, signed_in.user.id).await?;
    let linked = links.iter().filter_map(|link| visit.server.upstreams.of_realm(&link.provider));
    let offered = linked.map(|provider| offered(&provider)).collect();
    Ok(UpstreamButtons { next: Some(next.to_owned()), offered, ..all })
}

/// Back to the sign-in page, with words and with the request that waits.
fn back_to_sign_in(visit: Visit, provider: &Provider, tx: Option<&str>, problem: UpstreamProblem) -> Response {
    let tx = tx.map(|tx| format!("tx={tx}&")).unwrap_or_default();
    visit.see_other(&format!("/login?{tx}through={}&problem={}", provider.id, problem.name()))
}

/// What is logged for the operator is more than what the person is told, and holds no token.
fn told(provider: &Provider, error: &UpstreamError) -> UpstreamProblem {
    tracing::warn!(provider = provider.id, %error, "nobody could be signed in by another provider");
    match error {
        UpstreamError::Down(_) => UpstreamProblem::Down,
        UpstreamError::Refused(_) => UpstreamProblem::Refused,
    }
}
