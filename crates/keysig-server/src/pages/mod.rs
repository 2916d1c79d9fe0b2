//! What people see: one struct and one template per screen, pure rendering.
//!
//! A page is a value. Handlers fill it in and call `askama::Template::render`; nothing here knows of a request, a
//! store or a clock. Every page works without JavaScript and under `default-src 'none'; style-src 'self'; img-src 'self'`;
//! what [`FormPostPage`] and [`SignedOutPage`] need beyond that, they name.

mod account;
mod app;
mod app_details;
mod assets;
mod chooser;
mod connected_apps;
mod consent;
pub mod developers;
mod device_done;
mod devices;
mod difference;
mod error;
mod form;
mod form_post;
mod inbox;
mod leaving;
pub mod operators;
mod pair;
mod passkeys;
mod permissions;
mod profile;
mod qr;
mod recheck;
mod recover;
mod refusals;
mod second_step;
mod security;
mod sign_in;
mod sign_out;
mod sign_up;
mod upstream;
mod user_agent;
mod when;
mod your_data;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod samples_account;
#[cfg(test)]
mod samples_mail;
#[cfg(test)]
mod samples_passkeys;
#[cfg(test)]
mod samples_security;
#[cfg(test)]
mod samples_upstream;
#[cfg(test)]
mod tests;

pub use account::{Account, AccountPage, HomePage};
pub use app::{AppIdentity, Badge, DataKeeping, Destination, WebAddress};
pub use app_details::{AppDetailsPage, DayOfUse, ReportAppPage, ReportCategory, ReportError, ReportedPage, UseLine};
pub use assets::{Asset, asset, asset_url, style_url};
pub use chooser::{ChooserPage, KnownAccount};
pub use connected_apps::{AppDone, ConnectedApp, ConnectedAppsPage, RemoveAllPage, RemoveAppPage, UsedPermission};
pub use consent::{ConsentPage, Question};
pub use developers::about_reason;
pub use developers::{
    AppEvent, AppEventsPage, AppHead, AppKind, AppRow, CreateAppPage, DangerAskPage, DangerPage, DangerProblem, Deed,
    DeliveryLine, DeliveryState, Figures, FirstLogin, JoinPage, MyAppsPage, NewAppProblem, PermissionsPage,
    QuickstartPage, ReasonProblem, RedirectUrisPage, RemoveWebhookPage, RetireSecretPage, ScopeChoice, ScopeRow,
    SecretLine, SecretRow, SecretState, SecretsPage, Snippets, Span, StopsIn, Tab, Tested, UriAsked, UriDone,
    UriProblem, UriRow, UsagePage, UsageRow, WebhookUrlProblem, WebhooksPage, redirect_problem,
};
pub use developers::{AppProfilePage, ProfileField, ProfileProblem, ProfileTyped};
pub use developers::{AppSettingsForm, AppSettingsPage};
pub use developers::{Compared, Fix, InspectPage, InspectorFilter, InspectorPage, InspectorRecordPage, InspectorRow};
pub use developers::{
    FakeUserMadePage, FakeUserPage, FakeUserProblem, InvitedRow, LiveCheck, ModePage, QuotaLine, RemoveTestUserPage,
    TestUserProblem, TestUserRow, TestUsersPage,
};
pub use developers::{ReviewLine, ReviewPage, ReviewStage, WrittenProblem};
pub use device_done::DeviceDonePage;
pub use devices::{Device, DeviceName, DevicesPage, EventLine, EventsPage};
pub use error::{ErrorForm, ErrorPage, NextStep};
pub use form::{Field, FieldKind, Form, FormPage};
pub use form_post::FormPostPage;
pub use inbox::{InboxMail, InboxPage, MailPage};
pub use leaving::LeavingPage;
pub use pair::{PairError, PairPage};
pub use passkeys::{
    NewPasskey, NoPasskey, PasskeyAsk, PasskeyCard, PasskeyOfferPage, PasskeyPage, PasskeyRemovedPage, PasskeysSection,
    RemovePasskeyPage,
};
pub use permissions::{OptionalLine, PermissionLine, Permissions, ScopeText, will_not};
pub use profile::{ProfilePage, check_new_email_page, confirm_new_email_page, new_email_over_page, new_email_page};
pub use qr::{labelled_qr_svg, qr_svg};
pub use recheck::{RecheckError, RecheckPage};
pub use recover::{
    ChosenBy, NewPasswordMistakes, new_password_page, no_recovery_page, password_changed_page, recover_page,
    recovery_over_page,
};
pub use refusals::{KnownApp, PausedBy};
pub use second_step::{SecondStepError, SecondStepPage};
pub use security::{
    AuthenticatorPage, RecoveryCodesPage, SecondStepChange, SecondStepChangePage, SecondStepSection, SecurityPage,
};
pub use sign_in::{SignInError, SignInPage};
pub use sign_out::{Onward, SignOutConfirmPage, SignedOutPage};
pub use sign_up::{
    ConfirmMistake, DigitsMistake, NotNow, PasswordMistake, SignUpMistakes, SignUpTyped, address_confirmed_page,
    check_email_page, confirm_address_page, confirm_first_page, confirm_sign_up_page, link_over_page,
    sign_up_closed_page, sign_up_page,
};
pub use upstream::{
    LinkProblem, LinkedAccount, LinkingPage, LinkingQuestion, Offered, ToProviderPage, UpstreamButtons,
    UpstreamLinkPage, UpstreamProblem, UpstreamProblemPage, UpstreamSection, UpstreamUnlinkPage,
};
pub use user_agent::UserAgent;
pub use when::When;
pub use your_data::{AccountDeletedPage, DeleteAccountPage, ExportPage};

