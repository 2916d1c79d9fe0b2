//! The one place that speaks SQL: SQLite and PostgreSQL behind one concrete Store.

pub mod apps;
pub mod catalogue;
mod error;
mod feed;
pub mod grants;
pub mod library;
pub mod logins;
mod migrate;
pub mod playlists;
mod postgres;
pub mod requests;
pub mod sessions;
mod sqlite;
mod statement;
mod store;
mod tx;
pub mod users;
mod value;

pub use error::StoreError;
pub use statement::{Statement, StatementResult, Write, Written};
pub use store::{EngineConfig, Store, StoreConfig};
pub use tx::Tx;
pub use value::{FromBlob, Row, Value};
