//! A new app.

use std::collections::{BTreeMap, HashSet};

use keysig_core::app::{
    About, App, ClientType, ConsentSettings, KeepsData, Mode, OpenIdSettings, Standing, StoredSecret, is_client_id,
};
use keysig_core::audit::AuditRecord;
use keysig_core::encoding::hex;
use keysig_core::id::{AppId, UserId};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::{MAX_REDIRECT_URIS, RedirectUri};
use keysig_core::rng::{Rng, random};
use keysig_core::scope::{ScopeCatalogue, ScopeSet};
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;
use keysig_core::user::{User, canonical_email};
use keysig_store::{Store, StoreError, apps, users};
use serde::{Deserialize, Serialize};
use url::Url;

use super::user::secret;
use super::{Refused, app_name, is_invisible};

/// Whether an app can keep a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It runs on a server.
    #[default]
    Confidential,
    /// It runs in people's hands.
    Public,
}

/// Who may log in to an app.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Its owner and its test users.
    #[default]
    Development,
    /// Everybody.
    Live,
}

/// A profile's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ProfileName {
    /// Byte-compatible with the Spotify Login API.
    Spotify,
    /// OAuth 2.1 and OpenID Connect.
    Standard,
}

/// An app to register, as a seed file and the control socket spell it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    /// 32 random hexadecimal digits if none is given.
    #[serde(default)]
    pub client_id: Option<String>,
    /// In a seed file; a random one otherwise.
    #[serde(default, skip_serializing, deserialize_with = "secret")]
    pub client_secret: Option<Secret>,
    /// Shown on the consent page.
    pub name: String,
    /// E-mail address or id of the user who answers for it.
    pub owner: String,
    /// Its home page.
    #[serde(default)]
    pub homepage: Option<String>,
    /// Its temper.
    pub profile: ProfileName,
    /// Whether it has a secret.
    #[serde(default)]
    pub kind: Kind,
    /// Where it may be returned to.
    pub redirect_uris: Vec<String>,
    /// What it may ask for; everything if left out.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Who may log in.
    #[serde(default)]
    pub mode: Stage,
    /// E-mail addresses or ids of those who may log in while it is in development.
    #[serde(default)]
    pub test_users: Vec<String>,
    /// Implicit and hybrid response types: for history and conformance.
    #[serde(default)]
    pub legacy_flows: bool,
    /// A confidential app of the standard profile that sends no PKCE challenge.
    #[serde(default)]
    pub pkce_optional: bool,
    /// How its ID tokens are signed.
    #[serde(default)]
    pub id_token_algorithm: SigningAlgorithm,
    /// How answers of the userinfo endpoint are signed; plain JSON if left out.
    #[serde(default)]
    pub userinfo_algorithm: Option<SigningAlgorithm>,
    /// Gives the app names for people that no app of another sector knows (OpenID Connect Core §8.1).
    #[serde(default)]
    pub sector: Option<String>,
    /// Where the browser may go after a sign-out; a redirect URI, if there are none.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the end of a session is told (OpenID Connect Back-Channel Logout).
    #[serde(default)]
    pub backchannel_logout_uri: Option<String>,
    /// What the browser loads when a session ends (OpenID Connect Front-Channel Logout).
    #[serde(default)]
    pub frontchannel_logout_uri: Option<String>,
    /// What it works without: each a person's choice.
    #[serde(default)]
    pub optional_scopes: Vec<String>,
    /// Why it asks for a scope, in one sentence.
    #[serde(default)]
    pub scope_reasons: BTreeMap<String, String>,
    /// `until disconnected`, `not kept` or so many `days`.
    #[serde(default)]
    pub keeps_data: Option<String>,
    /// Its privacy policy.
    #[serde(default)]
    pub privacy_url: Option<String>,
    /// The operator answers for it: nobody is asked.
    #[serde(default)]
    pub trusted: bool,
}

