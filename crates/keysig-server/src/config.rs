//! `keysig.toml` and its environment (`docs/configuration.md`): everything `serve` is told, checked before anything starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use keysig_core::authorize::MAX_ISSUER_BYTES;
use keysig_core::grant::REFRESH_TOKEN_LIFETIME_SECONDS;
use keysig_core::profile::Profile;
use keysig_core::resource::ApiCatalogue;
use keysig_core::rng::Rng;
use keysig_core::seal::MasterKey;
use keysig_core::secret::Secret;
use keysig_store::EngineConfig;
use serde::Deserialize;
use url::{Host, Url};

use self::upstream::ListedUpstream;
use crate::data_dir::{DataDir, Kind, parse_master_key, read_secret_file, refuse_if_world_readable};
use crate::failure::{Failure, toml_mistake};
use crate::language::Lang;
use crate::mail::MailSettings;
use crate::register;
use crate::register::api::ListedApi;
use crate::settings::{SettingKey, Settings, SignUp};

/// In front of each environment variable that is a key.
const ENV_PREFIX: &str = "KEYSIG_";
/// Variables of that prefix which others read: the SDK, tests.
const NOT_OURS: [&str; 4] = ["BASE", "CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI"];

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const MAX_CACHE_MIB: u64 = 64 * 1024;
const MAX_CONNECTIONS: usize = 1000;
const MAX_DRAIN_DELAY_SECONDS: u64 = 300;
const DAY_SECONDS: i64 = 86_400;
/// A login lives for half a year at most: public apps of the Spotify API keep one refresh token all that time.
const MAX_REFRESH_DAYS: i64 = REFRESH_TOKEN_LIFETIME_SECONDS / DAY_SECONDS;

/// Every key, as written.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Keys {
    public_url: Option<String>,
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    database: Option<String>,
    database_file: Option<PathBuf>,
    master_key_file: Option<PathBuf>,
    scopes: Option<PathBuf>,
    default_profile: Option<String>,
    compat: Option<String>,
    signup: Option<String>,
    developers: Option<String>,
    brand: Option<String>,
    accent: Option<String>,
    help_url: Option<String>,
    privacy_url: Option<String>,
    terms_url: Option<String>,
    second_step: Option<String>,
    consent_days: Option<u32>,
    review_required: Option<bool>,
    unreviewed_people: Option<u32>,
    languages: Option<Vec<String>>,
    drain_delay_seconds: Option<u64>,
    tls: TlsKeys,
    store: StoreKeys,
    limits: LimitKeys,
    mail: MailKeys,
    api: Vec<ListedApi>,
    upstream: Vec<ListedUpstream>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitKeys {
    refresh_token_days: Option<i64>,
    refresh_token_idle_days: Option<i64>,
    quota_app_per_30s: Option<u32>,
    quota_developer_per_30s: Option<u32>,
    quota_tokens_per_30s: Option<u32>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MailKeys {
    smtp: Option<String>,
    smtp_file: Option<PathBuf>,
    from: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TlsKeys {
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StoreKeys {
    cache_mib: Option<u64>,
    connections: Option<usize>,
    ca_file: Option<PathBuf>,
}

/// The certificate's files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// The chain, PEM.
    pub cert_file: PathBuf,
    /// The private key, PEM.
    pub key_file: PathBuf,
}

/// What `serve` is told, checked.
pub struct Config {
    /// For the pages and the protocol.
    pub settings: Settings,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The data directory.
    pub data: PathBuf,
    /// A file of scopes instead of those that ship.
    pub scopes: Option<PathBuf>,
    /// The APIs beside our own.
    pub apis: ApiCatalogue,
    /// Certificates, if TLS ends here.
    pub tls: Option<TlsFiles>,
    /// How long `/ready` says no before nobody is let in any more, in seconds.
    pub drain_delay_seconds: u64,
    /// Variables that look like keys and are none.
    pub ignored_variables: Vec<String>,
    database: Option<Secret>,
    store: StoreKeys,
    master_key: Option<Secret>,
    master_key_file: Option<PathBuf>,
}

impl Config {
    /// Reads `file`, lays the environment over it and checks the whole.
    pub fn load(file: &Path, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| Failure::setup(format!("{name}: {error}")))?;
        let mut keys: Keys =
            toml::from_str(&text).map_err(|error| Failure::setup(toml_mistake(&name, &text, &error)))?;
        let holds_secrets = keys.upstream.iter().any(ListedUpstream::has_secret);
        if keys.database.is_some() || keys.mail.smtp.is_some() || holds_secrets {
            // Either URL may hold a password.
            refuse_if_world_readable(file)?;
        }
        let mut master_key = None;
        let mut ignored_variables = Vec::new();
        for (variable, value) in environment {
            let Some(key) = variable.strip_prefix(ENV_PREFIX) else { continue };
            if key == "MASTER_KEY" {
                master_key = Some(Secret::new(value.trim().to_owned()));
            } else if !keys.set(key, value).map_err(|reason| Failure::setup(format!("{variable}: {reason}")))?
                && !NOT_OURS.contains(&key)
                && !key.starts_with("TEST_")
            {
                ignored_variables.push(variable);
            }
        }
        keys.check(master_key, ignored_variables).map_err(|wrong| Failure::setup(format!("{name}: {wrong}")))
    }

    /// Where the rows are.
    pub fn engine(&self, data: &DataDir) -> EngineConfig {
        match &self.database {
            Some(url) => EngineConfig::Postgres {
                url: url.expose().to_owned(),
                ca_file: self.store.ca_file.clone(),
                connections: self.store.connections.unwrap_or(EngineConfig::DEFAULT_CONNECTIONS),
            },
            None => EngineConfig::Sqlite {
                path: data.database(),
                cache_bytes: self.store.cache_mib.map_or(EngineConfig::DEFAULT_CACHE_BYTES, |mib| mib << 20),
            },
        }
    }

    /// The master key: from the environment, from its file, or a new one beside data that does not exist yet.
    pub fn master_key(&self, data: &DataDir, rng: &(impl Rng + ?Sized)) -> Result<MasterKey, Failure> {
        if let Some(text) = &self.master_key {
            return parse_master_key(text, "KEYSIG_MASTER_KEY", Kind::Real);
        }
        let file = self.key_file(data);
        // Nobody can tell from here whether that database holds data, and all its nodes need the same key.
        if self.database.is_some() && !file.exists() {
            return Err(Failure::setup(format!(
                "with a database the master key is never made here: run `(umask 077; openssl rand -hex 32 > {})` once and \
                 give each node a copy",
                file.display()
            )));
        }
        data.master_key(&file, Kind::Real, rng)
    }

    fn key_file(&self, data: &DataDir) -> PathBuf {
        self.master_key_file.clone().unwrap_or_else(|| data.default_key_file())
    }

    /// Whether [`Self::master_key`] would make one.
    pub fn makes_master_key(&self, data: &DataDir) -> bool {
        let is_given = self.master_key.is_some() || self.database.is_some();
        !is_given && !data.has_database() && std::fs::symlink_metadata(self.key_file(data)).is_err()
    }
}

/// The environment of this process; what is not Unicode is no key.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn parsed<T: FromStr>(text: &str, what: &str) -> Result<Option<T>, String> {
    text.parse().map(Some).map_err(|_| format!("`{text}` is not {what}"))
}

