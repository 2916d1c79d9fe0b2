//! What operators do to accounts. Acting as somebody else does not exist.

use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::{DeliveryId, UserId};
use keysig_core::mail::Purpose;
use keysig_core::secret::Secret;
use keysig_core::user::{Role, User};
use keysig_store::operators::{self, Done, Ending};
use keysig_store::{StoreError, audit, erasure, mail_proofs, test_users, users};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{ActionRefused, Actor};
use crate::mail::{Letter, lang_of, queued};
use crate::people::proofs::Made;
use crate::register;
use crate::server::Server;

/// An account as operators and programs see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Account {
    /// The id that actions name.
    pub id: String,
    /// The id the Web API shows.
    pub public_id: String,
    /// Its address.
    pub email: String,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
    /// What they are called.
    pub name: String,
    /// What they may do.
    #[schemars(with = "String", extend("enum" = Role::ALL.map(Role::name)))]
    pub role: Role,
    /// Whether the account is closed.
    pub locked: bool,
}

impl From<&User> for Account {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            public_id: user.public_id.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            name: user.display_name.clone(),
            role: user.role,
            locked: user.disabled,
        }
    }
}

/// Accounts that were found, and where the next page begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Them, by address.
    pub accounts: Vec<Account>,
    /// The address to go on after; nothing where these are all.
    pub next: Option<String>,
}

/// So many on one page.
const ON_A_PAGE: usize = 50;

/// Looks for accounts by the beginning of an address, by an id of either kind, or by the id of a request.
pub async fn search(server: &Server, actor: &Actor, sought: &str, after: &str) -> Result<Found, ActionRefused> {
    actor.needs(Role::Viewer)?;
    let store = &server.store;
    let sought = sought.trim();
    let by_id = match UserId::parse(sought) {
        Some(id) => users::by_id(store, id).await?,
        None => users::by_public_id(store, sought).await?,
    };
    let mut found: Vec<User> = by_id.into_iter().filter(|_| after.is_empty()).collect();
    if !sought.is_empty() {
        for id in audit::people_of_request(store, sought).await? {
            found.extend(users::by_id(store, id).await?.filter(|user| found.iter().all(|other| other.id != user.id)));
        }
    }
    let beginning = sought.to_lowercase();
    // One more than is shown tells whether there is another page.
    let mut by_address = operators::by_address(store, &beginning, after, ON_A_PAGE as i64 + 1).await?;
    let is_more = by_address.len() > ON_A_PAGE;
    by_address.truncate(ON_A_PAGE);
    let next = by_address.last().filter(|_| is_more).map(|last| last.email.clone());
    by_address.retain(|user| found.iter().all(|other| other.id != user.id));
    found.extend(by_address);
    Ok(Found { accounts: found.iter().map(Account::from).collect(), next })
}

/// The account that is acted on.
pub async fn find(server: &Server, id: &str) -> Result<User, ActionRefused> {
    let id = UserId::parse(id).ok_or(ActionRefused::NotFound)?;
    users::by_id(&server.store, id).await?.ok_or(ActionRefused::NotFound)
}

fn record(server: &Server, actor: &Actor, action: AuditAction, user: &User) -> AuditRecord {
    let mut record = actor.record(server, action, &user.email);
    record.user = Some(user.id);
    record
}

/// Nobody acts on whoever may do more than they: a session of support that was taken over ends no operator.
async fn of_no_more(server: &Server, actor: &Actor, needed: Role, id: &str) -> Result<User, ActionRefused> {
    actor.needs(needed)?;
    let user = find(server, id).await?;
    actor.needs(user.role)?;
    Ok(user)
}

fn done(server: &Server, done: Done) -> Result<(), ActionRefused> {
    server.deliveries.notify_one();
    match done {
        Done::Yes => Ok(()),
        Done::Already => Err(ActionRefused::Conflict("It is so already.".to_owned())),
        Done::LastOperator => Err(ActionRefused::Conflict(
            "This is the last operator: nobody could run this server then. Make somebody else one first.".to_owned(),
        )),
        Done::NoAccount => Err(ActionRefused::NotFound),
    }
}

macro_rules! ending {
    ($server:ident) => {
        Ending {
            now: $server.now(),
            keep_until: $server.keep_until(),
            new_id: &mut || DeliveryId::generate($server.now(), &*$server.rng),
        }
    };
}

/// Closes an account: everything of it is dead when this returns.
pub async fn lock(server: &Server, actor: &Actor, id: &str) -> Result<(), ActionRefused> {
    let user = of_no_more(server, actor, Role::Support, id).await?;
    let record = record(server, actor, AuditAction::UserLocked, &user);
    done(server, operators::lock(&server.store, user.id, &record, ending!(server)).await?)
}

/// Opens it again.
pub async fn unlock(server: &Server, actor: &Actor, id: &str) -> Result<(), ActionRefused> {
    let user = of_no_more(server, actor, Role::Support, id).await?;
    let record = record(server, actor, AuditAction::UserUnlocked, &user);
    done(server, operators::unlock(&server.store, user.id, &record).await?)
}

