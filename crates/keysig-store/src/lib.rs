//! The one place that speaks SQL: SQLite and PostgreSQL behind one concrete Store.

pub mod account_events;
pub mod api_keys;
pub mod app_endings;
pub mod app_lists;
pub mod app_offers;
pub mod app_profile;
pub mod app_scopes;
pub mod app_settings;
pub mod apps;
pub mod audit;
pub mod catalogue;
pub mod devices;
pub mod erasure;
mod error;
pub mod export;
mod feed;
pub mod grants;
pub mod inspector;
pub mod library;
pub mod logins;
pub mod logos;
pub mod logout;
pub mod mail_proofs;
pub mod mails;
mod migrate;
pub mod operators;
pub mod passkeys;
pub mod playlists;
mod postgres;
pub mod redirect_uris;
pub mod reports;
pub mod requests;
pub mod reviews;
pub mod second_factors;
pub mod secrets;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod spent_tickets;
mod sqlite;
mod statement;
mod store;
pub mod test_users;
mod tx;
pub mod upstream;
pub mod usage;
pub mod users;
pub mod uses;
mod value;
pub mod webhooks;

pub use error::StoreError;
pub use statement::{Statement, StatementResult, Write, Written};
pub use store::{EngineConfig, Store, StoreConfig};
pub use tx::Tx;
pub use value::{FromBlob, Row, Value};

/// The first time-ordered id of a moment: everything made before it sorts before it.
pub(crate) fn time_bound(moment: keysig_core::time::Timestamp) -> [u8; 16] {
    let mut bound = [0; 16];
    for (slot, byte) in bound.iter_mut().zip(moment.unix_millis().to_be_bytes().into_iter().skip(2)) {
        *slot = byte;
    }
    bound
}
