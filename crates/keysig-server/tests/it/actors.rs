//! Who takes part: a server on a throw-away store, a browser with a cookie jar, an app that talks to the token endpoint.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use keysig_core::app::{About, App, ClientType, ConsentSettings, Mode, OpenIdSettings, Standing, StoredSecret};
use keysig_core::encoding::base64_encode;
use keysig_core::id::{AppId, UserId};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::password::{HashingMemory, PasswordHash};
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::resource::{Api, ApiCatalogue, TokenFormat};
use keysig_core::scope::{ScopeCatalogue, ScopeFile};
use keysig_core::seal::{MasterKey, sha256};
use keysig_core::secret::Secret;
use keysig_core::testing::{SeededRng, TestClock};
use keysig_core::time::{Clock, Timestamp};
use keysig_core::user::{Product, Role, User};
use keysig_server::server::{Parts, Server};
use keysig_server::settings::{Compat, Settings, SignUp};
use keysig_store::catalogue::SharedCatalogue;
use keysig_store::{EngineConfig, Store, StoreConfig, apps, users};
use serde_json::Value;
use tower::ServiceExt;

mod again;
mod consent;
pub mod issued;

pub const PASSWORD: &str = "demo-password";
pub const REDIRECT_URI: &str = "http://127.0.0.1:8888/callback";
pub const ISSUER: &str = "http://127.0.0.1:8080";
/// RFC 7636 Appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Noon of a day in 2026.
pub const START: Timestamp = Timestamp::from_unix_millis(1_795_435_200_000);

/// A running server whose time stands still until it is advanced.
#[derive(Clone)]
pub struct TestApp {
    pub server: Arc<Server>,
    pub clock: TestClock,
    router: Router,
    place: Arc<issued::Place>,
}

fn id_of(text: &str) -> [u8; 16] {
    sha256(text.as_bytes())[..16].try_into().unwrap()
}

pub fn user_id(name: &str) -> UserId {
    UserId::from_bytes(id_of(&format!("user:{name}")))
}

pub fn app_id(client_id: &str) -> AppId {
    AppId::from_bytes(id_of(&format!("app:{client_id}")))
}

/// One hash for all: hashing is not what most tests are about.
pub fn password_hash() -> PasswordHash {
    static HASH: OnceLock<PasswordHash> = OnceLock::new();
    let make = || {
        let secret = Secret::new(PASSWORD.to_owned());
        PasswordHash::new(&secret, &SeededRng::new(7), &mut HashingMemory::default()).unwrap()
    };
    HASH.get_or_init(make).clone()
}

pub fn user(name: &str, product: Product) -> User {
    User {
        id: user_id(name),
        public_id: name.to_owned(),
        email: format!("{name}@example.test"),
        display_name: name[..1].to_uppercase() + &name[1..],
        country: "NL".to_owned(),
        product,
        role: Role::User,
        epoch: 1,
        disabled: false,
        email_verified: true,
        locale: None,
    }
}

/// An app as tests start from.
pub fn app(client_id: &str, client_type: ClientType, profile: Profile) -> App {
    let secret = format!("{client_id}-secret");
    let stored = StoredSecret { hash: Secret::new(secret).hash(), retires_at: None };
    App {
        id: app_id(client_id),
        client_id: client_id.to_owned(),
        name: format!("Peek {client_id}"),
        owner: None,
        developer: "Grace H.".to_owned(),
        homepage: Some("https://peek.example".to_owned()),
        profile,
        client_type,
        redirect_uris: [
            "http://127.0.0.1/callback",
            "https://peek.example/cb",
            "https://peek.example/cb?keep=1",
            "myapp.example://cb",
        ]
        .map(|uri| RedirectUri::register(uri, &profile.policy()).unwrap())
        .to_vec(),
        secrets: if client_type == ClientType::Confidential { vec![stored] } else { Vec::new() },
        scopes: None,
        mode: Mode::Live,
        test_users: Vec::new(),
        rotates: false,
        paused: false,
        legacy_flows: false,
        pkce_optional: false,
        openid: OpenIdSettings::default(),
        consent: ConsentSettings::default(),
        about: About::default(),
        standing: Standing::default(),
        epoch: 1,
        created_at: START,
    }
}

pub const OPAQUE_API: &str = "https://tickets.example.test";
pub const JWT_API: &str = "https://radio.example.test";

