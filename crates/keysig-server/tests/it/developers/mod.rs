//! The dashboard and the operator area, through their doors.

mod create;
mod doors;
mod inspector;
mod join;
mod mode;
mod permissions;
pub mod profile;
mod redirect_uris;
mod replay;
mod secrets;
mod test_users;
mod usage;
mod webhooks;
