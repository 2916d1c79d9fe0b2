//! Who a browser is: its own cookie from the first page on, and a session once somebody signed in. Both hold random
//! secrets of which the store keeps MACs only (`docs/sessions.md`).

use std::net::IpAddr;

use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::grant::Amr;
use keysig_core::id::{DeliveryId, SessionId, UserId};
use keysig_core::rng::random;
use keysig_core::seal::mac_with_key;
use keysig_core::secret::constant_time_eq;
use keysig_core::time::Timestamp;
use keysig_core::user::User;
use keysig_store::logout::{self, ToldInBrowser};
use keysig_store::sessions::{self, Session};
use keysig_store::{StoreError, users};

use crate::language::Lang;
use crate::pages::Theme;
use crate::server::Server;

/// The cookie keys are derived for one purpose; these keep its uses apart.
const SESSION_USE: &[u8] = b"session";
const BROWSER_USE: &[u8] = b"browser";

/// A session's `last_seen_at` is written at most this often.
const TOUCH_SECONDS: i64 = 3600;
/// A browser is known longer than any session in it lives; browsers cap cookies at 400 days.
const BROWSER_COOKIE_SECONDS: i64 = 400 * 86_400;
const USER_AGENT_BYTES: usize = 200;

/// What a request's cookies say before anything is looked up.
pub struct Browser {
    secret: Option<[u8; 32]>,
    session: Option<(SessionId, UserId, [u8; 32])>,
    /// The colour scheme it chose.
    pub theme: Theme,
    /// The language chosen in it.
    pub lang: Option<ChosenLang>,
    /// What it calls itself, cut short.
    pub user_agent: String,
    /// The address it comes from.
    pub address: IpAddr,
}

/// A language somebody chose here, and when: what an app asks for later is newer.
#[derive(Clone, Copy, Debug)]
pub struct ChosenLang {
    /// Which.
    pub lang: Lang,
    /// When.
    pub at: Timestamp,
}

impl ChosenLang {
    fn parse(cookie: &str) -> Option<Self> {
        let (tag, at) = cookie.split_once('.')?;
        Some(Self { lang: Lang::from_tag(tag)?, at: Timestamp::from_unix_millis(at.parse().ok()?) })
    }

    /// The value of its cookie.
    pub fn print(self) -> String {
        format!("{}.{}", self.lang.tag(), self.at.unix_millis())
    }
}

/// A signed-in person.
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// In which session.
    pub session: Session,
}

impl Browser {
    /// Reads the cookies. One that was sent twice, or is not ours, counts as not sent.
    pub fn read(server: &Server, headers: &HeaderMap, address: IpAddr) -> Self {
        let value = |name: &str| {
            let name = server.settings.cookie_name(name);
            let mut values = headers
                .get_all(COOKIE)
                .iter()
                // A neighbour's cookie may be in any alphabet; ours are ASCII.
                .map(|header| String::from_utf8_lossy(header.as_bytes()).into_owned())
                .flat_map(|header| Cookie::split_parse(header).filter_map(Result::ok).collect::<Vec<_>>())
                .filter(|cookie| cookie.name() == name)
                .map(|cookie| cookie.value().to_owned());
            let first = values.next();
            // Two cookies of one name: a neighbour on another path or port tossed one in (cookie tossing).
            if values.next().is_some() { None } else { first }
        };
        let session = value("sid").and_then(|text| {
            let bytes = base64url_decode(&text)?;
            let (id, rest) = bytes.split_at_checked(16)?;
            let (user, secret) = rest.split_at_checked(16)?;
            Some((SessionId::from_slice(id)?, UserId::from_slice(user)?, secret.try_into().ok()?))
        });
        Self {
            secret: value("browser").and_then(|text| base64url_decode(&text)?.try_into().ok()),
            session,
            theme: value("theme").and_then(|text| Theme::parse(&text)).unwrap_or_default(),
            lang: value("lang").and_then(|text| ChosenLang::parse(&text)),
            user_agent: headers
                .get(USER_AGENT)
                .and_then(|agent| agent.to_str().ok())
                .map(|agent| agent.chars().take(USER_AGENT_BYTES).collect())
                .unwrap_or_default(),
            address,
        }
    }

