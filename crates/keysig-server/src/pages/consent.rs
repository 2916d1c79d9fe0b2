//! Consent (ux §2): who asks, for what, and two buttons of the same weight.

use askama::Template;

use super::{Account, AppIdentity, Chrome, DataKeeping, Destination, Permissions, WebAddress, count, screen, unmarked};

/// The consent page. Posts `tx`, `csrf` and `decision` (`deny` or `allow`) to `/consent`; client, scopes and redirect come
/// from the stored request, never from the form. "Not you?" is a link to `/logout?tx=`.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The pending authorization request.
    pub tx: String,
    /// The form ticket.
    pub csrf: String,
    /// Who asks.
    pub app: AppIdentity,
    /// Who is asked.
    pub account: Account,
    /// What kind of question it is.
    pub question: Question,
    /// What is asked for: everything at first, only what is new in `More`, nothing in `ContinueAs`.
    pub permissions: Permissions,
    /// What was allowed before.
    pub already_allowed: Permissions,
    /// From [`super::will_not`].
    pub will_not: Vec<String>,
    /// The API beside ours at which the app would act in the person's name (RFC 8707 §2).
    pub api: Option<String>,
    /// What the app says about the data it copies.
    pub keeps_data: DataKeeping,
    /// The app's privacy policy.
    pub privacy_url: Option<WebAddress>,
}

screen!(ConsentPage, "consent");

/// What kind of question the consent page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// There is no grant yet, or everything is asked again.
    First,
    /// The grant does not cover the request (ux B4).
    More,
    /// The grant does, but any program could claim the redirect (ux B9).
    ContinueAs,
}

impl ConsentPage {
    fn page_title(&self) -> String {
        let app = unmarked(&self.app.name);
        let heading = match self.question {
            Question::First => format!("Let {app} use your account?"),
            Question::More => format!("{app} asks for {}", self.more()),
            Question::ContinueAs if self.app.destination.is_device() => {
                format!("Connect another device as {}?", unmarked(&self.account.name))
            }
            Question::ContinueAs => format!("Continue as {}?", unmarked(&self.account.name)),
        };
        format!("{heading} – {}", unmarked(&self.chrome.brand))
    }

    /// "2 more permissions".
    fn more(&self) -> String {
        count(self.permissions.len() as u64, "more permission", "more permissions")
    }
}
