//! The OAuth endpoints: requests become values of `keysig-core`, its answers become responses, and nothing else.

pub mod admission;
pub mod answer;
pub mod authorize;
pub mod device;
pub mod discovery;
pub mod introspect;
pub mod logout;
pub mod mint;
pub mod pending;
pub mod revoke;
pub mod token;
pub mod token_request;
pub mod userinfo;
