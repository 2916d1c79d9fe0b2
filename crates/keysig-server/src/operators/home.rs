//! `/admin`: how the server is.

use axum::response::Response;

use super::operator;
use crate::pages::AdminHomePage;
use crate::visit::Visit;

/// `GET /admin`.
pub async fn get(visit: Visit) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let chrome = visit.chrome(Some(&signed_in), Some("/admin"));
    visit.page(200, &AdminHomePage { chrome })
}
