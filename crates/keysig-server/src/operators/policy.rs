//! `/admin/policy`: who may sign up, register apps and go live.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::user::Role;

use super::settings::{fields, typed, values};
use super::{operator, posted, refused};
use crate::actions::policy::{self, KEYS};
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{SettingField, SettingsPage, SettingsSection};
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
    let values = values(&visit.server, &KEYS, &form);
    let problems = policy::problems(&visit.server, &values);
    if !problems.is_empty() {
        let shown = typed(fields(&visit.server, &KEYS), &values, &problems);
        return page(visit, &signed_in, shown, false);
    }
    match policy::set(&visit.server, &visit.actor(&signed_in), &values).await {
        Ok(()) => visit.see_other("/admin/policy?done=saved"),
        Err(problem) => refused(visit, &signed_in, &problem),
    }
}

fn page(mut visit: Visit, signed_in: &SignedIn, fields: Vec<SettingField>, done: bool) -> Response {
    let status = if fields.iter().any(|field| field.problem.is_some()) { 422 } else { 200 };
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let chrome = visit.chrome(Some(signed_in), Some("/admin/policy"));
    let of = SettingsSection::Policy;
    visit.page(status, &SettingsPage { chrome, csrf, of, fields, done, previews: Vec::new() })
}
