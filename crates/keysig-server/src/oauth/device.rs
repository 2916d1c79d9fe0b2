//! `POST /oauth2/device/authorize` (RFC 8628 §3.1, §3.2).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use keysig_core::access_token::Audience;
use keysig_core::authorize::check_scopes;
use keysig_core::grant::device_code::{Decided, DeviceCode, INTERVAL_SECONDS, UserCode};
use keysig_core::id::{DeviceId, LoginId};
use keysig_core::rng::random;
use keysig_core::token_error::TokenRefused;
use keysig_store::StoreError;
use keysig_store::devices::{self, Device};
use serde::Serialize;

use crate::inspector::Step;
use crate::oauth::token_request::{Refusal, TokenRequest, json};
use crate::server::{Server, address_block};

/// RFC 8628 §3.2, with the address of a picture for devices that draw none themselves.
#[derive(Serialize)]
struct DeviceResponse<'a> {
    device_code: &'a str,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    verification_qr: String,
    expires_in: u32,
    interval: u32,
}

/// How a user code is stored: never in clear.
pub fn user_code_mac(server: &Server, code: UserCode) -> [u8; 32] {
    server.device_keys.lasting().mac(&[b"user code", code.as_bytes()])
}

/// How the secret of a device code is stored.
pub fn secret_mac(server: &Server, code: &DeviceCode) -> [u8; 32] {
    server.device_keys.lasting().mac(&[b"device code", code.id.as_bytes(), &code.secret])
}

/// A user code is drawn anew if another device shows it, which happens to one in billions.
const MAX_DRAWS: usize = 3;

/// Lets a device wait.
pub async fn authorize(State(server): State<Arc<Server>>, request: Request) -> Response {
    let request = match TokenRequest::read(&server, Step::Device, request).await {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let answer = async {
        let app = request.authenticate(&server)?.app();
        let policy = app.policy();
        let scopes = check_scopes(app, &server.scopes(), request.parameters.get("scope"))
            .map_err(|refused| request.refuse(TokenRefused::Scope(refused)))?;
        let audience = request.target(&server).map_err(|_| request.refuse(TokenRefused::Target))?;
        let now = server.now();
        // Anybody can name a public app, and each device is a row.
        let _counted = server
            .devices
            .try_once(address_block(request.peer()), now)
            .map_err(|retry_after_seconds| request.refuse(TokenRefused::TooMany { retry_after_seconds }))?;
        let code = DeviceCode { id: DeviceId::generate(now, &*server.rng), secret: random(&*server.rng) };
        let mut device = Device {
            id: code.id,
            secret_mac: secret_mac(&server, &code),
            user_code_mac: [0; 32],
            app: app.id,
            login: LoginId::generate(now, &*server.rng),
            scopes,
            audience: audience.unwrap_or(Audience::OwnApi),
            interval_seconds: INTERVAL_SECONDS,
            polled_at: None,
            expires_at: now.plus_seconds(i64::from(policy.device_lifetime_seconds)),
            decided: Decided::NotYet,
        };
        let unavailable = |error: StoreError| Refusal::of_store(&error, policy);
        let mut draws = 0;
        let user_code = loop {
            let user_code = UserCode::generate(&*server.rng);
            device.user_code_mac = user_code_mac(&server, user_code);
            draws += 1;
            match devices::add(&server.store, &device).await {
                Ok(()) => break user_code,
                Err(StoreError::Conflict) if draws < MAX_DRAWS => {}
                Err(error) => return Err(unavailable(error)),
            }
        };
        let issuer = &server.settings.public_url;
        Ok(json(
            200,
            &DeviceResponse {
                device_code: code.to_wire().expose(),
                user_code: user_code.to_string(),
                verification_uri: format!("{issuer}/pair"),
                verification_uri_complete: format!("{issuer}/pair?code={user_code}"),
                verification_qr: format!("{issuer}/pair/qr?code={user_code}"),
                expires_in: policy.device_lifetime_seconds,
                interval: INTERVAL_SECONDS,
            },
        ))
    };
    let answer = answer.await;
    request.answer(&server, Step::Device, answer)
}
