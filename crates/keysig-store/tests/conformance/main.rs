//! What every engine must do, asked of each by the same code. SQLite always runs; PostgreSQL runs where
//! `KEYSIG_TEST_POSTGRES` is the URL of a server on which databases may be created, and `KEYSIG_REQUIRE_POSTGRES=1`
//! makes its absence a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[macro_use]
mod place;

mod account;
mod api_keys;
mod audit;
mod consent;
mod crash;
mod domain;
mod feed;
mod lifecycle;
mod mail;
mod music;
mod openid;
mod passkeys;
mod postgres_only;
mod reviews;
mod second_factors;
mod settings;
mod sqlite_only;
mod test_users;
mod transactions;
mod upstream;
mod usage;
mod values;
mod webhooks;
mod writes;
