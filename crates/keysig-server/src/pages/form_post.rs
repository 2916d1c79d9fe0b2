//! The way back to the app by a form (OAuth 2.0 Form Post Response Mode §2): the answer travels in a body, so it stays out
//! of histories, logs and referrers.

use askama::Template;
use url::Url;

use super::app::csp_source;
use super::{Chrome, Destination, screen};

/// "Returning to Playlist Peek": `<form id="answer">` and the button `id="continue"`, which its script
/// presses; the one page whose form leaves our origin, so `form-action` must name [`FormPostPage::post_origin`].
#[derive(Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage {
    chrome: Chrome,
    app_name: String,
    destination: Destination,
    action: String,
    post_origin: String,
    fields: Vec<(&'static str, String)>,
}

screen!(FormPostPage, "form-post");

impl FormPostPage {
    /// `action` is the redirect URI, `fields` are the response parameters. `None` if nothing can be posted there: it is one
    /// that no redirect may lead to (see [`Destination::of`]), or belongs to an app on this device.
    #[must_use]
    pub fn new(chrome: Chrome, app_name: String, action: String, fields: Vec<(&'static str, String)>) -> Option<Self> {
        let destination = Destination::of(&action)?;
        if !matches!(destination, Destination::Web(_) | Destination::Loopback(_)) {
            return None;
        }
        let post_origin = csp_source(&Url::parse(&action).ok()?)?;
        // As on the leaving page: a theme switch would lose the answer.
        let chrome = Chrome { back: None, ..chrome };
        Some(Self { chrome, app_name, destination, action, post_origin, fields })
    }

    /// The origin that the form posts to, for `form-action`.
    #[must_use]
    pub fn post_origin(&self) -> &str {
        &self.post_origin
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("returning").name("app", &self.app_name), false)
    }
}
