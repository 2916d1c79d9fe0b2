//! The settings that operators change while the server runs: as the configuration has them, until somebody sets them on a
//! page, by the API or by the command line.

use keysig_core::colour::Colour;
use url::Url;

use super::{Compat, Developers, SignUp};

/// A brand's longest name, in characters.
pub const MAX_BRAND_CHARS: usize = 60;
/// The longest address that a page links to, in bytes.
const MAX_LINK_BYTES: usize = 500;
/// An agreement lasts for ten years at most.
const MAX_CONSENT_DAYS: u32 = 3650;
/// Larger bounds are none.
const MAX_PEOPLE: u32 = 1_000_000_000;
/// The largest quota, in requests within 30 seconds: more than a node answers.
pub const MAX_QUOTA: u32 = 10_000_000;
/// An app that nobody reviewed may change things of so many people, unless somebody sets another number (`ux.md` §11.4).
const UNREVIEWED_PEOPLE: u32 = 100;
/// Who has to have a second step, beside the operators, who always do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NeedsSecondStep {
    /// Nobody else.
    Operators,
    /// Those who register apps.
    Developers,
}

/// What holds now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveSettings {
    /// The name people know.
    pub brand: String,
    /// The colour of links and buttons, in the light scheme; without it they are as they ship.
    pub accent: Option<Colour>,
    /// Where people find help.
    pub help_url: Option<String>,
    /// What is kept of people, and why.
    pub privacy_url: Option<String>,
    /// What people agree to.
    pub terms_url: Option<String>,
    /// The name that mail comes from, in place of the one in `mail.from`.
    pub mail_sender: Option<String>,
    /// See [`SignUp`].
    pub sign_up: SignUp,
    /// See [`Developers`].
    pub developers: Developers,
    /// See [`Compat`].
    pub compat: Compat,
    /// See [`NeedsSecondStep`].
    pub second_step: NeedsSecondStep,
    /// People are asked again so many days after they agreed; never, without it.
    pub consent_days: Option<u32>,
    /// Whether only apps that the operator reviewed go live.
    pub review_required: bool,
    /// An app that nobody reviewed may hold what can change things of so many people at most; of any number, without it.
    pub unreviewed_people: Option<u32>,
    /// So many calls of the Web API may an app make within 30 seconds; any number, without it.
    pub quota_app: Option<u32>,
    /// So many may all apps of a developer make together.
    pub quota_developer: Option<u32>,
    /// So many token requests may an app make within 30 seconds; any number, without it.
    pub quota_tokens: Option<u32>,
}

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SettingKey {
    /// [`LiveSettings::brand`].
    Brand,
    /// [`LiveSettings::accent`].
    Accent,
    /// [`LiveSettings::help_url`].
    HelpUrl,
    /// [`LiveSettings::privacy_url`].
    PrivacyUrl,
    /// [`LiveSettings::terms_url`].
    TermsUrl,
    /// [`LiveSettings::mail_sender`].
    MailSender,
    /// [`LiveSettings::sign_up`].
    SignUp,
    /// [`LiveSettings::developers`].
    Developers,
    /// [`LiveSettings::compat`].
    Compat,
    /// [`LiveSettings::second_step`].
    SecondStep,
    /// [`LiveSettings::consent_days`].
    ConsentDays,
    /// [`LiveSettings::review_required`].
    ReviewRequired,
    /// [`LiveSettings::unreviewed_people`].
    UnreviewedPeople,
    /// [`LiveSettings::quota_app`].
    QuotaApp,
    /// [`LiveSettings::quota_developer`].
    QuotaDeveloper,
    /// [`LiveSettings::quota_tokens`].
    QuotaTokens,
}

impl SettingKey {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Brand,
        Self::Accent,
        Self::HelpUrl,
        Self::PrivacyUrl,
        Self::TermsUrl,
        Self::MailSender,
        Self::SignUp,
        Self::Developers,
        Self::Compat,
        Self::SecondStep,
        Self::ConsentDays,
        Self::ReviewRequired,
        Self::UnreviewedPeople,
        Self::QuotaApp,
        Self::QuotaDeveloper,
        Self::QuotaTokens,
    ];

    /// As in the configuration file, the store, forms and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brand => "brand",
            Self::Accent => "accent",
            Self::HelpUrl => "help_url",
            Self::PrivacyUrl => "privacy_url",
            Self::TermsUrl => "terms_url",
            Self::MailSender => "mail_sender",
            Self::SignUp => "signup",
            Self::Developers => "developers",
            Self::Compat => "compat",
            Self::SecondStep => "second_step",
            Self::ConsentDays => "consent_days",
            Self::ReviewRequired => "review_required",
            Self::UnreviewedPeople => "unreviewed_people",
            Self::QuotaApp => "quota_app_per_30s",
            Self::QuotaDeveloper => "quota_developer_per_30s",
            Self::QuotaTokens => "quota_tokens_per_30s",
        }
    }

    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}

