//! What people do in a browser: sign in, decide, look at what is connected, leave.

pub mod account;
pub mod apps;
pub mod choose;
pub mod confirm_email;
pub mod consent;
pub mod consent_preview;
pub mod devices;
pub mod finish;
pub mod guesses;
#[cfg(feature = "dev")]
pub mod inbox;
pub mod looks;
pub mod pair;
pub mod passkeys;
pub mod profile;
pub mod proofs;
pub mod recheck;
pub mod recover;
pub mod second_step;
pub mod security;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
pub mod upstream;
pub mod words;
pub mod your_data;
