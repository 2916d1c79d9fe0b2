//! The Inspector (screen D8): the list, one request, and the button that mends it.

use std::collections::HashMap;

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::audit::AuditAction;
use keysig_core::id::{EventId, UserId};
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::scope::ScopeSet;
use keysig_store::inspector::{self as store, InspectorRecord, Wanted};
use keysig_store::{StoreError, grants, redirect_uris, users};

use super::{Owned, head, owned, posted, test_users};
use crate::browser::Ticket;
use crate::inspector::replay::{checks, replay};
use crate::inspector::{Details, Kept, Outcome, Reason, ShownHeader, Step, flush};
use crate::pages::{Compared, Fix, InspectorFilter, InspectorPage, InspectorRecordPage, InspectorRow};
use crate::people::account::not_found;
use crate::server::Server;
use crate::visit::{Form, Visit};

/// So many on one page.
const ON_A_PAGE: usize = 50;

/// `GET /dashboard/apps/{client_id}/inspector`; `before` is the last one of the page before.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Owned { visit, signed_in, app } = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    match list(&visit.server, &app, &query).await {
        Ok((rows, filter, older)) => {
            let chrome = visit.chrome(Some(&signed_in), Some(&visit.path));
            let again = address(&app, &filter, None);
            let dropped = visit.server.inspector.dropped();
            visit.page(200, &InspectorPage { chrome, app: head(&app), rows, filter, older, again, dropped })
        }
        Err(error) => visit.store_error(&error),
    }
}

type List = (Vec<InspectorRow>, InspectorFilter, Option<String>);

async fn list(server: &Server, app: &App, query: &Parameters) -> Result<List, StoreError> {
    // What happened a moment ago is there when its developer looks.
    flush(server).await;
    let said = |name| query.get(name).unwrap_or_default().to_owned();
    let filter = InspectorFilter { outcome: said("outcome"), step: said("step"), user: said("user") };
    let mut wanted = Wanted {
        step: Step::from_name(&filter.step).map(|step| step.name().to_owned()),
        outcome: Outcome::NAMES.iter().find(|name| **name == filter.outcome).map(|name| (*name).to_owned()),
        before: query.get("before").and_then(EventId::parse),
        ..Wanted::default()
    };
    if !filter.user.is_empty() {
        let identifier = keysig_core::user::canonical_email(&filter.user);
        let found = users::by_identifier(&server.store, &identifier).await?.map(|(user, _)| user.id);
        let known = match found {
            Some(user) => name(server, app, user).await?.is_some(),
            None => false,
        };
        // Who has no account answers as who has nothing to do with the app.
        wanted.user = found.filter(|_| known);
        if wanted.user.is_none() {
            return Ok((Vec::new(), filter, None));
        }
    }
    // One more than is shown tells whether there is another page.
    let records = store::of_app(&server.store, app.id, &wanted, ON_A_PAGE as i64 + 1).await?;
    let mut names = HashMap::new();
    let mut rows = Vec::new();
    for record in records.iter().take(ON_A_PAGE) {
        if let Some(user) = record.user.filter(|user| !names.contains_key(user)) {
            names.insert(user, name(server, app, user).await?);
        }
        rows.extend(row(server, record, &names));
    }
    let last = records.get(ON_A_PAGE - 1).filter(|_| records.len() > ON_A_PAGE);
    let older = last.map(|last| address(app, &filter, Some(last.id)));
    Ok((rows, filter, older))
}

/// What the developer may call somebody: only who agreed to the app, or is on its list. Whoever was merely led to it by a
/// link stays nobody, or an app could find out who its visitors are.
async fn name(server: &Server, app: &App, user: UserId) -> Result<Option<String>, StoreError> {
    let is_theirs = app.owner == Some(user) || app.test_users.contains(&user);
    if !is_theirs && grants::in_force(&server.store, user, app.id).await?.is_none() {
        return Ok(None);
    }
    Ok(users::by_id(&server.store, user).await?.map(|user| user.display_name))
}

