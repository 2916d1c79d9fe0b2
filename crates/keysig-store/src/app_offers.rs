//! Apps that are offered to another owner.

use keysig_core::app::App;
use keysig_core::audit::AuditRecord;
use keysig_core::id::{AppId, UserId};
use keysig_core::time::Timestamp;

use crate::{Statement, Store, StoreError, apps, params};

/// An app that somebody may take over.
#[derive(Clone, Debug)]
pub struct Offer {
    /// To whoever has an account with this address.
    pub email: String,
    /// Until then.
    pub expires_at: Timestamp,
}

/// Offers an app; an offer of before is no more.
pub async fn offer(
    store: &Store,
    app: AppId,
    offer: &Offer,
    now: Timestamp,
    mail: Vec<Statement>,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let made = Statement::new(
        "INSERT INTO app_offers (app_id, email, offered_at, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (app_id) DO UPDATE SET email = excluded.email, offered_at = excluded.offered_at,
                                            expires_at = excluded.expires_at",
        params![app, offer.email.as_str(), now, offer.expires_at],
    );
    let over = Statement::new("DELETE FROM app_offers WHERE expires_at <= $1", params![now]);
    let statements: Vec<Statement> = [over, made].into_iter().chain(mail).collect();
    apps::change(store, app, &statements, record).await
}

/// The offer of an app that still stands.
pub async fn of_app(store: &Store, app: AppId, now: Timestamp) -> Result<Option<Offer>, StoreError> {
    let sql = "SELECT email, expires_at FROM app_offers WHERE app_id = $1 AND expires_at > $2";
    let rows = store.read(sql, params![app, now]).await?;
    rows.first().map(|row| Ok(Offer { email: row.text(0)?.to_owned(), expires_at: row.timestamp(1)? })).transpose()
}

/// The apps that are offered to this address.
pub async fn to(store: &Store, email: &str, now: Timestamp) -> Result<Vec<App>, StoreError> {
    let sql = "SELECT o.app_id FROM app_offers o JOIN apps a ON a.id = o.app_id
               WHERE o.email = $1 AND o.expires_at > $2 AND a.owner IS NOT NULL ORDER BY o.offered_at LIMIT 50";
    let mut offered = Vec::new();
    for row in store.read(sql, params![email, now]).await? {
        offered.extend(apps::by_id(store, row.id(0)?).await?);
    }
    Ok(offered)
}

/// Takes an offer back, or turns it down.
pub async fn withdraw(store: &Store, app: AppId, record: &AuditRecord) -> Result<(), StoreError> {
    let sql = "DELETE FROM app_offers WHERE app_id = $1";
    apps::change(store, app, &[Statement::new(sql, params![app])], record).await
}

/// Takes over an app that `owner` offered to this address. `false`: there is no such offer any more. People read the name of
/// its developer, so it changes with the owner, and they are asked again.
pub async fn accept(
    store: &Store,
    app: &App,
    (new_owner, email, name): (UserId, &str, &str),
    now: Timestamp,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let taken = "DELETE FROM app_offers WHERE app_id = $1 AND email = $2 AND expires_at > $3";
    if tx.execute(taken, params![app.id, email, now]).await? == 0 {
        return Ok(false);
    }
    // Whoever offered it must still own it: an account that was erased gives nothing away.
    let sql = "UPDATE apps SET owner = $2, developer = $3 WHERE id = $1 AND owner = $4";
    if tx.execute(sql, params![app.id, new_owner, name, app.owner]).await? == 0 {
        return Ok(false);
    }
    apps::finish_change(store, tx, app.id, record).await?;
    Ok(true)
}
