//! What the token and revocation endpoints share: reading the request, authenticating the client, the JSON face.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use keysig_core::access_token::Audience;
use keysig_core::app::{App, ClientType};
use keysig_core::client_authentication::{
    AuthenticatedClient, ClientRefused, Credential, PresentedClient, authenticate, present,
};
use keysig_core::grant::device_code::DeviceRefused;
use keysig_core::id::UserId;
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::profile::{Policy, Profile};
use keysig_core::resource::UnknownTarget;
use keysig_core::secret::Secret;
use keysig_core::token_error::TokenRefused;
use keysig_store::StoreError;
use serde::Serialize;

use crate::inspector::{About, Details, Fact, Facts, Outcome, Reason, Sent, Step, Warning, facts_of_scope, observe};
use crate::net::Peer;
use crate::oauth::token::DEVICE_CODE;
use crate::request_id::RequestId;
use crate::routes::uri_is_too_long;
use crate::server::{Server, address_block};
use crate::visit::{Form, FormRefused};

/// A request to the token or revocation endpoint, read but not yet believed.
pub struct TokenRequest {
    /// Its parameters: of the body, and of the query where the app's policy reads it.
    pub parameters: Parameters,
    /// The app it names and what it shows, or why it names none.
    client: Result<(Arc<App>, PresentedClient), (ClientRefused, bool)>,
    peer: IpAddr,
    policy: Policy,
    came: Came,
    app: OnceLock<Arc<App>>,
    person: OnceLock<UserId>,
    facts: Mutex<Facts>,
}

/// A request as it came, for the Inspector.
struct Came {
    request_id: String,
    authorization: Option<Secret>,
    /// So many of the parameters were in the body.
    in_body: usize,
    /// The query, where the app's policy does not read it.
    unread: Parameters,
}

/// A refusal with the policy it is worded by.
pub struct Refusal {
    /// Why.
    pub reason: TokenRefused,
    /// Of the app, or the instance's default where none is known.
    pub policy: Policy,
    /// Where the reason can be looked at, for the answer.
    error_uri: Option<String>,
}

impl TokenRequest {
    /// Reads a request by the policy of the app it names, or of the instance where it names none.
    pub async fn read(server: &Server, step: Step, request: Request) -> Result<Self, Refusal> {
        Self::read_by(server, step, request, server.settings.default_profile.policy(), App::policy).await
    }

    /// Reads a request at an endpoint that the Spotify API does not have: by the RFCs, whatever app it names.
    pub async fn read_by_rfc(server: &Server, step: Step, request: Request) -> Result<Self, Refusal> {
        Self::read_by(server, step, request, Profile::Standard.policy(), |_| Profile::Standard.policy()).await
    }

    /// In the order that gives nothing away: form, duplicates, client.
    async fn read_by(
        server: &Server,
        step: Step,
        request: Request,
        default: Policy,
        policy_of: fn(&App) -> Policy,
    ) -> Result<Self, Refusal> {
        let refuse = |reason| Refusal::new(reason, default);
        if uri_is_too_long(request.uri()) {
            return Err(refuse(TokenRefused::UriTooLong));
        }
        if request.method() != Method::POST {
            return Err(refuse(TokenRefused::Method));
        }
        let request_id = request.extensions().get::<RequestId>().map(RequestId::text).unwrap_or_default().to_owned();
        let (parts, body) = request.into_parts();
        let peer = Peer::of(&parts);
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let authorization = match (headers.next(), headers.next()) {
            (None, _) => None,
            (Some(one), None) => Some(Secret::new(one.to_str().unwrap_or_default().to_owned())),
            (Some(_), Some(_)) => Some(Secret::new(String::new())),
        };
        let query = Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .map_err(|malformed| refuse(TokenRefused::Malformed(malformed)))?;
        let mut came = Came { request_id, authorization, in_body: 0, unread: query };
        let Form(body) =
            Form::from_request(Request::from_parts(parts, body), &()).await.unwrap_or_else(|no| match no {});
        let body = match body {
            Ok(body) => body,
            Err(refused) => {
                let reason = match refused {
                    FormRefused::NotAForm => TokenRefused::NotAForm,
                    FormRefused::TooLong => TokenRefused::TooLong,
                    FormRefused::Malformed(malformed) => TokenRefused::Malformed(malformed),
                };
                return Err(came.unreadable(server, step, &Parameters::default(), refuse(reason)).await);
            }
        };
        match came.read(server, body, peer, (default, policy_of)).await {
            Ok(request) => Ok(request),
            Err((mut came, parameters, refusal)) => Err(came.unreadable(server, step, &parameters, refusal).await),
        }
    }

