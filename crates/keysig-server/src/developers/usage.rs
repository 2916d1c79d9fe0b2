//! Usage of an app (screen D10): the same figures as bars, as a table and as a file.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, RawQuery};
use axum::response::Response;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use keysig_core::app::App;
use keysig_core::parameters::Parameters;
use keysig_core::time::Timestamp;
use keysig_store::StoreError;
use keysig_store::usage::{self, Usage};

use super::{Owned, head, owned};
use crate::pages::{Figures, QuotaLine, Span, UsagePage, UsageRow};
use crate::quota::{Subject, most_calls, most_tokens};
use crate::server::Server;
use crate::usage::{Metric, hour_of};
use crate::visit::Visit;

const HOUR_SECONDS: i64 = 3600;
const HOURS_A_DAY: i64 = 24;

/// The first hour of a span, and its hours in groups: one group is one bar. Days are days in UTC.
fn hours(span: Span, now: Timestamp) -> (i64, i64) {
    match span {
        Span::Day => (hour_of(now) - (HOURS_A_DAY - 1), 1),
        Span::Week => ((now.unix_days() - 6) * HOURS_A_DAY, HOURS_A_DAY),
        Span::Month => ((now.unix_days() - 29) * HOURS_A_DAY, HOURS_A_DAY),
    }
}

fn add(figures: &mut Figures, usage: &Usage) {
    let amount = usage.amount.unsigned_abs();
    match usage.metric.as_str() {
        "logins" => figures.logins += amount,
        "token_requests" => figures.token_requests += amount,
        "api_calls" => figures.api_calls += amount,
        "limited" => figures.limited += amount,
        metric if Metric::reason(metric).is_some() => figures.refused += amount,
        _ => {}
    }
}

/// What a page and a file of a span show.
struct Shown {
    rows: Vec<UsageRow>,
    reasons: Vec<(String, u64)>,
    people: u64,
}

async fn shown(server: &Server, app: &App, span: Span) -> Result<Shown, StoreError> {
    let now = server.now();
    let (first, step) = hours(span, now);
    let counted = usage::of_app(&server.store, app.id, first).await?;
    let (by_day, people) = usage::active_users(&server.store, app.id, first.div_euclid(HOURS_A_DAY)).await?;
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for usage in &counted {
        if let Some(reason) = Metric::reason(&usage.metric) {
            *reasons.entry(reason).or_default() += usage.amount.unsigned_abs();
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().map(|(reason, times)| (reason.to_owned(), times)).collect();
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let row = |begins: i64| {
        let mut figures = Figures::default();
        let within = |usage: &&Usage| (begins..begins + step).contains(&usage.hour);
        counted.iter().filter(within).for_each(|usage| add(&mut figures, usage));
        let day = begins.div_euclid(HOURS_A_DAY);
        let people = by_day.iter().find(|(on, _)| *on == day).map_or(0, |(_, people)| *people);
        UsageRow {
            begins: server.when(Timestamp::default().plus_seconds(begins * HOUR_SECONDS)),
            figures,
            people: (step > 1).then_some(people),
        }
    };
    let last = hour_of(now);
    let rows = (0..).map(|n| first + n * step).take_while(|begins| *begins <= last).map(row).collect();
    Ok(Shown { rows, reasons, people })
}

/// The owner of the app, the span that is asked for, and what there is to show.
async fn asked(visit: Visit, client_id: &str, query: Option<String>) -> Result<(Owned, Span, Shown), Response> {
    let owned = owned(visit, client_id).await?;
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let span = query.get("span").and_then(Span::parse).unwrap_or_default();
    match shown(&owned.visit.server, &owned.app, span).await {
        Ok(shown) => Ok((owned, span, shown)),
        Err(error) => Err(owned.visit.store_error(&error)),
    }
}

/// What the app may ask for, and did lately. Calls of an app with a quota of its own do not count towards the developer's.
fn quotas(server: &Server, app: &App) -> Vec<QuotaLine> {
    let (live, now) = (server.live(), server.now());
    let line = |key, subject, most| QuotaLine { key, used: server.quotas.used(subject, now), most };
    let mut lines = vec![
        line("quota-calls", Subject::Calls(app.id), most_calls(app, &live)),
        line("quota-tokens", Subject::Tokens(app.id), most_tokens(app, &live)),
    ];
    if let Some(owner) = app.owner.filter(|_| app.standing.quota.calls.is_none()) {
        lines.insert(1, line("quota-developer", Subject::Developer(owner), live.quota_developer));
    }
    lines
}

/// `GET /dashboard/apps/{client_id}/usage`; `span` is `24h`, `7d` or `30d`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let (Owned { visit, signed_in, app }, span, shown) = match asked(visit, &client_id, query).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let page = UsagePage {
        chrome: visit.chrome(Some(&signed_in), Some(&visit.path)),
        app: head(&app),
        span,
        rows: shown.rows,
        reasons: shown.reasons,
        people: shown.people,
        quotas: quotas(&visit.server, &app),
    };
    visit.page(200, &page)
}

/// A cell that no spreadsheet takes for a formula (<https://owasp.org/www-community/attacks/CSV_Injection>): whoever names
/// an app does not run anything on the machine of whoever opens the file.
fn cell(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

fn table(app: &App, shown: &Shown) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record([
        "app",
        "begins",
        "logins",
        "refusals",
        "active_users",
        "token_requests",
        "api_calls",
        "rate_limited",
    ])?;
    for row in &shown.rows {
        let figures = &row.figures;
        let numbers = [figures.logins, figures.refused].map(|number| number.to_string());
        let more = [figures.token_requests, figures.api_calls, figures.limited].map(|number| number.to_string());
        let people = row.people.map(|people| people.to_string()).unwrap_or_default();
        let begin = [cell(&app.name), row.begins.machine()];
        file.write_record(begin.iter().chain(&numbers).chain([&people]).chain(&more))?;
    }
    file.write_record(["app", "reason", "refusals", "", "", "", "", ""])?;
    for (reason, times) in &shown.reasons {
        let empty = String::new();
        let cells = [cell(&app.name), cell(reason), times.to_string()];
        file.write_record(cells.iter().chain(std::iter::repeat_n(&empty, 5)))?;
    }
    file.into_inner().map_err(|error| error.into_error().into())
}

/// `GET /dashboard/apps/{client_id}/usage.csv`, the same figures.
pub async fn csv(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let (Owned { visit, app, .. }, span, shown) = match asked(visit, &client_id, query).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let Ok(file) = table(&app, &shown) else {
        return visit.store_error(&StoreError::Engine("the file could not be written".to_owned()));
    };
    let mut response = visit.text(200, String::new());
    *response.body_mut() = Body::from(file);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    let name = format!("attachment; filename=\"usage-{}-{}.csv\"", app.client_id, span.name());
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert!(cell(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(cell("Playlist Peek"), "Playlist Peek");
        assert_eq!(cell(""), "");
    }
}
