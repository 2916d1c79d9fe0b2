//! The binary as its operator meets it: commands, files, signals. Every server listens on a free port of 127.0.0.1.

#![cfg(feature = "dev")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may be blunt")]

mod acts;
mod commands;
mod desk;
mod dev;
mod doctor;
mod keysig;
mod serve;
