//! `/account/security/upstream/…`: linking and unlinking accounts elsewhere, by whoever was just checked.

use axum::extract::Path;
use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::encoding::hex;
use keysig_core::id::UserId;
use keysig_core::seal::sha256;
use keysig_store::StoreError;
use keysig_store::upstream::{self, Linked, Unlinked};

use super::journey::{leave, not_linked};
use super::offered;
use crate::browser::{SignedIn, Ticket};
use crate::language::Lang;
use crate::mail::Letter;
use crate::pages::{
    LinkProblem, LinkedAccount, UpstreamLinkPage, UpstreamProblemPage, UpstreamSection, UpstreamUnlinkPage,
};
use crate::people::account::{posted, signed_in};
use crate::people::recheck;
use crate::server::Server;
use crate::upstream::Purpose;
use crate::visit::{Form, Visit};

const SECURITY: &str = "/account/security";

/// A link in addresses: one to a provider that is offered no more has no other name.
fn id_of(link: &Linked) -> String {
    let [a, b, c, d, e, f, g, h, ..] = sha256(link.provider.as_bytes());
    hex(&[a, b, c, d, e, f, g, h])
}

fn linked(server: &Server, link: &Linked) -> LinkedAccount {
    let provider = server.upstreams.of_realm(&link.provider);
    LinkedAccount {
        id: id_of(link),
        provider: provider.map_or_else(|| link.provider.clone(), |provider| provider.name.clone()),
        name: link.name.clone(),
        since: server.when(link.created_at),
        last_used: server.when(link.last_used_at),
    }
}

/// What the Security page says of accounts elsewhere.
pub async fn section(server: &Server, signed_in: &SignedIn, lang: Lang) -> Result<UpstreamSection, StoreError> {
    let links = upstream::of_user(&server.store, signed_in.user.id).await?;
    let providers = server.upstreams.all().iter();
    let unlinked = providers.filter(|provider| !links.iter().any(|link| link.provider == provider.realm()));
    Ok(UpstreamSection {
        lang,
        offered: unlinked.map(|provider| offered(provider)).collect(),
        linked: links.iter().map(|link| linked(server, link)).collect(),
    })
}

/// `GET /account/security/upstream/{id}/link`.
pub async fn confirm_link(visit: Visit, Path(id): Path<String>) -> Response {
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let Some(provider) = visit.server.upstreams.find(&id) else { return visit.see_other(SECURITY) };
    let path = format!("{SECURITY}/upstream/{}/link", provider.id);
    let (mut visit, signed_in) = match recheck::for_page(visit, signed_in, &path).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let page = UpstreamLinkPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), None),
        provider: offered(&provider),
    };
    visit.page(200, &page)
}

/// `POST /account/security/upstream/{id}/link`: on the way there.
pub async fn link(visit: Visit, Path(id): Path<String>, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(provider) = visit.server.upstreams.find(&id) else { return visit.see_other(SECURITY) };
    let path = format!("{SECURITY}/upstream/{}/link", provider.id);
    let (visit, signed_in) = match recheck::for_form(visit, signed_in, &path, &form).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    match upstream::of_user(&visit.server.store, signed_in.user.id).await {
        Ok(links) if links.iter().any(|link| link.provider == provider.realm()) => {
            not_linked(visit, &provider, LinkProblem::HasOne)
        }
        // Asked to sign in there again, where that can be asked: whoever is signed in there by chance is not linked by chance.
        Ok(_) => leave(visit, &provider, None, true, Purpose::Link(signed_in.user.id, signed_in.session.id)).await,
        Err(error) => visit.store_error(&error),
    }
}

async fn find(visit: &Visit, user: UserId, id: &str) -> Result<Option<Linked>, StoreError> {
    Ok(upstream::of_user(&visit.server.store, user).await?.into_iter().find(|link| id_of(link) == id))
}

/// `GET /account/security/upstream/{id}/unlink`.
pub async fn confirm_unlink(visit: Visit, Path(id): Path<String>) -> Response {
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let link = match find(&visit, signed_in.user.id, &id).await {
        Ok(Some(link)) => link,
        Ok(None) => return visit.see_other(SECURITY),
        Err(error) => return visit.store_error(&error),
    };
    let path = format!("{SECURITY}/upstream/{}/unlink", id_of(&link));
    let (mut visit, signed_in) = match recheck::for_page(visit, signed_in, &path).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let page = UpstreamUnlinkPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), None),
        linked: linked(&visit.server, &link),
    };
    visit.page(200, &page)
}

/// `POST /account/security/upstream/{id}/unlink`.
pub async fn unlink(visit: Visit, Path(id): Path<String>, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let link = match find(&visit, signed_in.user.id, &id).await {
        Ok(Some(link)) => link,
        Ok(None) => return visit.see_other(SECURITY),
        Err(error) => return visit.store_error(&error),
    };
    let path = format!("{SECURITY}/upstream/{}/unlink", id_of(&link));
    let (visit, signed_in) = match recheck::for_form(visit, signed_in, &path, &form).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let name = linked(&visit.server, &link).provider;
    let happened = visit.happened(AccountEvent::UpstreamUnlinked, &name);
    let (server, open) = (&visit.server, visit.server.upstreams.realms());
    match upstream::unlink(&server.store, signed_in.user.id, &link.provider, &open, &happened).await {
        Ok(Unlinked::Done) => {
            visit.write_to(&signed_in.user, &Letter::UpstreamUnlinked { provider: &name }).await;
            visit.see_other("/account/security?done=upstream-unlinked")
        }
        Ok(Unlinked::NotLinked) => visit.see_other("/account/security?done=upstream-unlinked"),
        Ok(Unlinked::LastWay) => {
            let chrome = visit.chrome(Some(&signed_in), None);
            let page = UpstreamProblemPage { chrome, provider: name, problem: LinkProblem::LastWay };
            visit.page(page.status(), &page)
        }
        Err(error) => visit.store_error(&error),
    }
}
