//! Every route on one page, grouped by who calls it: cookies, CSRF, CORS and caching are decided per group.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use keysig_core::id::LogoId;
use keysig_guard::GuardLayer;
use keysig_store::catalogue::SharedCatalogue;
use keysig_store::logos;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::timeout::TimeoutLayer;

use crate::api::ApiError;
use crate::inspector::call::Call;
use crate::pages::{self, ErrorPage};
use crate::people::passkeys;
use crate::people::upstream::security as linking;
use crate::server::Server;
use crate::visit::Visit;
use crate::{admin_api, api, developers, oauth, operators, people, quota, request_id, test_users};

/// A request line is no longer than this (design §5).
pub const MAX_URI_BYTES: usize = 16 * 1024;
/// No handler takes longer.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(10);

/// All routes.
pub fn router(server: Arc<Server>, catalogue: Arc<SharedCatalogue>) -> Router {
    let site = Router::new()
        .merge(
            for_people()
                .merge(developers::routes::all().layer(Extension(catalogue.clone())))
                .merge(operators::routes::all())
                .layer(from_fn_with_state(server.clone(), limit_uri_of_page)),
        )
        .merge(for_clients())
        .merge(for_programs())
        .merge(admin_api::router())
        .merge(for_operations())
        .merge(for_playgrounds())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(server.clone());
    let api = for_tokens(&server, catalogue);
    // Each has its own answer to unknown paths, so the choice between them is made before either routes. It is one
    // service and not layers of a router, because a router boxes each layer anew for each request.
    let by_path = service_fn(move |request: Request| {
        let (id, request) = request_id::assign(&*server.rng, without_final_slash(request));
        let path = request.uri().path();
        let call = (path == "/v1" || path.starts_with("/v1/")).then(|| Call::of(&request));
        let chosen = if call.is_some() { &api } else { &site };
        let answered = chosen.clone().oneshot(request);
        let server = server.clone();
        async move {
            let response = answered.await?;
            if let Some(call) = call {
                let said = response.extensions().clone();
                call.answered(&server, response.status(), &said).await;
            }
            Ok::<_, Infallible>(id.on(response))
        }
    });
    let guarded = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, HANDLER_TIMEOUT))
        .layer(CatchPanicLayer::custom(|_| broken()))
        .service(by_path);
    Router::new().fallback_service(guarded)
}

