//! `POST /theme`: light, dark, or as the system has it.

use axum::response::Response;
use keysig_core::grant::device_code::UserCode;

use crate::browser::cookie;
use crate::pages::Theme;
use crate::people::consent;
use crate::visit::{Form, Visit};

const YEAR_SECONDS: i64 = 365 * 86_400;

/// The pages the switch leads back to. What the form says is compared with this list and never followed (open redirect).
fn known_path(back: &str) -> Option<&str> {
    let (path, query) = back.split_once('?').unwrap_or((back, ""));
    let is_tx = |query: &str| {
        query.strip_prefix("tx=").is_some_and(|tx| tx.len() == 32 && tx.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let is_code = |query: &str| query.strip_prefix("code=").and_then(UserCode::parse).is_some();
    let known = match path {
        "/" | "/account" | "/account/apps" => query.is_empty(),
        "/pair" => query.is_empty() || is_code(query),
        "/login" | "/consent" => query.is_empty() || is_tx(query),
        _ => false,
    };
    known.then_some(back)
}

/// The choice is kept in a cookie. It needs no CSRF ticket: a stranger who changes a colour has gained nothing; it still
/// must come from a page of ours if the browser says where it comes from.
pub async fn post(mut visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let site = visit.headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return consent::csrf_failed(visit);
    }
    let Some(theme) = form.get("theme").and_then(Theme::parse) else { return consent::bad_form(visit) };
    let cookie = cookie(&visit.server, "theme", theme.as_str(), Some(YEAR_SECONDS));
    visit.set_cookie(cookie);
    let back = form.get("back").and_then(known_path).unwrap_or("/").to_owned();
    visit.see_other(&back)
}

#[cfg(test)]
mod tests {
    use super::known_path;

    #[test]
    fn only_pages_of_ours_are_led_back_to() {
        let tx = format!("/consent?tx={}", "a".repeat(32));
        for good in ["/", "/login", "/account/apps", "/pair", "/pair?code=BCDF-GHJK", &tx] {
            assert_eq!(known_path(good), Some(good));
        }
        for bad in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/login?tx=//evil",
            "/account?x",
            "/pair?code=//evil",
            "",
        ] {
            assert_eq!(known_path(bad), None, "{bad}");
        }
    }
}
