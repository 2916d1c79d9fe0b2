//! What is sealed into forms and works once.

use keysig_core::id::TicketId;
use keysig_core::time::Timestamp;

use crate::{Statement, Store, StoreError, Write, params};

/// Spends a ticket, which is good until `expires_at`. `true` for one caller, ever: the insertion decides (replay).
/// `requests::forget_expired` deletes it once nobody would take the ticket any more.
pub async fn spend(store: &Store, id: TicketId, expires_at: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO spent_tickets (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    Ok(store.write(Write::one(Statement::new(sql, params![id, expires_at]))).await?.affected(0) == 1)
}

/// Deletes what nobody would take any more.
pub(crate) fn forgetting(now: Timestamp) -> Statement {
    Statement::new("DELETE FROM spent_tickets WHERE expires_at < $1", params![now])
}
