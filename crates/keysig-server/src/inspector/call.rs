//! Calls to the Web API that are turned away: looked at when the answer is there, so that those which pass cost nothing.

use axum::extract::Request;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderValue, Method, StatusCode, Uri};
use keysig_core::access_token::{ACCESS_TOKEN_LIFETIME_SECONDS, AccessToken, Holder};
use keysig_guard::Denied;

use super::{About, Details, Fact, Facts, Outcome, Reason, Sent, Step, observe};
use crate::api::ApiError;
use crate::request_id::RequestId;
use crate::server::Server;

/// What is held of a call until it is answered.
pub struct Call {
    method: Method,
    uri: Uri,
    authorization: Option<HeaderValue>,
    request_id: Option<RequestId>,
}

impl Call {
    /// Of a request that is on its way in.
    pub fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            authorization: request.headers().get(AUTHORIZATION).cloned(),
            request_id: request.extensions().get::<RequestId>().cloned(),
        }
    }

    fn token(&self) -> Option<&str> {
        self.authorization.as_ref()?.to_str().ok()?.split_once(' ').map(|(_, token)| token.trim_start_matches(' '))
    }

    /// What the token says, even one that has expired: whose call it was is all that is asked of it.
    fn opened(&self, server: &Server) -> Option<AccessToken> {
        let (token, now) = (self.token()?, server.now());
        let a_life_ago = now.plus_seconds(-i64::from(ACCESS_TOKEN_LIFETIME_SECONDS));
        let opened = server.access_tokens.open(token, now).or_else(|_| server.access_tokens.open(token, a_life_ago));
        opened.ok()
    }

    /// Looks at the answer.
    pub async fn answered(self, server: &Server, status: StatusCode, said: &Extensions) {
        let is_refusal = matches!(
            status,
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
        );
        if !is_refusal {
            return;
        }
        let (denied, error) = (said.get::<Denied>(), said.get::<ApiError>());
        let reason = denied.map(Reason::of_denied).or_else(|| error.and_then(Reason::of_api));
        let (Some(reason), Some(token)) = (reason, self.opened(server)) else { return };
        let Ok(Some(app)) = server.app_by_id(token.app).await else { return };
        let user = match token.holder {
            Holder::User { user, .. } => Some(user),
            Holder::App => None,
        };
        let mut facts = Facts::new();
        if let Some(ApiError::Denied(Denied::InsufficientScope { needed })) = error {
            facts.push(Fact::new("scope", &server.scopes().print(*needed)));
        }
        if let Some(ApiError::UsedUp(used_up)) = error {
            facts.push(Fact::new("limit", &used_up.most.to_string()));
        }
        if let Some(ApiError::Refused(_, message)) = error {
            facts.push(Fact::new("message", message));
        }
        let request_id = self.request_id.as_ref().map(RequestId::text).unwrap_or_default();
        let about = About { app: &app, user, step: Step::Api, request_id };
        observe(server, about, Outcome::Refused(reason), || {
            let sent = Sent::of(server, &app.client_id, std::iter::empty());
            let path = self.uri.path().chars().take(200).collect();
            let call = Some((self.method.to_string(), path));
            Details {
                sent: Sent { call, ..sent.and_bearer(server, self.token().unwrap_or_default()) },
                facts,
                ..Details::default()
            }
        });
    }
}
