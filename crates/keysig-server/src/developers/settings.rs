//! Settings of an app that most leave as they are: its ID tokens, its refresh tokens, and where it hears of sign-outs.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::{App, OpenIdSettings};
use keysig_core::audit::AuditAction;
use keysig_core::jose::SigningAlgorithm;
use keysig_core::parameters::Parameters;
use keysig_store::app_settings;

use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::pages::{AppSettingsForm, AppSettingsPage};
use crate::people::recheck;
use crate::register::app::{frame_uri, logout_uri, registered};
use crate::visit::{Form, Visit};

/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 8_000;

fn path(client_id: &str) -> String {
    format!("/dashboard/apps/{client_id}/settings")
}

/// `GET /dashboard/apps/{client_id}/settings`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    match owned(visit, &client_id).await {
        Ok(owned) => {
            let form = as_set(&owned.app);
            show(owned, form, None, query.get("done") == Some("saved"))
        }
        Err(answer) => answer,
    }
}

fn as_set(app: &App) -> AppSettingsForm {
    let uris: Vec<&str> = app.openid.post_logout_redirect_uris.iter().map(|uri| uri.as_str()).collect();
    AppSettingsForm {
        algorithm: app.openid.id_token_algorithm,
        rotates: app.rotates,
        post_logout: uris.join("\n"),
        back_channel: app.openid.backchannel_logout_uri.clone().unwrap_or_default(),
        front_channel: app.openid.frontchannel_logout_uri.clone().unwrap_or_default(),
    }
}

fn show(owned: Owned, form: AppSettingsForm, problem: Option<(&'static str, String)>, saved: bool) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let back = problem.is_none().then(|| path(&app.client_id));
    let page = AppSettingsPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), back.as_deref()),
        app: head(&app),
        saved,
        problem,
        form,
    };
    visit.page(if page.problem.is_some() { 422 } else { 200 }, &page)
}

/// `POST /dashboard/apps/{client_id}/settings`.
pub async fn post(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (Owned { visit, signed_in, app }, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let owned = match recheck::for_form(visit, signed_in, &path(&client_id), &form).await {
        Ok((visit, signed_in)) => Owned { visit, signed_in, app },
        Err(answer) => return answer,
    };
    let typed =
        |name: &str| form.get(name).unwrap_or_default().trim().chars().take(MAX_TYPED_CHARS).collect::<String>();
    let wanted = AppSettingsForm {
        algorithm: form.get("algorithm").and_then(SigningAlgorithm::from_name).unwrap_or_default(),
        rotates: form.get("rotates").is_some(),
        post_logout: typed("post_logout"),
        back_channel: typed("back_channel"),
        front_channel: typed("front_channel"),
    };
    let openid = match read(&owned.app, &wanted) {
        Ok(openid) => openid,
        Err(problem) => return show(owned, wanted, Some(problem), false),
    };
    let Owned { visit, signed_in, app } = &owned;
    let mut record = visit.audited(signed_in, AuditAction::AppSettingsChanged, &changed(app, &openid, wanted.rotates));
    record.app = Some(app.id);
    match app_settings::set(&visit.server.store, app.id, &openid, wanted.rotates, &record).await {
        Ok(()) => owned.visit.see_other(&format!("{}?done=saved", path(&client_id))),
        Err(error) => owned.visit.store_error(&error),
    }
}

/// Which of them changed, for the record.
fn changed(app: &App, openid: &OpenIdSettings, rotates: bool) -> String {
    let is_changed = [
        ("id_token_algorithm", app.openid.id_token_algorithm != openid.id_token_algorithm),
        ("rotates", app.rotates != rotates),
        ("post_logout_redirect_uris", app.openid.post_logout_redirect_uris != openid.post_logout_redirect_uris),
        ("backchannel_logout_uri", app.openid.backchannel_logout_uri != openid.backchannel_logout_uri),
        ("frontchannel_logout_uri", app.openid.frontchannel_logout_uri != openid.frontchannel_logout_uri),
    ];
    is_changed.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// What is typed, by the rules by which an app is registered; or the field that breaks one, and which.
fn read(app: &App, form: &AppSettingsForm) -> Result<OpenIdSettings, (&'static str, String)> {
    let one = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let lines = form.post_logout.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.collect();
    let told = |uri: String| logout_uri(&uri, app.profile).map_err(|refused| ("back_channel", refused.to_string()));
    let framed = |uri: String| {
        frame_uri(&uri, app.profile, &app.redirect_uris).map_err(|refused| ("front_channel", refused.to_string()))
    };
    Ok(OpenIdSettings {
        id_token_algorithm: form.algorithm,
        post_logout_redirect_uris: registered(&lines, app.profile)
            .map_err(|refused| ("post_logout", refused.to_string()))?,
        backchannel_logout_uri: one(&form.back_channel).map(told).transpose()?,
        frontchannel_logout_uri: one(&form.front_channel).map(framed).transpose()?,
        ..app.openid.clone()
    })
}
