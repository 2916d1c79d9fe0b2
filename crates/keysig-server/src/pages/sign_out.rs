//! Leaving an account: `GET /logout` asks, `POST /logout` does it and says so (ux L8). An app may ask for it
//! (OpenID Connect RP-Initiated Logout 1.0 §2) and be told of it (OpenID Connect Front-Channel Logout 1.0 §3).

use askama::Template;
use url::Url;

use super::app::csp_source;
use super::{Account, Chrome, Destination, WebAddress, screen};

/// Asks before signing out. Posts `csrf` and, from the second button, `all` to `/logout`. With `asked_by` an app wants the
/// person out.
#[derive(Template)]
#[template(path = "sign_out.html")]
pub struct SignOutConfirmPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Who is signed in.
    pub account: Account,
    /// Whether other accounts are signed in in this browser.
    pub has_others: bool,
    /// The name of the app that asks for it.
    pub asked_by: Option<String>,
    /// What the app sent with its wish, posted back as found.
    pub hidden: Vec<(&'static str, String)>,
}

screen!(SignOutConfirmPage, "sign-out");

impl SignOutConfirmPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }
}

/// The account is signed out on this browser.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub struct SignedOutPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Who was signed in; `None` if nobody was any more.
    pub account: Option<Account>,
    /// Front-channel logout addresses, each loaded in a frame that nobody sees. One that is no [`WebAddress`] is left out.
    /// `frame-src` must name [`SignedOutPage::frame_origins`].
    pub frames: Vec<String>,
    /// Back to the app that asked for it.
    pub onward: Option<Onward>,
}

screen!(SignedOutPage, "signed-out");

/// The way back to the app that asked for the sign-out: a `post_logout_redirect_uri`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onward {
    app_name: String,
    destination: Destination,
    url: String,
}

impl Onward {
    /// `url` is the registered address, with `state` if one came. `None` if no redirect may lead there (see
    /// [`Destination::of`]): a link would run it as code on our origin.
    #[must_use]
    pub fn new(app_name: String, url: String) -> Option<Self> {
        Some(Self { destination: Destination::of(&url)?, app_name, url })
    }
}

impl SignedOutPage {
    /// The distinct origins of the frames, for `frame-src`.
    #[must_use]
    pub fn frame_origins(&self) -> Vec<String> {
        let mut origins = Vec::new();
        for frame in self.web_frames() {
            let origin = Url::parse(frame.href()).ok().and_then(|url| csp_source(&url));
            origins.extend(origin.filter(|origin| !origins.contains(origin)));
        }
        origins
    }

    fn web_frames(&self) -> Vec<WebAddress> {
        self.frames.iter().filter_map(|frame| WebAddress::parse(frame)).collect()
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("signed-out"), false)
    }
}
