//! Keys of the admin API: made, shown once, ended.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::parameters::Parameters;
use keysig_core::user::Role;

use super::sheet::{self, Sheet, in_words};
use super::{operator, posted, refused};
use crate::actions::ActionRefused;
use crate::actions::api_keys::{self, Known, ROLES, USUAL_DAYS};
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{SheetCell, SheetField, SheetForm, SheetPart, SheetTable};
use crate::visit::{Form, Visit};

const API_KEYS: &str = "/admin/api-keys";

/// What was typed for a new one.
struct Typed {
    name: String,
    role: String,
    days: String,
}

impl Default for Typed {
    fn default() -> Self {
        Self { name: String::new(), role: Role::Viewer.name().to_owned(), days: USUAL_DAYS.to_string() }
    }
}

/// `GET /admin/api-keys`.
pub async fn list(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    show(visit, &signed_in, Typed::default(), None, sheet::done(&query)).await
}

async fn show(
    mut visit: Visit,
    signed_in: &SignedIn,
    typed: Typed,
    wrong: Option<(&'static str, String)>,
    done: Option<&'static str>,
) -> Response {
    let all = match api_keys::all(&visit.server, &visit.actor(signed_in)).await {
        Ok(all) => all,
        Err(error) => return refused(visit, signed_in, &error),
    };
    let words = sheet::words(&visit);
    let may = signed_in.user.role >= Role::Operator;
    let row = |known: &Known| {
        let key = &known.key;
        let name = SheetCell::from(key.name.clone()).below(format!("…{}", key.last_four));
        vec![
            if may { name.to(format!("{API_KEYS}/{}/revoke", key.id)) } else { name },
            key.role.name().into(),
            known.made_by.clone().map_or_else(|| words.say("the-machine").into(), SheetCell::from),
            in_words(&visit, key.id.made_at()),
            SheetCell::from(visit.server.when(key.expires_at).machine()),
            key.last_used_at.map_or_else(|| words.say("never").into(), |at| in_words(&visit, at)),
        ]
    };
    let head = ["name", "role", "made-by", "made", "expires", "last-used"].map(|key| words.say(key)).into();
    let rows = all.iter().map(row).collect();
    let mut parts = vec![
        SheetPart::Words(words.say("api-keys-what")),
        SheetPart::Table(SheetTable { heading: words.say("api-keys-made"), head, rows }),
    ];
    let status = if wrong.is_some() { 422 } else { 200 };
    if may {
        let field = |name, label, value: &str| {
            let error = wrong.as_ref().filter(|(field, _)| *field == name).map(|(_, problem)| problem.clone());
            SheetField { error, ..sheet::field(words, name, label, value) }
        };
        let choice = |role: Role| (role.name().to_owned(), words.say(format!("role-{}", role.name())).plain());
        parts.push(SheetPart::Form(SheetForm {
            action: API_KEYS.to_owned(),
            csrf: Some(visit.csrf(Some(signed_in), Ticket::Account)),
            hidden: Vec::new(),
            told: Vec::new(),
            fields: vec![
                field("name", "api-key-for", &typed.name),
                SheetField { choices: ROLES.map(choice).into(), ..field("role", "role", &typed.role) },
                field("days", "api-key-days", &typed.days),
            ],
            button: words.say("api-key-new"),
            is_danger: false,
        }));
    }
    Sheet { section: "api-keys", heading: words.say("api-keys"), parts }.show(visit, signed_in, status, done)
}

/// `POST /admin/api-keys`: the answer shows the key, and nothing shows it again.
pub async fn make(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let field = |name| form.get(name).unwrap_or_default().trim().to_owned();
    let typed = Typed { name: field("name"), role: field("role"), days: field("days") };
    // What is no number is no number of days either.
    let days = typed.days.parse().unwrap_or_default();
    match api_keys::make(&visit.server, &visit.actor(&signed_in), (&typed.name, &typed.role, days)).await {
        Ok((_, secret)) => {
            let words = sheet::words(&visit);
            let told = words.say("api-key-once");
            let parts = vec![SheetPart::Secret { told, value: secret, done: API_KEYS.to_owned() }];
            let heading = words.say("api-keys");
            Sheet { section: "api-keys", heading, parts }.show(visit, &signed_in, 200, None)
        }
        Err(ActionRefused::Invalid { field, problem }) => {
            show(visit, &signed_in, typed, Some((field, problem)), None).await
        }
        Err(error) => refused(visit, &signed_in, &error),
    }
}

/// `GET /admin/api-keys/{id}/revoke`: what will happen.
pub async fn ask(visit: Visit, Path(id): Path<String>) -> Response {
    let (mut visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let key = match api_keys::find(&visit.server, &visit.actor(&signed_in), &id).await {
        Ok(known) => known.key,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let words = sheet::words(&visit);
    let form = SheetForm {
        action: format!("{API_KEYS}/{}/revoke", key.id),
        csrf: Some(visit.csrf(Some(&signed_in), Ticket::Account)),
        hidden: Vec::new(),
        told: vec![words.say("revoke-api-key-what").name("name", &key.name)],
        fields: Vec::new(),
        button: words.say("revoke-api-key"),
        is_danger: true,
    };
    let parts = vec![SheetPart::Form(form), SheetPart::Ways(vec![(words.say("back"), API_KEYS.to_owned())])];
    Sheet { section: "api-keys", heading: words.say("revoke-api-key"), parts }.show(visit, &signed_in, 200, None)
}

/// `POST /admin/api-keys/{id}/revoke`.
pub async fn revoke(visit: Visit, Path(id): Path<String>, form: Form) -> Response {
    let (visit, signed_in, _) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    match api_keys::end(&visit.server, &visit.actor(&signed_in), &id).await {
        Ok(_) => visit.see_other(&format!("{API_KEYS}?done=api-key-ended")),
        Err(error) => refused(visit, &signed_in, &error),
    }
}
