//! The operator area's screens, in English only until somebody translates them.

mod home;
mod refused;

#[cfg(test)]
pub(super) mod samples;

pub use home::AdminHomePage;
pub use refused::{AdminRefusedPage, SecondFactorFirstPage};
