//! Another provider, on a socket of this machine: OpenID Connect, and OAuth 2.0 as GitHub and Spotify speak it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::signature::Ed25519KeyPair;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, Uri};
use keysig_core::encoding::{base64_encode, base64url};
use keysig_core::jose::{Scheduled, SigningAlgorithm, SigningKey, SigningKeys};
use keysig_core::parameters::Parameters;
use keysig_core::seal::sha256;
use keysig_core::secret::Secret;
use keysig_core::testing::TestClock;
use keysig_core::time::{Clock, Timestamp};
use keysig_core::upstream::Fields;
use keysig_server::upstream::{Kind, OAuth2, Provider};
use serde_json::{Value, json};
use url::Url;

use crate::actors::{Answer, Browser, ISSUER, TestApp};

const SECRET: &str = "s3cret";

/// What a provider does with the next people.
pub struct Behaviour {
    /// Nothing but 503.
    pub down: bool,
    /// Whether it names itself in answers, and promises to.
    pub names_itself: bool,
    /// Claims of ID tokens beside the necessary ones, and answers of the user endpoint.
    pub person: Value,
    /// What `/emails` lists.
    pub emails: Value,
    /// Claims put over those of the next ID token.
    pub bend: Value,
    /// Takes the place of the next ID token.
    pub forge: Option<fn(&str) -> String>,
    /// What its token endpoint says instead of tokens, with which status.
    pub token_answer: Option<(u16, Value)>,
    /// Every request: path, `Authorization`, body.
    pub heard: Vec<(String, String, String)>,
    keys: SigningKeys,
    kid: u32,
    codes: HashMap<String, (String, String)>,
}

/// A provider.
#[derive(Clone)]
pub struct FakeProvider {
    pub issuer: String,
    clock: TestClock,
    behaviour: Arc<Mutex<Behaviour>>,
}

fn keys(kid: u32) -> SigningKeys {
    let pair = Ed25519KeyPair::generate().unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    let key = SigningKey::from_pkcs8(SigningAlgorithm::EdDsa, &format!("k{kid}"), der.as_ref()).unwrap();
    SigningKeys::new(vec![Scheduled { key, signs_from: Timestamp::default() }])
}

impl FakeProvider {
    pub async fn start(clock: &TestClock) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let behaviour = Behaviour {
            down: false,
            names_itself: true,
            person: json!({ "sub": "u-1", "name": "Ada There", "email": "new@example.test", "email_verified": true }),
            emails: json!([]),
            bend: json!({}),
            forge: None,
            token_answer: None,
            heard: Vec::new(),
            keys: keys(1),
            kid: 1,
            codes: HashMap::new(),
        };
        let provider = Self { issuer, clock: clock.clone(), behaviour: Arc::new(Mutex::new(behaviour)) };
        let router = Router::new().fallback(answer).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    pub fn set(&self) -> MutexGuard<'_, Behaviour> {
        self.behaviour.lock().unwrap()
    }

    /// As it is configured here.
    pub fn openid(&self) -> Provider {
        Provider {
            id: "example".to_owned(),
            name: "Example ID".to_owned(),
            kind: Kind::OpenId { issuer: self.issuer.clone() },
            client_id: "keysig".to_owned(),
            client_secret: Secret::new(SECRET.to_owned()),
            scope: "openid profile email".to_owned(),
            sign_up: true,
            trust_email: true,
            keep_tokens: false,
        }
    }

    /// As one that speaks OAuth 2.0 as GitHub does: numbers for names, the secret in the form, addresses apart.
    pub fn github(&self) -> Provider {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let named = |name: &str| Some(name.to_owned());
        let fields = Fields { subject: "id".to_owned(), name: named("login"), email: None, email_verified: None };
        let kind = Kind::OAuth2(Box::new(OAuth2 {
            issuer: None,
            authorization_endpoint: at("/authorize"),
            token_endpoint: at("/token"),
            user_endpoint: at("/user"),
            emails_endpoint: Some(at("/emails")),
            fields,
            secret_in_form: true,
        }));
        Provider { id: "github".to_owned(), name: "GitHub".to_owned(), kind, ..self.openid() }
    }

    /// As Spotify does: the secret in the header, an address that nobody confirmed.
    pub fn spotify(&self) -> Provider {
        let Kind::OAuth2(mut oauth2) = self.github().kind else { panic!("it is one") };
        oauth2.fields.email = Some("email".to_owned());
        oauth2.fields.name = Some("display_name".to_owned());
        oauth2.emails_endpoint = None;
        oauth2.secret_in_form = false;
        oauth2.user_endpoint = format!("{}/v1/me", self.issuer);
        let kind = Kind::OAuth2(oauth2);
        Provider { id: "spotify".to_owned(), name: "Spotify".to_owned(), kind, trust_email: false, ..self.github() }
    }

    /// It signs by another key from now on.
    pub fn rotate(&self) {
        let mut behaviour = self.set();
        behaviour.kid += 1;
        behaviour.keys = keys(behaviour.kid);
    }

    /// Somebody signs in at the address that a browser was sent to; where it is sent back to.
    pub fn signs_in(&self, address: &str) -> String {
        let sent = Sent::read(address);
        assert_eq!(sent.get("client_id"), "keysig");
        assert_eq!((sent.get("response_type"), sent.get("code_challenge_method")), ("code", "S256"));
        let mut behaviour = self.set();
        let code = format!("code-{}", behaviour.codes.len());
        let kept = (sent.get("nonce").to_owned(), sent.get("code_challenge").to_owned());
        behaviour.codes.insert(code.clone(), kept);
        let iss = if behaviour.names_itself { format!("&iss={}", self.issuer) } else { String::new() };
        let callback = sent.get("redirect_uri").strip_prefix(ISSUER).unwrap();
        format!("{callback}?code={code}&state={}{iss}", sent.get("state"))
    }

    fn token(&self, form: &Parameters, authorization: &str) -> (u16, Value) {
        let mut behaviour = self.set();
        if let Some(answer) = behaviour.token_answer.take() {
            return answer;
        }
        let basic = format!("Basic {}", base64_encode(format!("keysig:{SECRET}").as_bytes()));
        let in_form = form.get("client_id") == Some("keysig") && form.get("client_secret") == Some(SECRET);
        // Once and in one place (RFC 6749 §2.3.1).
        if (authorization == basic) == in_form {
            return (401, json!({ "error": "invalid_client" }));
        }
        let refused = (400, json!({ "error": "invalid_grant" }));
        let Some((nonce, challenge)) = behaviour.codes.remove(form.get("code").unwrap_or_default()) else {
            return refused;
        };
        let verifier = form.get("code_verifier").unwrap_or_default();
        let callback = form.get("redirect_uri").is_some_and(|uri| uri.ends_with("/callback"));
        if base64url(&sha256(verifier.as_bytes())) != challenge || verifier.len() < 43 || !callback {
            return refused;
        }
        let now = self.clock.now();
        let mut claims = json!({
            "iss": self.issuer, "aud": "keysig", "iat": now.unix_seconds(), "exp": now.unix_seconds() + 300,
            "nonce": nonce,
        });
        for claims_of in [behaviour.person.clone(), std::mem::replace(&mut behaviour.bend, json!({}))] {
            for (name, value) in claims_of.as_object().unwrap() {
                claims[name] = value.clone();
            }
        }
        let mut id_token = behaviour.keys.sign(SigningAlgorithm::EdDsa, "JWT", &claims, now).unwrap();
        if let Some(forge) = behaviour.forge.take() {
            id_token = forge(&id_token);
        }
        let tokens = json!({
            "access_token": "upstream-access", "refresh_token": "upstream-refresh", "token_type": "bearer",
            "id_token": id_token,
        });
        (200, tokens)
    }

    fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"), "userinfo_endpoint": at("/userinfo"),
            "authorization_response_iss_parameter_supported": self.set().names_itself,
        })
    }
}

