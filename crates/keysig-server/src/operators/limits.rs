//! `/admin/limits`: what apps may ask for, what they do ask for, and who would be held back by a number before it is set.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::parameters::Parameters;
use keysig_core::user::Role;
use keysig_store::{StoreError, users};

use super::settings::values;
use super::sheet::{self, Sheet};
use super::{operator, posted, refused};
use crate::actions::ActionRefused;
use crate::actions::limits::{self, KEYS, key_of};
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{SheetCell, SheetField, SheetForm, SheetPart, SheetTable};
use crate::quota::{Busy, Subject};
use crate::server::Server;
use crate::settings::SettingKey;
use crate::visit::{Form, Visit};

const LIMITS: &str = "/admin/limits";
/// So many rows of a table.
const SHOWN: usize = 50;

/// `GET /admin/limits`; with numbers in the query it shows who would be held back by them.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let typed = values(&visit.server, &KEYS, &query);
    show(visit, &signed_in, &typed, query.get("done") == Some("limits-set")).await
}

/// `POST /admin/limits`.
pub async fn post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let values = values(&visit.server, &KEYS, &form);
    if !limits::problems(&visit.server, &values).is_empty() {
        return show(visit, &signed_in, &values, false).await;
    }
    match limits::set(&visit.server, &visit.actor(&signed_in), &values).await {
        Ok(()) => visit.see_other(&format!("{LIMITS}?done=limits-set")),
        Err(problem) => refused(visit, &signed_in, &problem),
    }
}

async fn show(visit: Visit, signed_in: &SignedIn, typed: &[(SettingKey, String)], done: bool) -> Response {
    let mut visit = visit;
    let wrong = limits::problems(&visit.server, typed);
    match parts(&mut visit, signed_in, typed, &wrong).await {
        Ok(parts) => {
            let heading = sheet::words(&visit).say("limits");
            let sheet = Sheet { section: "limits", heading, parts };
            sheet.show(visit, signed_in, if wrong.is_empty() { 200 } else { 422 }, done.then_some("limits-set"))
        }
        Err(error) => refused(visit, signed_in, &error),
    }
}

async fn parts(
    visit: &mut Visit,
    signed_in: &SignedIn,
    typed: &[(SettingKey, String)],
    wrong: &[(SettingKey, String)],
) -> Result<Vec<SheetPart>, ActionRefused> {
    let (server, words, actor) = (visit.server.clone(), sheet::words(visit), visit.actor(signed_in));
    let live = server.live();
    let all = limits::busy(&server, &actor, usize::MAX)?;
    let rule = |key: &SettingKey| {
        let of = || all.iter().filter(|busy| key_of(busy.subject) == *key);
        let set = match live.get(*key) {
            none if none.is_empty() => words.say("no-limit").plain(),
            number => number,
        };
        let fixed =
            if server.settings.fixed.contains(key) { words.say("in-configuration").plain() } else { String::new() };
        vec![
            SheetCell::from(words.say(key.name())),
            SheetCell::from(set).below(fixed),
            of().map(|busy| busy.percentile_95).max().unwrap_or_default().to_string().into(),
            of().map(|busy| busy.peak).max().unwrap_or_default().to_string().into(),
        ]
    };
    let mut parts = vec![
        SheetPart::Words(words.say("limits-what")),
        SheetPart::Table(SheetTable {
            heading: words.say("rules"),
            head: ["rule", "limit", "percentile-95", "peak"].map(|key| words.say(key)).into(),
            rows: KEYS.iter().map(rule).collect(),
        }),
    ];
    let tried: Vec<(SettingKey, u32)> = match wrong.is_empty() {
        true => typed.iter().filter_map(|(key, value)| Some((*key, value.trim().parse().ok()?))).collect(),
        false => Vec::new(),
    };
    for (key, number) in &tried {
        let mut rows = Vec::new();
        for (busy, times) in limits::would_be_hit(&server, &actor, (*key, *number), SHOWN).await? {
            let mut row = row(&server, &busy).await?;
            row.push(times.to_string().into());
            rows.push(row);
        }
        parts.push(SheetPart::Table(SheetTable {
            heading: words.say("would-be-hit").text("rule", words.say(key.name()).plain()).text("number", number),
            head: ["who", "now-30s", "percentile-95", "peak", "times-over"].map(|key| words.say(key)).into(),
            rows,
        }));
    }
    let field = |key: &SettingKey| {
        let value =
            typed.iter().find(|(typed, _)| typed == key).map_or_else(|| live.get(*key), |(_, value)| value.clone());
        let error = wrong.iter().find(|(known, _)| known == key);
        let error = error.map(|(_, problem)| format!("{}: {problem}", words.say(key.name()).plain()));
        SheetField { error, ..sheet::field(words, key.name(), key.name(), &value) }
    };
    let free: Vec<&SettingKey> = KEYS.iter().filter(|key| !server.settings.fixed.contains(key)).collect();
    if !free.is_empty() {
        parts.push(SheetPart::Form(SheetForm {
            action: LIMITS.to_owned(),
            csrf: None,
            hidden: Vec::new(),
            told: vec![words.say("limits-try")],
            fields: free.iter().map(|key| field(key)).collect(),
            button: words.say("limits-look"),
            is_danger: false,
        }));
    }
    if !typed.is_empty() && wrong.is_empty() && signed_in.user.role >= Role::Operator {
        parts.push(SheetPart::Form(SheetForm {
            action: LIMITS.to_owned(),
            csrf: Some(visit.csrf(Some(signed_in), Ticket::Account)),
            hidden: typed.iter().map(|(key, value)| (key.name(), value.clone())).collect(),
            told: vec![words.say("limits-sure")],
            fields: Vec::new(),
            button: words.say("limits-button"),
            is_danger: false,
        }));
    }
    let mut rows = Vec::new();
    for busy in all.iter().take(SHOWN) {
        let mut row = row(&server, busy).await?;
        row.insert(1, words.say(key_of(busy.subject).name()).into());
        rows.push(row);
    }
    parts.push(SheetPart::Table(SheetTable {
        heading: words.say("busiest"),
        head: ["who", "rule", "now-30s", "percentile-95", "peak"].map(|key| words.say(key)).into(),
        rows,
    }));
    Ok(parts)
}

/// Who it is, and what they came to.
async fn row(server: &Server, busy: &Busy) -> Result<Vec<SheetCell>, StoreError> {
    let who = match busy.subject {
        Subject::Calls(id) | Subject::Tokens(id) => server.app_by_id(id).await?.map(|app| {
            let cell = SheetCell::from(app.name.clone()).to(format!("/admin/apps/{}", app.client_id));
            cell.below(app.client_id.clone())
        }),
        Subject::Developer(id) => users::by_id(&server.store, id)
            .await?
            .map(|user| SheetCell::from(user.email).to(format!("/admin/users/{}", user.id)).below(user.display_name)),
    };
    let number = |number: u32| SheetCell::from(number.to_string());
    Ok(vec![who.unwrap_or_default(), number(busy.now), number(busy.percentile_95), number(busy.peak)])
}
