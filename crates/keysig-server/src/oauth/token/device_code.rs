//! RFC 8628 §3.4: a device asks whether somebody let it in. The insertion of the login decides here, too.

use std::sync::Arc;

use axum::response::Response;
use keysig_core::grant::device_code::{DeviceCode, DeviceRefused, INTERVAL_SECONDS, Waiting, check_poll};
use keysig_core::grant::{Beginning, Login, TokenBinding};
use keysig_core::openid::claims::ClaimsRequest;
use keysig_core::openid::id_token::SignIn;
use keysig_core::secret::constant_time_eq;
use keysig_core::token_error::TokenRefused;
use keysig_store::logins::{self, Inserted};
use keysig_store::{devices, grants};

use super::{Minting, unavailable};
use crate::oauth::device::secret_mac;
use crate::oauth::token_request::{Refusal, TokenRequest};
use crate::server::Server;

/// Answers a poll.
pub(super) async fn poll(server: &Arc<Server>, request: &TokenRequest, presented: &str) -> Result<Response, Refusal> {
    let refuse = |reason| request.refuse(TokenRefused::Device(reason));
    let client = request.authenticate(server)?;
    // Devices that wait ask every five seconds: what counts is the answer that brings tokens.
    request.within_quota(server, client.app(), false)?;
    let (app, now) = (client.app(), server.now());

    let code = DeviceCode::parse(presented).ok_or_else(|| refuse(DeviceRefused::Malformed))?;
    let device = devices::find(&server.store, code.id).await.map_err(unavailable(request))?;
    let device = device
        .filter(|device| constant_time_eq(&device.secret_mac, &secret_mac(server, &code)))
        .ok_or_else(|| refuse(DeviceRefused::Malformed))?;
    let waiting = Waiting {
        app: device.app,
        decided: device.decided,
        polled_at: device.polled_at,
        interval_seconds: device.interval_seconds,
        expires_at: device.expires_at,
    };
    let approval = match check_poll(waiting, app.id, now) {
        Ok(approval) => approval,
        Err(refused) => {
            let slower = match refused {
                DeviceRefused::TooSoon => INTERVAL_SECONDS,
                _ => 0,
            };
            if matches!(refused, DeviceRefused::Pending | DeviceRefused::TooSoon) {
                let interval = device.interval_seconds.saturating_add(slower);
                let noted = devices::note_poll(&server.store, device.id, interval, now).await;
                noted.map_err(unavailable(request))?;
            }
            return Err(refuse(refused));
        }
    };

    request.is_about(approval.user);
    if !server.apis.lists(device.audience) {
        return Err(request.refuse(TokenRefused::Target));
    }
    let rows = grants::standing(&server.store, approval.user, app.id, approval.grant).await;
    let rows = rows.map_err(unavailable(request))?;
    let lost = |lost| refuse(DeviceRefused::Standing(lost));
    let grant = rows.standing(now).check(approval.epochs).map_err(lost)?;
    let scopes = device.scopes.intersection(grant.scopes);
    let with = Beginning {
        id: device.login,
        user: approval.user,
        app: app.id,
        grant: grant.id,
        scopes,
        epochs: approval.epochs,
        // The device is no part of the browser in which somebody let it in, and outlives that session.
        sign_in: SignIn { auth_time: approval.auth_time, amr: approval.amr, session: None },
        audience: device.audience,
        binding: TokenBinding::Bearer,
        claims: ClaimsRequest::default(),
        expires_at: approval.decided_at.plus_seconds(server.settings.refresh_lifetime_seconds),
    };
    let login = Login::begin(with, server.refresh_tokens.current_key(now), now, &*server.rng);
    match logins::insert(&server.store, &login, None).await.map_err(unavailable(request))? {
        Inserted::New => {}
        Inserted::Before(before) if before.attempt == login.attempt => {}
        Inserted::Before(_) | Inserted::SessionEnded => return Err(refuse(DeviceRefused::Used)),
    }
    Minting { app, login: &login, grant, read: &rows, scopes, nonce: None }.mint(server, request).await
}
