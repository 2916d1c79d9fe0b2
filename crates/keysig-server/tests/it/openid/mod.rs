//! OpenID Connect as relying parties meet it: `docs/conformance.md` says which module of the conformance suite each test
//! answers.

mod authentication;
pub mod back_channel;
mod discovery;
mod id_token;
mod logout;
mod page;
mod requests;
mod response_types;
mod step_up;
mod subject;
mod userinfo;
