//! The running instance: what every handler is handed.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use keysig_core::access_token::{self, ACCESS_TOKEN_LIFETIME_SECONDS, AccessToken, AccessTokens};
use keysig_core::app::App;
use keysig_core::authorize::Lookup;
use keysig_core::grant::authorization_code::Codes;
use keysig_core::grant::refresh_token::RefreshTokens;
use keysig_core::id::{ApiKeyId, AppId, UserId};
use keysig_core::resource::ApiCatalogue;
use keysig_core::rng::Rng;
use keysig_core::scope::ScopeCatalogue;
use keysig_core::seal::{Keyring, MasterKey};
use keysig_core::throttle::{Throttle, ThrottleRule};
use keysig_core::time::{Clock, SteadyClock, Timestamp};
use keysig_guard::Guard;
use keysig_store::{Store, StoreError, apps, redirect_uris};
use tokio::sync::Notify;

use crate::hourly::Hourly;
use crate::inspector::Inspector;
use crate::live::Live;
use crate::passkeys::Passkeys;
use crate::passwords::PasswordHasher;
use crate::quota::Quotas;
use crate::second_step::SecondSteps;
use crate::secret_uses::SecretUses;
use crate::settings::Settings;
use crate::signing::Signing;
use crate::upstream::Upstreams;
use crate::usage::UsageCounts;

/// MAC keys of refresh tokens change monthly.
const REFRESH_KEY_DAYS: i64 = 30;

/// Guesses at one account, by all paths together.
const SIGN_IN_RULE: ThrottleRule =
    ThrottleRule { free_failures: 5, first_wait_seconds: 30, longest_wait_seconds: 900, forgiven_after_seconds: 3600 };
/// Guesses from one block of addresses, at any account: higher, because many people share one.
const ADDRESS_RULE: ThrottleRule = ThrottleRule { free_failures: 50, ..SIGN_IN_RULE };
/// Wrong passkeys from one block of addresses: nobody guesses one, but each is a signature to check and a row to write.
const PASSKEY_RULE: ThrottleRule = ThrottleRule { free_failures: 30, first_wait_seconds: 5, ..SIGN_IN_RULE };
/// Guesses from one address, at any account.
const HOST_RULE: ThrottleRule = ThrottleRule { free_failures: 29, ..SIGN_IN_RULE };
/// Guesses at one app's secret, or at keys of the admin API, from one block of addresses.
const SECRET_RULE: ThrottleRule = ThrottleRule { free_failures: 20, first_wait_seconds: 1, ..SIGN_IN_RULE };

/// Guesses at user codes from one block of addresses (RFC 8628 §5.1).
const USER_CODE_RULE: ThrottleRule = ThrottleRule { free_failures: 10, first_wait_seconds: 5, ..SIGN_IN_RULE };
/// Devices that one block of addresses lets wait: each is a row.
const DEVICE_RULE: ThrottleRule = ThrottleRule { free_failures: 200, first_wait_seconds: 5, ..SIGN_IN_RULE };

/// Answers of other providers that one block of addresses has us look at: each is requests of ours.
const JOURNEY_RULE: ThrottleRule = ThrottleRule { free_failures: 100, first_wait_seconds: 5, ..SIGN_IN_RULE };
/// Mails to one address, whoever asks for them: five at once, then one an hour.
/// What exceeds the free ones begins the wait, so it is one more than they.
const MAIL_RULE: ThrottleRule = ThrottleRule {
    free_failures: 4,
    first_wait_seconds: 3600,
    longest_wait_seconds: 3600,
    forgiven_after_seconds: 3600,
};
/// Mails that one block of addresses asks for, to anybody: thirty at once.
const MAILS_FROM_RULE: ThrottleRule = ThrottleRule { free_failures: 29, first_wait_seconds: 120, ..MAIL_RULE };

/// Reports about apps by one person: each is a row that somebody reads.
const REPORT_RULE: ThrottleRule = ThrottleRule { free_failures: 10, first_wait_seconds: 60, ..SIGN_IN_RULE };

/// Addresses that one developer asks for, to put them on a list: each answer tells whether there is an account.
const TEST_USER_RULE: ThrottleRule = ThrottleRule { free_failures: 50, ..SIGN_IN_RULE };

/// A block of addresses that is counted as one guesser: an IPv4 /24 or an IPv6 /48.
pub type AddressBlock = [u8; 6];