impl Keys {
    /// Sets the key that an environment variable names; whether there is one.
    fn set(&mut self, key: &str, value: String) -> Result<bool, String> {
        match key {
            "PUBLIC_URL" => self.public_url = Some(value),
            "LISTEN" => self.listen = parsed(&value, "an address such as 127.0.0.1:8080")?,
            "DATA" => self.data = Some(value.into()),
            "DATABASE" => self.database = Some(value),
            "DATABASE_FILE" => self.database_file = Some(value.into()),
            "MASTER_KEY_FILE" => self.master_key_file = Some(value.into()),
            "SCOPES" => self.scopes = Some(value.into()),
            "DEFAULT_PROFILE" => self.default_profile = Some(value),
            "COMPAT" => self.compat = Some(value),
            "SIGNUP" => self.signup = Some(value),
            "DEVELOPERS" => self.developers = Some(value),
            "BRAND" => self.brand = Some(value),
            "ACCENT" => self.accent = Some(value),
            "HELP_URL" => self.help_url = Some(value),
            "PRIVACY_URL" => self.privacy_url = Some(value),
            "TERMS_URL" => self.terms_url = Some(value),
            "SECOND_STEP" => self.second_step = Some(value),
            "CONSENT_DAYS" => self.consent_days = parsed(&value, "a number of days")?,
            "REVIEW_REQUIRED" => self.review_required = parsed(&value, "true or false")?,
            "UNREVIEWED_PEOPLE" => self.unreviewed_people = parsed(&value, "a number of people")?,
            "LANGUAGES" => self.languages = Some(value.split(' ').map(str::to_owned).collect()),
            "DRAIN_DELAY_SECONDS" => self.drain_delay_seconds = parsed(&value, "a number of seconds")?,
            "TLS__CERT_FILE" => self.tls.cert_file = Some(value.into()),
            "TLS__KEY_FILE" => self.tls.key_file = Some(value.into()),
            "MAIL__SMTP" => self.mail.smtp = Some(value),
            "MAIL__SMTP_FILE" => self.mail.smtp_file = Some(value.into()),
            "MAIL__FROM" => self.mail.from = Some(value),
            "LIMITS__REFRESH_TOKEN_DAYS" => self.limits.refresh_token_days = parsed(&value, "a number of days")?,
            "LIMITS__REFRESH_TOKEN_IDLE_DAYS" => {
                self.limits.refresh_token_idle_days = parsed(&value, "a number of days")?;
            }
            "LIMITS__QUOTA_APP_PER_30S" => self.limits.quota_app_per_30s = parsed(&value, "a number")?,
            "LIMITS__QUOTA_DEVELOPER_PER_30S" => self.limits.quota_developer_per_30s = parsed(&value, "a number")?,
            "LIMITS__QUOTA_TOKENS_PER_30S" => self.limits.quota_tokens_per_30s = parsed(&value, "a number")?,
            "STORE__CACHE_MIB" => self.store.cache_mib = parsed(&value, "a number of MiB")?,
            "STORE__CONNECTIONS" => self.store.connections = parsed(&value, "a number")?,
            "STORE__CA_FILE" => self.store.ca_file = Some(value.into()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn check(self, master_key: Option<Secret>, ignored_variables: Vec<String>) -> Result<Config, String> {
        let public_url = self.public_url.as_deref().ok_or(
            "`public_url` is missing: the address people reach this server at, such as \"https://accounts.example.com\"",
        )?;
        let public_url = checked_public_url(public_url)?;
        let tls = match (self.tls.cert_file, self.tls.key_file) {
            (Some(cert_file), Some(key_file)) => Some(TlsFiles { cert_file, key_file }),
            (None, None) => None,
            _ => return Err("`[tls]` needs both `cert_file` and `key_file`".to_owned()),
        };
        if tls.is_some() && !public_url.starts_with("https://") {
            return Err("with `[tls]` the `public_url` starts with https://".to_owned());
        }
        if master_key.is_some() && self.master_key_file.is_some() {
            return Err("KEYSIG_MASTER_KEY and `master_key_file` are both set: keep one".to_owned());
        }
        let mut settings = Settings::new(public_url);
        settings.mail = mail(self.mail)?;
        if let Some(name) = one_of("default_profile", self.default_profile.as_deref(), &["spotify", "standard"])? {
            settings.default_profile = Profile::from_name(name).unwrap_or(settings.default_profile);
        }
        // Better the host people see in the address bar than somebody else's name.
        settings.defaults.brand =
            settings.origin().trim_start_matches("https://").trim_start_matches("http://").to_owned();
        let number = |number: Option<u32>| number.map(|number| number.to_string());
        for (key, value) in [
            (SettingKey::Brand, self.brand),
            (SettingKey::Accent, self.accent),
            (SettingKey::HelpUrl, self.help_url),
            (SettingKey::PrivacyUrl, self.privacy_url),
            (SettingKey::TermsUrl, self.terms_url),
            (SettingKey::SignUp, self.signup),
            (SettingKey::Developers, self.developers),
            (SettingKey::Compat, self.compat),
            (SettingKey::SecondStep, self.second_step),
            (SettingKey::ConsentDays, number(self.consent_days)),
            (SettingKey::ReviewRequired, self.review_required.map(|is| if is { "yes" } else { "no" }.to_owned())),
            (SettingKey::UnreviewedPeople, number(self.unreviewed_people)),
            (SettingKey::QuotaApp, number(self.limits.quota_app_per_30s)),
            (SettingKey::QuotaDeveloper, number(self.limits.quota_developer_per_30s)),
            (SettingKey::QuotaTokens, number(self.limits.quota_tokens_per_30s)),
        ] {
            let Some(value) = value else { continue };
            settings.defaults.set(key, &value).map_err(|problem| format!("`{}` {problem}", key.name()))?;
            settings.fixed.push(key);
        }
        if settings.defaults.sign_up == SignUp::Open && settings.mail.is_none() {
            return Err("`signup` is \"open\", which confirms addresses by mail: set `[mail]`, too".to_owned());
        }
        if let Some(tags) = self.languages {
            settings.languages = languages(&tags)?;
        }
        in_range("store.cache_mib", self.store.cache_mib, MAX_CACHE_MIB, 1)?;
        in_range("store.connections", self.store.connections, MAX_CONNECTIONS, 1)?;
        in_range("drain_delay_seconds", self.drain_delay_seconds, MAX_DRAIN_DELAY_SECONDS, 0)?;
        let days = (self.limits.refresh_token_days, self.limits.refresh_token_idle_days);
        in_range("limits.refresh_token_days", days.0, MAX_REFRESH_DAYS, 1)?;
        in_range("limits.refresh_token_idle_days", days.1, MAX_REFRESH_DAYS, 1)?;
        settings.refresh_lifetime_seconds = days.0.map_or(settings.refresh_lifetime_seconds, |days| days * DAY_SECONDS);
        settings.upstreams = upstream::providers(self.upstream)?;
        settings.refresh_idle_seconds = days.1.map_or(settings.refresh_idle_seconds, |days| days * DAY_SECONDS);
        Ok(Config {
            apis: register::api::catalogue(&settings.public_url, &self.api)?,
            settings,
            listen: self.listen.unwrap_or(DEFAULT_LISTEN),
            data: self
                .data
                .ok_or("`data` is missing: a directory for this server alone, such as \"/var/lib/keysig\"")?,
            scopes: self.scopes,
            tls,
            drain_delay_seconds: self.drain_delay_seconds.unwrap_or(0),
            ignored_variables,
            database: database(self.database, self.database_file.as_deref())?,
            store: self.store,
            master_key,
            master_key_file: self.master_key_file,
        })
    }
}

fn one_of<'a>(key: &str, value: Option<&'a str>, allowed: &[&str]) -> Result<Option<&'a str>, String> {
    match value {
        Some(value) if !allowed.contains(&value) => {
            Err(format!("`{key}` is \"{value}\", but can only be \"{}\"", allowed.join("\" or \"")))
        }
        value => Ok(value),
    }
}

/// The languages that pages are offered in; the first is for whoever reads none of them.
fn languages(tags: &[String]) -> Result<Vec<Lang>, String> {
    let known = Lang::ALL.map(Lang::tag).join("\", \"");
    let mut languages = Vec::new();
    for tag in tags {
        let lang = Lang::from_tag(tag).ok_or(format!("`languages` holds \"{tag}\", but can only hold \"{known}\""))?;
        if languages.contains(&lang) {
            return Err(format!("`languages` holds \"{tag}\" twice"));
        }
        languages.push(lang);
    }
    if languages.is_empty() { Err("`languages` is empty: name at least one".to_owned()) } else { Ok(languages) }
}

fn in_range<N: PartialOrd + std::fmt::Display>(key: &str, value: Option<N>, most: N, least: N) -> Result<(), String> {
    match value {
        Some(value) if value < least || value > most => {
            Err(format!("`{key}` is {value}, but goes from {least} to {most}"))
        }
        _ => Ok(()),
    }
}

/// The issuer as clients compare it, byte for byte (RFC 8414 §3.3): an origin, and https wherever the network is between.
fn checked_public_url(text: &str) -> Result<String, String> {
    let example = "\"https://accounts.example.com\"";
    let url = Url::parse(text)
        .map_err(|error| format!("`public_url` \"{text}\" is no address ({error}): write one like {example}"))?;
    let origin = url.origin().ascii_serialization();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("`public_url` \"{text}\" is no web address: write one like {example}"));
    }
    if text != origin {
        return Err(format!("`public_url` \"{text}\" is more than an origin: write \"{origin}\""));
    }
    if origin.len() > MAX_ISSUER_BYTES {
        return Err(format!("`public_url` \"{text}\" is longer than {MAX_ISSUER_BYTES} bytes"));
    }
    let is_loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "http" && !is_loopback {
        return Err(format!("`public_url` \"{text}\" would send passwords in clear: write https"));
    }
    Ok(origin)
}

