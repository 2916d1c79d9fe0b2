//! The dashboard and the operator area, through their doors.

mod create;
mod danger;
mod doors;
mod hostile;
mod inspector;
mod join;
mod logos;
mod mode;
mod permissions;
pub mod profile;
mod quotas;
mod redirect_uris;
mod replay;
pub mod review;
mod secrets;
mod settings;
mod test_users;
mod usage;
mod webhooks;
