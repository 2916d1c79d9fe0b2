//! `/dev/login/{user}/{ticket}`: on a test instance, a link that signs somebody in, so that a developer tries an app as each of
//! its test users without typing passwords. A production build has no such route.

use keysig_core::encoding::hex;
use keysig_core::id::UserId;

use crate::server::Server;

/// What stands in the link of a day.
fn ticket(server: &Server, user: UserId, day: i64) -> String {
    hex(&server.cookie_keys.lasting().mac(&[b"test login", user.as_bytes(), &day.to_be_bytes()]))
}

/// The path that signs somebody in, good for today and tomorrow; none where people's accounts are real.
pub fn path(server: &Server, user: UserId) -> Option<String> {
    let is_there = cfg!(feature = "dev") && server.settings.test_mode;
    let ticket = || ticket(server, user, server.now().unix_days());
    is_there.then(|| format!("/dev/login/{user}/{}", ticket()))
}

/// `GET`.
#[cfg(feature = "dev")]
pub async fn get(
    visit: crate::visit::Visit,
    axum::extract::Path((user, shown)): axum::extract::Path<(String, String)>,
) -> axum::response::Response {
    use keysig_core::grant::Amr;
    use keysig_core::secret::constant_time_eq;
    use keysig_core::user::Role;
    use keysig_store::users;

    use crate::pages::ErrorPage;
    use crate::people::finish::finish;

    let server = visit.server.clone();
    let today = server.now().unix_days();
    let is_good = |user: UserId| {
        let right = |day| constant_time_eq(shown.as_bytes(), ticket(&server, user, day).as_bytes());
        server.settings.test_mode && (right(today) || right(today - 1))
    };
    let found = match UserId::parse(&user).filter(|user| is_good(*user)) {
        Some(user) => users::by_id(&server.store, user).await,
        None => Ok(None),
    };
    match found {
        // Whoever works in the operator area comes in by their own door.
        Ok(Some(user)) if user.role <= Role::Developer && !user.disabled => {
            finish(visit, &user, Amr::PASSWORD, None).await
        }
        Ok(_) => {
            let page = ErrorPage::not_found(visit.chrome(None, None));
            visit.error(&page)
        }
        Err(error) => visit.store_error(&error),
    }
}
