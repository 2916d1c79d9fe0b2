//! Proofs by mail that wait to be shown: by the secret of a link or by six digits, each once.

use keysig_core::id::{ProofId, UserId};
use keysig_core::mail::{MAX_WRONG_DIGITS, Purpose};
use keysig_core::secret::constant_time_eq;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, params};

/// A proof as stored: its secrets only as MACs.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Its id.
    pub id: ProofId,
    /// What it proves.
    pub purpose: Purpose,
    /// Canonical: who shows it reads this address.
    pub email: String,
    /// Whose account it is about, where there is one.
    pub user: Option<UserId>,
    /// MAC of the secret in the link.
    pub secret_mac: [u8; 32],
    /// MAC of the digits.
    pub digits_mac: [u8; 32],
    /// How often wrong digits were shown.
    pub tries: u32,
    /// What waits for the proof.
    pub body: String,
    /// When it is no good any more.
    pub expires_at: Timestamp,
    /// When it was shown.
    pub used_at: Option<Timestamp>,
}

impl Proof {
    /// Whether it can still be shown.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

fn proof(row: &Row) -> Result<Proof, StoreError> {
    Ok(Proof {
        id: row.id(0)?,
        purpose: Purpose::from_name(row.text(1)?).ok_or_else(|| row.corrupt(1))?,
        email: row.text(2)?.to_owned(),
        user: row.opt_id(3)?,
        secret_mac: row.id(4)?,
        digits_mac: row.id(5)?,
        tries: row.u32(6)?,
        body: row.text(7)?.to_owned(),
        expires_at: row.timestamp(8)?,
        used_at: row.opt_timestamp(9)?,
    })
}

/// Writes a proof, beside the mail that holds its secrets.
pub fn insertion(proof: &Proof) -> Statement {
    Statement::new(
        "INSERT INTO mail_proofs (id, purpose, email, user_id, secret_mac, digits_mac, tries, body, expires_at, used_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, NULL)",
        params![
            proof.id,
            proof.purpose.name(),
            proof.email.as_str(),
            proof.user,
            proof.secret_mac,
            proof.digits_mac,
            proof.body.as_str(),
            proof.expires_at
        ],
    )
}

/// The proof of this id and purpose.
pub async fn find(store: &Store, id: ProofId, purpose: Purpose) -> Result<Option<Proof>, StoreError> {
    let rows = store
        .read(
            "SELECT id, purpose, email, user_id, secret_mac, digits_mac, tries, body, expires_at, used_at
             FROM mail_proofs WHERE id = $1 AND purpose = $2",
            params![id, purpose.name()],
        )
        .await?;
    rows.first().map(proof).transpose()
}

/// What became of digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tried {
    /// They are right; the proof is not used up by it.
    Right,
    /// They are not.
    Wrong,
    /// Nobody looked: too many were wrong, or the proof is used or over.
    Closed,
}

/// Compares digits with those of a proof. A try counts before anybody looks, so that parallel ones find the end, too.
pub async fn try_digits(
    store: &Store,
    proof: &Proof,
    digits_mac: &[u8; 32],
    now: Timestamp,
) -> Result<Tried, StoreError> {
    let statement = Statement::new(
        "UPDATE mail_proofs SET tries = tries + 1
         WHERE id = $1 AND tries < $2 AND used_at IS NULL AND expires_at > $3",
        params![proof.id, MAX_WRONG_DIGITS, now],
    );
    if store.write(Write::one(statement)).await?.affected(0) == 0 {
        return Ok(Tried::Closed);
    }
    Ok(if constant_time_eq(digits_mac, &proof.digits_mac) { Tried::Right } else { Tried::Wrong })
}

/// Uses a proof up, as part of what it allows: the whole write fails where it is used or over.
pub fn spending(id: ProofId, now: Timestamp) -> Statement {
    Statement::new(
        "UPDATE mail_proofs SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
        params![id, now],
    )
    .must_affect(1)
}

/// Makes every other open proof of a purpose about a user worthless, as part of a write: what was asked for twice works once.
pub fn closing(user: UserId, purpose: Purpose, now: Timestamp) -> Statement {
    Statement::new(
        "UPDATE mail_proofs SET used_at = $3 WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL",
        params![user, purpose.name(), now],
    )
}

/// Forgets what is over.
pub async fn forget_expired(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM mail_proofs WHERE expires_at < $1";
    store.write(Write::one(Statement::new(sql, params![now]))).await.map(|_| ())
}
