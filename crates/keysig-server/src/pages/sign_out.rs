//! Leaving an account: `GET /logout` asks, `POST /logout` does it and says so (ux L8).

use askama::Template;

use super::{Account, Chrome, unmarked};

/// Asks before signing out. Posts `csrf` and, in a login flow, `tx` to `/logout`. With `tx` this is the way to another
/// account ("Not you?"): the request goes on after the next sign-in, and "Stay signed in" leads back to `/login?tx=`,
/// which continues for whoever is signed in.
#[derive(Template)]
#[template(path = "sign_out.html")]
pub struct SignOutConfirmPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The pending authorization request.
    pub tx: Option<String>,
    /// The app behind `tx`.
    pub app_name: Option<String>,
    /// Who is signed in.
    pub account: Account,
}

impl SignOutConfirmPage {
    fn heading(&self) -> &'static str {
        if self.tx.is_some() { "Use another account?" } else { "Sign out?" }
    }

    fn page_title(&self) -> String {
        format!("{} – {}", self.heading(), unmarked(&self.chrome.brand))
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
}

impl SignedOutPage {
    fn page_title(&self) -> String {
        format!("You are signed out – {}", unmarked(&self.chrome.brand))
    }
}