impl NewApp {
    /// A confidential app in development, with nothing but what each has.
    pub fn new(name: String, owner: String, profile: ProfileName, redirect_uris: Vec<String>) -> Self {
        Self {
            client_id: None,
            client_secret: None,
            name,
            owner,
            homepage: None,
            profile,
            kind: Kind::Confidential,
            redirect_uris,
            scopes: None,
            mode: Stage::Development,
            test_users: Vec::new(),
            legacy_flows: false,
            pkce_optional: false,
            id_token_algorithm: SigningAlgorithm::default(),
            userinfo_algorithm: None,
            sector: None,
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            frontchannel_logout_uri: None,
            optional_scopes: Vec::new(),
            scope_reasons: BTreeMap::new(),
            keeps_data: None,
            privacy_url: None,
            trusted: false,
        }
    }
}

/// An app that was registered.
pub struct Registered {
    /// Its client ID.
    pub client_id: String,
    /// Its secret, which is nowhere else in clear.
    pub client_secret: Option<Secret>,
    /// What its developer should know.
    pub warnings: Vec<String>,
}

impl ProfileName {
    fn profile(self) -> Profile {
        match self {
            Self::Spotify => Profile::Spotify,
            Self::Standard => Profile::Standard,
        }
    }
}

fn redirect_uris(texts: &[String], profile: Profile) -> Result<Vec<RedirectUri>, Refused> {
    if texts.is_empty() {
        return Err(Refused::RedirectUriCount(0));
    }
    registered(texts, profile)
}

/// A list of addresses by the rules of redirect URIs, each there once.
pub fn registered(texts: &[String], profile: Profile) -> Result<Vec<RedirectUri>, Refused> {
    if texts.len() > MAX_REDIRECT_URIS {
        return Err(Refused::RedirectUriCount(texts.len()));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = texts.iter().find(|text| !seen.insert(text.as_str())) {
        return Err(Refused::RedirectUriTwice(twice.clone()));
    }
    let policy = profile.policy();
    let register = |text: &String| {
        RedirectUri::register(text, &policy)
            .map_err(|reason| Refused::RedirectUri(text.escape_debug().to_string(), reason))
    };
    texts.iter().map(register).collect()
}

/// Whether an app may be named so; `brand` is the service's.
pub fn check_name(name: &str, brand: &str) -> Result<(), Refused> {
    app_name(name, Some(brand)).map(|_| ())
}

/// Whether an address may be registered as a redirect URI of an app of this profile.
pub fn check_redirect_uri(uri: &str, profile: ProfileName) -> Result<(), Refused> {
    registered(&[uri.to_owned()], profile.profile()).map(|_| ())
}

/// Any app on a phone can claim a scheme; one without a dot is claimed by accident too (RFC 8252 §7.1).
fn warnings(uris: &[RedirectUri]) -> Vec<String> {
    let scheme = |uri: &RedirectUri| uri.as_str().split(':').next().unwrap_or_default().to_ascii_lowercase();
    uris.iter()
        .filter(|uri| !matches!(scheme(uri).as_str(), "http" | "https") && !scheme(uri).contains('.'))
        .map(|uri| {
            format!("{}: other apps can claim this scheme too; com.example.app:/callback is safer", uri.as_str())
        })
        .collect()
}

/// A link that people are shown: `javascript:` and the like would run on our page (stored XSS).
fn homepage(text: &str) -> Result<String, Refused> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && text.len() <= 2048 => Ok(url.into()),
        _ => Err(Refused::Homepage(text.escape_debug().to_string())),
    }
}

/// An address that is told of sign-outs, by the rules of redirect URIs: a web page, and no other machine in clear.
pub fn logout_uri(text: &str, profile: Profile) -> Result<String, Refused> {
    let uri = RedirectUri::register(text, &profile.policy())
        .map_err(|reason| Refused::LogoutUri(text.escape_debug().to_string(), reason))?;
    match uri.as_str().starts_with("https://") || uri.as_str().starts_with("http://") {
        true => Ok(text.to_owned()),
        false => Err(Refused::LogoutScheme(text.escape_debug().to_string())),
    }
}

