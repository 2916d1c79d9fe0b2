//! The operator area's screens, in English only until somebody translates them.

mod home;

#[cfg(test)]
pub(super) mod samples;

pub use home::AdminHomePage;
