//! Who may log in to an app at all, before they are asked anything: an app in development is its owner's and its test users',
//! an account that a developer made up is for that developer's apps, and an app that nobody reviewed stays small.

use keysig_core::access_token::Audience;
use keysig_core::app::App;
use keysig_core::audit::AuditAction;
use keysig_core::authorize::AuthorizationRequest;
use keysig_core::id::UserId;
use keysig_core::scope::{Risk, ScopeCatalogue, ScopeSet};
use keysig_core::user::User;
use keysig_store::{StoreError, grants, test_users};

use crate::browser::SignedIn;
use crate::server::Server;
use crate::settings::Compat;
use crate::visit::Visit;

/// Why somebody may not log in to an app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotAdmitted {
    /// It is in development, and they are not on its list.
    Stranger,
    /// A developer made their account up, for other apps than this one.
    FakeElsewhere,
    /// The operator lets nobody new log in to it.
    LoginsStopped,
    /// Nobody reviewed it, and as many people as may have given it what can change their things.
    TooManyPeople {
        /// So many.
        most: u32,
    },
}

/// What is known of somebody at the door of an app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// They may log in.
    Open,
    /// They may: their address was invited. Whoever lets them in puts them on the list ([`admit`]).
    Invited,
    /// They may not.
    Refused(NotAdmitted),
}

/// Whether this person may log in to the app with this request. Changes nothing.
pub async fn admission(
    server: &Server,
    app: &App,
    request: &AuthorizationRequest,
    user: &User,
) -> Result<Admission, StoreError> {
    if let Some(fake) = test_users::fake(&server.store, user.id).await?
        && (app.owner.is_none() || app.owner != fake.owner)
    {
        return Ok(Admission::Refused(NotAdmitted::FakeElsewhere));
    }
    let mut admission = Admission::Open;
    if !app.is_open_to(user.id) {
        // Spotify lets everybody log in, and its one API refuses them. Other APIs have nobody who would.
        let lets_in = server.live().compat == Compat::Strict && request.audience == Audience::OwnApi;
        // An address counts for whoever it was proven to belong to.
        let is_invited = user.email_verified && test_users::is_invited(&server.store, app.id, &user.email).await?;
        match (is_invited, lets_in) {
            (true, _) => admission = Admission::Invited,
            (false, true) => {}
            (false, false) => return Ok(Admission::Refused(NotAdmitted::Stranger)),
        }
    }
    if app.standing.logins_stopped && app.owner != Some(user.id) {
        let given = grants::in_force(&server.store, user.id, app.id).await?;
        if given.is_none_or(|grant| grant.has_ended(server.now())) {
            return Ok(Admission::Refused(NotAdmitted::LoginsStopped));
        }
    }
    match too_many(server, app, request, user.id).await? {
        Some(refused) => Ok(Admission::Refused(refused)),
        None => Ok(admission),
    }
}

/// The permissions by which an app can change things of people.
fn that_change(scopes: &ScopeCatalogue, of: ScopeSet) -> ScopeSet {
    let changes = |scope: &_| scopes.entry(*scope).is_some_and(|entry| entry.risk >= Risk::Change);
    of.iter().filter(changes).fold(ScopeSet::EMPTY, ScopeSet::with)
}

/// How many people gave an app what can change their things. Accounts that were made up are nobody's.
pub async fn people_at_risk(server: &Server, app: &App) -> Result<u64, StoreError> {
    let (scopes, mut people) = (server.scopes(), 0);
    for (given, count) in grants::scopes_given(&server.store, app.id).await? {
        people += if that_change(&scopes, given).is_empty() { 0 } else { count };
    }
    Ok(people)
}

async fn too_many(
    server: &Server,
    app: &App,
    request: &AuthorizationRequest,
    user: UserId,
) -> Result<Option<NotAdmitted>, StoreError> {
    let Some(most) = server.live().unreviewed_people else { return Ok(None) };
    if app.is_reviewed() || app.consent.trusted || app.owner == Some(user) {
        return Ok(None);
    }
    let scopes = server.scopes();
    if that_change(&scopes, request.permissions()).is_empty() {
        return Ok(None);
    }
    // Whoever gave it such a permission goes on.
    let given = grants::in_force(&server.store, user, app.id).await?;
    let goes_on =
        given.is_some_and(|grant| !grant.has_ended(server.now()) && !that_change(&scopes, grant.scopes).is_empty());
    if goes_on || people_at_risk(server, app).await? < u64::from(most) {
        return Ok(None);
    }
    Ok(Some(NotAdmitted::TooManyPeople { most }))
}

/// The same at the moment it is decided: whoever was invited is on the list from now on.
pub async fn admit(
    visit: &Visit,
    app: &App,
    request: &AuthorizationRequest,
    signed_in: &SignedIn,
) -> Result<Option<NotAdmitted>, StoreError> {
    let (server, user) = (&visit.server, &signed_in.user);
    match admission(server, app, request, user).await? {
        Admission::Open => Ok(None),
        Admission::Refused(why) => Ok(Some(why)),
        Admission::Invited => {
            let mut record = visit.audited(signed_in, AuditAction::TestUserAdded, &user.email);
            (record.app, record.user) = (Some(app.id), Some(user.id));
            let came = test_users::come(&server.store, app.id, user, server.now(), &record).await?;
            Ok(if came { None } else { Some(NotAdmitted::Stranger) })
        }
    }
}