/// Two APIs beside ours, both of which `standard` introspects for.
fn apis() -> Vec<Api> {
    let api = |identifier: &str, format| Api {
        identifier: identifier.to_owned(),
        format,
        introspected_by: vec!["standard".to_owned()],
    };
    vec![api(OPAQUE_API, TokenFormat::Opaque), api(JWT_API, TokenFormat::Jwt(SigningAlgorithm::EdDsa))]
}

fn scope_file() -> ScopeFile {
    toml::from_str(include_str!("../../../../seed/scopes.toml")).unwrap()
}

impl TestApp {
    /// With ada and bob, and the apps `web` and `public` (spotify), `standard`, `standard-public`, and `legacy`, which may
    /// have tokens in the front channel and needs no PKCE.
    pub async fn new() -> Self {
        Self::with_seed(1).await
    }

    /// The same, with other random bytes.
    pub async fn with_seed(seed: u64) -> Self {
        let place = Arc::new(issued::Place::new());
        let fresh = Self::open(place, TestClock::at(START), seed, Compat::Friendly).await;
        for user in [user("ada", Product::Premium), user("bob", Product::Free)] {
            users::add(&fresh.server.store, &user, &password_hash(), START).await.unwrap();
        }
        for app in [
            app("web", ClientType::Confidential, Profile::Spotify),
            app("other", ClientType::Confidential, Profile::Spotify),
            app("public", ClientType::Public, Profile::Spotify),
            app("standard", ClientType::Confidential, Profile::Standard),
            app("standard-public", ClientType::Public, Profile::Standard),
            App {
                legacy_flows: true,
                pkce_optional: true,
                ..app("legacy", ClientType::Confidential, Profile::Standard)
            },
        ] {
            fresh.add(&app).await;
        }
        fresh
    }

    async fn open(place: Arc<issued::Place>, clock: TestClock, seed: u64, compat: Compat) -> Self {
        Self::open_with(place, clock, seed, compat, apis()).await
    }

    async fn open_with(place: Arc<issued::Place>, clock: TestClock, seed: u64, compat: Compat, apis: Vec<Api>) -> Self {
        Self::open_set(place, clock, seed, (apis, scope_file()), |settings| settings.defaults.compat = compat).await
    }

    async fn open_set(
        place: Arc<issued::Place>,
        clock: TestClock,
        seed: u64,
        (apis, file): (Vec<Api>, ScopeFile),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Settings { test_mode: true, ..Settings::new(ISSUER.to_owned()) };
        settings.defaults.sign_up = SignUp::Open;
        change(&mut settings);
        let rng = Arc::new(SeededRng::new(seed));
        let config =
            StoreConfig { engine: EngineConfig::Sqlite { path: place.path().join("keysig.db"), cache_bytes: 1 << 20 } };
        let store = Arc::new(Store::open(config, clock.now(), rng.clone()).await.unwrap());
        let server = Arc::new(Server::new(Parts {
            apis: Arc::new(ApiCatalogue::new(&settings.public_url, apis).unwrap()),
            settings,
            store,
            scopes: Arc::new(ScopeCatalogue::new(file, &["en", "de", "ar"]).unwrap()),
            clock: Arc::new(clock.clone()),
            rng,
            master_key: MasterKey::new([42; 32], 0, true),
        }));
        server.follow_settings().await.unwrap();
        server.keep_signing_keys().await.unwrap();
        let catalogue = Arc::new(SharedCatalogue::open(&place.path().join("catalogue.db")).unwrap());
        let router = keysig_server::routes::router(server.clone(), catalogue);
        Self { server, clock, router, place }
    }

    async fn stop(self) -> (Arc<issued::Place>, TestClock) {
        self.server.store.close().await;
        (self.place, self.clock)
    }

    /// The same data under other settings.
    pub async fn set_to(self, change: impl FnOnce(&mut Settings)) -> Self {
        // Other random bytes than before: no id comes twice.
        let seed = u64::from_be_bytes(keysig_core::rng::random(&*self.server.rng));
        let (place, clock) = self.stop().await;
        Self::open_set(place, clock, seed, (apis(), scope_file()), change).await
    }