    /// Whether the browser brought its cookie back.
    pub fn is_known(&self) -> bool {
        self.secret.is_some()
    }

    /// Gives the browser a secret if it has none; the cookie to set, then.
    pub fn introduce(&mut self, server: &Server) -> Option<HeaderValue> {
        if self.secret.is_some() {
            return None;
        }
        let secret: [u8; 32] = random(&*server.rng);
        self.secret = Some(secret);
        cookie(server, "browser", &base64url(&secret), Some(BROWSER_COOKIE_SECONDS))
    }

    /// The MAC under which what belongs to this browser is stored.
    pub fn mac(&self, server: &Server) -> Option<[u8; 32]> {
        let secret = self.secret?;
        Some(cookie_mac(server, &[BROWSER_USE, &secret]))
    }

    /// Who is signed in: the session's row is there, its secret is right, and nothing of it has ended.
    pub async fn signed_in(&self, server: &Server) -> Result<Option<SignedIn>, StoreError> {
        let Some((id, user, secret)) = self.session else { return Ok(None) };
        let Some(session) = sessions::find(&server.store, user, id).await? else { return Ok(None) };
        let now = server.now();
        let right = constant_time_eq(&cookie_mac(server, &[SESSION_USE, &secret]), &session.secret_mac);
        if !right || has_run_out(server, &session, now) {
            return Ok(None);
        }
        let Some(user) = users::by_id(&server.store, user).await? else { return Ok(None) };
        if user.disabled || session.user_epoch < user.epoch {
            return Ok(None);
        }
        if now >= session.last_seen_at.plus_seconds(TOUCH_SECONDS) {
            sessions::touch(&server.store, user.id, id, now).await?;
        }
        Ok(Some(SignedIn { user, session }))
    }

    /// Begins a session for `user` in this browser, under a secret nobody knew before (session fixation). Where the same
    /// person was signed in it is the same session, so that what hangs on it lives on; another person's ends.
    pub async fn sign_in(
        &self,
        server: &Server,
        user: &User,
        amr: Amr,
    ) -> Result<(SignedIn, Option<HeaderValue>), StoreError> {
        let now = server.now();
        let secret: [u8; 32] = random(&*server.rng);
        // Only a session whose secret this browser knows is its own to renew or to end.
        let before = self.signed_in(server).await?.map(|before| before.session);
        let same = before.as_ref().filter(|before| before.user == user.id).map(|before| before.id);
        let begun = before.as_ref().filter(|before| before.user == user.id).map_or(now, |before| before.created_at);
        let fresh = SessionId::generate(now, &*server.rng);
        let mut session = Session {
            id: same.unwrap_or(fresh),
            user: user.id,
            secret_mac: cookie_mac(server, &[SESSION_USE, &secret]),
            user_epoch: user.epoch,
            auth_time: now,
            amr,
            last_seen_at: now,
            expires_at: now.plus_seconds(server.settings.session_absolute_seconds),
            user_agent: self.user_agent.clone(),
            created_at: begun,
            checked_at: now,
            address: self.address.to_canonical().to_string(),
        };
        if let Some(before) = before.filter(|before| before.user != user.id) {
            end_session(server, &before).await?;
        }
        if same.is_none() || !sessions::renew(&server.store, &session).await? {
            // One that was ended this very moment stays ended: under its old id all that hung on it would live again.
            session.id = fresh;
            session.created_at = now;
            sessions::start(&server.store, &session).await?;
        }
        let set = session_cookie(server, &session, &secret);
        Ok((SignedIn { user: user.clone(), session }, set))
    }

    /// The person of this session has shown once more that it is them. The session goes on under a new secret, so that a
    /// cookie that was copied before is worth nothing for what only they may do.
    pub async fn confirm(
        &self,
        server: &Server,
        signed_in: SignedIn,
    ) -> Result<Option<(SignedIn, Option<HeaderValue>)>, StoreError> {
        let SignedIn { user, mut session } = signed_in;
        let secret: [u8; 32] = random(&*server.rng);
        session.secret_mac = cookie_mac(server, &[SESSION_USE, &secret]);
        session.checked_at = server.now();
        if !sessions::renew(&server.store, &session).await? {
            return Ok(None);
        }
        let set = session_cookie(server, &session, &secret);
        Ok(Some((SignedIn { user, session }, set)))
    }