/// The list's own address, narrowed down.
fn address(app: &App, filter: &InspectorFilter, before: Option<EventId>) -> String {
    let before = before.map(|before| before.to_string()).unwrap_or_default();
    let pairs = [("outcome", &filter.outcome), ("step", &filter.step), ("user", &filter.user), ("before", &before)];
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query = pairs.map(|(name, value)| format!("{name}={}", percent_encode(value))).collect::<Vec<_>>().join("&");
    let query = if query.is_empty() { query } else { format!("?{query}") };
    format!("/dashboard/apps/{}/inspector{query}", percent_encode(&app.client_id))
}

/// `None` for what a later version wrote.
fn row(server: &Server, record: &InspectorRecord, names: &HashMap<UserId, Option<String>>) -> Option<InspectorRow> {
    let outcome = *Outcome::NAMES.iter().find(|name| **name == record.outcome)?;
    Some(InspectorRow {
        id: record.id.to_string(),
        at: server.when(record.id.made_at()),
        step: Step::from_name(&record.step)?,
        outcome,
        reason: Reason::from_name(&record.reason).filter(|_| outcome == "refused"),
        user: record.user.and_then(|user| names.get(&user).cloned().flatten()),
        request_id: record.request_id.clone(),
    })
}

/// A record of the app, by its own id or by that of the request.
async fn find(server: &Server, app: &App, id: &str) -> Result<Option<InspectorRecord>, StoreError> {
    flush(server).await;
    match EventId::parse(id) {
        Some(id) => store::find(&server.store, app.id, id).await,
        None => store::by_request_id(&server.store, app.id, id).await,
    }
}

/// `GET /dashboard/apps/{client_id}/inspector/{record_id}`.
pub async fn record(
    visit: Visit,
    Path((client_id, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let owned = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let done = query.as_deref() == Some("done=fix");
    match find(&owned.visit.server, &owned.app, &id).await {
        Ok(Some(record)) => show(owned, &record, (done, false)).await,
        Ok(None) => not_found(owned.visit, &owned.signed_in),
        Err(error) => owned.visit.store_error(&error),
    }
}

/// What would mend a refusal.
fn fixes(server: &Server, app: &App, record: &InspectorRecord, details: &Details) -> Vec<Fix> {
    let (reason, user) = (Reason::from_name(&record.reason), record.user);
    let fact = |name: &str| details.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.clone());
    let fix = match reason {
        Some(Reason::RedirectUriNotRegistered) => details
            .sent
            .text("redirect_uri")
            .filter(|uri| RedirectUri::register(uri, &app.policy()).is_ok() && app.resolve(uri).is_err())
            .map(|uri| Fix::RegisterUri(uri.to_owned())),
        Some(Reason::ScopeNotEnabled) => fact("scope")
            .filter(|scopes| {
                let wanted = server.scopes().parse(scopes).unwrap_or_default();
                !wanted.is_subset(ScopeSet::OPENID_CONNECT) && !wanted.is_subset(app.scopes.unwrap_or(wanted))
            })
            .map(Fix::EnableScopes),
        Some(Reason::NotATestUser) => (!app.test_users.iter().any(|on| Some(*on) == user)).then_some(Fix::AddTestUser),
        _ => None,
    };
    fix.into_iter().collect()
}

/// What was sent beside what was expected, where that is what differs.
fn compared(reason: Option<Reason>, details: &Details) -> Option<Compared> {
    let fact = |name: &str| details.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str());
    match reason {
        Some(Reason::RedirectUriNotRegistered) => {
            Some(Compared::new(details.sent.text("redirect_uri")?, fact("nearest")?))
        }
        Some(Reason::ScopeUnknown) => Some(Compared::new(fact("scope")?, fact("nearest")?)),
        Some(Reason::VerifierWrong) => Some(Compared::new(fact("sent")?, fact("have")?)),
        _ => None,
    }
}

