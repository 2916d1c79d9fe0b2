//! What one instance is set to, from configuration, once and for all requests; what can change meanwhile: [`live`].

mod live;

use std::path::PathBuf;
use std::sync::Arc;

use keysig_core::grant::REFRESH_TOKEN_LIFETIME_SECONDS;
use keysig_core::profile::Profile;

pub use self::live::{LiveSettings, MAX_BRAND_CHARS, MAX_QUOTA, NeedsSecondStep, SettingKey};
use crate::upstream::Provider;

use crate::language::Lang;
use crate::mail::MailSettings;

/// How pages treat what Spotify treats more harshly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compat {
    /// People who are not test users are told before consent; public apps are confirmed on a repeat login.
    Friendly,
    /// As Spotify does: login succeeds, and the API answers 403.
    Strict,
}

/// Who may make an account by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignUp {
    /// Everybody who reads the address they give.
    Open,
    /// Whom the operator invited.
    Invite,
    /// Nobody.
    Off,
}

/// Who may register apps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Developers {
    /// Everybody with an account.
    Open,
    /// Whom an operator made a developer.
    Invited,
}

/// The settings of a running instance.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer, and the start of every address we print; no final slash.
    pub public_url: String,
    /// What operators may change while it runs, as it is until they do; what holds is `Server::live`.
    pub defaults: LiveSettings,
    /// Of that, what the configuration says, so that no page changes it.
    pub fixed: Vec<SettingKey>,
    /// Where the sample app is, if one runs beside this server.
    pub sample_app: Option<String>,
    /// `dev` and `ci`: pages say so, and keys are marked.
    pub test_mode: bool,
    /// The temper of answers where no app is known.
    pub default_profile: Profile,
    /// The languages that pages are offered in, the usual one first.
    pub languages: Vec<Lang>,
    /// Where the data is, whose disk is watched.
    pub data: Option<PathBuf>,
    /// Where mail goes out; without it, it waits in the inbox of a test instance.
    pub mail: Option<MailSettings>,
    /// A session ends after this long without use, in seconds.
    pub session_idle_seconds: i64,
    /// A session ends after this long whatever happens, in seconds.
    pub session_absolute_seconds: i64,
    /// A login can be refreshed for this long from the moment somebody agreed, in seconds.
    pub refresh_lifetime_seconds: i64,
    /// A login whose refresh tokens rotate ends after this long without use, in seconds (RFC 9700 §4.14.2).
    pub refresh_idle_seconds: i64,
    /// The providers people may sign in by.
    pub upstreams: Vec<Arc<Provider>>,
}

impl Settings {
    /// The settings every instance starts from.
    pub fn new(public_url: String) -> Self {
        Self {
            public_url,
            defaults: LiveSettings::default(),
            fixed: Vec::new(),
            test_mode: false,
            sample_app: None,
            default_profile: Profile::Spotify,
            languages: Lang::ALL.to_vec(),
            data: None,
            mail: None,
            session_idle_seconds: 30 * 86_400,
            session_absolute_seconds: 90 * 86_400,
            refresh_lifetime_seconds: REFRESH_TOKEN_LIFETIME_SECONDS,
            refresh_idle_seconds: 60 * 86_400,
            upstreams: Vec::new(),
        }
    }

    /// Whether anybody reads what is written to people: a mail server takes it, or the inbox of a test instance.
    pub fn sends_mail(&self) -> bool {
        self.mail.is_some() || self.test_mode
    }

    /// Whether browsers reach us by https; then cookies carry `Secure` and the `__Host-` prefix.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Our origin as browsers name it.
    pub fn origin(&self) -> &str {
        let after_scheme = self.public_url.find("://").map_or(0, |at| at + 3);
        let end = self.public_url.get(after_scheme..).and_then(|rest| rest.find('/')).map(|at| after_scheme + at);
        end.and_then(|end| self.public_url.get(..end)).unwrap_or(&self.public_url)
    }

    /// The name of a cookie: `__Host-` wherever browsers honour it (never on plain http).
    pub fn cookie_name(&self, name: &str) -> String {
        if self.is_https() { format!("__Host-{name}") } else { name.to_owned() }
    }
}
