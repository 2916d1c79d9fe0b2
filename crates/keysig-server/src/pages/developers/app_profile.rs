//! What an app says of itself (screen D12).

use askama::Template;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::logo::{LogoRefused, MAX_LOGO_BYTES};
use crate::pages::Chrome;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileField {
    /// Its name.
    Name,
    /// What it is for.
    Description,
    /// Its home page.
    Homepage,
    /// Its privacy policy.
    Privacy,
    /// What its users agree to.
    Terms,
    /// Where its users find help.
    Support,
    /// For how many days it keeps data.
    Days,
}

impl ProfileField {
    /// The addresses, in the order of the page.
    pub const LINKS: [Self; 4] = [Self::Homepage, Self::Privacy, Self::Terms, Self::Support];

    /// Its name in the form, and its id in the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Homepage => "homepage",
            Self::Privacy => "privacy",
            Self::Terms => "terms",
            Self::Support => "support",
            Self::Days => "days",
        }
    }
}

/// Why what stands in a field is not saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileProblem {
    /// No name, one too long, or one that does not show all it holds.
    Name,
    /// It may be taken for another name.
    LookAlike,
    /// More than fits.
    TooLong,
    /// Characters that nobody sees.
    Invisible,
    /// No address.
    NoAddress,
    /// Not encrypted.
    NotHttps,
    /// A name or password in front of the host, which hides it.
    SignIn,
    /// No number of days.
    Days,
}

impl ProfileProblem {
    #[cfg(test)]
    pub(super) const ALL: [Self; 8] = [
        Self::Name,
        Self::LookAlike,
        Self::TooLong,
        Self::Invisible,
        Self::NoAddress,
        Self::NotHttps,
        Self::SignIn,
        Self::Days,
    ];

    const fn key(self) -> &'static str {
        match self {
            Self::Name => "wrong-name",
            Self::LookAlike => "wrong-look-alike",
            Self::TooLong => "wrong-too-long",
            Self::Invisible => "wrong-invisible",
            Self::NoAddress => "wrong-no-address",
            Self::NotHttps => "wrong-not-https",
            Self::SignIn => "wrong-sign-in",
            Self::Days => "wrong-days",
        }
    }
}

/// What stands in the form, as it is kept or was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileTyped {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// In the order of [`ProfileField::LINKS`].
    pub links: [String; 4],
    /// One of [`KEEPS`].
    pub keeps: String,
    /// How many days, where it is that.
    pub days: String,
}

/// What an app may say of the data it copied.
pub const KEEPS: [&str; 4] = ["not-said", "not-kept", "until-disconnected", "days"];

/// `/dashboard/apps/{client_id}/profile`.
#[derive(Template)]
#[template(path = "developers/app_profile.html")]
pub struct AppProfilePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose.
    pub app: AppHead,
    /// What stands in the form.
    pub typed: ProfileTyped,
    /// What is wrong with it, at most one of each field.
    pub problems: Vec<(ProfileField, ProfileProblem)>,
    /// Why a file became no logo.
    pub no_logo: Option<LogoRefused>,
    /// Whether the operator looked at the app, as it is now.
    pub is_reviewed: bool,
    /// The key of what was just done.
    pub done: Option<&'static str>,
}

screen!(AppProfilePage, "dashboard-profile");

impl AppProfilePage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.no_logo {
            Some(LogoRefused::Busy) => 503,
            Some(LogoRefused::TooLarge) => 413,
            Some(_) => 422,
            None if self.problems.is_empty() => 200,
            None => 422,
        }
    }

    /// The key for a value of `?done=`.
    #[must_use]
    pub fn done(name: &str) -> Option<&'static str> {
        match name {
            "saved" => Some("done-saved"),
            "logo" => Some("done-logo"),
            "no-logo" => Some("done-no-logo"),
            _ => None,
        }
    }

    fn section(&self) -> &'static str {
        "profile"
    }

    fn path(&self) -> String {
        format!("/dashboard/apps/{}/profile", self.app.client_id)
    }

    fn page_title(&self) -> String {
        let failed = !self.problems.is_empty() || self.no_logo.is_some();
        self.chrome.title(self.words(), &self.say("heading"), failed)
    }

    fn problem_at(&self, field: &str) -> Option<Sentence> {
        self.problems.iter().find(|(at, _)| at.name() == field).map(|(_, problem)| self.say(problem.key()))
    }

    fn links(&self) -> Vec<(&'static str, &String)> {
        ProfileField::LINKS.map(ProfileField::name).into_iter().zip(&self.typed.links).collect()
    }

    fn label(&self, field: &'static str) -> Sentence {
        self.say(field)
    }

    fn hint(&self, field: &str) -> Sentence {
        self.words().say(format!("{field}-hint"))
    }

    fn why_no_logo(&self, why: &LogoRefused) -> Sentence {
        let key = match why {
            LogoRefused::Missing => "logo-missing",
            LogoRefused::TooLarge => "logo-too-large",
            LogoRefused::Svg => "logo-svg",
            LogoRefused::Gif => "logo-gif",
            LogoRefused::Page => "logo-page",
            LogoRefused::NotAPicture => "logo-not-a-picture",
            LogoRefused::TooManyPixels => "logo-too-many-pixels",
            LogoRefused::Broken => "logo-broken",
            LogoRefused::Busy => "logo-busy",
        };
        self.say(key).text("kb", MAX_LOGO_BYTES / 1024)
    }
}
