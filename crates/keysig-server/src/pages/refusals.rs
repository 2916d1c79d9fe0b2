//! The words of each refusal that ends on a page: for the person, for developers, and for scripts (ux §8).
//!
//! Legacy texts are what existing clients and scripts match; the words for people are ours.

use keysig_core::app::App;

use super::{Chrome, ErrorForm, ErrorPage, NextStep, Sentence, WebAddress, wait_in};

/// Developers see at most this many characters of a value: a page must not grow with the request.
const SHOWN_CHARACTERS: usize = 300;

/// An app that a refused request named rightly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownApp {
    /// The app's name.
    pub name: String,
    /// The app's home page: the way back.
    pub home: Option<WebAddress>,
}

/// Who paused an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PausedBy {
    /// Its developers.
    Makers,
    /// The operator.
    Service,
}

impl PausedBy {
    /// Who paused this one.
    pub fn of(app: &App) -> Self {
        if app.standing.paused_by_operator { Self::Service } else { Self::Makers }
    }
}

/// Before an authorization request is accepted. None of these redirects: the redirect URI is not proven yet, or clients
/// of the `spotify` profile know the page.
impl ErrorPage {
    /// `client_id` names no app (400).
    #[must_use]
    pub fn unknown_client(chrome: Chrome, client_id: &str) -> Self {
        Self::refused(chrome, "unknown-client", "unknown-client-next")
            .on("to-start", "/")
            .legacy("INVALID_CLIENT: Invalid client")
            .detail("client_id sent", client_id)
    }

    /// `redirect_uri` equals no registered one (400). `nearest` is the registered one that it probably means.
    #[must_use]
    pub fn redirect_mismatch(chrome: Chrome, app: KnownApp, sent: &str, nearest: Option<&str>) -> Self {
        let page = Self::broken_link(chrome, app)
            .legacy("INVALID_CLIENT: Invalid redirect URI")
            .detail("redirect_uri sent", sent);
        match nearest {
            Some(nearest) => page.detail("Nearest registered", nearest),
            None => page,
        }
        .hint("Register the address exactly as sent: scheme, letter case, path and final slash count.")
    }

    /// `redirect_uri` is plain http elsewhere than on a loopback address, or `localhost` (400).
    #[must_use]
    pub fn redirect_insecure(chrome: Chrome, app: KnownApp, sent: &str) -> Self {
        Self::broken_link(chrome, app)
            .legacy("INVALID_CLIENT: Insecure redirect URI")
            .detail("redirect_uri sent", sent)
            .hint("Use https. Plain http is only allowed on 127.0.0.1 and [::1]; localhost is not accepted.")
    }

    /// `scope` holds a name that is not in the catalogue (400). `suggestion` is the nearest one that is.
    #[must_use]
    pub fn illegal_scope(chrome: Chrome, app: KnownApp, scope: &str, suggestion: Option<&str>) -> Self {
        let page = Self::refused(chrome, "illegal-scope", "illegal-scope-next")
            .of_app(app)
            .legacy("Illegal scope")
            .detail("Unknown scope", scope);
        match suggestion {
            Some(suggestion) => page.detail("Did you mean", suggestion),
            None => page.hint("Remove it from the request."),
        }
    }

    /// `response_type` is not `code` (400).
    #[must_use]
    pub fn response_type(chrome: Chrome, app: KnownApp, sent: &str) -> Self {
        Self::broken_link(chrome, app).legacy("response_type must be code").detail("response_type sent", sent)
    }

    /// `response_type` is an implicit or hybrid one, and the app may not use those (400). Same legacy text as
    /// [`ErrorPage::response_type`]: to a script it is the same refusal.
    #[must_use]
    pub fn legacy_flow_off(chrome: Chrome, app: KnownApp, sent_response_type: &str) -> Self {
        Self::response_type(chrome, app, sent_response_type).hint(
            "Implicit and hybrid response types are switched off for this app, because tokens in addresses leak through \
             history and logs. Use response_type=code with PKCE, or switch \"legacy flows\" on.",
        )
    }

    /// A required parameter is missing (400).
    #[must_use]
    pub fn missing_parameter(chrome: Chrome, app: Option<KnownApp>, parameter: &str) -> Self {
        Self::broken_request(chrome, app).legacy(&format!("Missing required parameter: {parameter}"))
    }

    /// A parameter came twice (400, RFC 6749 §3.1).
    #[must_use]
    pub fn duplicate_parameter(chrome: Chrome, app: Option<KnownApp>, parameter: &str) -> Self {
        Self::broken_request(chrome, app)
            .legacy(&format!("Duplicate parameter: {parameter}"))
            .hint("Send each parameter once, even if both values are the same.")
    }

