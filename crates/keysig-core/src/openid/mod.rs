//! OpenID Connect: what apps are told about the person and the sign-in.

pub mod claims;
pub mod id_token;
pub mod logout;
pub mod subject;
