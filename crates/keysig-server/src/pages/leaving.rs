//! The way back to the app after a form POST.
//!
//! A redirect would do, if Chromium did not apply `form-action` to the whole redirect chain of a POST: under
//! `form-action 'self'` the browser then stays where it is. So the answer is a page that leaves by itself.

use askama::Template;

use super::{Chrome, Destination, screen};

/// "Returning to peek.example": a meta refresh for the web, a button to tap for apps, and `<a id="continue">` on both.
#[derive(Template)]
#[template(path = "leaving.html")]
pub struct LeavingPage {
    chrome: Chrome,
    app_name: String,
    destination: Destination,
    url: String,
}

screen!(LeavingPage, "leaving");

impl LeavingPage {
    /// `url` is the redirect URI with its response parameters. `None` if it is one that no redirect may lead to (see
    /// [`Destination::of`]): a link would run it as code on our origin.
    #[must_use]
    pub fn new(chrome: Chrome, app_name: String, url: String) -> Option<Self> {
        // The browser is still here for an instant only: a theme switch would lose the answer.
        let chrome = Chrome { back: None, ..chrome };
        Some(Self { destination: Destination::of(&url)?, chrome, app_name, url })
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("returning").name("app", &self.app_name), false)
    }
}