    /// The value a form carries to show that this browser was given it (CSRF).
    pub fn csrf(&self, server: &Server, signed_in: Option<&SignedIn>, ticket: Ticket<'_>) -> String {
        // A browser without a secret was given nothing, and no value is right for it.
        let Some(key) = self.secret else { return String::new() };
        let session = signed_in.map(|signed_in| *signed_in.session.id.as_bytes());
        let (kind, about) = match ticket {
            Ticket::SignIn => (&b"sign in"[..], ""),
            Ticket::Pair => (&b"pair"[..], ""),
            Ticket::Account => (&b"account"[..], ""),
            Ticket::Consent { shown } => (&b"consent"[..], shown),
        };
        let session = session.as_ref().map_or(&[][..], |id| id);
        let server_mac = cookie_mac(server, &[b"csrf", kind, session, about.as_bytes()]);
        base64url(&mac_with_key(&key, &[&server_mac]))
    }
}

/// Whether a session is over though its row is there: too old, or unused for too long.
pub fn has_run_out(server: &Server, session: &Session, now: Timestamp) -> bool {
    let idle_until = session.last_seen_at.plus_seconds(server.settings.session_idle_seconds + TOUCH_SECONDS);
    now >= session.expires_at || now >= idle_until
}

/// Which form a CSRF value belongs to.
#[derive(Clone, Copy, Debug)]
pub enum Ticket<'a> {
    /// Signing in: bound to the browser alone, so that a stale form still works.
    SignIn,
    /// Typing a device's code: bound to the browser alone.
    Pair,
    /// Acting on one's account: bound to the session as well.
    Account,
    /// Consent: bound to what the page showed as well, so that nobody agrees to what they never saw.
    Consent {
        /// `keysig_core::consent::Shown`, printed.
        shown: &'a str,
    },
}

fn cookie_mac(server: &Server, parts: &[&[u8]]) -> [u8; 32] {
    server.cookie_keys.lasting().mac(parts)
}

fn session_cookie(server: &Server, session: &Session, secret: &[u8; 32]) -> Option<HeaderValue> {
    let value = base64url(&[&session.id.as_bytes()[..], session.user.as_bytes(), secret].concat());
    // Not longer than the session itself: renewing a secret adds nothing to its life.
    let left = session.expires_at.millis_since(server.now()) / 1000;
    cookie(server, "sid", &value, Some(left))
}

/// A cookie of ours: HttpOnly, Lax, for the whole site and no subdomain, and `Secure` wherever we are https.
pub fn cookie(server: &Server, name: &str, value: &str, max_age_seconds: Option<i64>) -> Option<HeaderValue> {
    let mut cookie = Cookie::build((server.settings.cookie_name(name), value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(server.settings.is_https());
    if let Some(seconds) = max_age_seconds {
        cookie = cookie.max_age(cookie::time::Duration::seconds(seconds));
    }
    HeaderValue::from_str(&cookie.build().to_string()).ok()
}

/// Ends a session and tells the apps that want to know; those to be told in the browser are given back.
pub async fn end_session(server: &Server, session: &Session) -> Result<Vec<ToldInBrowser>, StoreError> {
    let now = server.now();
    let new_id = || DeliveryId::generate(now, &*server.rng);
    let told = logout::end_session(&server.store, session.user, session.id, now, new_id).await?;
    server.deliveries.notify_one();
    Ok(told)
}

/// Takes the session cookie back.
pub fn forget_session(server: &Server) -> Option<HeaderValue> {
    cookie(server, "sid", "", Some(0))
}

/// Adds cookies to a response.
pub fn set_cookies(headers: &mut HeaderMap, cookies: impl IntoIterator<Item = Option<HeaderValue>>) {
    for cookie in cookies.into_iter().flatten() {
        headers.append(SET_COOKIE, cookie);
    }
}
