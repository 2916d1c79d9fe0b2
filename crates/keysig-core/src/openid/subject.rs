//! `sub` and `sid`: what an app calls a person and their browser session (OpenID Connect Core §8, Front-Channel Logout §3).

use crate::app::App;
use crate::encoding::base64url;
use crate::id::{SessionId, UserId};
use crate::seal::mac_with_key;
use crate::user::User;

/// The name of `user` for `app`: the public id, or, for an app with a sector, one that no app of another sector knows
/// (OpenID Connect Core §8.1). It is made from the user's id, which nobody is ever shown and which is never reused:
/// a person who is deleted and comes back is somebody else.
pub fn subject(app: &App, user: &User) -> String {
    subject_in(app.openid.sector.as_deref(), user.id, &user.public_id)
}

/// The name of a `user` for an app of this `sector`, where app and user are not at hand as a whole.
pub fn subject_in(sector: Option<&str>, user: UserId, public_id: &str) -> String {
    match sector {
        None => public_id.to_owned(),
        Some(sector) => base64url(&mac_with_key(user.as_bytes(), &[b"pairwise", sector.as_bytes()])),
    }
}

/// The name of a `session` of `user` for an app of this `sector`: its id, or one that no app of another sector knows. By one
/// name for all of them two apps would learn that they share a person.
pub fn session_name(sector: Option<&str>, user: UserId, session: SessionId) -> String {
    match sector {
        None => session.to_string(),
        Some(sector) => {
            base64url(&mac_with_key(user.as_bytes(), &[b"pairwise session", sector.as_bytes(), session.as_bytes()]))
        }
    }
}