/// The block of an address.
pub fn address_block(address: IpAddr) -> AddressBlock {
    let octets = match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            return [0, 0, 4, a, b, c];
        }
        IpAddr::V6(v6) => Ipv6Addr::octets(&v6),
    };
    let [a, b, c, d, e, f, ..] = octets;
    [a, b, c, d, e, f]
}

/// A single address that is counted as one guesser. Of IPv6 the /64: whoever has one address there has all of them.
pub type Host = [u8; 9];

/// The host of an address.
pub fn host(address: IpAddr) -> Host {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            [4, a, b, c, d, 0, 0, 0, 0]
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, e, f, g, h, ..] = v6.octets();
            [6, a, b, c, d, e, f, g, h]
        }
    }
}

/// A running instance.
pub struct Server {
    /// What it is set to.
    pub settings: Settings,
    /// Where everything is kept.
    pub store: Arc<Store>,
    /// What operators set while it runs.
    pub(crate) live: Live,
    /// The APIs that tokens can be asked for.
    pub apis: Arc<ApiCatalogue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// Signing keys.
    pub signing: Signing,
    /// Authorization codes.
    pub codes: Codes,
    /// Access tokens.
    pub access_tokens: Arc<AccessTokens>,
    /// What JWT access tokens carry sealed (RFC 9068); none of it is an access token.
    pub jwt_states: AccessTokens,
    /// Refresh tokens.
    pub refresh_tokens: RefreshTokens,
    /// MACs of cookies and forms.
    pub cookie_keys: Keyring,
    /// MACs of device and user codes.
    pub device_keys: Keyring,
    /// MACs of what is proven by mail.
    pub mail_keys: Keyring,
    /// MACs of the audit's checkpoints.
    pub audit_keys: Keyring,
    /// Seals columns.
    pub column_keys: Keyring,
    /// Verifies access tokens for our own Web API.
    pub guard: Arc<Guard>,
    /// Passkeys, where the address is a domain.
    pub passkeys: Option<Passkeys>,
    /// Seeds, recovery codes, and what is sealed between two steps.
    pub second_steps: SecondSteps,
    /// Hashes passwords, a few at a time.
    pub hasher: PasswordHasher,
    /// Failed sign-ins by account.
    pub sign_ins: Throttle<String>,
    /// Failed sign-ins by address block.
    pub addresses: Throttle<AddressBlock>,
    /// Wrong passkeys by address block, apart from all other tries.
    pub passkey_answers: Throttle<AddressBlock>,
    /// Failed sign-ins by single address.
    pub hosts: Throttle<Host>,
    /// Wrong client secrets by app and address block.
    pub secrets: Throttle<(String, AddressBlock)>,
    /// Wrong user codes by address block.
    pub user_codes: Throttle<AddressBlock>,
    /// Devices that began to wait, by address block.
    pub devices: Throttle<AddressBlock>,
    /// Addresses that are looked at for strangers, by address block.
    pub inspections: Throttle<AddressBlock>,
    /// Reports about apps, by person.
    pub reports: Throttle<UserId>,
    /// Addresses of test users that developers ask for.
    pub test_users: Throttle<UserId>,
    /// Other providers to sign in by.
    pub upstreams: Upstreams,
    /// Journeys to them, by address block.
    pub journeys: Throttle<AddressBlock>,
    /// Rung when a logout token was put on its way.
    pub deliveries: Notify,
    /// Rung when a webhook was put on its way by its developer; others are looked for.
    pub webhooks: Notify,
    /// Rung when a mail was put on its way.
    pub mails: Notify,
    /// Figures of apps that are not written down yet.
    pub usage: Arc<UsageCounts>,
    /// Mails to one address.
    pub mails_to: Throttle<String>,
    /// Mails asked for from one block of addresses.
    pub mails_from: Throttle<AddressBlock>,
    /// What became of requests, on its way to their developers.
    pub inspector: Inspector,
    /// What apps asked for lately.
    pub quotas: Quotas,
    /// How often secrets are used.
    pub secret_uses: SecretUses,
    /// Keys of the admin API that are none, by address block.
    pub api_keys: Throttle<AddressBlock>,
    /// When keys of the admin API were last used.
    pub(crate) api_key_uses: Hourly<ApiKeyId>,
    /// When redirect URIs were last used.
    uri_uses: Hourly<(AppId, String)>,
    apps: RwLock<HashMap<String, CachedApp>>,
    /// Client IDs by id, which never change.
    client_ids: RwLock<HashMap<AppId, Arc<str>>>,
    stopping: AtomicBool,
}

