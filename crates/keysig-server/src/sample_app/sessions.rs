//! Who is signed in to the sample app. Tokens live here and nowhere else; the browser holds a random id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite};
use keysig_client::{PendingLogin, Secret, Session};
use keysig_core::rng::{Rng, random};
use keysig_core::time::{Clock, Timestamp};

/// A session that was not used for this long is forgotten.
const IDLE_SECONDS: i64 = 12 * 3600;
/// One that never got as far as a login, for this long: as long as a pending login is good.
const UNFINISHED_SECONDS: i64 = 3600;
/// So many logins may be under way in the tabs of one browser.
const PENDING_LIMIT: usize = 8;
/// So many browsers at once; one more pushes out the one that was idle longest, those without a login first.
const SESSION_LIMIT: usize = 10_000;

/// Finds a session: the SHA-256 of its id. Whoever reads this map, in a core dump say, cannot make a cookie from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    fn of(id: &str) -> Self {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, id.as_bytes()).as_ref());
        Self(key)
    }
}

/// What a page needs of a session.
pub struct SignedIn {
    /// Names the session.
    pub key: SessionKey,
    /// Proves that a form came from a page of this session.
    pub csrf: Secret,
    /// The login at the music service.
    pub login: Session,
}

struct Entry {
    csrf: Secret,
    pending: Vec<PendingLogin>,
    login: Option<Session>,
    last_used_at: Timestamp,
}

impl Entry {
    fn is_alive(&self, now: Timestamp) -> bool {
        let idle_seconds = if self.login.is_some() { IDLE_SECONDS } else { UNFINISHED_SECONDS };
        now.millis_since(self.last_used_at) <= idle_seconds.saturating_mul(1000)
    }
}

/// All sessions, in memory.
pub struct Sessions {
    entries: Mutex<HashMap<SessionKey, Entry>>,
    /// Whether the app is on https.
    secure: bool,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Sessions {
    /// No session yet. `secure`: whether the app is on https, where the cookie is bound to the host.
    pub fn new(secure: bool, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { entries: Mutex::default(), secure, clock, rng }
    }

    /// The session of the browser that sent these headers. Cookies ignore ports: another server on this machine may
    /// have set one of the same name, so each is tried.
    pub fn find(&self, headers: &HeaderMap) -> Option<SessionKey> {
        let now = self.clock.now();
        let name = self.cookie_name();
        let mut entries = self.entries();
        let key = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(Cookie::split_parse)
            .flatten()
            .filter(|cookie| cookie.name() == name)
            .map(|cookie| SessionKey::of(cookie.value()))
            .find(|key| entries.get(key).is_some_and(|entry| entry.is_alive(now)))?;
        if let Some(entry) = entries.get_mut(&key) {
            entry.last_used_at = now;
        }
        Some(key)
    }

    /// [`Sessions::find`], for a person who is signed in.
    pub fn signed_in(&self, headers: &HeaderMap) -> Option<SignedIn> {
        let key = self.find(headers)?;
        let entries = self.entries();
        let entry = entries.get(&key)?;
        Some(SignedIn { key, csrf: entry.csrf.clone(), login: entry.login.clone()? })
    }

    /// A new session, and the cookie that names it.
    pub fn start(&self) -> (SessionKey, HeaderValue) {
        let (key, cookie) = self.fresh_key();
        let now = self.clock.now();
        let mut entries = self.entries();
        entries.retain(|_, entry| entry.is_alive(now));
        if entries.len() >= SESSION_LIMIT {
            let oldest = entries.iter().min_by_key(|(_, entry)| (entry.login.is_some(), entry.last_used_at));
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                entries.remove(&oldest);
            }
        }
        entries.insert(key, Entry { csrf: self.random_text(), pending: Vec::new(), login: None, last_used_at: now });
        (key, cookie)
    }

    /// Remembers that this browser started a login.
    pub fn add_pending(&self, key: SessionKey, pending: PendingLogin) {
        if let Some(entry) = self.entries().get_mut(&key) {
            if entry.pending.len() >= PENDING_LIMIT {
                entry.pending.remove(0);
            }
            entry.pending.push(pending);
        }
    }

    /// The login of this browser that `callback` answers, which can be answered only once.
    pub fn take_pending(&self, key: SessionKey, callback: &str) -> Option<PendingLogin> {
        let mut entries = self.entries();
        let entry = entries.get_mut(&key)?;
        let at = entry.pending.iter().position(|pending| pending.is_answered_by(callback))?;
        Some(entry.pending.remove(at))
    }

    /// Signs a session in under a new id: an id that someone planted in this browser beforehand (session fixation)
    /// leads nowhere.
    pub fn sign_in(&self, key: SessionKey, login: Session) -> HeaderValue {
        let (fresh_key, cookie) = self.fresh_key();
        let mut entries = self.entries();
        let pending = entries.remove(&key).map(|entry| entry.pending).unwrap_or_default();
        let last_used_at = self.clock.now();
        entries.insert(fresh_key, Entry { csrf: self.random_text(), pending, login: Some(login), last_used_at });
        cookie
    }

    /// Forgets a session with its tokens, and says how the browser forgets its cookie.
    pub fn remove(&self, key: SessionKey) -> HeaderValue {
        self.entries().remove(&key);
        let mut cookie = self.cookie(String::new());
        cookie.make_removal();
        cookie_header(&cookie)
    }

    fn fresh_key(&self) -> (SessionKey, HeaderValue) {
        let id = self.random_text();
        (SessionKey::of(id.expose()), cookie_header(&self.cookie(id.expose().to_owned())))
    }

    fn cookie(&self, id: String) -> Cookie<'static> {
        let mut cookie = Cookie::new(self.cookie_name(), id);
        cookie.set_http_only(true);
        // Lax, not Strict: coming back from the music service has to find the session.
        cookie.set_same_site(SameSite::Lax);
        cookie.set_secure(self.secure);
        cookie.set_path("/");
        cookie
    }

    fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-app" } else { "app" }
    }

    /// 256 random bits.
    fn random_text(&self) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(random::<32>(&*self.rng)))
    }

    /// A handler that panicked while holding the lock left the map whole: each change is a single call.
    fn entries(&self) -> MutexGuard<'_, HashMap<SessionKey, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cookie_header(cookie: &Cookie<'_>) -> HeaderValue {
    // Base64url and fixed words: always a header value. The empty one would only fail to sign in.
    HeaderValue::from_str(&cookie.to_string()).unwrap_or(HeaderValue::from_static(""))
}