async fn answer(State(provider): State<FakeProvider>, headers: HeaderMap, uri: Uri, body: String) -> Response {
    let path = uri.path().to_owned();
    let header = |name: &str| headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let (authorization, agent, accept) = (header("authorization"), header("user-agent"), header("accept"));
    let form = Parameters::parse(body.as_bytes()).unwrap();
    provider.set().heard.push((path.clone(), authorization.clone(), body));
    // GitHub's API answers nobody without a name, and its token endpoint speaks JSON only if asked.
    if provider.set().down || agent.is_empty() || accept != "application/json" {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let known = authorization == "Bearer upstream-access";
    let (status, answer) = match path.as_str() {
        "/.well-known/openid-configuration" => (200, provider.discovery()),
        "/jwks" => {
            let behaviour = provider.set();
            (200, json!({ "keys": behaviour.keys.published(provider.clock.now()) }))
        }
        "/token" => provider.token(&form, &authorization),
        "/user" | "/v1/me" | "/userinfo" if known => (200, provider.set().person.clone()),
        "/emails" if known => (200, provider.set().emails.clone()),
        _ => (404, json!({})),
    };
    (StatusCode::from_u16(status).unwrap(), Json(answer)).into_response()
}

/// What a browser was sent away with.
pub struct Sent(HashMap<String, String>);

impl Sent {
    pub fn read(address: &str) -> Self {
        let url = Url::parse(address).unwrap();
        Self(url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// A server with these providers.
pub async fn with_providers(app: TestApp, providers: Vec<Provider>) -> TestApp {
    app.set_to(|settings| settings.upstreams = providers.into_iter().map(Arc::new).collect()).await
}

/// A server with the OpenID provider.
pub async fn with_openid() -> (TestApp, FakeProvider) {
    let app = TestApp::new().await;
    let provider = FakeProvider::start(&app.clock).await;
    let app = with_providers(app, vec![provider.openid()]).await;
    (app, provider)
}

impl Browser {
    /// Presses "Continue with …" on the sign-in page at `path`; the address it is sent to.
    pub async fn leaves_for(&mut self, id: &str, path: &str) -> String {
        let page = self.open(path).await;
        page.assert_status(200);
        let tx = if page.body.contains("name=\"tx\"") { page.field("tx") } else { String::new() };
        let csrf = page.field("csrf");
        let fields = [("csrf", csrf.as_str()), ("tx", &tx)];
        let answer = self.post(&format!("/login/upstream/{id}"), &fields).await;
        answer.assert_status(200).destination()
    }

    /// Goes there, signs in, and comes back; where that leads.
    pub async fn comes_by(&mut self, provider: &FakeProvider, id: &str, path: &str) -> Answer {
        let address = self.leaves_for(id, path).await;
        self.open(&provider.signs_in(&address)).await
    }

    /// Decides on the linking page at hand.
    pub async fn decides(&mut self, page: &Answer, decision: &str) -> Answer {
        let (csrf, id) = (page.field("csrf"), page.field("id"));
        let name = if page.body.contains("name=\"display_name\"") { page.field("display_name") } else { String::new() };
        let fields = [("csrf", csrf.as_str()), ("id", &id), ("decision", decision), ("display_name", &name)];
        let answer = self.post("/account/linking", &fields).await;
        match answer.header("location") {
            "" => answer,
            location => {
                let location = location.to_owned();
                self.open(&location).await
            }
        }
    }

    /// Whether somebody is signed in.
    pub async fn is_signed_in(&mut self) -> bool {
        self.get("/account").await.status == StatusCode::OK
    }
}
