//! `/admin/apps/{client_id}/quota`: what one app may ask for, where that is not what is set for all.

use axum::extract::Path;
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::user::Role;

use super::sheet::{self, Sheet};
use super::{operator, posted, refused};
use crate::actions::{ActionRefused, apps};
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{SheetCell, SheetField, SheetForm, SheetPart};
use crate::quota::{Subject, most_calls, most_tokens};
use crate::visit::{Form, Visit};

/// What an app may ask for, and has asked for within 30 seconds, as facts of its page.
pub fn facts(visit: &Visit, app: &App) -> Vec<(crate::language::Sentence, SheetCell)> {
    let (server, words, now) = (&visit.server, sheet::words(visit), visit.server.now());
    let live = server.live();
    let fact = |key: &'static str, subject, most: Option<u32>, own: Option<u32>| {
        let most = most.map_or_else(|| words.say("no-limit").plain(), |most| most.to_string());
        let used = words.say("used-of").text("used", server.quotas.used(subject, now)).text("most", most);
        let own = if own.is_some() { words.say("own-quota").plain() } else { String::new() };
        (words.say(key), SheetCell::from(used).below(own))
    };
    let own = app.standing.quota;
    vec![
        fact("quota_app_per_30s", Subject::Calls(app.id), most_calls(app, &live), own.calls),
        fact("quota_tokens_per_30s", Subject::Tokens(app.id), most_tokens(app, &live), own.tokens),
    ]
}

/// `GET`.
pub async fn get(visit: Visit, Path(client_id): Path<String>) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    match apps::find(&visit.server, &client_id).await {
        Ok(app) => {
            let shown = |own: Option<u32>| own.map(|own| own.to_string()).unwrap_or_default();
            let own = app.standing.quota;
            let (calls, tokens) = (shown(own.calls), shown(own.tokens));
            ask(visit, &signed_in, &app, [&calls, &tokens], None)
        }
        Err(error) => refused(visit, &signed_in, &error),
    }
}

fn ask(
    mut visit: Visit,
    signed_in: &SignedIn,
    app: &App,
    typed: [&str; 2],
    wrong: Option<(&'static str, String)>,
) -> Response {
    let words = sheet::words(&visit);
    let fields = [("calls", "quota_app_per_30s"), ("tokens", "quota_tokens_per_30s")].into_iter().zip(typed);
    let field = |((name, label), value): ((&'static str, &'static str), &str)| {
        let error = wrong.as_ref().filter(|(field, _)| *field == name).map(|(_, problem)| problem.clone());
        SheetField { error, ..sheet::field(words, name, label, value) }
    };
    let form = SheetForm {
        action: format!("/admin/apps/{}/quota", app.client_id),
        csrf: Some(visit.csrf(Some(signed_in), Ticket::Account)),
        hidden: Vec::new(),
        told: vec![words.say("app-quota-what").name("app", &app.name)],
        fields: fields.map(field).collect(),
        button: words.say("limits-button"),
        is_danger: false,
    };
    let back = SheetPart::Ways(vec![(words.say("back"), format!("/admin/apps/{}", app.client_id))]);
    let sheet = Sheet { section: "apps", heading: words.say("app-quota"), parts: vec![SheetPart::Form(form), back] };
    sheet.show(visit, signed_in, if wrong.is_some() { 422 } else { 200 }, None)
}

/// `POST`.
pub async fn post(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let typed = [form.get("calls").unwrap_or_default(), form.get("tokens").unwrap_or_default()];
    let (server, actor) = (visit.server.clone(), visit.actor(&signed_in));
    match apps::set_quota(&server, &actor, &client_id, typed).await {
        Ok(()) => visit.see_other(&format!("/admin/apps/{client_id}?done=app-quota-done")),
        Err(ActionRefused::Invalid { field, problem }) => match apps::find(&server, &client_id).await {
            Ok(app) => ask(visit, &signed_in, &app, typed, Some((field, problem))),
            Err(error) => refused(visit, &signed_in, &error),
        },
        Err(error) => refused(visit, &signed_in, &error),
    }
}