/// Words for the values of a closed choice.
fn choice<T: Copy>(text: &str, values: &[(&'static str, T)]) -> Result<T, String> {
    let found = values.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        format!("is \"{text}\", but can only be \"{}\"", names.join("\" or \""))
    })
}

fn name_of<T: Copy + PartialEq>(value: T, values: &[(&'static str, T)]) -> String {
    values.iter().find(|(_, known)| *known == value).map(|(name, _)| (*name).to_owned()).unwrap_or_default()
}

const SIGN_UP: [(&str, SignUp); 3] = [("open", SignUp::Open), ("invite", SignUp::Invite), ("off", SignUp::Off)];
const DEVELOPERS: [(&str, Developers); 2] = [("open", Developers::Open), ("invited", Developers::Invited)];
const COMPAT: [(&str, Compat); 2] = [("friendly", Compat::Friendly), ("strict", Compat::Strict)];
const SECOND_STEP: [(&str, NeedsSecondStep); 2] =
    [("operators", NeedsSecondStep::Operators), ("developers", NeedsSecondStep::Developers)];
const YES_NO: [(&str, bool); 2] = [("yes", true), ("no", false)];

/// A name that people read, in one line.
fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_strange = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if text.is_empty() || text.chars().count() > MAX_BRAND_CHARS || text.chars().any(is_strange) {
        return Err(format!("is the name people know: 1 to {MAX_BRAND_CHARS} characters in one line"));
    }
    Ok(text.to_owned())
}

/// An address that a page may link to: https, or mailto for help.
fn link(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let known = Url::parse(text).ok().filter(|url| {
        let is_plain = url.username().is_empty() && url.password().is_none();
        text.len() <= MAX_LINK_BYTES && url.scheme() == "https" && url.host().is_some() && is_plain
    });
    match known {
        Some(url) => Ok(Some(url.into())),
        None => Err("is no address like https://example.com/help".to_owned()),
    }
}

fn number(text: &str, most: u32) -> Result<Option<u32>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(format!("is \"{text}\", but goes from 1 to {most}, or is empty for no bound")),
    }
}

impl LiveSettings {
    /// Sets one from text. What is wrong with it is said in one sentence, to be read after its name.
    pub fn set(&mut self, key: SettingKey, text: &str) -> Result<(), String> {
        match key {
            SettingKey::Brand => self.brand = line(text)?,
            SettingKey::Accent => {
                let text = text.trim();
                self.accent = match text {
                    "" => None,
                    _ => Some(Colour::parse(text).ok_or("is no colour like #3d3bd6")?),
                };
            }
            SettingKey::HelpUrl => self.help_url = link(text)?,
            SettingKey::PrivacyUrl => self.privacy_url = link(text)?,
            SettingKey::TermsUrl => self.terms_url = link(text)?,
            SettingKey::MailSender => {
                self.mail_sender = if text.trim().is_empty() { None } else { Some(line(text)?) };
            }
            SettingKey::SignUp => self.sign_up = choice(text, &SIGN_UP)?,
            SettingKey::Developers => self.developers = choice(text, &DEVELOPERS)?,
            SettingKey::Compat => self.compat = choice(text, &COMPAT)?,
            SettingKey::SecondStep => self.second_step = choice(text, &SECOND_STEP)?,
            SettingKey::ConsentDays => self.consent_days = number(text, MAX_CONSENT_DAYS)?,
            SettingKey::ReviewRequired => self.review_required = choice(text, &YES_NO)?,
            SettingKey::UnreviewedPeople => self.unreviewed_people = number(text, MAX_PEOPLE)?,
            SettingKey::QuotaApp => self.quota_app = number(text, MAX_QUOTA)?,
            SettingKey::QuotaDeveloper => self.quota_developer = number(text, MAX_QUOTA)?,
            SettingKey::QuotaTokens => self.quota_tokens = number(text, MAX_QUOTA)?,
        }
        Ok(())
    }

