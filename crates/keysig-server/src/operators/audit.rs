//! The audit: what was done, found by who, what, whom and when; whether its chains hold; a copy of it.

use std::collections::{HashMap, hash_map};
use std::fmt::Write as _;

use axum::extract::RawQuery;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::{AppId, EventId, UserId};
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::user::Role;
use keysig_store::audit::Entry;
use keysig_store::{StoreError, apps, users};

use super::sheet::{self, Sheet, in_words};
use super::{operator, posted, refused};
use crate::actions::audit::{self, Asked, FORMATS};
use crate::actions::{ActionRefused, audit_copy};
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{SheetCell, SheetField, SheetForm, SheetPart, SheetTable};
use crate::visit::{Form, Visit};

const AUDIT: &str = "/admin/audit";
const ON_A_PAGE: usize = 50;

/// What is asked for, of a query or a form.
fn asked(given: &Parameters) -> Asked {
    let field = |name| given.get(name).unwrap_or_default().trim().to_owned();
    Asked {
        actor: field("actor"),
        action: field("action"),
        app: field("app"),
        user: field("user"),
        from: field("from"),
        until: field("until"),
    }
}

fn pairs(asked: &Asked) -> [(&'static str, &str); 6] {
    let Asked { actor, action, app, user, from, until } = asked;
    [("actor", actor), ("action", action), ("app", app), ("user", user), ("from", from), ("until", until)]
        .map(|(name, value)| (name, value.as_str()))
}

/// `GET /admin/audit`, the latest first; `before` is the last record of the page before.
pub async fn list(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (mut visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let asked = asked(&query);
    let before = query.get("before").and_then(EventId::parse);
    let actor = visit.actor(&signed_in);
    let read = async {
        let filter = audit::filter(&visit.server, &asked).await?;
        audit::page(&visit.server, &actor, &filter, before, ON_A_PAGE).await
    };
    let (entries, next, wrong) = match read.await {
        Ok((entries, next)) => (entries, next, None),
        Err(ActionRefused::Invalid { field, problem }) => (Vec::new(), None, Some((field, problem))),
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let rows = match rows(&visit, &entries).await {
        Ok(rows) => rows,
        Err(error) => return visit.store_error(&error),
    };
    let words = sheet::words(&visit);
    let status = if wrong.is_some() { 422 } else { 200 };
    let table = SheetTable {
        heading: words.say("audit-records"),
        head: ["when-done", "what", "who", "to-whom"].map(|key| words.say(key)).into(),
        rows,
    };
    let mut ways = vec![(words.say("verify"), format!("{AUDIT}/verify"))];
    if let Some(next) = next {
        let mut path = format!("{AUDIT}?before={next}");
        for (name, value) in pairs(&asked).iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(path, "&{name}={}", percent_encode(value));
        }
        ways.insert(0, (words.say("older"), path));
    }
    let mut parts =
        vec![SheetPart::Form(filters(&visit, &asked, wrong)), SheetPart::Table(table), SheetPart::Ways(ways)];
    if signed_in.user.role >= Role::Operator {
        parts.push(SheetPart::Form(export_form(&mut visit, &signed_in, &asked)));
    }
    Sheet { section: "audit", heading: words.say("audit"), parts }.show(visit, &signed_in, status, None)
}

fn filters(visit: &Visit, asked: &Asked, wrong: Option<(&'static str, String)>) -> SheetForm {
    let words = sheet::words(visit);
    let label = |name| match name {
        "actor" => "by-whom",
        "app" => "app-client-id",
        "user" => "to-account",
        "from" => "from-day",
        "until" => "until-day",
        _ => "what",
    };
    let field = |(name, value): (&'static str, &str)| {
        let error = wrong.as_ref().filter(|(field, _)| *field == name).map(|(_, problem)| problem.clone());
        let all = std::iter::once((String::new(), words.say("anything").plain()));
        let actions = AuditAction::ALL.iter().map(|action| (action.name().to_owned(), action.name().to_owned()));
        let choices = if name == "action" { all.chain(actions).collect() } else { Vec::new() };
        SheetField { error, choices, ..sheet::field(words, name, label(name), value) }
    };
    SheetForm {
        action: AUDIT.to_owned(),
        csrf: None,
        hidden: Vec::new(),
        told: Vec::new(),
        fields: pairs(asked).map(field).into(),
        button: words.say("filter"),
        is_danger: false,
    }
}

fn export_form(visit: &mut Visit, signed_in: &SignedIn, asked: &Asked) -> SheetForm {
    let words = sheet::words(visit);
    let choices = FORMATS.map(|format| (format.to_owned(), format.to_uppercase()));
    let hidden = pairs(asked).into_iter().filter(|(_, value)| !value.is_empty());
    SheetForm {
        action: format!("{AUDIT}/export"),
        csrf: Some(visit.csrf(Some(signed_in), Ticket::Account)),
        hidden: hidden.map(|(name, value)| (name, value.to_owned())).collect(),
        told: vec![words.say("export-what")],
        fields: vec![SheetField { choices: choices.into(), ..sheet::field(words, "format", "format", "ndjson") }],
        button: words.say("export"),
        is_danger: false,
    }
}

/// Where something came from: an address, and the key of the admin API that it was asked with.
fn from(record: &AuditRecord) -> String {
    match record.by_key.as_str() {
        "" => record.address.clone(),
        key => format!("{}, {key}", record.address),
    }
}

/// Records as rows of a table.
pub(super) async fn rows(visit: &Visit, entries: &[Entry]) -> Result<Vec<Vec<SheetCell>>, StoreError> {
    let (store, words) = (&visit.server.store, sheet::words(visit));
    let (mut people, mut of_apps) = (HashMap::<UserId, String>::new(), HashMap::<AppId, String>::new());
    let mut rows = Vec::new();
    for Entry { record, .. } in entries {
        for id in [record.actor, record.user].into_iter().flatten() {
            if let hash_map::Entry::Vacant(place) = people.entry(id) {
                let found = users::by_id(store, id).await?;
                place.insert(found.map_or_else(|| id.to_string(), |user| user.email));
            }
        }
        if let Some(id) = record.app
            && let hash_map::Entry::Vacant(place) = of_apps.entry(id)
        {
            let found = apps::by_id(store, id).await?;
            place.insert(found.map_or_else(|| id.to_string(), |app| app.client_id));
        }
        let person = |id: UserId| {
            let named = people.get(&id).cloned().unwrap_or_default();
            SheetCell::from(named).to(format!("/admin/users/{id}"))
        };
        let nobody = || SheetCell::from(words.say("the-machine"));
        let whom = match (record.user, record.app) {
            (Some(user), _) => person(user),
            (None, Some(app)) => of_apps.get(&app).cloned().unwrap_or_default().into(),
            (None, None) => SheetCell::default(),
        };
        rows.push(vec![
            in_words(visit, record.id.made_at()),
            SheetCell::from(record.action.name()).below(record.about.clone()),
            record.actor.map_or_else(nobody, person).below(from(record)),
            whom,
        ]);
    }
    Ok(rows)
}

/// `GET /admin/audit/verify`: every record of every chain is looked at, and every checkpoint.
pub async fn verify(visit: Visit) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let verified = match audit::verify(&visit.server, &visit.actor(&signed_in)).await {
        Ok(verified) => verified,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let words = sheet::words(&visit);
    let note = match &verified.first_break {
        None => SheetPart::Note(true, words.say("chains-hold")),
        Some(broken) => SheetPart::Note(false, words.say("chains-broken").name("what", audit::in_words(broken))),
    };
    let last = verified.last_checkpoint_at.map_or_else(|| words.say("never").into(), |at| in_words(&visit, at));
    let facts = vec![
        (words.say("records"), verified.records.to_string().into()),
        (words.say("chains"), verified.chains.to_string().into()),
        (words.say("checkpoints"), verified.checkpoints.to_string().into()),
        (words.say("last-checkpoint"), last),
    ];
    let back = SheetPart::Ways(vec![(words.say("back"), AUDIT.to_owned())]);
    let parts = vec![note, SheetPart::Facts(facts), SheetPart::Words(words.say("chains-how")), back];
    Sheet { section: "audit", heading: words.say("verify"), parts }.show(visit, &signed_in, 200, None)
}

/// `POST /admin/audit/export`: a copy, streamed, and recorded itself.
pub async fn export(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let actor = visit.actor(&signed_in);
    let is_csv = form.get("format") == Some("csv");
    let format = if is_csv { "csv" } else { "ndjson" };
    let begun = async {
        let filter = audit::filter(&visit.server, &asked(&form)).await?;
        audit::begin_export(&visit.server, &actor, format).await?;
        Ok::<_, ActionRefused>(filter)
    };
    let filter = match begun.await {
        Ok(filter) => filter,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let body = audit_copy::body(visit.server.clone(), actor, filter, is_csv);
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let (kind, name) = audit_copy::described(is_csv);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(name));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