    /// A parameter is not UTF-8, or holds what its syntax does not allow (400). `problem` is a sentence for developers.
    #[must_use]
    pub fn malformed_parameter(chrome: Chrome, app: Option<KnownApp>, parameter: &str, problem: &str) -> Self {
        Self::broken_request(chrome, app).legacy(&format!("Invalid parameter: {parameter}")).hint(problem)
    }

    /// A parameter, or the request as a whole, is longer than its limit. `status` is 400, 413, 414 or 431.
    #[must_use]
    pub fn oversized(chrome: Chrome, app: Option<KnownApp>, status: u16, what: &str, limit_bytes: usize) -> Self {
        Self { status, ..Self::broken_request(chrome, app) }
            .legacy(&format!("Too long: {what}"))
            .detail("Limit", &format!("{limit_bytes} bytes"))
    }

    /// The app is in development mode and the person is not on its list (403).
    #[must_use]
    pub fn not_a_test_user(chrome: Chrome, app: KnownApp, account_email: &str) -> Self {
        Self { status: 403, ..Self::refused(chrome, "not-a-test-user", "not-a-test-user-next") }
            .of_app(app)
            .legacy("User not registered in the Developer Dashboard")
            .detail("Account", account_email)
    }

    /// The account was made up by a developer to try other apps than this one (403).
    #[must_use]
    pub fn fake_elsewhere(chrome: Chrome, app: KnownApp) -> Self {
        Self { status: 403, ..Self::refused(chrome, "fake-elsewhere", "fake-elsewhere-next") }
            .of_app(app)
            .legacy("Test account of another developer")
            .hint("Accounts that a developer made up log in to that developer's own apps only.")
    }

    /// The operator lets nobody new log in to the app (403).
    #[must_use]
    pub fn logins_stopped(chrome: Chrome, app: KnownApp) -> Self {
        Self { status: 403, ..Self::refused(chrome, "logins-stopped", "logins-stopped-next") }
            .of_app(app)
            .legacy("App takes no new users")
            .hint("The people who run this service stopped new logins to the app. Ask them why.")
    }

    /// Nobody reviewed the app, and as many people as may have given it what can change their things (403).
    #[must_use]
    pub fn too_many_people(chrome: Chrome, app: KnownApp, most: u32) -> Self {
        Self { status: 403, ..Self::refused(chrome, "too-many-people", "too-many-people-next") }
            .of_app(app)
            .legacy("Too many users for an app that was not reviewed")
            .detail("People at most", &most.to_string())
            .hint("Ask for a review, or ask for fewer permissions.")
    }

    /// With the address at which the app's makers mend it.
    #[must_use]
    pub fn mended_at(self, address: &str) -> Self {
        self.hint("If this is your app, add this account to its test users.").detail("Test users", address)
    }

    /// With a form that mends it; its button names `what`.
    #[must_use]
    pub fn with_form(self, label: &'static str, what: &str, form: ErrorForm) -> Self {
        let label = self.words().say(label).name("account", what);
        Self { form: Some((label, form)), ..self }
    }

    /// The app takes no logins for now (403).
    #[must_use]
    pub fn app_unavailable(chrome: Chrome, app: KnownApp, by: PausedBy) -> Self {
        let (title, legacy) = match by {
            PausedBy::Makers => ("paused-by-makers", "App paused by its developer"),
            PausedBy::Service => ("paused-by-service", "App paused by the service"),
        };
        Self { status: 403, ..Self::refused(chrome, title, "paused-next") }.of_app(app).legacy(legacy)
    }
}

/// After it is accepted, and everywhere else.
impl ErrorPage {
    /// The pending request is older than its 60 minutes, or unknown (400).
    #[must_use]
    pub fn tx_expired(chrome: Chrome, app: Option<KnownApp>) -> Self {
        Self::refused(chrome, "tx-expired", "tx-expired-next")
            .maybe_app(app)
            .legacy("The authorization request has expired")
            .hint("A request lives for 60 minutes after the app sent the browser here.")
    }

    /// The pending request was answered before, in another tab or before "back" (400).
    #[must_use]
    pub fn already_answered(chrome: Chrome, app: Option<KnownApp>) -> Self {
        Self { nothing_shared: false, ..Self::refused(chrome, "already-answered", "already-answered-next") }
            .maybe_app(app)
            .or_on("to-apps", "/account/apps")
            .legacy("The authorization request was already answered")
    }

    /// The code of a device ran out or was used before (400, RFC 8628 §3.2).
    #[must_use]
    pub fn device_gone(chrome: Chrome) -> Self {
        Self { nothing_shared: false, ..Self::refused(chrome, "device-gone", "device-gone-next") }
            .on("to-pair", "/pair")
            .legacy("The device code has expired or was already used")
    }

