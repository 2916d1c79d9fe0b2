//! `/admin/brand`: name, accent and links, and how they look before they are saved.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::user::Role;

use super::settings::{fields, typed, values};
use super::{operator, posted, preview, refused};
use crate::actions::brand::{self, KEYS};
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{SettingField, SettingsPage, SettingsSection};
use crate::settings::SettingKey;
use crate::visit::{Form, Visit};

/// `GET`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let shown = fields(&visit.server, &KEYS);
    page(visit, &signed_in, shown, query.as_deref() == Some("done=saved"))
}

/// `POST`.
pub async fn post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let mut values = values(&visit.server, &KEYS, &form);
    // The button beside a shade that was suggested.
    if let Some(taken) = form.get("take") {
        values.retain(|(key, _)| *key != SettingKey::Accent);
        values.push((SettingKey::Accent, taken.to_owned()));
    }
    let (_, problems, suggestion) = brand::tried(&visit.server, &values);
    if !problems.is_empty() {
        let mut shown = typed(fields(&visit.server, &KEYS), &values, &problems);
        if let Some(field) = shown.iter_mut().find(|field| field.key == SettingKey::Accent.name()) {
            field.suggestion = suggestion;
        }
        return page(visit, &signed_in, shown, false);
    }
    match brand::set(&visit.server, &visit.actor(&signed_in), &values).await {
        Ok(()) => visit.see_other("/admin/brand?done=saved"),
        Err(problem) => refused(visit, &signed_in, &problem),
    }
}

/// `POST /admin/brand/preview`: a page as people would see it, from its own template; nothing is saved.
pub async fn preview(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let values = values(&visit.server, &KEYS, &form);
    let (live, problems, suggestion) = brand::tried(&visit.server, &values);
    let Some(shown) = preview::Shown::parse(form.get("show").unwrap_or_default()).filter(|_| problems.is_empty())
    else {
        let mut shown = typed(fields(&visit.server, &KEYS), &values, &problems);
        if let Some(field) = shown.iter_mut().find(|field| field.key == SettingKey::Accent.name()) {
            field.suggestion = suggestion;
        }
        return page(visit, &signed_in, shown, false);
    };
    preview::of_brand(visit, shown, &live)
}

fn page(mut visit: Visit, signed_in: &SignedIn, fields: Vec<SettingField>, done: bool) -> Response {
    let status = if fields.iter().any(|field| field.problem.is_some()) { 422 } else { 200 };
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let chrome = visit.chrome(Some(signed_in), Some("/admin/brand"));
    let previews = preview::Shown::ALL.to_vec();
    visit.page(status, &SettingsPage { chrome, csrf, of: SettingsSection::Brand, fields, done, previews })
}