/// Pages and forms: cookies, CSRF on every POST that acts on one, never CORS.
fn for_people() -> Router<Arc<Server>> {
    Router::new()
        .route("/", get(people::account::home))
        .route("/authorize", get(oauth::authorize::get).post(oauth::authorize::post))
        .route("/authorize/posted", get(oauth::authorize::posted))
        .route("/oauth2/v2/auth", get(oauth::authorize::get).post(oauth::authorize::post))
        .route("/login", get(people::sign_in::get).post(people::sign_in::post))
        .route("/login/choose", get(people::choose::get).post(people::choose::post))
        .route("/login/email", get(people::confirm_email::get).post(people::confirm_email::post))
        .route("/login/passkey", post(passkeys::sign_in))
        .route("/login/second-step", get(people::second_step::get).post(people::second_step::post))
        .route("/login/upstream/{id}", post(people::upstream::journey::start))
        .route("/login/upstream/{id}/callback", get(people::upstream::journey::callback))
        .route("/dashboard/inspect", get(developers::inspect::get).post(developers::inspect::post))
        .route("/consent", get(people::consent::get).post(people::consent::post))
        .route("/logout", get(people::sign_out::get).post(people::sign_out::post))
        .route("/oidc/logout/v1", get(oauth::logout::get).post(oauth::logout::post))
        .route("/pair", get(people::pair::get).post(people::pair::post))
        .route("/pair/qr", get(people::pair::qr))
        .route("/theme", post(people::looks::theme))
        .route("/language", post(people::looks::language))
        .route("/signup", get(people::sign_up::get).post(people::sign_up::post))
        .route("/signup/check", get(people::sign_up::check_get).post(people::sign_up::check_post))
        .route("/signup/confirm", get(people::sign_up::confirm_get).post(people::sign_up::confirm_post))
        .route("/recover", get(people::recover::get).post(people::recover::post))
        .route("/recover/check", get(people::recover::check_get).post(people::recover::check_post))
        .route("/recover/confirm", get(people::recover::confirm_get).post(people::recover::confirm_post))
        .route("/account", get(people::account::account))
        .route("/account/profile", get(people::profile::get).post(people::profile::post))
        .route("/account/email", get(people::profile::email_get).post(people::profile::email_post))
        .route("/account/email/check", get(people::profile::check_get).post(people::profile::check_post))
        .route("/account/email/confirm", get(people::profile::confirm_get).post(people::profile::confirm_post))
        .route("/account/password", get(people::recover::account_get).post(people::recover::account_post))
        .route("/account/confirm", post(people::recheck::post))
        .route("/account/confirm/upstream/{id}", post(people::upstream::journey::confirm))
        .route("/account/linking", get(people::upstream::linking::get).post(people::upstream::linking::post))
        .route("/account/security/upstream/{id}/link", get(linking::confirm_link).post(linking::link))
        .route("/account/security/upstream/{id}/unlink", get(linking::confirm_unlink).post(linking::unlink))
        .route("/account/apps", get(people::apps::get))
        .route("/account/apps/remove-all", get(people::apps::confirm_removal_of_all).post(people::apps::remove_all))
        .route("/account/apps/{grant_id}", get(people::apps::details))
        .route("/account/apps/{grant_id}/pause", post(people::apps::pause))
        .route("/account/apps/{grant_id}/resume", post(people::apps::resume))
        .route("/account/apps/{grant_id}/turn-off", post(people::apps::turn_off))
        .route("/account/apps/{grant_id}/report", get(people::apps::report).post(people::apps::send_report))
        .route("/account/apps/{grant_id}/remove", get(people::apps::confirm_removal).post(people::apps::remove))
        .route("/account/passkeys", post(passkeys::add))
        .route("/account/passkeys/new", get(passkeys::offer))
        .route("/account/passkeys/{passkey_id}", get(passkeys::get).post(passkeys::rename))
        .route("/account/passkeys/{passkey_id}/remove", get(passkeys::confirm_removal).post(passkeys::remove))
        .route("/account/security", get(people::security::get))
        .route("/account/security/authenticator", get(people::security::set_up).post(people::security::turn_on))
        .route(
            "/account/security/authenticator/remove",
            get(people::security::confirm_removal).post(people::security::remove),
        )
        .route(
            "/account/security/recovery-codes",
            get(people::security::confirm_new_codes).post(people::security::new_codes),
        )
        .route("/account/security/recovery-codes/file", post(people::security::codes_file))
        .route("/account/devices", get(people::devices::get))
        .route("/account/devices/sign-out-others", post(people::devices::sign_out_others))
        .route("/account/devices/{session_id}/sign-out", post(people::devices::sign_out))
        .route("/account/events", get(people::devices::events))
        .route("/account/export", get(people::your_data::confirm_export).post(people::your_data::export))
        .route("/account/delete", get(people::your_data::confirm_deletion).post(people::your_data::delete))
        .route("/logo/{file}", get(logo_of))
        .route("/static/{*path}", get(asset))
        .route("/favicon.ico", get(|| async { asset(Path("favicon.svg".to_owned())).await }))
}

/// Endpoints that clients call: no cookie is read, any origin may call.
fn for_clients() -> Router<Arc<Server>> {
    Router::new()
        .route("/api/token", any(oauth::token::token))
        .route("/oauth2/revoke/v1", any(oauth::revoke::revoke))
        .route("/oidc/userinfo/v1", any(oauth::userinfo::userinfo))
        .route("/oidc/certs/v1", get(oauth::discovery::jwks))
        .route("/.well-known/openid-configuration", get(oauth::discovery::authorization_server))
        .route("/.well-known/oauth-authorization-server", get(oauth::discovery::authorization_server))
        .route("/.well-known/oauth-protected-resource", get(oauth::discovery::protected_resource))
        .route("/.well-known/oauth-protected-resource/v1", get(oauth::discovery::web_api))
        .layer(cors())
}

/// Endpoints that servers and devices call, and no page: no cookie is read, no other origin may read an answer.
fn for_programs() -> Router<Arc<Server>> {
    Router::new()
        .route("/oauth2/introspect/v1", any(oauth::introspect::introspect))
        .route("/oauth2/device/authorize", any(oauth::device::authorize))
}

/// What `keysig dev` shows beside what everybody has; a production build has none of it.
#[cfg(feature = "dev")]
fn for_playgrounds() -> Router<Arc<Server>> {
    Router::new()
        .route("/dev/mail", get(people::inbox::list))
        .route("/dev/mail/{mail_id}", get(people::inbox::one))
        .route("/dev/login/{user}/{ticket}", get(people::test_login::get))
}

