//! One request of a browser, and the page that answers it: the only place that writes the headers of pages (`docs/pages.md`).

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use askama::Template;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::parameters::{Malformed, Parameters};
use keysig_core::secret::constant_time_eq;
use keysig_store::StoreError;

use crate::actions::Actor;
use crate::browser::{Browser, SignedIn, Ticket, set_cookies};
use crate::language::{Lang, accepted, chosen};
use crate::net::Peer;
use crate::oauth::answer::Unanswered;
use crate::oauth::pending::{self, Found};
use crate::pages::{Chrome, ErrorPage, FooterLinks, WebAddress};
use crate::request_id::RequestId;
use crate::server::Server;
use crate::settings::LiveSettings;

/// No body that we read is longer (design §5).
pub const MAX_BODY_BYTES: usize = 64 * 1024;

const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                           form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Pages run nothing, load only our style sheet and images, and post only to us. Referrers and framing are off.
const PAGE_HEADERS: [(HeaderName, &str); 8] = [
    (CONTENT_SECURITY_POLICY, PAGE_POLICY),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("referrer-policy"), "no-referrer"),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("x-frame-options"), "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// A request of a browser.
pub struct Visit {
    /// The instance.
    pub server: Arc<Server>,
    /// Its cookies.
    pub browser: Browser,
    /// Its headers.
    pub headers: HeaderMap,
    /// Where it comes from.
    pub peer: IpAddr,
    /// The language its pages are wanted in.
    pub lang: Lang,
    /// The path it asks for.
    pub path: String,
    request_id: String,
    cookies: Vec<Option<HeaderValue>>,
}

impl FromRequestParts<Arc<Server>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Infallible> {
        let peer = Peer::of(parts);
        let browser = Browser::read(server, &parts.headers, peer);
        let offered = &server.settings.languages;
        let header = || parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| accepted(value.to_str().ok()?, offered));
        let chosen = browser.lang.map(|chosen| chosen.lang).filter(|lang| offered.contains(lang));
        Ok(Self {
            lang: chosen.or_else(header).or_else(|| offered.first().copied()).unwrap_or_default(),
            browser,
            server: server.clone(),
            headers: parts.headers.clone(),
            peer,
            path: parts.uri.path().to_owned(),
            request_id: RequestId::of(parts),
            cookies: Vec::new(),
        })
    }
}

/// Why a form cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormRefused {
    /// Longer than [`MAX_BODY_BYTES`].
    TooLong,
    /// Not `application/x-www-form-urlencoded`.
    NotAForm,
    /// Not readable one way only.
    Malformed(Malformed),
}

/// The body of a POST as parameters.
pub struct Form(pub Result<Parameters, FormRefused>);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        let is_form = is_form(request.headers());
        let read = async {
            let body = read_body(request.into_body()).await.ok_or(FormRefused::TooLong)?;
            if !is_form && !body.is_empty() {
                return Err(FormRefused::NotAForm);
            }
            Parameters::parse_form(&body).map_err(FormRefused::Malformed)
        };
        Ok(Self(read.await))
    }
}

/// Whether the content type is a form's, whatever its parameters and letter case.
fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A body of at most [`MAX_BODY_BYTES`].
async fn read_body(body: Body) -> Option<Bytes> {
    to_bytes(body, MAX_BODY_BYTES).await.ok()
}

/// What every page links to.
pub fn links(live: &LiveSettings) -> FooterLinks {
    let address = |url: &Option<String>| url.as_deref().and_then(WebAddress::parse);
    FooterLinks { help: address(&live.help_url), privacy: address(&live.privacy_url), terms: address(&live.terms_url) }
}

/// What the top of a page calls whoever is signed in.
fn name(signed_in: Option<&SignedIn>) -> Option<String> {
    signed_in.map(|signed_in| signed_in.user.display_name.clone())
}

impl Visit {
    /// What surrounds a page; `back` is the path of ours that shows this page again.
    pub fn chrome(&self, signed_in: Option<&SignedIn>, back: Option<&str>) -> Chrome {
        let live = self.server.live();
        Chrome {
            brand: live.brand.clone(),
            test_mode: self.server.settings.test_mode,
            theme: self.browser.theme,
            request_id: self.request_id.clone(),
            signed_in: name(signed_in),
            lang: self.lang,
            languages: self.server.settings.languages.clone(),
            back: back.map(str::to_owned),
            accent: live.accent,
            links: links(&live),
        }
    }

