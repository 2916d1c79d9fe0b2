//! RFC 6749 §4.4: the app in its own name. No row, no refresh token, no user.

use axum::response::Response;
use keysig_core::access_token::{ACCESS_TOKEN_LIFETIME_SECONDS, Audience};
use keysig_core::app::{App, ClientType};
use keysig_core::token_error::TokenRefused;

use super::TokenResponse;
use crate::oauth::mint;
use crate::oauth::token_request::{Refusal, TokenRequest, json};
use crate::server::Server;

/// Issues a token.
pub(super) fn issue(server: &Server, request: &TokenRequest) -> Result<Response, Refusal> {
    let app = request.token_client(server)?.app();
    let audience = allowed(server, request, app)?;
    let token = mint::app_token(server, app, audience);
    let token = token.map_err(|mint::NotNow| request.refuse(TokenRefused::Unavailable))?;
    Ok(json(
        200,
        &TokenResponse {
            access_token: token.expose(),
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFETIME_SECONDS,
            refresh_token: None,
            scope: None,
            id_token: None,
        },
    ))
}

/// Whether the app may have such a token, and for which API.
pub(super) fn allowed(server: &Server, request: &TokenRequest, app: &App) -> Result<Audience, Refusal> {
    if app.client_type == ClientType::Public {
        return Err(request.refuse(TokenRefused::PublicClientCredentials));
    }
    if app.policy().token_requests_have_scope && request.parameters.get("scope").is_some() {
        return Err(request.refuse(TokenRefused::ScopeWithoutPerson));
    }
    let audience = request.target(server).map_err(|_| request.refuse(TokenRefused::Target))?;
    Ok(audience.unwrap_or(Audience::OwnApi))
}
