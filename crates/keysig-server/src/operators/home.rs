//! `/admin`: how the server is, what waits, what was done last, and what is still to be set up.

use axum::response::Response;
use keysig_core::time::Timestamp;
use keysig_core::user::Role;
use keysig_store::{app_lists, reviews, usage as stored_usage};

use super::operator;
use super::sheet::{self, Sheet, in_words};
use crate::actions::{ActionRefused, audit, users};
use crate::health::{self, Verdict};
use crate::pages::operators::{SheetCell, SheetPart, SheetTable};
use crate::usage;
use crate::visit::Visit;

/// So many hours of what happened.
const HOURS: i64 = 6;
/// So many of the last records.
const LAST: usize = 10;

/// `GET /admin`.
pub async fn get(visit: Visit) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let (words, actor) = (sheet::words(&visit), visit.actor(&signed_in));
    let read = async {
        let (last, _) = audit::page(&visit.server, &actor, &Default::default(), None, LAST).await?;
        let people = users::with_roles(&visit.server, &actor).await?;
        let store = &visit.server.store;
        let waiting = (app_lists::unread_reports(store).await?, reviews::waiting(store).await?);
        usage::flush(&visit.server).await;
        let traffic = stored_usage::of_all(store, usage::hour_of(visit.server.now()) - HOURS + 1).await?;
        Ok::<_, ActionRefused>((last, people, waiting, traffic))
    };
    let (last, people, (reports, waiting), traffic) = match read.await {
        Ok(read) => read,
        Err(error) => return super::refused(visit, &signed_in, &error),
    };
    let checks = health::all(&visit.server).await;
    let row = |check: &health::Check| {
        let tag = if check.verdict == Verdict::Ok { "ok" } else { "warn" };
        vec![
            words.say(format!("health-{}", check.name)).into(),
            SheetCell::from(words.say(format!("verdict-{}", check.verdict.name()))).tagged(tag),
            check.found.clone().into(),
            check.fix.clone().unwrap_or_default().into(),
        ]
    };
    let health = SheetTable {
        heading: words.say("health"),
        head: ["what", "state", "found", "fix"].map(|key| words.say(key)).into(),
        rows: checks.iter().map(row).collect(),
    };
    let rows = match super::audit::rows(&visit, &last).await {
        Ok(rows) => rows,
        Err(error) => return visit.store_error(&error),
    };
    let mut parts = Vec::new();
    let has_second = people.iter().filter(|person| person.role == Role::Operator && !person.locked).count() > 1;
    for (is_done, what) in [(has_second, "setup-operator"), (visit.server.settings.sends_mail(), "setup-mail")] {
        if !is_done {
            parts.push(SheetPart::Note(false, words.say(what)));
        }
    }
    let waits = SheetCell::from(reports.to_string()).to("/admin/apps?order=reported".to_owned());
    parts.push(SheetPart::Facts(vec![
        (words.say("reviews-waiting"), SheetCell::from(waiting.to_string()).to("/admin/reviews".to_owned())),
        (words.say("reports-unread"), waits),
        (words.say("now"), in_words(&visit, visit.server.now())),
    ]));
    parts.push(SheetPart::Table(health));
    parts.push(SheetPart::Table(SheetTable {
        heading: words.say("traffic"),
        head: ["traffic-hour", "traffic-logins", "traffic-refused"].map(|key| words.say(key)).into(),
        rows: traffic.iter().map(|of_hour| row_of_hour(&visit, of_hour)).collect(),
    }));
    parts.push(SheetPart::Table(SheetTable {
        heading: words.say("audit-records"),
        head: ["when-done", "what", "who", "to-whom"].map(|key| words.say(key)).into(),
        rows,
    }));
    Sheet { section: "home", heading: words.say("home"), parts }.show(visit, &signed_in, 200, None)
}

/// An hour of all apps. Of the one that still runs the rate is of the minutes that have passed.
fn row_of_hour(visit: &Visit, (hour, logins, refused): &(i64, u64, u64)) -> Vec<SheetCell> {
    let begins = Timestamp::from_unix_millis(hour * 3_600_000);
    let minutes = (visit.server.now().millis_since(begins) / 60_000).clamp(1, 60);
    let cell = |count: u64| {
        let rate = format!("{:.1}", count as f64 / minutes as f64);
        SheetCell::from(count.to_string()).below(sheet::words(visit).say("per-minute").text("rate", &rate).plain())
    };
    vec![in_words(visit, begins), cell(*logins), cell(*refused)]
}