pub use crate::language::Lang;
use keysig_core::colour::Colour;

use crate::language::{Sentence, Words, screen};

/// What surrounds every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chrome {
    /// The operator's name for the service, such as "Demo Music".
    pub brand: String,
    /// `dev` and `ci`: every page wears the striped bar.
    pub test_mode: bool,
    /// The colour scheme this browser chose.
    pub theme: Theme,
    /// The id of this request, the same as in `X-Request-Id` and in the log.
    pub request_id: String,
    /// The display name of whoever is signed in.
    pub signed_in: Option<String>,
    /// The language somebody reads; a screen that is not complete in it is shown in English.
    pub lang: Lang,
    /// The languages there are to choose from.
    pub languages: Vec<Lang>,
    /// What the theme switch posts as `back`: a path of ours that answers GET with this page. Without it the switch is
    /// absent. The handler of `/theme` must not trust what comes back: anything but a known path is an open redirect.
    pub back: Option<String>,
    /// The operator's accent, where they chose one.
    pub accent: Option<Colour>,
    /// Help, privacy and terms, where the operator has them.
    pub links: FooterLinks,
}

/// What every page links to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FooterLinks {
    /// Help.
    pub help: Option<WebAddress>,
    /// What is kept of people.
    pub privacy: Option<WebAddress>,
    /// What people agree to.
    pub terms: Option<WebAddress>,
}

impl Chrome {
    // Templates see methods of their values, not free functions.
    fn asset_url(&self, name: &str) -> String {
        asset_url(name)
    }

    // The accent comes with the style sheet: no request more, and no style in the page.
    fn style_url(&self) -> String {
        style_url(self.accent)
    }

    /// The operator's addresses, each with the key of its words.
    fn footer_links(&self) -> Vec<(&'static str, &WebAddress)> {
        let FooterLinks { help, privacy, terms } = &self.links;
        let links = [("footer-help", help), ("footer-privacy", privacy), ("footer-terms", terms)];
        links.into_iter().filter_map(|(key, address)| Some((key, address.as_ref()?))).collect()
    }

    /// A title: heading and brand, and "Error" before it where the form failed.
    fn title(&self, words: Words, heading: &Sentence, failed: bool) -> String {
        let key = if failed { "error-title" } else { "page-title" };
        words.say(key).text("heading", heading.plain()).text("brand", &self.brand).plain()
    }
}

/// A colour scheme. `System` leaves the choice to the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Follow `prefers-color-scheme`.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All three, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of the form field `theme` and of the cookie.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads a form field or cookie; anything unknown is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// The switch: each theme, and whether it is the chosen one.
    fn choices(self) -> [(Self, bool); 3] {
        Self::ALL.map(|theme| (theme, theme == self))
    }

    /// The value of `data-theme`, absent where the browser decides.
    fn forced(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.as_str())
    }

    /// The key of its name.
    fn label(self) -> &'static str {
        match self {
            Self::System => "theme-system",
            Self::Light => "theme-light",
            Self::Dark => "theme-dark",
        }
    }

    /// For `<meta name="color-scheme">`, which paints the first frame before the style sheet is there.
    fn color_scheme(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How long to wait, as people say it: seconds below two minutes, then minutes, rounded up so that it is never too early.
fn wait_in(words: Words, seconds: u64) -> Sentence {
    if seconds < 120 {
        words.say("seconds").count("n", seconds.max(1))
    } else {
        words.say("minutes").count("n", seconds.div_ceil(60))
    }
}

/// The first letter of a name, for the tile that stands where a picture would.
fn initial(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).map_or_else(|| "?".to_owned(), |c| c.to_uppercase().collect())
}
