//! What the token and revocation endpoints share: reading the request, authenticating the client, the JSON face.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use keysig_core::access_token::Audience;
use keysig_core::app::App;
use keysig_core::client_authentication::{
    AuthenticatedClient, ClientRefused, Credential, PresentedClient, authenticate, present,
};
use keysig_core::parameters::Parameters;
use keysig_core::profile::{Policy, Profile};
use keysig_core::resource::UnknownTarget;
use keysig_core::token_error::TokenRefused;
use keysig_store::StoreError;
use serde::Serialize;

use crate::net::Peer;
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
}

/// A refusal with the policy it is worded by.
pub struct Refusal {
    /// Why.
    pub reason: TokenRefused,
    /// Of the app, or the instance's default where none is known.
    pub policy: Policy,
}

impl TokenRequest {
    /// Reads a request by the policy of the app it names, or of the instance where it names none.
    pub async fn read(server: &Server, request: Request) -> Result<Self, Refusal> {
        Self::read_by(server, request, server.settings.default_profile.policy(), App::policy).await
    }

    /// Reads a request at an endpoint that the Spotify API does not have: by the RFCs, whatever app it names.
    pub async fn read_by_rfc(server: &Server, request: Request) -> Result<Self, Refusal> {
        Self::read_by(server, request, Profile::Standard.policy(), |_| Profile::Standard.policy()).await
    }

    /// In the order that gives nothing away: form, duplicates, client.
    async fn read_by(
        server: &Server,
        request: Request,
        default: Policy,
        policy_of: fn(&App) -> Policy,
    ) -> Result<Self, Refusal> {
        let refuse = |reason| Refusal { reason, policy: default };
        if uri_is_too_long(request.uri()) {
            return Err(refuse(TokenRefused::UriTooLong));
        }
        if request.method() != Method::POST {
            return Err(refuse(TokenRefused::Method));
        }
        let (parts, body) = request.into_parts();
        let peer = Peer::of(&parts);
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let authorization = match (headers.next(), headers.next()) {
            (None, _) => None,
            (Some(one), None) => Some(one.to_str().unwrap_or_default().to_owned()),
            (Some(_), Some(_)) => Some(String::new()),
        };
        let query = Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .map_err(|malformed| refuse(TokenRefused::Malformed(malformed)))?;
        let Form(body) =
            Form::from_request(Request::from_parts(parts, body), &()).await.unwrap_or_else(|no| match no {});
        let body = body.map_err(|refused| {
            refuse(match refused {
                FormRefused::NotAForm => TokenRefused::NotAForm,
                FormRefused::TooLong => TokenRefused::TooLong,
                FormRefused::Malformed(malformed) => TokenRefused::Malformed(malformed),
            })
        })?;
        // A secret in an address is in every log on the way.
        if query.get("client_secret").is_some() {
            return Err(refuse(TokenRefused::SecretInQuery));
        }
        let named = present(authorization.as_deref(), &body)
            .or_else(|_| present(authorization.as_deref(), &query))
            .ok()
            .map(|client| client.client_id);
        let app = match named {
            Some(client_id) => server.app(&client_id).await.map_err(|error| Refusal::of_store(&error, default))?,
            None => None,
        };
        let policy = app.as_ref().map_or(default, |app| policy_of(app));
        let parameters = if policy.token_parameters_in_query { body.and(query) } else { body };
        if parameters.duplicate().is_some() {
            return Err(Refusal { reason: TokenRefused::ParameterTwice, policy });
        }
        let client = match (present(authorization.as_deref(), &parameters), app) {
            (Ok(presented), Some(app)) => Ok((app, presented)),
            (Ok(presented), None) => Err((ClientRefused::Unknown, presented.by_header)),
            (Err(refused), _) => Err((refused, authorization.is_some())),
        };
        Ok(Self { parameters, client, peer, policy })
    }

    /// A refusal in the words of this request's app.
    pub fn refuse(&self, reason: TokenRefused) -> Refusal {
        Refusal { reason, policy: self.policy }
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
        if client.is_ok() {
            server.secrets.succeeded(&subject);
        }
        client.map_err(|refused| failed((refused, presented.by_header)))
    }
}

impl Refusal {
    /// A store that cannot answer: never `invalid_grant`, which would make clients throw good tokens away.
    pub fn of_store(error: &StoreError, policy: Policy) -> Self {
        tracing::error!(%error, "the store did not answer a token request");
        Self { reason: TokenRefused::Unavailable, policy }
    }

    /// As a response.
    pub fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct ErrorBody {
            error: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            error_description: Option<String>,
        }
        let wire = self.reason.wire(&self.policy);
        let body = ErrorBody { error: wire.error, error_description: wire.description };
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
