//! `/v1/me` and `/v1/users/{id}`.

use keysig_store::library::{self, Followed};
use keysig_store::users;
use serde_json::json;

use super::call::{Answer, Call, ok};
use super::error::ApiError;

/// The profile of whoever the app acts for: what each scope opens is left out without it.
pub async fn me(call: Call) -> Answer {
    let store = &call.state.store;
    // The guard let the token in, so its user lived a moment ago.
    let user = users::by_id(store, call.user()?).await?.ok_or(ApiError::NOT_FOUND)?;
    let followers = library::followers(store, Followed::User, &user.public_id, user.id).await?;
    let mut profile = call.links().user(&user, followers);
    if let Some(fields) = profile.as_object_mut() {
        fields.insert("account_id".into(), user.account_id().into());
        if call.has("user-read-email") {
            fields.insert("email".into(), user.email.as_str().into());
        }
        if call.has("user-read-private") {
            fields.insert("country".into(), user.country.as_str().into());
            fields.insert("product".into(), user.product.name().into());
            fields.insert("explicit_content".into(), json!({"filter_enabled": false, "filter_locked": false}));
        }
    }
    ok(profile)
}

/// What anybody may see of a user.
pub async fn user(call: Call) -> Answer {
    let store = &call.state.store;
    let user = users::by_public_id(store, call.part("id")).await?.ok_or(ApiError::NOT_FOUND)?;
    let followers = library::followers(store, Followed::User, &user.public_id, user.id).await?;
    ok(call.links().user(&user, followers))
}
