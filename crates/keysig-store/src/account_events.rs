//! What happened to accounts, for the people they belong to.

use keysig_core::account_event::AccountEvent;
use keysig_core::id::{EventId, UserId};

use crate::{Row, Statement, Store, StoreError, Write, params};

/// One event.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Its id, which holds the time.
    pub id: EventId,
    /// What it was.
    pub event: AccountEvent,
    /// What it was about: a name, never a secret.
    pub about: String,
    /// The address it came from.
    pub address: String,
    /// What the browser called itself, cut short.
    pub user_agent: String,
}

/// Writes an event, as part of the change it tells of (`Tx::execute`, `Write::and`) or by itself.
pub fn insertion(user: UserId, happened: &Happened) -> Statement {
    Statement::new(
        "INSERT INTO account_events (user_id, id, kind, about, address, user_agent) VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            user,
            happened.id,
            happened.event.name(),
            happened.about.as_str(),
            happened.address.as_str(),
            happened.user_agent.as_str()
        ],
    )
}

/// Writes an event by itself.
pub async fn add(store: &Store, user: UserId, happened: &Happened) -> Result<(), StoreError> {
    store.write(Write::one(insertion(user, happened))).await.map(|_| ())
}

fn happened(row: &Row) -> Result<Happened, StoreError> {
    Ok(Happened {
        id: row.id(0)?,
        event: AccountEvent::from_name(row.text(1)?).ok_or_else(|| row.corrupt(1))?,
        about: row.text(2)?.to_owned(),
        address: row.text(3)?.to_owned(),
        user_agent: row.text(4)?.to_owned(),
    })
}

/// The latest events of an account, newest first.
pub async fn latest(store: &Store, user: UserId, most: i64) -> Result<Vec<Happened>, StoreError> {
    let rows = store
        .read(
            "SELECT id, kind, about, address, user_agent FROM account_events WHERE user_id = $1 ORDER BY id DESC LIMIT $2",
            params![user, most],
        )
        .await?;
    rows.iter().map(happened).collect()
}
