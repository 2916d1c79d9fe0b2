//! What people do in a browser: sign in, decide, look at what is connected, leave.

pub mod account;
pub mod apps;
pub mod choose;
pub mod consent;
pub mod devices;
pub mod finish;
pub mod guesses;
pub mod looks;
pub mod pair;
pub mod passkeys;
pub mod recheck;
pub mod second_step;
pub mod security;
pub mod sign_in;
pub mod sign_out;
pub mod upstream;
pub mod words;
pub mod your_data;
