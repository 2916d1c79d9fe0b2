//! What holds for every input, of every reader of text that strangers send: what is said comes back, order means
//! nothing where it should not, and nothing that was not written by the rules passes. `PROPTEST_CASES` says how many are tried.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may be blunt, their helpers too")]

mod authorize;
mod authorize_parts;
mod claims;
mod client;
mod device;
mod instance;
mod jwt;
mod redirect_uri;
mod resource;
mod scope;
mod sealed;
