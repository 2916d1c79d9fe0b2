//! `POST /theme` and `POST /language`: how pages look in this browser. The choices are kept in cookies.

use axum::response::Response;
use keysig_core::grant::device_code::UserCode;

use crate::browser::{ChosenLang, cookie};
use crate::language::Lang;
use crate::pages::Theme;
use crate::people::consent;
use crate::visit::{Form, Visit};

const YEAR_SECONDS: i64 = 365 * 86_400;

/// A page of ours to lead back to: lower-case segments and at most one parameter of a known shape, so that nothing in it
/// can name another host (open redirect).
fn known_path(back: &str) -> Option<&str> {
    let (path, query) = back.split_once('?').map_or((back, None), |(path, query)| (path, Some(query)));
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let is_path = path == "/" || path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_segment));
    let is_tx = |tx: &str| tx.len() == 32 && tx.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_query = match query.map(|query| query.split_once('=')) {
        None => true,
        Some(Some(("tx", tx))) => is_tx(tx),
        Some(Some(("code", code))) => UserCode::parse(code).is_some(),
        Some(_) => false,
    };
    (is_path && is_query).then_some(back)
}

/// Sets a cookie of looks, and leads back. It needs no CSRF ticket: a stranger who changes a colour has gained nothing; it
/// still must come from a page of ours if the browser says where it comes from.
async fn keep(
    mut visit: Visit,
    Form(form): Form,
    name: &'static str,
    value: impl Fn(&str, &Visit) -> Option<String>,
) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let site = visit.headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return consent::csrf_failed(visit);
    }
    let Some(value) = form.get(name).and_then(|text| value(text, &visit)) else { return consent::bad_form(visit) };
    let cookie = cookie(&visit.server, name, &value, Some(YEAR_SECONDS));
    visit.set_cookie(cookie);
    let back = form.get("back").and_then(known_path).unwrap_or("/").to_owned();
    visit.see_other(&back)
}

/// `POST /theme`: light, dark, or as the system has it.
pub async fn theme(visit: Visit, form: Form) -> Response {
    keep(visit, form, "theme", |text, _| Theme::parse(text).map(|theme| theme.as_str().to_owned())).await
}

/// `POST /language`: one of those that are offered.
pub async fn language(visit: Visit, form: Form) -> Response {
    let value = |text: &str, visit: &Visit| {
        let lang = Lang::from_tag(text).filter(|lang| visit.server.settings.languages.contains(lang))?;
        Some(ChosenLang { lang, at: visit.server.now() }.print())
    };
    keep(visit, form, "lang", value).await
}

impl Visit {
    /// This browser shows pages in the language from now on.
    pub fn choose(&mut self, lang: Lang) {
        let value = ChosenLang { lang, at: self.server.now() }.print();
        let cookie = cookie(&self.server, "lang", &value, Some(YEAR_SECONDS));
        self.set_cookie(cookie);
    }
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
            "/account/../x",
            "/a//b",
            "/a/",
            "/%2f",
            "/pair?code=//evil",
            "",
        ] {
            assert_eq!(known_path(bad), None, "{bad}");
        }
    }
}
