//! How an app is: what an operator sees that its developer should mend. `keysig app check`, `keysig doctor --app` and the admin
//! API show the same.

use keysig_core::app::{App, ClientType, Mode};
use keysig_core::redirect_advice::{Advice, advice};
use keysig_store::StoreError;

use crate::checklist;
use crate::health::{Check, Verdict, check};
use crate::people::apps::RECENT_DAYS;
use crate::server::Server;

/// A secret that stops within this time should have been followed by another, in seconds.
const SECRET_ENDS_SECONDS: i64 = 7 * 86_400;

/// All checks.
pub async fn all(server: &Server, app: &App) -> Result<Vec<Check>, StoreError> {
    Ok(vec![state(app), owner(app), redirect_uris(app), secrets(server, app), mode(app), scopes(server, app).await?])
}

fn state(app: &App) -> Check {
    match app.paused {
        false => check("state", Verdict::Ok, "works", ""),
        true => check("state", Verdict::Broken, "everything of it is stopped", "keysig app resume CLIENT_ID"),
    }
}

fn owner(app: &App) -> Check {
    match app.owner {
        Some(_) => check("owner", Verdict::Ok, app.developer.clone(), ""),
        None => check("owner", Verdict::Look, "nobody answers for it", "pause it, or give it to somebody"),
    }
}

fn redirect_uris(app: &App) -> Check {
    let page = "the page Redirect URIs of the app";
    if app.redirect_uris.is_empty() {
        return check("redirect-uris", Verdict::Broken, "none is registered: nobody can log in", page);
    }
    let said = |uri: &keysig_core::redirect_uri::RedirectUri| {
        let what = match advice(uri, &app.redirect_uris)? {
            Advice::TwinBySlash => "another one differs only in its last slash".to_owned(),
            Advice::TwinByCase => "another one differs only in letter case".to_owned(),
            Advice::ClaimableScheme(scheme) => format!("any app on a phone can claim {scheme}:"),
            // As it should be: a free port is what programs on the command line need.
            Advice::AnyPort => return None,
        };
        Some(format!("{}: {what}", uri.as_str()))
    };
    let all: Vec<String> = app.redirect_uris.iter().filter_map(said).collect();
    match all.is_empty() {
        true => check("redirect-uris", Verdict::Ok, format!("{} registered", app.redirect_uris.len()), ""),
        false => check("redirect-uris", Verdict::Look, all.join("; "), page),
    }
}

fn secrets(server: &Server, app: &App) -> Check {
    let page = "the page Secrets of the app: add a new one";
    if app.client_type == ClientType::Public {
        return check("secrets", Verdict::Ok, "a public app has none", "");
    }
    let now = server.now();
    let works = |at: keysig_core::time::Timestamp| {
        app.secrets.iter().filter(|secret| secret.retires_at.is_none_or(|retires| at < retires)).count()
    };
    match (works(now), works(now.plus_seconds(SECRET_ENDS_SECONDS))) {
        (0, _) => check("secrets", Verdict::Broken, "none works", page),
        (_, 0) => check("secrets", Verdict::Look, "the last one stops within a week", page),
        (working, _) => check("secrets", Verdict::Ok, format!("{working} working"), ""),
    }
}

fn mode(app: &App) -> Check {
    match app.mode {
        Mode::Live => check("mode", Verdict::Ok, "live: everybody may log in", ""),
        Mode::Development => {
            let found = format!("in development: its owner and {} test users may log in", app.test_users.len());
            check("mode", Verdict::Look, found, "the page Test users of the app")
        }
    }
}

/// The permissions that it may ask for and did not exercise lately: people would see so many lines less.
async fn scopes(server: &Server, app: &App) -> Result<Check, StoreError> {
    if app.scopes.is_none() {
        return Ok(check("scopes", Verdict::Ok, "it may ask for all", ""));
    }
    if app.created_at.unix_days() > server.now().unix_days() - RECENT_DAYS {
        return Ok(check("scopes", Verdict::Ok, "too new to say", ""));
    }
    let unused = checklist::unused(server, app).await?;
    Ok(match unused.is_empty() {
        true => check("scopes", Verdict::Ok, "all were used within 30 days", ""),
        false => {
            let found = format!("not used within {RECENT_DAYS} days: {}", server.scopes().print(unused));
            check("scopes", Verdict::Look, found, "ask for less: people see one line less for each")
        }
    })
}