    /// Its routes, to be served on a socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn add(&self, app: &App) {
        apps::add(&self.server.store, app, "cret").await.unwrap();
    }

    /// Somebody else, with the usual password.
    pub async fn add_person(&self, user: &User) {
        users::add(&self.server.store, user, &password_hash(), START).await.unwrap();
    }

    pub fn browser(&self) -> Browser {
        Browser { app: self.clone(), jar: HashMap::new() }
    }

    /// A browser in which somebody is signed in.
    pub async fn signed_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(name).await;
        browser
    }

    pub fn client(&self, client_id: &str) -> ClientApp {
        let public = client_id.contains("public");
        ClientApp { app: self.clone(), client_id: client_id.to_owned(), public }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(to_bytes(body, 4 << 20).await.unwrap().to_vec()).unwrap();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        self.place.heard(&answer);
        answer
    }

    /// Where its data is, and what it gave out.
    pub fn place(&self) -> Arc<issued::Place> {
        self.place.clone()
    }

    /// Calls the Web API.
    pub async fn api(&self, path: &str, access_token: &str) -> Answer {
        let request = Request::get(path).header(AUTHORIZATION, format!("Bearer {access_token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub fn text(&self, key: &str) -> String {
        self.json()[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.body)).to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{:?}\n{}", self.headers, self.body);
        self
    }

    /// The token endpoint's error, word for word.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, error: &str, description: &str) {
        self.assert_status(status);
        let expected = if description.is_empty() {
            format!("{{\"error\":\"{error}\"}}")
        } else {
            format!("{{\"error\":\"{error}\",\"error_description\":\"{description}\"}}")
        };
        // Where a developer finds the reason: told by test servers only.
        let body = self.body.split_once(",\"error_uri\":\"").map_or(self.body.clone(), |(said, _)| format!("{said}}}"));
        assert_eq!(body, expected);
        assert_eq!(self.header("cache-control"), "no-store");
        assert!(self.header("content-type").starts_with("application/json"));
    }

    /// The hidden field of a form.
    pub fn field(&self, name: &str) -> String {
        let at =
            self.body.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no field {name}: {}", self.body));
        let tag_start = self.body[..at].rfind('<').unwrap();
        let tag = &self.body[tag_start..tag_start + self.body[tag_start..].find('>').unwrap()];
        let value = tag.split("value=\"").nth(1).unwrap_or_default();
        value.split('"').next().unwrap_or_default().to_owned()
    }

    /// Where a leaving page, or a redirect, leads.
    #[track_caller]
    pub fn destination(&self) -> String {
        if let Some(location) = location(self) {
            return location;
        }
        self.assert_status(200);
        let link = self.body.split("id=\"continue\"").next().unwrap();
        let tag = &self.body[link.rfind('<').unwrap()..];
        let tag = &tag[..tag.find('>').unwrap()];
        unescape(tag.split("href=\"").nth(1).unwrap().split('"').next().unwrap())
    }
}

/// Where a redirect leads.
pub fn location(answer: &Answer) -> Option<String> {
    answer.headers.get(LOCATION).map(|to| to.to_str().unwrap().to_owned())
}

