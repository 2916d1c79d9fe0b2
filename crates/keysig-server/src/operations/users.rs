//! Accounts.

use keysig_core::id::UserId;
use keysig_core::user::User;
use keysig_store::{account_events, apps, grants, sessions, users as stored};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Nothing, roles, time};
pub use crate::actions::users::Account;
use crate::actions::{ActionRefused, Actor, users};
use crate::server::Server;

/// Who is looked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sought {
    /// The beginning of an address, an id, or the id of a request; empty finds everybody.
    #[serde(default)]
    q: String,
    /// The address to go on after: `next` of the page before.
    #[serde(default)]
    after: String,
}

/// Accounts that were found.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Accounts {
    /// Them, by address.
    accounts: Vec<Account>,
    /// The address to go on after; nothing where these are all.
    next: Option<String>,
}

/// Who works in the operator area.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Staff {
    /// Them, by role.
    accounts: Vec<Account>,
}

/// Which account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Who {
    /// An address or an id.
    who: String,
}

/// What somebody may do from now on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// An address or an id.
    who: String,
    /// The new role.
    #[schemars(extend("enum" = roles()))]
    role: String,
}

/// Which account is deleted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// An address or an id.
    who: String,
    /// Its address once more.
    confirm: String,
}

/// Who is invited.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invited {
    /// Their address.
    email: String,
}

/// An account, and what there is of it.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AccountDetails {
    /// The id that operations name.
    id: String,
    /// The id the Web API shows.
    public_id: String,
    /// Its address.
    email: String,
    /// Whether the address is known to be theirs.
    email_verified: bool,
    /// What they are called.
    name: String,
    /// What they may do.
    #[schemars(extend("enum" = roles()))]
    role: &'static str,
    /// Whether the account is closed.
    locked: bool,
    /// The browsers that are signed in.
    sessions: Vec<Session>,
    /// The apps it is connected to.
    apps: Vec<ConnectedApp>,
    /// What happened to it, the latest first: at most 50.
    events: Vec<Event>,
}

/// A signed-in browser.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Session {
    /// What the browser calls itself.
    user_agent: String,
    /// Where it signed in from.
    address: String,
    /// How it signed in (RFC 8176).
    methods: Vec<&'static str>,
    /// When it was last seen, to the hour.
    last_seen_at: String,
}

/// An app that somebody agreed to.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ConnectedApp {
    /// Its client ID; nothing where the app is gone.
    client_id: Option<String>,
    /// Its name; nothing where the app is gone.
    name: Option<String>,
    /// What it may do: names of scopes, separated by spaces.
    scope: String,
    /// Since when.
    since: String,
    /// When it was last used.
    last_used_at: String,
}

/// Something that happened to an account.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Event {
    /// When.
    at: String,
    /// What.
    event: &'static str,
    /// What it was about.
    about: String,
    /// Where it came from.
    address: String,
    /// What the browser called itself.
    user_agent: String,
}

/// The account that is meant.
async fn account(server: &Server, who: &str) -> Result<User, ActionRefused> {
    let who = who.trim();
    if UserId::parse(who).is_some() {
        return users::find(server, who).await;
    }
    let mut found = stored::by_identifier(&server.store, who).await?;
    if found.is_none() {
        // Addresses are kept in small letters; ids of the Web API are not.
        found = stored::by_identifier(&server.store, &who.to_lowercase()).await?;
    }
    found.map(|(user, _)| user).ok_or_else(|| ActionRefused::Unknown(format!("there is no account {who}")))
}

pub(super) async fn list(server: &Server, actor: &Actor, sought: Sought) -> Result<Accounts, ActionRefused> {
    let found = users::search(server, actor, &sought.q, &sought.after).await?;
    Ok(Accounts { accounts: found.accounts, next: found.next })
}

pub(super) async fn staff(server: &Server, actor: &Actor, _: Nothing) -> Result<Staff, ActionRefused> {
    Ok(Staff { accounts: users::with_roles(server, actor).await? })
}

pub(super) async fn show(server: &Server, _: &Actor, Who { who }: Who) -> Result<AccountDetails, ActionRefused> {
    let user = account(server, &who).await?;
    let (store, catalogue) = (&server.store, server.scopes());
    let mut connected = Vec::new();
    for grant in grants::of_user(store, user.id).await? {
        let app = apps::by_id(store, grant.app).await?;
        let (client_id, name) = app.map(|app| (app.client_id, app.name)).unzip();
        connected.push(ConnectedApp {
            client_id,
            name,
            scope: catalogue.print(grant.scopes),
            since: time(grant.created_at),
            last_used_at: time(grant.last_used_at),
        });
    }
    let session = |session: sessions::Session| Session {
        user_agent: session.user_agent,
        address: session.address,
        methods: session.amr.methods().into_iter().collect(),
        last_seen_at: time(session.last_seen_at),
    };
    let event = |happened: account_events::Happened| Event {
        at: time(happened.id.made_at()),
        event: happened.event.name(),
        about: happened.about,
        address: happened.address,
        user_agent: happened.user_agent,
    };
    let Account { id, public_id, email, email_verified, name, role, locked } = Account::from(&user);
    Ok(AccountDetails {
        sessions: sessions::of_user(store, user.id).await?.into_iter().map(session).collect(),
        apps: connected,
        events: account_events::latest(store, user.id, 50).await?.into_iter().map(event).collect(),
        role: role.name(),
        id,
        public_id,
        email,
        email_verified,
        name,
        locked,
    })
}

/// An account as it is after something was done to it.
async fn now(server: &Server, id: &str) -> Result<Account, ActionRefused> {
    Ok(Account::from(&users::find(server, id).await?))
}

pub(super) async fn lock(server: &Server, actor: &Actor, Who { who }: Who) -> Result<Account, ActionRefused> {
    let id = account(server, &who).await?.id.to_string();
    users::lock(server, actor, &id).await?;
    now(server, &id).await
}

pub(super) async fn unlock(server: &Server, actor: &Actor, Who { who }: Who) -> Result<Account, ActionRefused> {
    let id = account(server, &who).await?.id.to_string();
    users::unlock(server, actor, &id).await?;
    now(server, &id).await
}

pub(super) async fn revoke(server: &Server, actor: &Actor, Who { who }: Who) -> Result<Account, ActionRefused> {
    let id = account(server, &who).await?.id.to_string();
    users::revoke(server, actor, &id).await?;
    now(server, &id).await
}

pub(super) async fn reset_password(server: &Server, actor: &Actor, Who { who }: Who) -> Result<Account, ActionRefused> {
    let id = account(server, &who).await?.id.to_string();
    users::force_new_password(server, actor, &id).await?;
    now(server, &id).await
}

pub(super) async fn set_role(server: &Server, actor: &Actor, given: NewRole) -> Result<Account, ActionRefused> {
    let id = account(server, &given.who).await?.id.to_string();
    users::set_role(server, actor, &id, &given.role).await?;
    now(server, &id).await
}

pub(super) async fn delete(server: &Server, actor: &Actor, given: Deletion) -> Result<Account, ActionRefused> {
    let was = Account::from(&account(server, &given.who).await?);
    match users::delete(server, actor, &was.id, &given.confirm).await {
        // The page calls the field after what is typed.
        Err(ActionRefused::Invalid { problem, .. }) => Err(ActionRefused::Invalid { field: "confirm", problem }),
        done => done.map(|()| was),
    }
}

pub(super) async fn invite(server: &Server, actor: &Actor, invited: Invited) -> Result<Invited, ActionRefused> {
    users::invite(server, actor, &invited.email).await?;
    Ok(invited)
}
