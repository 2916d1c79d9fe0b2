//! The authorization endpoint's rules (RFC 6749 §4.1.1).

mod order;
mod prompt;
mod refused;
mod request;
mod response;
mod response_type;

pub use order::Check;
pub use prompt::{Prompt, PromptRefused};
pub use refused::{PageReason, RedirectReason, Refused};
pub use request::{
    AuthorizationRequest, Lookup, MAX_NONCE_BYTES, MAX_STATE_BYTES, ReplyTo, check, check_scopes, client_id,
};
pub use response::{Answer, Departure, MAX_ISSUER_BYTES, post_logout, redirect};
pub use response_type::{ResponseMode, ResponseType};