#[cfg(not(feature = "dev"))]
fn for_playgrounds() -> Router<Arc<Server>> {
    Router::new()
}

/// What monitors ask.
fn for_operations() -> Router<Arc<Server>> {
    Router::new().route("/health", get(|| async { "ok" })).route("/ready", get(ready))
}

/// The Web API behind the guard. CORS is outside, so that refusals can be read by scripts too.
fn for_tokens(server: &Arc<Server>, catalogue: Arc<SharedCatalogue>) -> Router {
    let api = api::router(api::ApiState {
        store: server.store.clone(),
        catalogue,
        scopes: server.live_scopes(),
        clock: server.clock.clone(),
        rng: server.rng.clone(),
        uses: server.guard.uses().clone(),
        usage: server.usage.clone(),
        public_url: server.settings.public_url.as_str().into(),
    });
    let api = api.layer(from_fn_with_state(server.clone(), test_users::refuse_strangers));
    let api = api.layer(from_fn_with_state(server.clone(), quota::hold));
    api::finish(api.layer(GuardLayer::new(server.guard.clone())).layer(from_fn(limit_uri_of_call)))
}

/// Any origin, no credentials (RFC 9700 §2.6 leaves `/authorize` out).
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([RETRY_AFTER, WWW_AUTHENTICATE, HeaderName::from_static("x-request-id")])
        .max_age(Duration::from_secs(604_800))
}

/// `/api/token/` is `/api/token`: answered directly, since a redirect loses the Authorization header in some clients.
fn without_final_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    let Some(shorter) = path.strip_suffix('/').filter(|shorter| !shorter.is_empty() && !shorter.ends_with('/')) else {
        return request;
    };
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = format!("{shorter}{query}").parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

/// Whether an address is longer than any request needs.
pub fn uri_is_too_long(uri: &Uri) -> bool {
    uri.path().len() + uri.query().map_or(0, str::len) > MAX_URI_BYTES
}

async fn limit_uri_of_page(visit: Visit, request: Request, next: Next) -> Response {
    if uri_is_too_long(request.uri()) {
        let page = ErrorPage::oversized(visit.chrome(None, None), None, 414, "the address", MAX_URI_BYTES);
        return visit.error(&page);
    }
    next.run(request).await
}

async fn limit_uri_of_call(request: Request, next: Next) -> Response {
    if uri_is_too_long(request.uri()) {
        return ApiError::URI_TOO_LONG.into_response();
    }
    next.run(request).await
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn broken() -> Response {
    tracing::error!("a handler panicked");
    plain(StatusCode::INTERNAL_SERVER_ERROR, "Something broke on our side. Nothing was shared.")
}

async fn not_found(visit: Visit) -> Response {
    let page = ErrorPage::not_found(visit.chrome(None, None));
    visit.error(&page)
}

async fn method_not_allowed(visit: Visit) -> Response {
    let page = ErrorPage::method_not_allowed(visit.chrome(None, None), "GET, POST");
    visit.error(&page)
}

async fn asset(Path(path): Path<String>) -> Response {
    let Some(asset) = pages::asset(&path) else { return plain(StatusCode::NOT_FOUND, "Not found.") };
    let mut response = Response::new(Body::from(asset.bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(asset.cache_control));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// A logo, by the id of its picture: another picture has another address, so this one is never asked for twice. It is a
/// picture wherever it is opened, and no page (`docs/threats.md`).
async fn logo_of(State(server): State<Arc<Server>>, Path(file): Path<String>) -> Response {
    let Some(id) = file.strip_suffix(".png").and_then(LogoId::parse) else {
        return plain(StatusCode::NOT_FOUND, "Not found.");
    };
    let png = match logos::find(&server.store, id).await {
        Ok(Some(png)) => png,
        Ok(None) => return plain(StatusCode::NOT_FOUND, "Not found."),
        Err(_) => return plain(StatusCode::SERVICE_UNAVAILABLE, "Not now."),
    };
    let mut response = Response::new(Body::from(png));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

/// 200 while the store answers and this instance is not being stopped.
async fn ready(State(server): State<Arc<Server>>) -> Response {
    if server.is_stopping() || !server.store.feed_is_fresh(server.now()) || server.app("").await.is_err() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "not ready");
    }
    plain(StatusCode::OK, "ready")
}