    /// The request of a `tx`, for the page it leads to: that speaks the language the request asks for (OpenID Connect Core
    /// §3.1.2.1 `ui_locales`), unless the person chose another since it came.
    pub async fn waiting(&mut self, tx: &str) -> Result<Found, StoreError> {
        let found = pending::find(&self.server, &self.browser, tx).await?;
        if let Found::Waiting(waiting) = &found {
            let asked = waiting.request.ui_locales.as_deref();
            let asked = asked.and_then(|tags| chosen(tags, &self.server.settings.languages));
            let chose_since = self.browser.lang.is_some_and(|chosen| chosen.at > waiting.row.id.made_at());
            self.lang = asked.filter(|_| !chose_since).unwrap_or(self.lang);
        }
        Ok(found)
    }

    /// Gives the browser its own cookie, if it has none: everything kept for it is bound to that.
    pub fn introduce(&mut self) {
        self.cookies.extend(self.browser.introduce(&self.server));
    }

    /// A request was kept for this browser, under this `tx`.
    pub fn begun(&mut self, tx: &str) {
        let cookie = self.browser.begin(&self.server, tx);
        self.cookies.push(cookie);
    }

    /// The CSRF value for a form of this browser, which is given a secret of its own if it has none.
    pub fn csrf(&mut self, signed_in: Option<&SignedIn>, ticket: Ticket<'_>) -> String {
        self.introduce();
        self.browser.csrf(&self.server, signed_in, ticket)
    }

    /// Whether what the browser says of where a POST comes from lets it be a page of ours. `Sec-Fetch-Site` decides first.
    pub fn is_sent_here(&self) -> bool {
        let header = |name| self.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        match header("sec-fetch-site") {
            Some("same-origin" | "none") => true,
            Some(_) => false,
            None => header("origin").is_none_or(|origin| origin == self.server.settings.origin() || origin == "null"),
        }
    }

    /// Whether a POST comes from a page of ours in this browser. `Sec-Fetch-Site` decides first, because pages that
    /// send no referrer send `Origin: null`; then `Origin`; always the form's value.
    pub fn is_from_our_page(&self, signed_in: Option<&SignedIn>, ticket: Ticket<'_>, presented: Option<&str>) -> bool {
        let right = self.browser.csrf(&self.server, signed_in, ticket);
        let presented = presented.unwrap_or_default();
        self.is_sent_here() && self.browser.is_known() && constant_time_eq(presented.as_bytes(), right.as_bytes())
    }

    /// Something that was done by this request, for the audit.
    pub fn audited(&self, actor: &SignedIn, action: AuditAction, about: &str) -> AuditRecord {
        self.actor(actor).record(&self.server, action, about)
    }

    /// The id of this request, as its answer carries it.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Whoever is signed in, as one who acts.
    pub fn actor(&self, signed_in: &SignedIn) -> Actor {
        Actor {
            user: Some(signed_in.user.id),
            role: signed_in.user.role,
            address: self.browser.address.to_canonical().to_string(),
            request_id: self.request_id.clone(),
            by_key: String::new(),
        }
    }

    /// To the sign-in, and back to this page from it.
    pub fn sign_in_first(mut self) -> Response {
        let cookie = self.browser.come_back(&self.server, Some(&self.path));
        self.set_cookie(cookie);
        self.see_other("/login")
    }

    /// Where somebody goes on who signed in and whom no request waits for: to the page they came from, or their account.
    pub fn go_on(mut self) -> Response {
        let Some(page) = self.browser.comes_back_to.clone() else { return self.see_other("/account") };
        let cookie = self.browser.come_back(&self.server, None);
        self.set_cookie(cookie);
        self.see_other(&page)
    }

    /// Sets a cookie with the answer.
    pub fn set_cookie(&mut self, cookie: Option<HeaderValue>) {
        self.cookies.push(cookie);
    }

    /// Whether the browser asked for JSON and not for a page.
    pub fn wants_json(&self) -> bool {
        self.accepts("application/json") && !self.accepts("text/html")
    }