async fn show(owned: Owned, record: &InspectorRecord, (done, failed): (bool, bool)) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let server = visit.server.clone();
    let mut details: Details = serde_json::from_str(&record.body).unwrap_or_default();
    let read = async {
        let mut names = HashMap::new();
        if let Some(user) = record.user {
            names.insert(user, name(&server, &app, user).await?);
        }
        let verdict = replay(&server, &app, record, &details).await?;
        Ok::<_, StoreError>((row(&server, record, &names), verdict))
    };
    let (row, verdict) = match read.await {
        Ok((Some(row), verdict)) => (row, verdict),
        Ok((None, _)) => return not_found(visit, &signed_in),
        Err(error) => return visit.store_error(&error),
    };
    let reason = row.reason;
    if !details.facts.iter().any(|fact| fact.name == "sent") {
        let parameter = match reason {
            Some(Reason::ResponseType | Reason::LegacyFlowsOff) => "response_type",
            Some(Reason::ResponseMode) => "response_mode",
            Some(Reason::ChallengeMethod) => "code_challenge_method",
            Some(Reason::Prompt) => "prompt",
            Some(Reason::MaxAge) => "max_age",
            Some(Reason::CodeRedirectUri) => "redirect_uri",
            _ => "",
        };
        if let Some(sent) = details.sent.text(parameter) {
            let fact = crate::inspector::Fact::new("sent", sent);
            details.facts.push(fact);
        }
    }
    let page = InspectorRecordPage {
        chrome: visit.chrome(Some(&signed_in), Some(&visit.path)),
        app: head(&app),
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        warnings: details.warnings.clone(),
        fixes: fixes(&server, &app, record, &details),
        done,
        failed,
        compared: compared(reason, &details),
        checks: checks(record, &details),
        parameters: details.sent.parameters.iter().map(|sent| (sent.name.clone(), said(&sent.value))).collect(),
        verdict,
        curl: curl(&server, &row, &details),
        saw: saw(record, &app),
        facts: details.facts,
        row,
    };
    visit.page(if failed { 422 } else { 200 }, &page)
}

/// A value as the page shows it.
fn said(value: &Kept) -> String {
    match value {
        Kept::Text(text) => text.clone(),
        Kept::Withheld(withheld) => match &withheld.fingerprint {
            Some(fingerprint) => format!("({} bytes, fingerprint {fingerprint})", withheld.bytes),
            None => format!("({} bytes)", withheld.bytes),
        },
    }
}

/// Which page the person saw.
fn saw(record: &InspectorRecord, app: &App) -> &'static str {
    let is_page = matches!(
        Reason::from_name(&record.reason),
        Some(
            Reason::RedirectUriNotRegistered
                | Reason::RedirectUriInsecure
                | Reason::AppPaused
                | Reason::StateTooLong
                | Reason::AnswerTooLong
                | Reason::NotATestUser
                | Reason::RequestExpired
                | Reason::AlreadyAnswered
                | Reason::AppChanged
        )
    );
    match (record.step.as_str(), record.outcome.as_str(), record.reason.as_str()) {
        ("authorize", "refused", _) if is_page => "saw-page",
        ("authorize", "refused", _) if app.policy().request_errors == keysig_core::profile::ErrorsGo::ToPage => {
            let to_app = matches!(
                Reason::from_name(&record.reason),
                Some(
                    Reason::Denied
                        | Reason::ChallengeMissing
                        | Reason::ChallengeMethod
                        | Reason::ChallengeMalformed
                        | Reason::ChallengeMethodAlone
                )
            );
            if to_app { "saw-app" } else { "saw-page" }
        }
        ("authorize", "refused", _) => "saw-app",
        ("authorize", "shown", "consent") => "saw-consent",
        ("authorize", "shown", _) => "saw-login",
        ("authorize", ..) => "saw-passed",
        _ => "saw-nothing",
    }
}

