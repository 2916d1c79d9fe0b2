//! The keysig server as a library, so that tests drive it in-process.

pub mod ambient;
pub mod api;
pub mod browser;
pub mod catalogue_import;
pub mod net;
pub mod oauth;
pub mod pages;
pub mod passwords;
pub mod people;
pub mod request_id;
pub mod routes;
#[cfg(feature = "dev")]
pub mod sample_app;
pub mod server;
pub mod settings;
pub mod test_users;
pub mod visit;
