//! The two static files.

use axum::http::header;
use axum::response::IntoResponse;

/// The look of the pages and of the button, one file.
const STYLE: &str = concat!(include_str!("style.css"), include_str!("../../../../button/login-button.css"));

/// `GET /style.css`.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// `GET /mark.svg`: the icon of the browser's tab.
pub(super) async fn mark() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("../../../../button/mark.svg"))
}
