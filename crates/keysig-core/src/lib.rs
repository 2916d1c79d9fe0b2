//! The rules of OAuth as Keysig keeps them: no I/O, no async, no ambient clock or randomness.

pub mod access_token;
pub mod app;
pub mod authorize;
pub mod client_authentication;
pub mod consent;
pub mod encoding;
pub mod feed;
pub mod grant;
pub mod id;
pub mod jose;
pub mod openid;
pub mod parameters;
pub mod password;
pub mod pkce;
pub mod profile;
pub mod redirect_uri;
pub mod resource;
pub mod rng;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod testing;
pub mod throttle;
pub mod time;
pub mod token_error;
pub mod user;
mod wire;