/// An address that is loaded in a frame of our page: where the app is, so that it is the app's own.
pub fn frame_uri(text: &str, profile: Profile, redirect_uris: &[RedirectUri]) -> Result<String, Refused> {
    let text = logout_uri(text, profile)?;
    if is_at_home(&text, redirect_uris) { Ok(text) } else { Err(Refused::FrameElsewhere(text)) }
}

/// Whether an address is at the scheme, host and port of one of these redirect URIs (OpenID Connect Front-Channel Logout §2).
/// A loopback address without a port is at every port.
pub fn is_at_home(text: &str, redirect_uris: &[RedirectUri]) -> bool {
    let frame = Url::parse(text).ok();
    let is_there = |uri: &RedirectUri| {
        let (Some(frame), Ok(uri)) = (&frame, Url::parse(uri.as_str())) else { return false };
        let is_at_every_port = uri.scheme() == "http" && uri.port().is_none();
        let is_at_port = is_at_every_port || uri.port_or_known_default() == frame.port_or_known_default();
        uri.scheme() == frame.scheme() && uri.host() == frame.host() && is_at_port
    };
    redirect_uris.iter().any(is_there)
}

fn sector(text: &str) -> Result<String, Refused> {
    let is_host = !text.is_empty()
        && text.len() <= 253
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
    if is_host { Ok(text.to_owned()) } else { Err(Refused::Sector(text.escape_debug().to_string())) }
}

fn openid(new: &NewApp, profile: Profile, redirect_uris: &[RedirectUri]) -> Result<OpenIdSettings, Refused> {
    let told = |uri: &str| logout_uri(uri, profile);
    let framed = |uri: &str| frame_uri(uri, profile, redirect_uris);
    Ok(OpenIdSettings {
        id_token_algorithm: new.id_token_algorithm,
        userinfo_algorithm: new.userinfo_algorithm,
        sector: new.sector.as_deref().map(sector).transpose()?,
        post_logout_redirect_uris: registered(&new.post_logout_redirect_uris, profile)?,
        backchannel_logout_uri: new.backchannel_logout_uri.as_deref().map(told).transpose()?,
        frontchannel_logout_uri: new.frontchannel_logout_uri.as_deref().map(framed).transpose()?,
    })
}

/// Sentences that a developer writes are no longer than this many characters.
pub const MAX_REASON_CHARS: usize = 120;

fn consent(new: &NewApp, scopes: &ScopeCatalogue) -> Result<ConsentSettings, Refused> {
    let optional = scope_set(&new.optional_scopes, scopes)?;
    // Without it there is no sign-in to allow.
    if optional.is_openid() {
        return Err(Refused::OptionalSignIn);
    }
    let mut reasons = BTreeMap::new();
    for (name, reason) in &new.scope_reasons {
        let scope = scopes.find(name).ok_or_else(|| Refused::Scope(name.clone()))?;
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > MAX_REASON_CHARS || reason.chars().any(is_invisible) {
            return Err(Refused::Reason(name.clone()));
        }
        reasons.insert(scope, reason.to_owned());
    }
    let keeps =
        |text: &String| KeepsData::parse(text).ok_or_else(|| Refused::KeepsData(text.escape_debug().to_string()));
    Ok(ConsentSettings {
        optional,
        reasons,
        keeps_data: new.keeps_data.as_ref().map(keeps).transpose()?,
        privacy_url: new.privacy_url.as_deref().map(homepage).transpose()?,
        trusted: new.trusted,
    })
}

fn scope_set(names: &[String], catalogue: &ScopeCatalogue) -> Result<ScopeSet, Refused> {
    names.iter().try_fold(ScopeSet::EMPTY, |set, name| {
        catalogue.find(name).map(|scope| set.with(scope)).ok_or_else(|| Refused::Scope(name.clone()))
    })
}

