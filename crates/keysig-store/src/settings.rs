//! What operators set while the server runs: settings that are not as the configuration has them, and scopes.

use keysig_core::audit::AuditRecord;
use keysig_core::time::Timestamp;

use crate::{Store, StoreError, audit, params};

/// Everything that is set, at one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Rises with every change.
    pub version: i64,
    /// Keys and values.
    pub settings: Vec<(String, String)>,
    /// Numbers of scopes, and their definitions as JSON.
    pub scopes: Vec<(u8, String)>,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Sets a key; without a value it is again as the configuration has it.
    Setting {
        /// The key.
        key: &'static str,
        /// The value.
        value: Option<String>,
    },
    /// Defines a scope.
    Scope {
        /// Its number.
        number: u8,
        /// As JSON.
        definition: String,
    },
}

/// The version: as long as it stands still, nothing was changed.
pub async fn version(store: &Store) -> Result<i64, StoreError> {
    let rows = store.read("SELECT version FROM settings_version WHERE one = 1", params![]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// Everything that is set. The version is read first: a change in between is taken in the next time, too.
pub async fn all(store: &Store) -> Result<Stored, StoreError> {
    let version = version(store).await?;
    let settings = store.read("SELECT key, value FROM instance_settings ORDER BY key", params![]).await?;
    let scopes = store.read("SELECT number, definition FROM scope_definitions ORDER BY number", params![]).await?;
    Ok(Stored {
        version,
        settings: settings
            .iter()
            .map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
            .collect::<Result<_, StoreError>>()?,
        scopes: scopes
            .iter()
            .map(|row| {
                let number = u8::try_from(row.int(0)?).map_err(|_| row.corrupt(0))?;
                Ok((number, row.text(1)?.to_owned()))
            })
            .collect::<Result<_, StoreError>>()?,
    })
}

/// Makes `changes` on what was `seen` as this version, and records them: all or nothing. `StoreError::Conflict` if
/// somebody else changed something since, so that nobody undoes what they never saw.
pub async fn change(
    store: &Store,
    seen: i64,
    changes: &[Change],
    at: Timestamp,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let turned = "UPDATE settings_version SET version = version + 1 WHERE one = 1 AND version = $1";
    if tx.execute(turned, params![seen]).await? != 1 {
        return Err(StoreError::Conflict);
    }
    for change in changes {
        match change {
            Change::Setting { key, value: Some(value) } => {
                tx.execute(
                    "INSERT INTO instance_settings (key, value, changed_at) VALUES ($1, $2, $3)
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
                    params![*key, value.as_str(), at],
                )
                .await?
            }
            Change::Setting { key, value: None } => {
                tx.execute("DELETE FROM instance_settings WHERE key = $1", params![*key]).await?
            }
            Change::Scope { number, definition } => {
                tx.execute(
                    "INSERT INTO scope_definitions (number, definition, changed_at) VALUES ($1, $2, $3)
                     ON CONFLICT (number) DO UPDATE SET definition = excluded.definition, changed_at = excluded.changed_at",
                    params![i64::from(*number), definition.as_str(), at],
                )
                .await?
            }
        };
    }
    audit::append(store, &mut tx, record).await?;
    tx.commit().await
}
