//! `/pair`: a person lets a device in (RFC 8628 §3.3).

use axum::extract::RawQuery;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use keysig_core::app::App;
use keysig_core::authorize::{AuthorizationRequest, Prompt, ReplyTo, ResponseType};
use keysig_core::grant::device_code::{Decided, UserCode};
use keysig_core::id::DeviceId;
use keysig_core::openid::claims::ClaimsRequest;
use keysig_core::parameters::Parameters;
use keysig_store::devices::{Approval, Device};
use keysig_store::{StoreError, apps, devices};

use crate::browser::Ticket;
use crate::oauth::answer::Agreed;
use crate::oauth::device::user_code_mac;
use crate::oauth::pending;
use crate::pages::{DeviceDonePage, ErrorPage, PairError, PairPage, qr_svg};
use crate::people::consent;
use crate::server::address_block;
use crate::visit::{Form, Visit};

/// `GET /pair?code=`: the code may come with the address (`verification_uri_complete`), and is confirmed all the same.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let code = query.get("code").and_then(UserCode::parse).map(|code| code.to_string());
    show(visit, code.unwrap_or_default(), None)
}

fn show(mut visit: Visit, code: String, error: Option<PairError>) -> Response {
    let csrf = visit.csrf(None, Ticket::Pair);
    // Whoever changes the colours keeps the code that came with the address.
    let back = UserCode::parse(&code).map_or_else(|| "/pair".to_owned(), |code| format!("/pair?code={code}"));
    let page = PairPage { chrome: visit.chrome(None, Some(&back)), csrf, code, error };
    visit.page_with_retry(page.status(), &page, page.retry_after_seconds())
}

/// `POST /pair`: from the code to the question. Guesses are counted before anything is looked up (RFC 8628 §5.1).
pub async fn post(mut visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let typed: String = form.get("code").unwrap_or_default().chars().take(40).collect();
    if !visit.browser.is_known() {
        return show(visit, typed, Some(PairError::CookiesBlocked));
    }
    if !visit.is_from_our_page(None, Ticket::Pair, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    if typed.trim().is_empty() {
        return show(visit, typed, Some(PairError::Empty));
    }
    let (server, block) = (visit.server.clone(), address_block(visit.peer));
    let counted = match server.user_codes.try_once(block, server.now()) {
        Ok(counted) => counted,
        Err(seconds) => {
            return show(visit, typed, Some(PairError::Throttled { retry_after_seconds: u64::from(seconds) }));
        }
    };
    let found = async {
        let Some(code) = UserCode::parse(&typed) else { return Ok(None) };
        let Some(id) = devices::by_user_code(&server.store, user_code_mac(&server, code)).await? else {
            return Ok(None);
        };
        let Some(device) = devices::waiting(&server.store, id, server.now()).await? else { return Ok(None) };
        let app = apps::by_id(&server.store, device.app).await?.filter(|app| !app.paused);
        Ok(app.map(|app| (code, device, app)))
    };
    let (code, device, app) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return show(visit, typed, Some(PairError::Unknown)),
        Err(error) => return visit.store_error(&error),
    };
    // A right code forgives no wrong ones: one's own device would buy guesses at others'.
    server.user_codes.take_back(block, counted);
    visit.introduce();
    let request = request(&device, code);
    match pending::keep(&server, &visit.browser, &app, &request, device.login, None).await {
        Ok(tx) => {
            visit.begun(&tx);
            visit.see_other(&format!("/consent?tx={tx}"))
        }
        Err(error) => visit.store_error(&error),
    }
}

fn request(device: &Device, code: UserCode) -> AuthorizationRequest {
    AuthorizationRequest {
        reply_to: ReplyTo::Device { id: device.id, code },
        response_type: ResponseType::CODE,
        scopes: device.scopes,
        audience: device.audience,
        state: None,
        challenge: None,
        nonce: None,
        prompt: Prompt::default(),
        max_age_seconds: None,
        claims: ClaimsRequest::default(),
        subjects: Vec::new(),
        login_hint: None,
        include_granted: false,
        needs_two_factors: false,
        ui_locales: None,
    }
}

fn done(visit: Visit, app: &App, connected: bool) -> Response {
    let page = DeviceDonePage { chrome: visit.chrome(None, None), app_name: app.name.clone(), connected };
    visit.page(200, &page)
}

fn after(visit: Visit, app: &App, decided: Result<bool, StoreError>, connected: bool) -> Response {
    match decided {
        Ok(true) => done(visit, app, connected),
        // Somebody else decided meanwhile.
        Ok(false) => {
            let page = ErrorPage::device_gone(visit.chrome(None, None));
            visit.error(&page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// The person said yes: the device's next poll finds it.
pub async fn let_in(visit: Visit, id: DeviceId, agreed: &Agreed<'_>) -> Response {
    let approval = Approval {
        user: agreed.signed_in.user.id,
        grant: agreed.grant.id,
        epochs: agreed.epochs(),
        auth_time: agreed.signed_in.session.auth_time,
        amr: agreed.signed_in.session.amr,
        decided_at: agreed.issued_at,
    };
    let decided = async {
        if devices::allow(&visit.server.store, id, &approval).await? {
            return Ok(true);
        }
        // A double click comes twice and means the same.
        let device = devices::find(&visit.server.store, id).await?;
        Ok(device.is_some_and(|device| device.decided == Decided::Allowed(approval)))
    };
    let decided = decided.await;
    after(visit, agreed.app, decided, true)
}

/// The person said no.
pub async fn turn_away(visit: Visit, app: &App, id: DeviceId) -> Response {
    let decided = async {
        if devices::deny(&visit.server.store, id, visit.server.now()).await? {
            return Ok(true);
        }
        let device = devices::find(&visit.server.store, id).await?;
        Ok(device.is_some_and(|device| device.decided == Decided::Denied))
    };
    let decided = decided.await;
    after(visit, app, decided, false)
}

/// `GET /pair/qr?code=`: the address with this code as a picture, for devices that cannot draw one. It tells nothing:
/// whether the code exists is not looked up.
pub async fn qr(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let code = query.get("code").and_then(UserCode::parse);
    let address = code.map(|code| format!("{}/pair?code={code}", visit.server.settings.public_url));
    let Some(picture) = address.as_deref().and_then(qr_svg) else {
        let page = ErrorPage::not_found(visit.chrome(None, None));
        return visit.error(&page);
    };
    let mut response = visit.text(200, picture);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}