async fn find_user(store: &Store, identifier: &str) -> Result<User, Refused> {
    let found = users::by_identifier(store, &canonical_email(identifier)).await?;
    found.map(|(user, _)| user).ok_or_else(|| Refused::NoSuchUser(identifier.to_owned()))
}

/// Registers an app. `id` is what tokens carry, random unless a seed says otherwise; `record` is written with it.
pub async fn add(
    store: &Store,
    (scopes, brand): (&ScopeCatalogue, &str),
    new: &NewApp,
    id: AppId,
    now: Timestamp,
    rng: &(impl Rng + ?Sized),
    record: Option<&AuditRecord>,
) -> Result<Registered, Refused> {
    let client_id = new.client_id.clone().unwrap_or_else(|| hex(&random::<16>(rng)));
    if !is_client_id(&client_id) {
        return Err(Refused::ClientId(client_id));
    }
    let profile = new.profile.profile();
    let redirect_uris = redirect_uris(&new.redirect_uris, profile)?;
    let openid = openid(new, profile, &redirect_uris)?;
    let (client_type, client_secret) = match (new.kind, &new.client_secret) {
        (Kind::Confidential, Some(secret)) => (ClientType::Confidential, Some(secret.clone())),
        (Kind::Confidential, None) => (ClientType::Confidential, Some(Secret::new(hex(&random::<16>(rng))))),
        (Kind::Public, None) => (ClientType::Public, None),
        (Kind::Public, Some(_)) => return Err(Refused::PublicWithSecret),
    };
    if new.pkce_optional && client_type == ClientType::Public {
        return Err(Refused::PublicWithoutPkce);
    }
    let owner = find_user(store, &new.owner).await?;
    let mut test_users: Vec<UserId> = Vec::new();
    for identifier in &new.test_users {
        let user = find_user(store, identifier).await?;
        if !test_users.contains(&user.id) {
            test_users.push(user.id);
        }
    }
    let app = App {
        id,
        client_id,
        name: app_name(&new.name, Some(brand).filter(|_| !new.trusted))?,
        owner: Some(owner.id),
        developer: owner.display_name,
        homepage: new.homepage.as_deref().map(homepage).transpose()?,
        profile,
        client_type,
        redirect_uris,
        secrets: client_secret.iter().map(|secret| StoredSecret { hash: secret.hash(), retires_at: None }).collect(),
        scopes: new.scopes.as_deref().map(|names| scope_set(names, scopes)).transpose()?,
        mode: match new.mode {
            Stage::Development => Mode::Development,
            Stage::Live => Mode::Live,
        },
        test_users,
        rotates: false,
        paused: false,
        legacy_flows: new.legacy_flows,
        pkce_optional: new.pkce_optional,
        openid,
        consent: consent(new, scopes)?,
        about: About::default(),
        standing: Standing::default(),
        epoch: 0,
        created_at: now,
    };
    let secret = client_secret.as_ref().map_or("", Secret::expose);
    let last_four = secret.get(secret.len().saturating_sub(4)..).unwrap_or_default();
    let added = match record {
        Some(record) => apps::add_recorded(store, &app, last_four, record).await,
        None => apps::add(store, &app, last_four).await,
    };
    match added {
        Ok(()) => Ok(Registered { warnings: warnings(&app.redirect_uris), client_id: app.client_id, client_secret }),
        Err(StoreError::Conflict) => Err(Refused::ClientIdTaken(app.client_id)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_twenty_different_addresses() {
        let some = |n: usize| (0..n).map(|i| format!("https://app.example/{i}")).collect::<Vec<_>>();
        assert!(redirect_uris(&some(20), Profile::Spotify).is_ok());
        for wrong in [some(0), some(21)] {
            assert!(matches!(redirect_uris(&wrong, Profile::Spotify), Err(Refused::RedirectUriCount(_))));
        }
        let twice = [some(1), some(1)].concat();
        assert!(matches!(redirect_uris(&twice, Profile::Spotify), Err(Refused::RedirectUriTwice(_))));
    }

    #[test]
    fn a_scheme_without_a_dot_is_saved_with_a_warning_or_not_at_all() {
        let uris = ["myapp://back".to_owned(), "com.example.app:/back".to_owned()];
        let saved = redirect_uris(&uris, Profile::Spotify).unwrap();
        assert_eq!(warnings(&saved).len(), 1);
        assert!(matches!(redirect_uris(&uris, Profile::Standard), Err(Refused::RedirectUri(..))));
    }

    #[test]
    fn a_home_page_is_a_page() {
        assert!(homepage("https://app.example").is_ok());
        for bad in ["javascript:alert(1)", "data:text/html,x", "app.example", ""] {
            assert!(matches!(homepage(bad), Err(Refused::Homepage(_))), "{bad}");
        }
    }

    #[test]
    fn a_frame_of_ours_shows_the_app_s_own_pages_only() {
        let own =
            ["https://app.example/cb", "https://app.example:8443/cb", "http://127.0.0.1/cb", "http://[::1]:3000/cb"];
        let own = redirect_uris(&own.map(str::to_owned), Profile::Standard).unwrap();
        let frame = |text: &str| frame_uri(text, Profile::Standard, &own);
        for good in [
            "https://app.example/out?x=1",
            "https://app.example:443/out",
            "https://app.example:8443/out",
            "http://127.0.0.1:5000/out",
            "http://[::1]:3000/out",
        ] {
            assert!(frame(good).is_ok(), "{good}");
        }
        for elsewhere in ["https://evil.example/out", "https://app.example:9443/out", "http://[::1]:3001/out"] {
            assert!(matches!(frame(elsewhere), Err(Refused::FrameElsewhere(_))), "{elsewhere}");
        }
        assert!(matches!(frame("http://app.example/out"), Err(Refused::LogoutUri(..))));
    }

    #[test]
    fn what_an_app_says_at_consent_is_checked() {
        let file = toml::from_str(include_str!("../../../../seed/scopes.toml")).unwrap();
        let scopes = ScopeCatalogue::new(file, &["en"]).unwrap();
        let said = |keys: &str| {
            let app = "name = 'A'\nowner = 'o'\nprofile = 'standard'\nredirect_uris = []\n";
            consent(&toml::from_str(&format!("{app}{keys}")).unwrap(), &scopes)
        };
        let good =
            said("optional_scopes = ['streaming']\nkeeps_data = '30 days'\nscope_reasons = {streaming = ' to play '}");
        let good = good.unwrap();
        assert_eq!(good.optional, scopes.parse("streaming").unwrap());
        assert_eq!(good.reasons.into_values().collect::<Vec<_>>(), ["to play"]);
        assert_eq!(good.keeps_data, Some(KeepsData::Days(30)));
        assert_eq!(said("").unwrap(), ConsentSettings::default());
        assert!(matches!(said("optional_scopes = ['openid']"), Err(Refused::OptionalSignIn)));
        assert!(matches!(said("optional_scopes = ['x']"), Err(Refused::Scope(_))));
        assert!(matches!(said("keeps_data = 'for ever'"), Err(Refused::KeepsData(_))));
        assert!(matches!(said("privacy_url = 'javascript:alert(1)'"), Err(Refused::Homepage(_))));
        for bad in [" ".to_owned(), "x".repeat(121), "now\\u202Eyltnegru".to_owned()] {
            let keys = format!("scope_reasons = {{streaming = \"{bad}\"}}");
            assert!(matches!(said(&keys), Err(Refused::Reason(_))), "{bad}");
        }
    }

    #[test]
    fn a_sector_is_a_host_name() {
        assert!(sector("app.example").is_ok());
        for bad in ["", "https://app.example", "App.example", "app.example/x"] {
            assert!(matches!(sector(bad), Err(Refused::Sector(_))), "{bad}");
        }
    }
}
