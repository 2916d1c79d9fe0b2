//! The authorization endpoint's rules (RFC 6749 §4.1.1).

mod request;
mod response;

pub use request::{
    AuthorizationRequest, MAX_NONCE_BYTES, MAX_STATE_BYTES, PageReason, RedirectReason, Refused, check, client_id,
};
pub use response::{Answer, redirect};