/// HTML character references, as far as our pages use them.
pub fn unescape(text: &str) -> String {
    let mut text = text.to_owned();
    for (reference, character) in
        [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&amp;", "&"), ("&#38;", "&")]
    {
        text = text.replace(reference, character);
    }
    text
}

/// The parameters of a callback address: of its query, or of its fragment.
pub fn parameters(address: &str) -> HashMap<String, String> {
    let query = address.split_once(['?', '#']).map_or("", |(_, query)| query);
    let parsed = Parameters::parse(query.replace('#', "&").as_bytes()).unwrap();
    let known = ["code", "state", "error", "error_description", "iss", "keep"].into_iter();
    known
        .chain(["access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"])
        .filter_map(|name| parsed.get(name).map(|value| (name.to_owned(), value.to_owned())))
        .collect()
}

pub fn form(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", percent_encode(name), percent_encode(value));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A browser.
#[derive(Clone)]
pub struct Browser {
    pub app: TestApp,
    pub jar: HashMap<String, String>,
}

impl Browser {
    async fn send(&mut self, request: http::request::Builder, body: Body) -> Answer {
        let cookies = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let answer =
            self.app.send(request.header(COOKIE, cookies).header("accept", "text/html").body(body).unwrap()).await;
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Gets a page as a browser whose person reads other languages.
    pub async fn get_in(&mut self, path: &str, accept_language: &str) -> Answer {
        self.send(Request::get(path).header("accept-language", accept_language), Body::empty()).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request, Body::from(form(fields))).await
    }

    /// Gets a page and follows where it leads, as long as that is a page of ours.
    pub async fn open(&mut self, path: &str) -> Answer {
        let mut answer = self.get(path).await;
        while let Some(location) = location(&answer) {
            if !location.starts_with('/') {
                break;
            }
            answer = self.get(&location).await;
        }
        answer
    }

    async fn follow(&mut self, answer: Answer) -> Answer {
        match location(&answer) {
            Some(location) if location.starts_with('/') => self.open(&location).await,
            _ => answer,
        }
    }

    /// Fills in the sign-in page at hand.
    pub async fn fill_in(&mut self, page: &Answer, identifier: &str, password: &str) -> Answer {
        let csrf = page.field("csrf");
        let tx = if page.body.contains("name=\"tx\"") { page.field("tx") } else { String::new() };
        let fields = [("tx", tx.as_str()), ("csrf", &csrf), ("identifier", identifier), ("password", password)];
        let answer = self.post("/login", &fields).await;
        self.follow(answer).await
    }

    pub async fn sign_in(&mut self, name: &str) -> Answer {
        let page = self.open("/login").await;
        let after = self.fill_in(&page, &format!("{name}@example.test"), PASSWORD).await;
        assert!(self.jar.contains_key("sid"), "{}", after.body);
        after
    }

    /// Decides on the consent page at hand.
    pub async fn decide(&mut self, page: &Answer, decision: &str) -> Answer {
        let (tx, csrf) = (page.field("tx"), page.field("csrf"));
        self.post("/consent", &[("tx", &tx), ("csrf", &csrf), ("decision", decision)]).await
    }

    /// Opens an authorization request, allows it if it is asked to, and gives the callback's address.
    pub async fn allow(&mut self, request: &AuthorizeUrl) -> String {
        let page = self.open(&request.to_string()).await;
        if page.body.contains("name=\"decision\"") {
            return self.decide(&page, "allow").await.destination();
        }
        page.destination()
    }

    /// The code of an allowed request.
    pub async fn code(&mut self, request: &AuthorizeUrl) -> String {
        let callback = self.allow(request).await;
        parameters(&callback).remove("code").unwrap_or_else(|| panic!("no code in {callback}"))
    }
}

/// An authorization request, good until a test breaks it.
#[derive(Clone)]
pub struct AuthorizeUrl {
    pub parameters: Vec<(String, String)>,
}

impl AuthorizeUrl {
    pub fn of(client_id: &str) -> Self {
        let with_pkce = client_id != "web" && client_id != "other";
        let pairs = [
            ("client_id", client_id),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "user-read-private user-read-email"),
            ("state", "s t/a+t&e"),
        ];
        let request = Self { parameters: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec() };
        if with_pkce { request.with_pkce() } else { request }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn with_pkce(self) -> Self {
        self.with("code_challenge", CHALLENGE).with("code_challenge_method", "S256")
    }

    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self
    }

    pub fn query(&self) -> String {
        let pairs: Vec<_> = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form(&pairs)
    }
}

impl std::fmt::Display for AuthorizeUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/authorize?{}", self.query())
    }
}

/// An app at the token endpoint.
#[derive(Clone)]
pub struct ClientApp {
    pub app: TestApp,
    pub client_id: String,
    public: bool,
}

impl ClientApp {
    pub fn request(&self) -> AuthorizeUrl {
        AuthorizeUrl::of(&self.client_id)
    }

    fn secret(&self) -> String {
        format!("{}-secret", self.client_id)
    }

    pub fn basic(&self) -> String {
        format!("Basic {}", base64_encode(format!("{}:{}", self.client_id, self.secret()).as_bytes()))
    }

    /// Posts to a client endpoint with this app's authentication.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if self.public {
            fields.push(("client_id", &self.client_id));
        } else {
            request = request.header(AUTHORIZATION, self.basic());
        }
        self.app.send(request.body(Body::from(form(&fields))).unwrap()).await
    }

    pub async fn exchange(&self, code: &str) -> Answer {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT_URI)];
        if self.public || self.client_id == "standard" {
            fields.push(("code_verifier", VERIFIER));
        }
        self.post("/api/token", &fields).await
    }

    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/api/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    pub async fn client_credentials(&self) -> Answer {
        self.post("/api/token", &[("grant_type", "client_credentials")]).await
    }

    pub async fn revoke(&self, token: &str) -> Answer {
        self.post("/oauth2/revoke/v1", &[("token", token)]).await
    }

    /// A whole login of a person who allows everything.
    pub async fn log_in(&self, name: &str) -> Tokens {
        let code = self.app.signed_in(name).await.code(&self.request()).await;
        Tokens::of(&self.exchange(&code).await)
    }
}

/// What a login gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Tokens {
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        answer.assert_status(200);
        Self { access: answer.text("access_token"), refresh: answer.text("refresh_token") }
    }
}
