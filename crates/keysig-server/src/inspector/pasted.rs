//! An authorization address that somebody pasted, looked at as a dry run: the rules of a living request are asked, and nothing is
//! issued, written or counted.

use keysig_core::authorize::{PageReason, Refused, check, client_id};
use keysig_core::id::UserId;
use keysig_core::parameters::Parameters;
use keysig_store::app_lists::{self, Order};
use keysig_store::{StoreError, apps};

use super::{Fact, Facts, Reason, Warning, facts_of_page, facts_of_redirect};
use crate::server::Server;

/// So many differing characters are a slip of the hand.
const SLIP: usize = 2;

/// Who is told, and so how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// Anybody: what the error page says to whoever opens the address.
    Anybody,
    /// A developer: what may be known of their own apps, too.
    Developer(UserId),
    /// Whoever runs the server.
    Operator,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// It would pass, or lead to a page that asks the person; what should be mended all the same.
    Passes(Vec<Warning>),
    /// It would be refused.
    Refused(Reason, Facts),
}

/// The parameters of an address, if it has a query that can be read.
pub fn parameters(pasted: &str) -> Option<Parameters> {
    let (_, query) = pasted.split_once('?')?;
    Parameters::parse(query.split('#').next().unwrap_or_default().as_bytes()).ok()
}

/// Why a request would be refused, if it would.
pub async fn inspect(server: &Server, told: Told, parameters: &Parameters) -> Result<Found, StoreError> {
    let scopes = server.scopes();
    let page = |reason: &PageReason| Found::Refused(Reason::of_page(reason, &scopes), facts_of_page(reason));
    let client_id = match client_id(parameters) {
        Ok(client_id) => client_id,
        Err(reason) => return Ok(page(&reason)),
    };
    let Some(app) = server.app(client_id).await? else {
        let mut facts = vec![Fact::new("sent", client_id)];
        let near = known_to(server, told).await?.into_iter().find(|known| distance(known, client_id) <= SLIP);
        facts.extend(near.map(|near| Fact::new("nearest", &near)));
        return Ok(Found::Refused(Reason::UnknownClient, facts));
    };
    // Where an app may be returned to is known to whoever logs in to it, but its list is its developer's.
    let is_own = match told {
        Told::Anybody => false,
        Told::Developer(developer) => app.owner == Some(developer),
        Told::Operator => true,
    };
    Ok(match server.look_up(|lookup| check(parameters, &app, lookup)) {
        Ok(request) => {
            let no_pkce = request.response_type.has_code() && request.challenge.is_none();
            let misses = |warning, is_missing: bool| is_missing.then_some(warning);
            let warnings = [misses(Warning::NoState, request.state.is_none()), misses(Warning::NoPkce, no_pkce)];
            Found::Passes(warnings.into_iter().flatten().collect())
        }
        Err(Refused::Page(reason)) => match page(&reason) {
            Found::Refused(reason @ Reason::RedirectUriNotRegistered, _) if !is_own => {
                Found::Refused(reason, Facts::new())
            }
            found => found,
        },
        Err(Refused::Redirect { reason, .. }) => {
            Found::Refused(Reason::of_redirect(&reason, &scopes), facts_of_redirect(&reason, parameters.duplicate()))
        }
    })
}

/// The client IDs that may be named to them.
async fn known_to(server: &Server, told: Told) -> Result<Vec<String>, StoreError> {
    Ok(match told {
        Told::Anybody => Vec::new(),
        Told::Developer(developer) => {
            apps::of_owner(&server.store, developer).await?.into_iter().map(|app| app.client_id).collect()
        }
        Told::Operator => {
            let popular = app_lists::list(&server.store, Order::Popular, "").await?;
            popular.into_iter().map(|line| line.client_id).collect()
        }
    })
}

/// How many characters must be changed, added or left out to make one of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(100).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(100).enumerate() {
        let mut next = vec![i + 1];
        for ((y, above), diagonal) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or_default();
            next.push((left + 1).min(above + 1).min(diagonal + usize::from(x != *y)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