    /// A request that was kept, with something in place of what was not. `None` where it cannot be put together again.
    pub async fn again(server: &Server, sent: &Sent) -> Result<Self, Refusal> {
        let came = Came {
            request_id: String::new(),
            authorization: sent.stand_in_header().map(Secret::new),
            in_body: 0,
            unread: sent.stand_ins(true),
        };
        let policy = (server.settings.default_profile.policy(), App::policy as fn(&App) -> Policy);
        let nowhere = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        came.read(server, sent.stand_ins(false), nowhere, policy).await.map_err(|(.., refusal)| refusal)
    }

    /// Whose request it is, or why it is nobody's.
    pub fn client(&self) -> Result<&Arc<App>, Refusal> {
        let failed = |(refused, by_header)| self.refuse(TokenRefused::Client { refused, by_header });
        self.client.as_ref().map(|(app, _)| app).map_err(|failure| failed(*failure))
    }

    /// A refusal in the words of this request's app.
    pub fn refuse(&self, reason: TokenRefused) -> Refusal {
        Refusal::new(reason, self.policy)
    }

    /// Whose request it turned out to be, where it does not say so.
    pub fn is_of(&self, app: Arc<App>) {
        let _ = self.app.set(app);
    }

    /// Whom it turned out to be about: told to the Inspector and nobody else.
    pub fn is_about(&self, user: UserId) {
        let _ = self.person.set(user);
    }

    /// Something that the words about a refusal name.
    pub fn note(&self, name: &'static str, value: &str) {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).push(Fact::new(name, value));
    }

    /// The end of a request: what became of it is said to the Inspector, and then the answer.
    pub fn answer(&self, server: &Server, step: Step, answer: Result<Response, Refusal>) -> Response {
        let named = self.client.as_ref().ok().map(|(app, _)| app);
        let Some(app) = self.app.get().or(named) else { return answer.unwrap_or_else(Refusal::into_response) };
        let about = About { app, user: self.person.get().copied(), step, request_id: &self.came.request_id };
        match answer {
            Ok(response) => {
                // Nothing of it was used up before.
                let by_device = self.parameters.get("grant_type") == Some(DEVICE_CODE);
                if step == Step::Token && (by_device || app.client_type == ClientType::Public) {
                    server.quotas.token_made(app.id, server.now());
                }
                observe(server, about, Outcome::Passed, || Details {
                    warnings: self.secret_ends(app).then_some(Warning::SecretEnds).into_iter().collect(),
                    ..self.came.details(server, app, &self.parameters)
                });
                response
            }
            Err(refusal) => {
                let details = || Details {
                    facts: std::mem::take(&mut *self.facts.lock().unwrap_or_else(PoisonError::into_inner)),
                    ..self.came.details(server, app, &self.parameters)
                };
                refusal.observed(server, about, details).into_response()
            }
        }
    }

    /// Whether the secret that was shown is about to stop.
    fn secret_ends(&self, app: &App) -> bool {
        let Ok((_, PresentedClient { credential: Credential::Secret(secret), .. })) = &self.client else {
            return false;
        };
        app.secrets.iter().any(|stored| stored.retires_at.is_some() && stored.hash.matches(secret.expose()))
    }