    /// `post_logout_redirect_uri` equals no registered one (400). Nobody was signed out.
    #[must_use]
    pub fn post_logout_mismatch(chrome: Chrome, app: KnownApp, sent: &str) -> Self {
        Self { nothing_shared: false, ..Self::refused(chrome, "post-logout", "post-logout-next") }
            .of_app(app)
            .on("to-sign-out", "/logout")
            .legacy("Invalid post_logout_redirect_uri")
            .detail("post_logout_redirect_uri sent", sent)
            .hint("Register the address exactly as sent: scheme, letter case, path and final slash count.")
    }

    /// Too much to do, or the store is away (503).
    #[must_use]
    pub fn busy(chrome: Chrome, retry_after_seconds: u64) -> Self {
        let page = Self::refused(chrome, "busy", "busy-next");
        let wait = wait_in(page.words(), retry_after_seconds);
        Self {
            status: 503,
            sentence: page.sentence.clone().text("wait", wait.plain()),
            retry_after_seconds: Some(retry_after_seconds),
            ..page
        }
        .legacy("temporarily_unavailable")
    }

    /// Something broke (500). The cause is in the log, under the request id.
    #[must_use]
    pub fn internal(chrome: Chrome) -> Self {
        Self { status: 500, ..Self::refused(chrome, "internal", "internal-next") }.legacy("server_error")
    }

    /// No such page (404).
    #[must_use]
    pub fn not_found(chrome: Chrome) -> Self {
        Self { status: 404, nothing_shared: false, ..Self::refused(chrome, "not-found", "not-found-next") }
            .on("to-start", "/")
            .legacy("Not found")
    }

    /// The page exists, the method does not (405). `allow` is the value of the header `Allow`.
    #[must_use]
    pub fn method_not_allowed(chrome: Chrome, allow: &str) -> Self {
        Self { status: 405, nothing_shared: false, ..Self::refused(chrome, "method", "method-next") }
            .on("to-start", "/")
            .legacy("Method not allowed")
            .detail("Allow", allow)
    }

    /// A form came without its ticket, with another session's, or from another site (403).
    #[must_use]
    pub fn csrf_failed(chrome: Chrome) -> Self {
        Self { status: 403, ..Self::refused(chrome, "csrf", "csrf-next") }
            .on("to-start", "/")
            .legacy("The form is not valid for this session")
    }
}

impl ErrorPage {
    fn refused(chrome: Chrome, title: &'static str, sentence: &'static str) -> Self {
        let words = chrome.lang.words("error");
        let say = |key| words.say(key).text("brand", &chrome.brand).name("app", "").choice("known", "no");
        Self {
            title: say(title),
            sentence: say(sentence),
            chrome,
            status: 400,
            retry_after_seconds: None,
            nothing_shared: true,
            next_step: None,
            form: None,
            legacy_text: String::new(),
            hint: None,
            details: Vec::new(),
        }
    }

    fn broken_link(chrome: Chrome, app: KnownApp) -> Self {
        Self::broken_request(chrome, Some(app))
    }

    fn broken_request(chrome: Chrome, app: Option<KnownApp>) -> Self {
        Self::refused(chrome, "broken-link", "broken-link-next").maybe_app(app)
    }

    fn of_app(self, app: KnownApp) -> Self {
        let of_app = |sentence: Sentence| sentence.name("app", &app.name).choice("known", "yes");
        Self {
            title: of_app(self.title),
            sentence: of_app(self.sentence),
            next_step: app.home.map(NextStep::OpenApp),
            ..self
        }
    }

    fn maybe_app(self, app: Option<KnownApp>) -> Self {
        match app {
            Some(app) => self.of_app(app),
            None => self,
        }
    }

    fn on(self, label: &'static str, path: &'static str) -> Self {
        Self { next_step: Some(NextStep::Ours(label, path)), ..self }
    }

    /// The same, where there is no other way on yet.
    fn or_on(self, label: &'static str, path: &'static str) -> Self {
        if self.next_step.is_some() { self } else { self.on(label, path) }
    }

    fn legacy(self, text: &str) -> Self {
        Self { legacy_text: shown(text), ..self }
    }

    fn hint(self, sentence: &str) -> Self {
        Self { hint: Some(shown(sentence)), ..self }
    }

    fn detail(mut self, name: &'static str, value: &str) -> Self {
        self.details.push((name, shown(value)));
        self
    }
}

fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", value.split_at(end).0),
        None => value.to_owned(),
    }
}
