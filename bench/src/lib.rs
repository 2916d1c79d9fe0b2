//! Both sides of a login as plain HTTP/1.1: a [`person`] who answers pages, and an [`app`] that redeems and refreshes.
//! The load generator is made of them, and so is the test that kills the server.

pub mod app;
pub mod connection;
pub mod html;
pub mod person;