    /// The value of a parameter that must be there.
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.parameters.get(name).ok_or_else(|| self.refuse(TokenRefused::ParameterMissing(name)))
    }

    /// The policy that the request was read by.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Where it comes from.
    pub fn peer(&self) -> IpAddr {
        self.peer
    }

    /// The API that the token is to be for, if the request names one that its app's policy reads (RFC 8707 §2).
    pub fn target(&self, server: &Server) -> Result<Option<Audience>, UnknownTarget> {
        let named = self.parameters.all("resource").filter(|_| self.policy.openid_connect);
        server.apis.resolve_all(named)
    }

    /// Whether the request names no client at all.
    pub fn names_nobody(&self) -> bool {
        matches!(self.client, Err((ClientRefused::Missing, false)))
    }

    /// Refuses an app that asked for as many tokens as it may: call it once it is known whose request this is. `is_proven`: the
    /// app has shown that.
    pub fn within_quota(&self, server: &Server, app: &App, is_proven: bool) -> Result<(), Refusal> {
        let asked = server.quotas.token_request(app, is_proven, &server.live(), server.now());
        asked.map_err(|used_up| {
            let (most, retry_after_seconds) = (used_up.most, used_up.retry_after_seconds);
            self.refuse(TokenRefused::Quota { most, retry_after_seconds })
        })
    }

    /// Authenticates the client at the token endpoint, and holds it to its quota.
    pub fn token_client(&self, server: &Server) -> Result<AuthenticatedClient<'_>, Refusal> {
        let client = self.authenticate(server)?;
        self.within_quota(server, client.app(), client.secret().is_some())?;
        Ok(client)
    }

    /// Authenticates the client. Wrong secrets are counted before they are compared, so that parallel guesses are too.
    pub fn authenticate(&self, server: &Server) -> Result<AuthenticatedClient<'_>, Refusal> {
        let failed = |(refused, by_header)| self.refuse(TokenRefused::Client { refused, by_header });
        let (app, presented) = self.client.as_ref().map_err(|failure| failed(*failure))?;
        if matches!(presented.credential, Credential::Nothing) {
            return authenticate(app, presented, server.now())
                .map_err(|refused| failed((refused, presented.by_header)));
        }
        let subject = (app.client_id.clone(), address_block(self.peer));
        let _counted = server.secrets.try_once(subject.clone(), server.now()).map_err(|retry_after_seconds| {
            failed((ClientRefused::Throttled { retry_after_seconds }, presented.by_header))
        })?;
        let client = authenticate(app, presented, server.now());
        // Servers of an app that is paused go on asking with the right secret: that is no guess, and when the app is resumed
        // none of them may wait.
        if matches!(client, Ok(_) | Err(ClientRefused::Paused)) {
            server.secrets.succeeded(&subject);
        }
        if let Some(secret) = client.as_ref().ok().and_then(AuthenticatedClient::secret) {
            server.secret_uses.count(app.id, &secret, server.now());
        }
        client.map_err(|refused| failed((refused, presented.by_header)))
    }
}

/// What cannot be read, as far as it was.
type Unread = (Came, Parameters, Refusal);

impl Came {
    /// Duplicates, then the client: what is asked of every request before its grant is.
    async fn read(
        mut self,
        server: &Server,
        body: Parameters,
        peer: IpAddr,
        (default, policy_of): (Policy, fn(&App) -> Policy),
    ) -> Result<TokenRequest, Unread> {
        // A secret in an address is in every log on the way.
        if self.unread.get("client_secret").is_some() {
            return Err((self, body, Refusal::new(TokenRefused::SecretInQuery, default)));
        }
        let app = match self.names(&body) {
            Some(client_id) => match server.app(&client_id).await {
                Ok(app) => app,
                Err(error) => return Err((self, body, Refusal::of_store(&error, default))),
            },
            None => None,
        };
        let policy = app.as_ref().map_or(default, |app| policy_of(app));
        self.in_body = body.pairs().count();
        let parameters = match policy.token_parameters_in_query {
            true => body.and(std::mem::take(&mut self.unread)),
            false => body,
        };
        if parameters.duplicate().is_some() {
            return Err((self, parameters, Refusal::new(TokenRefused::ParameterTwice, policy)));
        }
        let client = match (present(self.header(), &parameters), app) {
            (Ok(presented), Some(app)) => Ok((app, presented)),
            (Ok(presented), None) => Err((ClientRefused::Unknown, presented.by_header)),
            (Err(refused), _) => Err((refused, self.authorization.is_some())),
        };
        Ok(TokenRequest {
            parameters,
            client,
            peer,
            policy,
            came: self,
            app: OnceLock::new(),
            person: OnceLock::new(),
            facts: Mutex::default(),
        })
    }