/// The request as a command. What a shell would read is quoted: strangers chose it.
fn curl(server: &Server, row: &InspectorRow, details: &Details) -> String {
    let issuer = &server.settings.public_url;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let value = |name: &str, kept: &Kept| match kept {
        Kept::Text(text) => quoted(&format!("{name}={text}")),
        Kept::Withheld(_) => {
            let letters = name.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_');
            format!("\"{name}=${}\"", letters.collect::<String>().to_ascii_uppercase())
        }
    };
    let is_plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let sent = details.sent.parameters.iter().filter(|sent| is_plain(&sent.name));
    let mut command = match (row.step, &details.sent.call) {
        (Step::Authorize, _) => format!("curl -G {}", quoted(&format!("{issuer}/authorize"))),
        (Step::Token, _) => format!("curl {}", quoted(&format!("{issuer}/api/token"))),
        (Step::Device, _) => format!("curl {}", quoted(&format!("{issuer}/oauth2/device/authorize"))),
        (Step::Revoke, _) => format!("curl {}", quoted(&format!("{issuer}/oauth2/revoke/v1"))),
        (Step::Introspect, _) => format!("curl {}", quoted(&format!("{issuer}/oauth2/introspect/v1"))),
        (Step::Api, Some((method, path))) => format!("curl -X {method} {}", quoted(&format!("{issuer}{path}"))),
        (Step::Api, None) => "curl".to_owned(),
    };
    match &details.sent.header {
        Some(ShownHeader::Basic { client_id, secret }) => {
            let secret = if secret.is_some() { "\"$CLIENT_SECRET\"" } else { "" };
            command.push_str(&format!(" \\\n  -u {}:{secret}", quoted(client_id)));
        }
        Some(ShownHeader::Bearer(_)) => command.push_str(" \\\n  -H \"Authorization: Bearer $ACCESS_TOKEN\""),
        Some(ShownHeader::Other) => command.push_str(" \\\n  -H \"Authorization: $AUTHORIZATION\""),
        None => {}
    }
    for parameter in sent {
        command.push_str(&format!(" \\\n  --data-urlencode {}", value(&parameter.name, &parameter.value)));
    }
    command
}

/// `POST`: applies a fix. What it changes is taken from the record.
pub async fn fix(visit: Visit, Path((client_id, id)): Path<(String, String)>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let (server, app) = (owned.visit.server.clone(), owned.app.clone());
    let record = match find(&server, &app, &id).await {
        Ok(Some(record)) => record,
        Ok(None) => return not_found(owned.visit, &owned.signed_in),
        Err(error) => return owned.visit.store_error(&error),
    };
    let details: Details = serde_json::from_str(&record.body).unwrap_or_default();
    let wanted = form.get("fix").unwrap_or_default();
    let fixes = fixes(&server, &app, &record, &details);
    let Some(fix) = fixes.into_iter().find(|fix| fix.name() == wanted) else {
        return show(owned, &record, (false, true)).await;
    };
    match apply(&owned, &record, &fix, form.get("address")).await {
        Ok(true) => {
            let app = percent_encode(&app.client_id).into_owned();
            owned.visit.see_other(&format!("/dashboard/apps/{app}/inspector/{}?done=fix", record.id))
        }
        Ok(false) => show(owned, &record, (false, true)).await,
        Err(error) => owned.visit.store_error(&error),
    }
}

async fn apply(owned: &Owned, record: &InspectorRecord, fix: &Fix, typed: Option<&str>) -> Result<bool, StoreError> {
    let Owned { visit, signed_in, app } = owned;
    let audited = |action| {
        let mut record = visit.audited(signed_in, action, fix.about());
        record.app = Some(app.id);
        record
    };
    let store_ = &visit.server.store;
    match fix {
        Fix::RegisterUri(uri) => match RedirectUri::register(uri, &app.policy()) {
            Ok(uri) => {
                let added = redirect_uris::add(store_, app.id, &uri, &audited(AuditAction::RedirectUriAdded)).await?;
                Ok(added == redirect_uris::Added::Yes)
            }
            Err(_) => Ok(false),
        },
        Fix::EnableScopes(scopes) => {
            let (Ok(wanted), Some(has)) = (visit.server.scopes().parse(scopes), app.scopes) else { return Ok(false) };
            let all = has.union(wanted.without(ScopeSet::OPENID_CONNECT));
            store::enable_scopes(store_, app.id, all, &audited(AuditAction::AppScopesChanged)).await?;
            Ok(true)
        }
        // Whoever adds a person knows their address: the record does not tell it.
        Fix::AddTestUser => {
            let found = test_users::account(&visit.server, typed.unwrap_or_default()).await?;
            let Some(user) = found.filter(|user| Some(user.id) == record.user) else { return Ok(false) };
            test_users::add_to_list(owned, &user).await?;
            Ok(true)
        }
    }
}
