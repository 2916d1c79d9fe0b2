//! What the command line asks for, as it goes through the control socket, and which action each is.

use keysig_core::id::{EventId, UserId};
use keysig_core::user::Role;
use keysig_store::users as stored;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::audit::{self, Asked, Line};
use super::users::{self, Account};
use super::{ActionRefused, Actor};
use crate::server::Server;

/// So many records of the audit in one answer, which then stays far below what the socket carries.
const RECORDS_IN_AN_ANSWER: usize = 50;

/// One thing. `who` is an address or an id of either kind.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// `keysig user list`.
    UserList {
        /// The beginning of an address, an id, or the id of a request.
        sought: String,
        /// The address to go on after.
        after: String,
    },
    /// `keysig user show`.
    UserShow {
        /// Whom.
        who: String,
    },
    /// `keysig user lock`.
    UserLock {
        /// Whom.
        who: String,
    },
    /// `keysig user unlock`.
    UserUnlock {
        /// Whom.
        who: String,
    },
    /// `keysig user revoke`.
    UserRevoke {
        /// Whose sessions and connected apps.
        who: String,
    },
    /// `keysig user reset-password`.
    UserResetPassword {
        /// Whose.
        who: String,
    },
    /// `keysig user delete`.
    UserDelete {
        /// Whom.
        who: String,
        /// Their address, typed once more.
        typed: String,
    },
    /// `keysig user role`.
    UserRole {
        /// Whose.
        who: String,
        /// The name of the new one.
        role: String,
    },
    /// `keysig audit list`.
    AuditList {
        /// Which records.
        asked: Asked,
        /// The id to go on before; empty begins with the latest.
        before: String,
    },
    /// `keysig audit verify`.
    AuditVerify {},
}

/// The account that is meant.
async fn account(server: &Server, actor: &Actor, who: &str) -> Result<Account, ActionRefused> {
    actor.needs(Role::Viewer)?;
    let who = who.trim();
    if UserId::parse(who).is_some() {
        return Ok(Account::from(&users::find(server, who).await?));
    }
    let mut found = stored::by_identifier(&server.store, who).await?;
    if found.is_none() {
        // Addresses are kept in small letters; ids of the Web API are not.
        found = stored::by_identifier(&server.store, &who.to_lowercase()).await?;
    }
    let problem = || ActionRefused::Invalid { field: "who", problem: format!("there is no account {who}") };
    found.map(|(user, _)| Account::from(&user)).ok_or_else(problem)
}

/// Does it. The answer to a change is the account as it then is; of a deleted one, as it was.
pub async fn carry_out(server: &Server, actor: &Actor, ask: &Ask) -> Result<Value, ActionRefused> {
    let whose = match ask {
        Ask::UserList { sought, after } => {
            let found = users::search(server, actor, sought, after).await?;
            return Ok(json!({"accounts": found.accounts, "next": found.next}));
        }
        Ask::AuditList { asked, before } => return list(server, actor, asked, before).await,
        Ask::AuditVerify {} => return verify(server, actor).await,
        Ask::UserShow { who }
        | Ask::UserLock { who }
        | Ask::UserUnlock { who }
        | Ask::UserRevoke { who }
        | Ask::UserResetPassword { who }
        | Ask::UserDelete { who, .. }
        | Ask::UserRole { who, .. } => account(server, actor, who).await?,
    };
    let id = &whose.id;
    match ask {
        Ask::UserLock { .. } => users::lock(server, actor, id).await?,
        Ask::UserUnlock { .. } => users::unlock(server, actor, id).await?,
        Ask::UserRevoke { .. } => users::revoke(server, actor, id).await?,
        Ask::UserResetPassword { .. } => users::force_new_password(server, actor, id).await?,
        Ask::UserDelete { typed, .. } => {
            users::delete(server, actor, id, typed).await?;
            return Ok(json!(whose));
        }
        Ask::UserRole { role, .. } => users::set_role(server, actor, id, role).await?,
        Ask::UserShow { .. } | Ask::UserList { .. } | Ask::AuditList { .. } | Ask::AuditVerify {} => {}
    }
    Ok(json!(Account::from(&users::find(server, id).await?)))
}

async fn list(server: &Server, actor: &Actor, asked: &Asked, before: &str) -> Result<Value, ActionRefused> {
    let before = match before {
        "" => None,
        id => Some(EventId::parse(id).ok_or_else(|| ActionRefused::Invalid {
            field: "before",
            problem: "this is no id of a record".to_owned(),
        })?),
    };
    let filter = audit::filter(server, asked).await?;
    let (entries, next) = audit::page(server, actor, &filter, before, RECORDS_IN_AN_ANSWER).await?;
    let records: Vec<Line> = entries.iter().map(Line::of).collect();
    Ok(json!({"records": records, "next": next.map(|id| id.to_string())}))
}

async fn verify(server: &Server, actor: &Actor) -> Result<Value, ActionRefused> {
    let verified = audit::verify(server, actor).await?;
    Ok(json!({
        "records": verified.records,
        "chains": verified.chains,
        "checkpoints": verified.checkpoints,
        "broken": verified.first_break.as_ref().map(audit::in_words),
    }))
}