    fn header(&self) -> Option<&str> {
        self.authorization.as_ref().map(Secret::expose)
    }

    /// The client that a request names, in whatever place.
    fn names(&self, body: &Parameters) -> Option<String> {
        let named = present(self.header(), body).or_else(|_| present(self.header(), &self.unread));
        named.ok().map(|client| client.client_id)
    }

    fn details(&self, server: &Server, app: &App, parameters: &Parameters) -> Details {
        let client_id = &app.client_id;
        let sent = Sent::of(server, client_id, parameters.pairs().take(self.in_body))
            .and_query(server, client_id, parameters.pairs().skip(self.in_body))
            .and_query(server, client_id, self.unread.pairs())
            .and_basic(server, self.authorization.as_ref());
        Details { sent, ..Details::default() }
    }

    /// The end of a request that cannot be read: whose it is is asked all the same, for its developer.
    async fn unreadable(&mut self, server: &Server, step: Step, body: &Parameters, refusal: Refusal) -> Refusal {
        if self.in_body == 0 {
            self.in_body = body.pairs().count();
        }
        let Some(client_id) = self.names(body) else { return refusal };
        let Ok(Some(app)) = server.app(&client_id).await else { return refusal };
        let about = About { app: &app, user: None, step, request_id: &self.request_id };
        refusal.observed(server, about, || {
            let facts = body.duplicate().map(|name| Fact::new("name", name)).into_iter().collect();
            Details { facts, ..self.details(server, &app, body) }
        })
    }
}

impl Refusal {
    fn new(reason: TokenRefused, policy: Policy) -> Self {
        Self { reason, policy, error_uri: None }
    }

    /// Says it to the Inspector. The developer of an app that reads more than codes is told where to look, on a server
    /// that is only for trying things out.
    fn observed(self, server: &Server, about: About<'_>, details: impl FnOnce() -> Details) -> Self {
        // A device that waits is not turned away, and asks every five seconds.
        if self.reason == TokenRefused::Device(DeviceRefused::Pending) {
            return self;
        }
        let reason = Reason::of_token(&self.reason, &server.scopes());
        let facts = match &self.reason {
            TokenRefused::ParameterMissing(name) => vec![Fact::new("name", name)],
            TokenRefused::GrantTypeUnknown(sent) => vec![Fact::new("sent", sent)],
            TokenRefused::Scope(refused) => facts_of_scope(refused),
            TokenRefused::Quota { most, .. } => vec![Fact::new("limit", &most.to_string())],
            _ => Facts::new(),
        };
        let seen = observe(server, about, Outcome::Refused(reason), || {
            let mut details = details();
            details.facts.extend(facts);
            details.check = self.reason.check().map(|check| check.name().to_owned());
            details
        });
        let tells = server.settings.test_mode && about.app.policy().describes_errors_to_apps;
        let address = |id| {
            let (issuer, app) = (&server.settings.public_url, percent_encode(&about.app.client_id));
            format!("{issuer}/dashboard/apps/{app}/inspector/{id}")
        };
        Self { error_uri: seen.filter(|_| tells).map(address), ..self }
    }

    /// A store that cannot answer: never `invalid_grant`, which would make clients throw good tokens away.
    pub fn of_store(error: &StoreError, policy: Policy) -> Self {
        tracing::error!(%error, "the store did not answer a token request");
        Self::new(TokenRefused::Unavailable, policy)
    }

    /// As a response.
    pub fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct ErrorBody {
            error: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            error_description: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            error_uri: Option<String>,
        }
        let wire = self.reason.wire(&self.policy);
        let body = ErrorBody { error: wire.error, error_description: wire.description, error_uri: self.error_uri };
        let mut response = json(wire.status, &body);
        let headers = response.headers_mut();
        if wire.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"keysig\""));
        }
        if let Some(seconds) = wire.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if wire.status == 405 {
            headers.insert(http::header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// A JSON answer that nobody may keep (RFC 6749 §5.1).
pub fn json(status: u16, body: &impl Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default();
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