/// Ends all sessions and connected apps of an account.
pub async fn revoke(server: &Server, actor: &Actor, id: &str) -> Result<(), ActionRefused> {
    let user = of_no_more(server, actor, Role::Support, id).await?;
    let record = record(server, actor, AuditAction::UserRevoked, &user);
    done(server, operators::revoke(&server.store, user.id, &record, ending!(server)).await?)
}

/// Takes the password away and ends all sessions: a new one is chosen by mail.
pub async fn force_new_password(server: &Server, actor: &Actor, id: &str) -> Result<(), ActionRefused> {
    let user = of_no_more(server, actor, Role::Operator, id).await?;
    if !server.settings.sends_mail() {
        let problem = "This server sends no mail, so nobody could choose a new password.";
        return Err(ActionRefused::Conflict(problem.to_owned()));
    }
    let record = record(server, actor, AuditAction::PasswordResetForced, &user);
    let nobody_knows = server.hasher.hash(Secret::generate(&*server.rng)).await;
    let nobody_knows = nobody_knows.map_err(|_| StoreError::Busy)?;
    let mail = queued(server, Some(&user.email), lang_of(server, &user, None), &Letter::PasswordChanged);
    let store = &server.store;
    let result =
        operators::force_new_password(store, user.id, &nobody_knows, &[mail], &record, ending!(server)).await?;
    server.mails.notify_one();
    done(server, result)
}

/// Deletes an account and everything of it; `typed` is its address, typed once more.
pub async fn delete(server: &Server, actor: &Actor, id: &str, typed: &str) -> Result<(), ActionRefused> {
    let user = of_no_more(server, actor, Role::Operator, id).await?;
    if !typed.trim().eq_ignore_ascii_case(&user.email) {
        let problem = "Type the address of the account to delete it.".to_owned();
        return Err(ActionRefused::Invalid { field: "typed", problem });
    }
    if operators::is_only_operator(&server.store, user.id).await? {
        return done(server, Done::LastOperator);
    }
    let (now, record) = (server.now(), record(server, actor, AuditAction::UserDeleted, &user));
    let new_id = || DeliveryId::generate(now, &*server.rng);
    let erased = erasure::erase(&server.store, user.id, now, server.keep_until(), Some(&record), new_id).await?;
    done(server, if erased { Done::Yes } else { Done::NoAccount })?;
    if server.settings.sends_mail() {
        crate::mail::queue_to(server, &user, &Letter::Deleted).await?;
    }
    Ok(())
}

/// Changes what somebody may do.
pub async fn set_role(server: &Server, actor: &Actor, id: &str, role: &str) -> Result<(), ActionRefused> {
    let user = of_no_more(server, actor, Role::Operator, id).await?;
    let Some(role) = Role::from_name(role) else {
        return Err(ActionRefused::Invalid { field: "role", problem: "There is no such role.".to_owned() });
    };
    if test_users::fake(&server.store, user.id).await?.is_some() {
        let problem = "A developer made this account up to try an app: nobody works with it.";
        return Err(ActionRefused::Conflict(problem.to_owned()));
    }
    let mut record = actor.record(server, AuditAction::RoleChanged, role.name());
    record.user = Some(user.id);
    done(server, operators::set_role(&server.store, user.id, role, &record).await?)
}

/// Invites somebody to sign up, by mail.
pub async fn invite(server: &Server, actor: &Actor, address: &str) -> Result<(), ActionRefused> {
    actor.needs(Role::Operator)?;
    let invalid = |problem: &str| ActionRefused::Invalid { field: "email", problem: problem.to_owned() };
    let address =
        register::user::email(address).map_err(|_| invalid("This is no address, such as ada@example.org."))?;
    if !server.settings.sends_mail() {
        return Err(ActionRefused::Conflict("This server sends no mail. Use: keysig user invite".to_owned()));
    }
    if users::by_identifier(&server.store, &address).await?.is_some() {
        return Err(invalid("There is an account with this address."));
    }
    let made = Made::new(server, Purpose::Invite, &address, None, json!({ "role": Role::User }).to_string());
    let lang = server.settings.languages.first().copied().unwrap_or_default();
    let letter = Letter::Invited { proof: made.link };
    let writes = [mail_proofs::insertion(&made.row), queued(server, Some(&address), lang, &letter)];
    let record = actor.record(server, AuditAction::UserInvited, &address);
    operators::invite(&server.store, &writes, &record).await?;
    server.mails.notify_one();
    Ok(())
}

/// Everybody who works in the operator area.
pub async fn with_roles(server: &Server, actor: &Actor) -> Result<Vec<Account>, ActionRefused> {
    actor.needs(Role::Viewer)?;
    Ok(operators::with_roles(&server.store).await?.iter().map(Account::from).collect())
}