/// The mail server and the address that mail comes from: both or none.
fn mail(keys: MailKeys) -> Result<Option<MailSettings>, String> {
    let smtp = match (keys.smtp, keys.smtp_file) {
        (Some(_), Some(_)) => return Err("`mail.smtp` and `mail.smtp_file` are both set: keep one".to_owned()),
        (Some(url), None) => Some(Secret::new(url)),
        (None, Some(file)) => Some(read_secret_file(&file).map_err(|failure| failure.to_string())?),
        (None, None) => None,
    };
    match (smtp, keys.from) {
        (Some(smtp), Some(from)) => MailSettings::new(smtp, &from).map(Some).map_err(|refused| refused.to_string()),
        (None, None) => Ok(None),
        (Some(_), None) => Err("`[mail]` needs `from`, such as \"Example <no-reply@example.com>\"".to_owned()),
        (None, Some(_)) => {
            Err("`[mail]` needs `smtp`, such as \"smtps://user:password@mail.example.com:465\"".to_owned())
        }
    }
}

fn database(url: Option<String>, file: Option<&Path>) -> Result<Option<Secret>, String> {
    let url = match (url, file) {
        (Some(_), Some(_)) => return Err("`database` and `database_file` are both set: keep one".to_owned()),
        (Some(url), None) => Secret::new(url),
        (None, Some(file)) => read_secret_file(file).map_err(|failure| failure.to_string())?,
        (None, None) => return Ok(None),
    };
    match url.expose().split_once("://") {
        Some(("postgres" | "postgresql", _)) => Ok(Some(url)),
        _ => {
            Err("`database` is not like postgresql://user:password@host/database; without it SQLite is used".to_owned())
        }
    }
}

mod upstream;

#[cfg(test)]
mod tests;
