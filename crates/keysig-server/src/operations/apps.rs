//! Apps.

use keysig_core::app::{App, Mode};
use keysig_store::app_lists::{self, Order};
use keysig_store::{apps as stored, reports, users};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::time;
use crate::actions::{ActionRefused, Actor, apps};
use crate::server::Server;

const ORDERS: [&str; 3] = ["new", "popular", "reported"];

/// Which apps are looked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sought {
    /// What comes first; `reported` leaves out those without reports that nobody has read.
    #[serde(default)]
    #[schemars(extend("enum" = ORDERS))]
    order: Option<String>,
    /// A client ID, a name, or a developer's name; empty finds all.
    #[serde(default)]
    q: String,
}

/// Apps that were found.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Apps {
    /// Them, at most a hundred.
    apps: Vec<AppLine>,
}

/// An app in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AppLine {
    /// What it is called by in requests.
    client_id: String,
    /// Its name.
    name: String,
    /// Who makes it, in their own words.
    developer: String,
    /// When it was registered.
    created_at: String,
    /// Whether it is stopped.
    paused: bool,
    /// Whether it is the operator's own.
    trusted: bool,
    /// How many people have it connected.
    users: u64,
    /// How many reports about it nobody has read.
    unread_reports: u64,
}

/// Which app.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Its client ID.
    pub(super) client_id: String,
}

/// Which app is stopped.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Its client ID.
    client_id: String,
    /// Why: its developer reads it.
    why: String,
}

/// Which app has quotas of its own.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Its client ID.
    client_id: String,
    /// Calls of the Web API within 30 seconds.
    calls: Option<u32>,
    /// Token requests within 30 seconds.
    tokens: Option<u32>,
}

/// An app, and what people report about it.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AppDetails {
    /// What it is called by in requests.
    client_id: String,
    /// Its name.
    name: String,
    /// Who makes it, in their own words.
    developer: String,
    /// Its home page.
    homepage: Option<String>,
    /// The address of whoever answers for it.
    owner: Option<String>,
    /// Whether everybody may log in.
    #[schemars(extend("enum" = ["development", "live"]))]
    mode: &'static str,
    /// How many people have it connected.
    users: u64,
    /// Whether it is the operator's own.
    trusted: bool,
    /// Whether it is stopped.
    paused: bool,
    /// Whether nobody new may log in to it.
    logins_stopped: bool,
    /// When it was registered.
    created_at: String,
    /// Its own quota of calls within 30 seconds; nothing where it is as for all.
    own_quota_calls: Option<u32>,
    /// Its own quota of token requests within 30 seconds; nothing where it is as for all.
    own_quota_tokens: Option<u32>,
    /// Where people may be sent back to.
    redirect_uris: Vec<String>,
    /// What people report, the latest first: at most 50.
    reports: Vec<Report>,
}

/// What somebody reports about an app.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Report {
    /// When.
    at: String,
    /// Of what kind.
    category: String,
    /// In their own words.
    words: String,
    /// Who: an id.
    user: String,
}

pub(super) async fn list(server: &Server, _: &Actor, sought: Sought) -> Result<Apps, ActionRefused> {
    let order = match sought.order.as_deref() {
        None | Some("" | "new") => Order::New,
        Some("popular") => Order::Popular,
        Some("reported") => Order::Reported,
        Some(_) => {
            let problem = format!("It can be {}.", ORDERS.join(", "));
            return Err(ActionRefused::Invalid { field: "order", problem });
        }
    };
    let line = |line: app_lists::Line| AppLine {
        client_id: line.client_id,
        name: line.name,
        developer: line.developer,
        created_at: time(line.created_at),
        paused: line.paused,
        trusted: line.trusted,
        users: line.users,
        unread_reports: line.reports,
    };
    let lines = app_lists::list(&server.store, order, sought.q.trim()).await?;
    Ok(Apps { apps: lines.into_iter().map(line).collect() })
}

async fn details(server: &Server, client_id: &str) -> Result<AppDetails, ActionRefused> {
    let app: &App = &*apps::find(server, client_id).await?;
    let (users, _) = stored::reach(&server.store, app.id).await?;
    let owner = match app.owner {
        Some(owner) => users::by_id(&server.store, owner).await?.map(|user| user.email),
        None => None,
    };
    let report = |report: reports::Report| Report {
        at: time(report.created_at),
        category: report.category,
        words: report.words,
        user: report.user.to_string(),
    };
    Ok(AppDetails {
        client_id: app.client_id.clone(),
        name: app.name.clone(),
        developer: app.developer.clone(),
        homepage: app.homepage.clone(),
        owner,
        mode: if app.mode == Mode::Live { "live" } else { "development" },
        users: users.unsigned_abs(),
        trusted: app.consent.trusted,
        paused: app.paused,
        logins_stopped: app.standing.logins_stopped,
        created_at: time(app.created_at),
        own_quota_calls: app.standing.quota.calls,
        own_quota_tokens: app.standing.quota.tokens,
        redirect_uris: app.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        reports: reports::of_app(&server.store, app.id, 50).await?.into_iter().map(report).collect(),
    })
}

pub(super) async fn show(server: &Server, _: &Actor, which: Which) -> Result<AppDetails, ActionRefused> {
    details(server, &which.client_id).await
}

pub(super) async fn pause(server: &Server, actor: &Actor, given: Pause) -> Result<AppDetails, ActionRefused> {
    apps::pause(server, actor, &given.client_id, &given.why).await?;
    details(server, &given.client_id).await
}

pub(super) async fn stop_logins(server: &Server, actor: &Actor, which: Which) -> Result<AppDetails, ActionRefused> {
    apps::set_logins_stopped(server, actor, &which.client_id, true).await?;
    details(server, &which.client_id).await
}

pub(super) async fn allow_logins(server: &Server, actor: &Actor, which: Which) -> Result<AppDetails, ActionRefused> {
    apps::set_logins_stopped(server, actor, &which.client_id, false).await?;
    details(server, &which.client_id).await
}

pub(super) async fn resume(server: &Server, actor: &Actor, which: Which) -> Result<AppDetails, ActionRefused> {
    apps::resume(server, actor, &which.client_id).await?;
    details(server, &which.client_id).await
}

pub(super) async fn trust(server: &Server, actor: &Actor, which: Which) -> Result<AppDetails, ActionRefused> {
    apps::set_trusted(server, actor, &which.client_id, true).await?;
    details(server, &which.client_id).await
}

pub(super) async fn distrust(server: &Server, actor: &Actor, which: Which) -> Result<AppDetails, ActionRefused> {
    apps::set_trusted(server, actor, &which.client_id, false).await?;
    details(server, &which.client_id).await
}

pub(super) async fn reports_read(server: &Server, actor: &Actor, which: Which) -> Result<AppDetails, ActionRefused> {
    apps::reports_read(server, actor, &which.client_id).await?;
    details(server, &which.client_id).await
}

pub(super) async fn set_quota(server: &Server, actor: &Actor, given: Quota) -> Result<AppDetails, ActionRefused> {
    let typed = |own: Option<u32>| own.map(|own| own.to_string()).unwrap_or_default();
    let (calls, tokens) = (typed(given.calls), typed(given.tokens));
    apps::set_quota(server, actor, &given.client_id, [&calls, &tokens]).await?;
    details(server, &given.client_id).await
}
