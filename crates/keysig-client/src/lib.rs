//! The client SDK: log in with Spotify, Keysig or any OAuth 2.0 server, and keep tokens fresh.
//!
//! ```no_run
//! use keysig_client::{Client, scopes};
//!
//! # async fn program() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let (url, pending) = client.login(scopes![PlaylistReadPrivate])?;
//! println!("Open {url}\nand paste the address you were sent back to:");
//! let mut callback = String::new();
//! std::io::stdin().read_line(&mut callback)?;
//! let session = client.finish(pending, &callback).await?;
//! for playlist in session.playlists().await? {
//!     println!("{}", playlist.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `state` and PKCE are made, kept and checked without being mentioned, and cannot be switched off. A [`Session`]
//! refreshes its tokens by itself, once at a time however many tasks ask. With `KEYSIG_BASE` unset the same program
//! talks to Spotify.
//!
//! The way of a login through the files: `client` starts it, `authorize` writes the address and reads the callback,
//! `token_request` asks for tokens, `token` keeps them, `session` uses and renews them, `api` names the calls.

mod ambient;
mod api;
mod authorize;
mod client;
mod endpoints;
mod error;
mod pkce;
mod scope;
mod secret;
mod session;
mod token;
mod token_request;
mod transport;

pub use ambient::{Clock, Rng, SystemClock, SystemRng};
pub use api::{NewPlaylist, Owner, Page, Playlist, Profile, SavedTrack, Track};
pub use authorize::PendingLogin;
pub use client::{Client, ClientBuilder};
pub use endpoints::Endpoints;
pub use error::Error;
pub use reqwest;
pub use scope::{Scope, Scopes};
pub use secret::Secret;
pub use session::Session;
pub use token::TokenSet;
pub use transport::Answer;
pub use url::Url;