    fn accepts(&self, media_type: &str) -> bool {
        self.headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains(media_type))
    }

    fn accepts_pages(&self) -> bool {
        !self.headers.contains_key(ACCEPT) || self.accepts("text/html") || self.accepts("*/*") || self.accepts("text/*")
    }

    fn response(self, status: u16, content_type: &'static str, body: String) -> Response {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        for (name, value) in PAGE_HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.server.settings.is_https() {
            let hsts = HeaderValue::from_static("max-age=63072000; includeSubDomains");
            headers.insert(http::header::STRICT_TRANSPORT_SECURITY, hsts);
        }
        set_cookies(headers, self.cookies);
        response
    }

    /// A page.
    pub fn page(self, status: u16, page: &impl Template) -> Response {
        match page.render() {
            Ok(html) => self.response(status, "text/html; charset=utf-8", html),
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                self.response(
                    500,
                    "text/plain; charset=utf-8",
                    "Something broke on our side. Nothing was shared.".to_owned(),
                )
            }
        }
    }

    /// A page that reaches beyond us, to `origins` and by `directive` alone: the form of a form_post answer, the frames of a
    /// sign-out.
    pub fn page_reaching(self, status: u16, page: &impl Template, directive: &str, origins: &[String]) -> Response {
        let mut response = self.page(status, page);
        if origins.is_empty() {
            return response;
        }
        let sources = origins.join(" ");
        let policy = match PAGE_POLICY.replace("form-action 'self'", &format!("form-action {sources}")) {
            replaced if directive == "form-action" => replaced,
            _ => format!("{PAGE_POLICY}; {directive} {sources}"),
        };
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }

    /// A page that can be tried again after a while.
    pub fn page_with_retry(self, status: u16, page: &impl Template, retry_after_seconds: Option<u64>) -> Response {
        let mut response = self.page(status, page);
        if let Some(seconds) = retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// An error page; the text that tools know, alone, where a page is not accepted.
    pub fn error(self, page: &ErrorPage) -> Response {
        if !self.accepts_pages() {
            return self.response(page.status, "text/plain; charset=utf-8", page.legacy_text.clone());
        }
        self.page_with_retry(page.status, page, page.retry_after_seconds)
    }

    /// The error page for a store that cannot answer. Nothing was done, or it is not known what was.
    pub fn store_error(self, error: &StoreError) -> Response {
        tracing::error!(%error, request_id = self.request_id, "the store did not answer");
        let page = match error {
            StoreError::Busy | StoreError::Unavailable(_) | StoreError::AmbiguousCommit => {
                ErrorPage::busy(self.chrome(None, None), 1)
            }
            _ => ErrorPage::internal(self.chrome(None, None)),
        };
        self.error(&page)
    }

    /// The page for an agreement that leads to no answer now.
    pub fn unanswered(self, unanswered: &Unanswered) -> Response {
        match unanswered {
            Unanswered::Store(error) => self.store_error(error),
            Unanswered::NotNow => {
                let page = ErrorPage::busy(self.chrome(None, None), 1);
                self.error(&page)
            }
        }
    }

    /// Something else that is no page.
    pub fn text(self, status: u16, body: String) -> Response {
        self.response(status, "text/plain; charset=utf-8", body)
    }

    /// JSON for scripts.
    pub fn json(self, status: u16, body: &serde_json::Value) -> Response {
        self.response(status, "application/json", body.to_string())
    }

    /// See Other: to a page of ours, after a POST too (never 307, which would repeat the password).
    pub fn see_other(self, path: &str) -> Response {
        self.redirect(StatusCode::SEE_OTHER, path)
    }

    /// Found: the one redirect that leaves our origin, and only as the first hop's answer to GET `/authorize`.
    pub fn found(self, address: &str) -> Response {
        self.redirect(StatusCode::FOUND, address)
    }

    fn redirect(self, status: StatusCode, address: &str) -> Response {
        let Ok(location) = HeaderValue::from_str(address) else {
            let page = ErrorPage::internal(self.chrome(None, None));
            return self.error(&page);
        };
        let mut response = self.response(status.as_u16(), "text/plain; charset=utf-8", String::new());
        response.headers_mut().insert(LOCATION, location);
        response
    }
}
