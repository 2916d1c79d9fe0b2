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
use keysig_store::{StoreError, Write, users};

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
/// In front of the `tx`, the name of a cookie of one request.
const BEGUN: &str = "tx-";
/// As long as a request waits.
const BEGUN_SECONDS: i64 = 3600;
/// Says that the browser was given its secret a moment ago.
const NEW: &str = "new";
/// As long as tabs that were opened at once may take to arrive.
const NEW_SECONDS: i64 = 60;
/// Nobody opens more tabs at once before the first has answered.
const MOST_BEGUN: usize = 20;

/// What a request's cookies say before anything is looked up.
pub struct Browser {
    secret: Option<[u8; 32]>,
    /// It was given its secret a moment ago.
    is_new: bool,
    /// Secrets that belong to one request each.
    begun: Vec<(String, [u8; 32])>,
    session: Option<KnownSession>,
    /// Sessions of others in this browser, which wait to be chosen again.
    others: Vec<KnownSession>,
    /// The colour scheme it chose.
    pub theme: Theme,
    /// The language chosen in it.
    pub lang: Option<ChosenLang>,
    /// The page somebody asked for before they signed in.
    pub comes_back_to: Option<String>,
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

/// The cookie of other accounts in this browser, and how many there may be besides the one at hand.
const OTHERS: &str = "accounts";
const MOST_OTHERS: usize = 4;

/// The cookie of the page somebody asked for before they signed in, and how long it is kept, in seconds.
const COMES_BACK_TO: &str = "page";
const COMES_BACK_SECONDS: i64 = 3600;

/// A page of the account, the dashboard or the operator area, and nothing that could be an address elsewhere (open
/// redirect).
pub fn is_page_of_ours(path: &str) -> bool {
    let is_segment = |segment: &str| {
        let is_step = segment.is_empty() || segment == "." || segment == "..";
        !is_step && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let mut segments = path.split('/');
    segments.next() == Some("")
        && segments.next().is_some_and(|area| ["account", "dashboard", "admin"].contains(&area))
        && segments.all(is_segment)
}

/// A session as a cookie names it.
#[derive(Clone)]
struct KnownSession {
    id: SessionId,
    user: UserId,
    secret: [u8; 32],
}

impl KnownSession {
    fn parse(text: &str) -> Option<Self> {
        let bytes = base64url_decode(text)?;
        let (id, rest) = bytes.split_at_checked(16)?;
        let (user, secret) = rest.split_at_checked(16)?;
        Some(Self { id: SessionId::from_slice(id)?, user: UserId::from_slice(user)?, secret: secret.try_into().ok()? })
    }

    fn print(&self) -> String {
        base64url(&[&self.id.as_bytes()[..], self.user.as_bytes(), &self.secret].concat())
    }
}

/// Whose session a cookie names, if nothing of it has ended.
async fn open(server: &Server, known: &KnownSession) -> Result<Option<SignedIn>, StoreError> {
    let Some(session) = sessions::find(&server.store, known.user, known.id).await? else { return Ok(None) };
    let now = server.now();
    let right = constant_time_eq(&cookie_mac(server, &[SESSION_USE, &known.secret]), &session.secret_mac);
    if !right || has_run_out(server, &session, now) {
        return Ok(None);
    }
    let Some(user) = users::by_id(&server.store, known.user).await? else { return Ok(None) };
    if user.disabled || session.user_epoch < user.epoch {
        return Ok(None);
    }
    if now >= session.last_seen_at.plus_seconds(TOUCH_SECONDS) {
        sessions::touch(&server.store, user.id, known.id, now).await?;
    }
    Ok(Some(SignedIn { user, session }))
}

/// A signed-in person.
#[derive(Clone)]
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
        let begun = server.settings.cookie_name(BEGUN);
        let begun = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| Cookie::split_parse(header).filter_map(Result::ok))
            .filter_map(|cookie| {
                let tx = cookie.name().strip_prefix(&begun)?.to_owned();
                Some((tx, base64url_decode(cookie.value())?.try_into().ok()?))
            });
        let begun = begun.take(MOST_BEGUN).collect();
        let others = value(OTHERS).unwrap_or_default();
        Self {
            secret: value("browser").and_then(|text| base64url_decode(&text)?.try_into().ok()),
            is_new: value(NEW).is_some(),
            begun,
            session: value("sid").and_then(|text| KnownSession::parse(&text)),
            others: others.split('.').take(MOST_OTHERS).filter_map(KnownSession::parse).collect(),
            theme: value("theme").and_then(|text| Theme::parse(&text)).unwrap_or_default(),
            comes_back_to: value(COMES_BACK_TO).filter(|path| is_page_of_ours(path)),
            lang: value("lang").and_then(|text| ChosenLang::parse(&text)),
            user_agent: headers
                .get(USER_AGENT)
                .and_then(|agent| agent.to_str().ok())
                .map(|agent| agent.chars().take(USER_AGENT_BYTES).collect())
                .unwrap_or_default(),
            address,
        }
    }

    /// Keeps the page to come back to after a sign-in, or forgets it.
    pub fn come_back(&self, server: &Server, to: Option<&str>) -> Option<HeaderValue> {
        match to.filter(|path| is_page_of_ours(path)) {
            Some(path) => cookie(server, COMES_BACK_TO, path, Some(COMES_BACK_SECONDS)),
            None => cookie(server, COMES_BACK_TO, "", Some(0)),
        }
    }

    /// Whether the browser brought its cookie back.
    pub fn is_known(&self) -> bool {
        self.secret.is_some()
    }

    /// Gives the browser a secret if it has none; the cookie to set, then.
    pub fn introduce(&mut self, server: &Server) -> [Option<HeaderValue>; 2] {
        if self.secret.is_some() {
            return [None, None];
        }
        let secret: [u8; 32] = random(&*server.rng);
        self.secret = Some(secret);
        self.is_new = true;
        [
            cookie(server, "browser", &base64url(&secret), Some(BROWSER_COOKIE_SECONDS)),
            cookie(server, NEW, "1", Some(NEW_SECONDS)),
        ]
    }

    /// Keeps the secret for one request by itself, for a browser that was given it a moment ago: of tabs that came at once
    /// some were each given another, and only the last one stays in the browser's own cookie, whichever of them a request
    /// was kept under.
    pub fn begin(&self, server: &Server, tx: &str) -> Option<HeaderValue> {
        if !self.is_new {
            return None;
        }
        cookie(server, &format!("{BEGUN}{tx}"), &base64url(&self.secret?), Some(BEGUN_SECONDS))
    }

    /// Whether the request of this `tx` was kept for this browser, under `mac`.
    pub fn has_begun(&self, server: &Server, tx: &str, mac: [u8; 32]) -> bool {
        let by_itself = self.begun.iter().filter(|(begun, _)| begun == tx).map(|(_, secret)| secret);
        let mut secrets = self.secret.iter().chain(by_itself);
        secrets.any(|secret| constant_time_eq(&cookie_mac(server, &[BROWSER_USE, secret]), &mac))
    }

    /// The MAC under which what belongs to this browser is stored.
    pub fn mac(&self, server: &Server) -> Option<[u8; 32]> {
        let secret = self.secret?;
        Some(cookie_mac(server, &[BROWSER_USE, &secret]))
    }

    /// Who is signed in: the session's row is there, its secret is right, and nothing of it has ended.
    pub async fn signed_in(&self, server: &Server) -> Result<Option<SignedIn>, StoreError> {
        match &self.session {
            Some(known) => open(server, known).await,
            None => Ok(None),
        }
    }

    /// Everybody who is signed in here: whoever it is now first, then those who were before them.
    pub async fn accounts(&self, server: &Server) -> Result<Vec<SignedIn>, StoreError> {
        let mut all: Vec<SignedIn> = Vec::new();
        for known in self.session.iter().chain(&self.others) {
            let signed_in = open(server, known).await?;
            all.extend(signed_in.filter(|signed_in| all.iter().all(|other| other.user.id != signed_in.user.id)));
        }
        Ok(all)
    }

    /// Begins a session for `user` in this browser, under a secret nobody knew before (session fixation). Where the same
    /// person was signed in it is the same session, so that what hangs on it lives on; another person's waits to be chosen
    /// again. With the cookies to set.
    pub async fn sign_in(
        &self,
        server: &Server,
        user: &User,
        amr: Amr,
    ) -> Result<(SignedIn, Vec<Option<HeaderValue>>), StoreError> {
        let now = server.now();
        let secret: [u8; 32] = random(&*server.rng);
        // Only a session whose secret this browser knows is its own to renew.
        let mut same = None;
        for known in self.session.iter().chain(&self.others).filter(|known| known.user == user.id) {
            same = same.or(open(server, known).await?);
        }
        let fresh = SessionId::generate(now, &*server.rng);
        let mut session = Session {
            id: same.as_ref().map_or(fresh, |same| same.session.id),
            user: user.id,
            secret_mac: cookie_mac(server, &[SESSION_USE, &secret]),
            user_epoch: user.epoch,
            auth_time: now,
            amr,
            last_seen_at: now,
            expires_at: now.plus_seconds(server.settings.session_absolute_seconds),
            user_agent: self.user_agent.clone(),
            created_at: same.as_ref().map_or(now, |same| same.session.created_at),
            checked_at: now,
            second_factor_at: amr.is_two_factors().then_some(now),
            address: self.address.to_canonical().to_string(),
        };
        if same.is_none() || !sessions::renew(&server.store, &session).await? {
            // One that was ended this very moment stays ended: under its old id all that hung on it would live again.
            session.id = fresh;
            session.created_at = now;
            sessions::start(&server.store, &session).await?;
        }
        let mut others: Vec<KnownSession> = Vec::new();
        for known in self.session.iter().chain(&self.others).filter(|known| known.user != user.id) {
            // What has ended makes room; beyond that the one that waited longest is signed out.
            if let Some(signed_in) = open(server, known).await? {
                match others.len() < MOST_OTHERS {
                    true => others.push(known.clone()),
                    false => drop(end_session(server, &signed_in.session).await?),
                }
            }
        }
        let cookies = vec![session_cookie(server, &session, &secret), self.others_cookie(server, &others)];
        Ok((SignedIn { user: user.clone(), session }, cookies))
    }

    /// Goes on as another of those who are signed in here. `None`: they are not any more.
    pub async fn choose(
        &self,
        server: &Server,
        session: SessionId,
    ) -> Result<Option<(SignedIn, Vec<Option<HeaderValue>>)>, StoreError> {
        let Some(chosen) = self.session.iter().chain(&self.others).find(|known| known.id == session) else {
            return Ok(None);
        };
        let Some(signed_in) = open(server, chosen).await? else { return Ok(None) };
        let others: Vec<KnownSession> =
            self.session.iter().chain(&self.others).filter(|known| known.user != chosen.user).cloned().collect();
        let cookies =
            vec![session_cookie(server, &signed_in.session, &chosen.secret), self.others_cookie(server, &others)];
        Ok(Some((signed_in, cookies)))
    }

    /// The cookies once these sessions have ended.
    pub fn forget(&self, server: &Server, ended: &[SessionId]) -> Vec<Option<HeaderValue>> {
        let is_ended = |known: &KnownSession| ended.contains(&known.id);
        let mut cookies = Vec::new();
        if self.session.as_ref().is_some_and(is_ended) {
            cookies.push(cookie(server, "sid", "", Some(0)));
        }
        if self.others.iter().any(is_ended) {
            let left: Vec<_> = self.others.iter().filter(|known| !is_ended(known)).cloned().collect();
            cookies.push(self.others_cookie(server, &left));
        }
        cookies
    }

    /// The cookie of those who wait to be chosen again; nothing to set where there are and were none.
    fn others_cookie(&self, server: &Server, others: &[KnownSession]) -> Option<HeaderValue> {
        if others.is_empty() {
            return if self.others.is_empty() { None } else { cookie(server, OTHERS, "", Some(0)) };
        }
        let value = others.iter().take(MOST_OTHERS).map(KnownSession::print).collect::<Vec<_>>().join(".");
        cookie(server, OTHERS, &value, Some(server.settings.session_absolute_seconds))
    }

    /// The person of this session has shown once more that it is them. The session goes on under a new secret, so that a
    /// cookie that was copied before is worth nothing for what only they may do. `by` is how they have shown it.
    pub async fn confirm(
        &self,
        server: &Server,
        signed_in: SignedIn,
        by: Amr,
    ) -> Result<Option<(SignedIn, Option<HeaderValue>)>, StoreError> {
        let SignedIn { user, mut session } = signed_in;
        let secret: [u8; 32] = random(&*server.rng);
        session.secret_mac = cookie_mac(server, &[SESSION_USE, &secret]);
        session.checked_at = server.now();
        if by.is_second_factor() {
            session.amr = session.amr.and(by);
            session.second_factor_at = Some(server.now());
        }
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
            Ticket::Accounts => (&b"accounts"[..], ""),
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
    /// Choosing among the accounts of this browser: bound to the browser alone.
    Accounts,
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
    let value = KnownSession { id: session.id, user: session.user, secret: *secret }.print();
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

/// Does a write of this user's and ends all their sessions but `kept` with it; the apps that want to know are told.
pub async fn end_other_sessions(
    server: &Server,
    write: Write,
    user: UserId,
    kept: Option<SessionId>,
) -> Result<(), StoreError> {
    let now = server.now();
    let new_id = || DeliveryId::generate(now, &*server.rng);
    logout::write_and_end_others(&server.store, write, user, kept, now, new_id).await?;
    server.deliveries.notify_one();
    Ok(())
}

/// Adds cookies to a response.
pub fn set_cookies(headers: &mut HeaderMap, cookies: impl IntoIterator<Item = Option<HeaderValue>>) {
    for cookie in cookies.into_iter().flatten() {
        headers.append(SET_COOKIE, cookie);
    }
}