/// An app as it was read.
#[derive(Clone)]
struct CachedApp {
    version: i64,
    changes: u64,
    read_at: Timestamp,
    app: Arc<App>,
}

/// How long a parsed app is used without asking whether it is current, in milliseconds.
const APP_TRUSTED_MILLIS: i64 = 1000;

/// What a server is made of.
pub struct Parts {
    /// What it is set to.
    pub settings: Settings,
    /// Where everything is kept.
    pub store: Arc<Store>,
    /// The scopes of the configuration.
    pub scopes: Arc<ScopeCatalogue>,
    /// The APIs that tokens can be asked for.
    pub apis: Arc<ApiCatalogue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// From which all keys are derived.
    pub master_key: MasterKey,
}

/// How many apps are kept parsed.
const CACHED_APPS: usize = 10_000;

impl Server {
    /// Derives the keys and puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let Parts { settings, store, scopes, apis, clock, rng, master_key } = parts;
        let clock: Arc<dyn Clock> = Arc::new(SteadyClock::above(clock));
        let master_key = Arc::new(master_key);
        let keys = |purpose, days| Keyring::new(master_key.clone(), purpose, &settings.public_url, days);
        let incarnation = store.incarnation();
        let access_tokens = Arc::new(AccessTokens::new(keys("access", 1), incarnation));
        let feed = store.clone();
        let guard = Guard::new(
            access_tokens.clone(),
            store.revocations(),
            Box::new(move |now| feed.feed_is_fresh(now)),
            clock.clone(),
            crate::api::REALM,
        );
        Self {
            codes: Codes::new(keys("code", 1), incarnation),
            refresh_tokens: RefreshTokens::new(keys("refresh", REFRESH_KEY_DAYS)),
            cookie_keys: keys("cookie", 1),
            device_keys: keys("device", 1),
            mail_keys: keys("mail", 1),
            column_keys: Keyring::new(master_key.clone(), "column", "", 1),
            // What was sealed stays verifiable under a new address.
            audit_keys: Keyring::new(master_key.clone(), "audit", "", 1),
            jwt_states: AccessTokens::new(keys("access-jwt", 1), incarnation),
            live: Live::new(&settings, scopes),
            second_steps: SecondSteps::new(
                Keyring::new(master_key.clone(), "second-step", "", 1),
                keys("first-step", 1),
            ),
            // What is sealed in the store stays readable under a new address.
            signing: Signing::new(Keyring::new(master_key.clone(), "column", "", 1), settings.test_mode),
            access_tokens,
            guard: Arc::new(guard),
            passkeys: Passkeys::new(&settings.public_url, &settings.defaults.brand, keys("passkey", 1)),
            hasher: PasswordHasher::start(rng.clone()),
            sign_ins: Throttle::new(SIGN_IN_RULE),
            addresses: Throttle::new(ADDRESS_RULE),
            passkey_answers: Throttle::new(PASSKEY_RULE),
            hosts: Throttle::new(HOST_RULE),
            secrets: Throttle::new(SECRET_RULE),
            user_codes: Throttle::new(USER_CODE_RULE),
            devices: Throttle::new(DEVICE_RULE),
            inspections: Throttle::new(JOURNEY_RULE),
            reports: Throttle::new(REPORT_RULE),
            test_users: Throttle::new(TEST_USER_RULE),
            upstreams: Upstreams::new(&settings.upstreams, settings.test_mode, &settings.public_url, &master_key),
            journeys: Throttle::new(JOURNEY_RULE),
            deliveries: Notify::new(),
            webhooks: Notify::new(),
            mails: Notify::new(),
            usage: Arc::default(),
            mails_to: Throttle::new(MAIL_RULE),
            mails_from: Throttle::new(MAILS_FROM_RULE),
            inspector: Inspector::default(),
            quotas: Quotas::default(),
            secret_uses: SecretUses::default(),
            api_keys: Throttle::new(SECRET_RULE),
            api_key_uses: Hourly::default(),
            uri_uses: Hourly::default(),
            apps: RwLock::default(),
            client_ids: RwLock::default(),
            stopping: AtomicBool::new(false),
            settings,
            store,
            apis,
            clock,
            rng,
        }
    }

    /// Reads the signing keys and makes those that are due: before the first request, then now and then.
    pub async fn keep_signing_keys(&self) -> Result<(), StoreError> {
        self.signing.keep(&self.store, self).await
    }

    /// Hands what requests are looked up in to `look`.
    pub fn look_up<T>(&self, look: impl FnOnce(Lookup<'_>) -> T) -> T {
        let scopes = self.scopes();
        let (scopes, apis, issuer) = (&*scopes, &*self.apis, self.settings.public_url.as_str());
        self.signing.with(|keys| look(Lookup { scopes, apis, keys, issuer }))
    }

    /// Opens an access token in whichever form it comes. Says nothing about revocation.
    pub fn open_access_token(&self, presented: &str) -> Option<AccessToken> {
        let now = self.now();
        if let Ok(opened) = self.access_tokens.open(presented, now) {
            return Some(opened);
        }
        let issuer = &self.settings.public_url;
        self.signing.with(|keys| access_token::jwt::open(keys, &self.jwt_states, issuer, presented, now)).ok()
    }

    /// From now on `/ready` says no, so that a balancer sends nothing more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Whether [`Self::stop`] was called.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Until when followers of the feed keep an entry made now: no token or code that it concerns lives longer.
    pub fn keep_until(&self) -> Timestamp {
        const LONGEST_CODE_SECONDS: i64 = 600;
        const MARGIN_SECONDS: i64 = 120;
        self.now().plus_seconds(i64::from(ACCESS_TOKEN_LIFETIME_SECONDS) + LONGEST_CODE_SECONDS + MARGIN_SECONDS)
    }

    /// The app with this `client_id`. A parsed copy is used as long as no app was changed here and for a second at most,
    /// in case another process changed it. Nothing rests on that second: what is made with an old epoch is dead wherever
    /// it is shown.
    pub async fn app(&self, client_id: &str) -> Result<Option<Arc<App>>, StoreError> {
        // Read before the rows are: a change in between makes the copy old at once.
        let (changes, now) = (self.store.apps_changed(), self.now());
        let cached = self.apps.read().unwrap_or_else(PoisonError::into_inner).get(client_id).cloned();
        if let Some(cached) = &cached
            && cached.changes == changes
            && now.millis_since(cached.read_at) < APP_TRUSTED_MILLIS
        {
            return Ok(Some(cached.app.clone()));
        }
        let Some((id, version)) = apps::version(&self.store, client_id).await? else { return Ok(None) };
        let app = match cached.filter(|cached| cached.version == version && cached.app.id == id) {
            Some(cached) => cached.app,
            None => match apps::by_id(&self.store, id).await? {
                Some(app) => Arc::new(app),
                None => return Ok(None),
            },
        };
        let mut cache = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED_APPS {
            cache.clear();
        }
        cache.insert(client_id.to_owned(), CachedApp { version, changes, read_at: now, app: app.clone() });
        Ok(Some(app))
    }

    /// The app with this id, as [`Self::app`] has it: of an app that is called often nothing is read.
    pub async fn app_by_id(&self, id: AppId) -> Result<Option<Arc<App>>, StoreError> {
        let known = self.client_ids.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let client_id = match known {
            Some(client_id) => client_id,
            None => {
                let Some(client_id) = apps::client_id(&self.store, id).await? else { return Ok(None) };
                let client_id: Arc<str> = client_id.into();
                let mut known = self.client_ids.write().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= CACHED_APPS {
                    known.clear();
                }
                known.insert(id, client_id.clone());
                client_id
            }
        };
        // A client ID that was given to another app since is not this one's.
        Ok(self.app(&client_id).await?.filter(|app| app.id == id))
    }

    /// Notes, beside the answer, that somebody goes back to an app by this address.
    pub fn note_redirect_uri(self: &Arc<Self>, app: &App, sent: &str) {
        let Some(uri) = app.redirect_uris.iter().find(|uri| uri.matches(sent)) else { return };
        let (uri, now) = (uri.as_str().to_owned(), self.now());
        if self.uri_uses.is_due((app.id, uri.clone()), now) {
            let (server, app) = (self.clone(), app.id);
            tokio::spawn(async move {
                if let Err(error) = redirect_uris::touch(&server.store, app, &uri, now).await {
                    tracing::debug!(%error, "the use of a redirect URI was not noted");
                }
            });
        }
    }
}
