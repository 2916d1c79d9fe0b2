//! `/api/token` and `/oauth2/revoke/v1`.

mod authorization_code;
mod client_authentication;
mod client_credentials;
mod refresh;
mod request;
mod revoke;
