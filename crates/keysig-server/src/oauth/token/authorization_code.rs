//! RFC 6749 §4.1.3. After every check the insertion of the login decides: one code, one login, whatever crashes.

use std::sync::Arc;

use axum::response::Response;
use keysig_core::app::ClientType;
use keysig_core::grant::authorization_code::{CodeRefused, SecondRedemption, second_redemption};
use keysig_core::grant::{Beginning, Login};
use keysig_core::openid::id_token::SignIn;
use keysig_core::pkce::CodeChallenge;
use keysig_core::seal::sha256;
use keysig_core::token_error::TokenRefused;
use keysig_store::grants;
use keysig_store::logins::{self, Inserted};

use super::refresh_token::session_has_ended;
use super::{Minting, told_of, unavailable};
use crate::oauth::token_request::{Refusal, TokenRequest};
use crate::server::Server;

/// Redeems a code.
pub(super) async fn redeem(server: &Arc<Server>, request: &TokenRequest, code: &str) -> Result<Response, Refusal> {
    let refuse = |reason| request.refuse(TokenRefused::Code(reason));
    let client = request.token_client(server)?;
    let (app, now) = (client.app(), server.now());

    let opened = server.codes.open(code, now).map_err(refuse)?;
    if opened.code.app == app.id {
        request.is_about(opened.code.user);
    }
    let (redirect_uri, verifier) = (request.parameters.get("redirect_uri"), request.parameters.get("code_verifier"));
    server.codes.check_presented(&opened, app, redirect_uri, verifier, now).map_err(|refused| {
        if refused == CodeRefused::VerifierWrong {
            note_challenges(request, opened.code.challenge, verifier);
        }
        refuse(refused)
    })?;
    let code = &opened.code;
    // The token is for the API that was agreed on, or for none (RFC 8707 §2.2).
    let target = request.target(server).map_err(|_| request.refuse(TokenRefused::Target))?;
    if target.is_some_and(|target| target != code.audience) || !server.apis.lists(code.audience) {
        return Err(request.refuse(TokenRefused::Target));
    }
    let rows = grants::standing(&server.store, code.user, code.app, code.grant).await.map_err(unavailable(request))?;
    let redeemable = server.codes.check_standing(&opened, rows.standing(now)).map_err(refuse)?;

    let session = code.scopes.is_openid().then_some(code.session);
    let with = Beginning {
        id: code.login,
        user: code.user,
        app: code.app,
        grant: code.grant,
        scopes: redeemable.scopes,
        epochs: code.carried(),
        sign_in: SignIn { auth_time: code.auth_time, amr: code.amr, session },
        audience: code.audience,
        binding: code.binding,
        claims: code.claims,
        expires_at: code.issued_at.plus_seconds(server.settings.refresh_lifetime_seconds),
    };
    let login = Login::begin(with, server.refresh_tokens.current_key(now), now, &*server.rng);
    if session_has_ended(server, &login, now).await.map_err(unavailable(request))? {
        return Err(refuse(CodeRefused::SessionEnded));
    }
    match logins::insert(&server.store, &login, told_of(app, &login)).await.map_err(unavailable(request))? {
        Inserted::New => {}
        Inserted::SessionEnded => return Err(refuse(CodeRefused::SessionEnded)),
        // A retried write met its own first try: that is success.
        Inserted::Before(before) if before.attempt == login.attempt => {}
        Inserted::Before(before) => {
            let proven = app.client_type == ClientType::Confidential || code.challenge.is_some();
            if second_redemption(before.created_at, now, proven) == SecondRedemption::DenyAndRevoke {
                let keep_until = server.keep_until();
                let ended = logins::end(&server.store, before.user, before.id, now, keep_until).await;
                ended.map_err(unavailable(request))?;
                tracing::warn!(client_id = app.client_id, login = %before.id, "a code was used again: its login is ended");
            }
            request.note("seconds", &(now.millis_since(before.created_at) / 1000).to_string());
            return Err(refuse(CodeRefused::Used));
        }
    }
    let minting = Minting {
        app,
        login: &login,
        grant: redeemable.grant,
        read: &rows,
        scopes: redeemable.scopes,
        nonce: code.nonce.as_deref(),
    };
    minting.mint(server, request).await
}

/// What a wrong verifier hashes to, and what the request had: neither is a secret (RFC 7636 §4.2).
fn note_challenges(request: &TokenRequest, had: Option<CodeChallenge>, verifier: Option<&str>) {
    let made = verifier.map(|verifier| CodeChallenge::from_bytes(sha256(verifier.as_bytes())).to_wire());
    for (name, challenge) in [("sent", made), ("have", had.map(|had| had.to_wire()))] {
        request.note(name, challenge.as_deref().unwrap_or_default());
    }
}