    /// What a setting can be set to, where that is a closed choice.
    pub fn choices(key: SettingKey) -> Vec<&'static str> {
        fn names<T>(values: &[(&'static str, T)]) -> Vec<&'static str> {
            values.iter().map(|(name, _)| *name).collect()
        }
        match key {
            SettingKey::SignUp => names(&SIGN_UP),
            SettingKey::Developers => names(&DEVELOPERS),
            SettingKey::Compat => names(&COMPAT),
            SettingKey::SecondStep => names(&SECOND_STEP),
            SettingKey::ReviewRequired => names(&YES_NO),
            SettingKey::Brand
            | SettingKey::Accent
            | SettingKey::HelpUrl
            | SettingKey::PrivacyUrl
            | SettingKey::TermsUrl
            | SettingKey::MailSender
            | SettingKey::ConsentDays
            | SettingKey::UnreviewedPeople
            | SettingKey::QuotaApp
            | SettingKey::QuotaDeveloper
            | SettingKey::QuotaTokens => Vec::new(),
        }
    }

    /// One as text, empty where there is none: what [`Self::set`] reads.
    pub fn get(&self, key: SettingKey) -> String {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let number = |value: Option<u32>| value.map(|number| number.to_string()).unwrap_or_default();
        match key {
            SettingKey::Brand => self.brand.clone(),
            SettingKey::Accent => self.accent.map(|accent| accent.to_string()).unwrap_or_default(),
            SettingKey::HelpUrl => text(&self.help_url),
            SettingKey::PrivacyUrl => text(&self.privacy_url),
            SettingKey::TermsUrl => text(&self.terms_url),
            SettingKey::MailSender => text(&self.mail_sender),
            SettingKey::SignUp => name_of(self.sign_up, &SIGN_UP),
            SettingKey::Developers => name_of(self.developers, &DEVELOPERS),
            SettingKey::Compat => name_of(self.compat, &COMPAT),
            SettingKey::SecondStep => name_of(self.second_step, &SECOND_STEP),
            SettingKey::ConsentDays => number(self.consent_days),
            SettingKey::ReviewRequired => name_of(self.review_required, &YES_NO),
            SettingKey::UnreviewedPeople => number(self.unreviewed_people),
            SettingKey::QuotaApp => number(self.quota_app),
            SettingKey::QuotaDeveloper => number(self.quota_developer),
            SettingKey::QuotaTokens => number(self.quota_tokens),
        }
    }
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            brand: "Demo Music".to_owned(),
            accent: None,
            help_url: None,
            privacy_url: None,
            terms_url: None,
            mail_sender: None,
            sign_up: SignUp::Invite,
            developers: Developers::Open,
            compat: Compat::Friendly,
            second_step: NeedsSecondStep::Operators,
            consent_days: None,
            review_required: false,
            unreviewed_people: Some(UNREVIEWED_PEOPLE),
            quota_app: None,
            quota_developer: None,
            quota_tokens: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_read_as_it_was_written() {
        let mut set = LiveSettings::default();
        let others = [
            "Other",
            "#123456",
            "https://a.example/help",
            "https://a.example/privacy",
            "https://a.example/terms",
            "Other Mail",
            "off",
            "invited",
            "strict",
            "developers",
            "30",
            "yes",
            "7",
            "600",
            "900",
            "60",
        ];
        for (key, other) in SettingKey::ALL.into_iter().zip(others) {
            assert_eq!(SettingKey::from_name(key.name()), Some(key));
            let before = set.get(key);
            assert_ne!(before, other, "{key:?}");
            set.set(key, other).unwrap();
            assert_eq!(set.get(key), other, "{key:?}");
            set.set(key, &before).unwrap();
            assert_eq!(set.get(key), before, "{key:?}");
        }
        assert_eq!(set, LiveSettings::default());
    }

    #[test]
    fn what_would_mislead_or_lead_away_is_refused() {
        let mut set = LiveSettings::default();
        for (key, text) in [
            (SettingKey::Brand, " "),
            (SettingKey::Brand, "Demo\u{202e}Music"),
            (SettingKey::MailSender, "A\nBcc: x@example.com"),
            (SettingKey::HelpUrl, "javascript:alert(1)"),
            (SettingKey::HelpUrl, "http://help.example"),
            (SettingKey::PrivacyUrl, "https://us@other.example/"),
            (SettingKey::TermsUrl, "/terms"),
            (SettingKey::Accent, "#12345"),
            (SettingKey::Accent, "red;}body{display:none"),
            (SettingKey::SignUp, "Open"),
            (SettingKey::ConsentDays, "0"),
            (SettingKey::ConsentDays, "-1"),
            (SettingKey::ReviewRequired, "maybe"),
            (SettingKey::UnreviewedPeople, "none"),
            (SettingKey::QuotaApp, "0"),
            (SettingKey::QuotaApp, "10000001"),
        ] {
            assert!(set.set(key, text).is_err(), "{key:?} {text:?}");
        }
        assert_eq!(set, LiveSettings::default());
    }
}
