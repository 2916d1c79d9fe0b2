//! `sub`: what an app calls a person (OpenID Connect Core §8).

use crate::app::App;
use crate::encoding::base64url;
use crate::seal::mac_with_key;
use crate::user::User;

/// The name of `user` for `app`: the public id, or, for an app with a sector, one that no app of another sector knows
/// (OpenID Connect Core §8.1). It is made from the user's id, which nobody is ever shown and which is never reused:
/// a person who is deleted and comes back is somebody else.
pub fn subject(app: &App, user: &User) -> String {
    match &app.openid.sector {
        None => user.public_id.clone(),
        Some(sector) => base64url(&mac_with_key(user.id.as_bytes(), &[b"pairwise", sector.as_bytes()])),
    }
}
