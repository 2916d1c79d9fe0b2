//! The server driven through its public door, in this process: grouped as its addresses are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may be blunt"
)]

mod actors;
mod admin_api;
mod authenticator;
mod authorize;
mod developers;
mod every_route;
mod invariants;
mod keys;
mod matrix;
mod musts;
mod openid;
mod operators;
mod people;
mod pictures;
mod provider;
mod relying_party;
mod review;
mod review_openid;
mod review_people;
mod second_steps;
mod store_dump;
mod token;
