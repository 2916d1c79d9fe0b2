//! Reviews of apps.

use keysig_core::app::App;
use keysig_core::review::{ReviewState, Side};
use keysig_core::scope::ScopeId;
use keysig_store::reviews::{Line, Message};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apps::Which;
use super::{Nothing, time};
use crate::actions::review::{self, HostCheck, Verdict};
use crate::actions::{ActionRefused, Actor};
use crate::checklist::{self, Checked};
use crate::server::Server;

/// Apps whose review is not over.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Reviews {
    /// Those that wait for an answer first, the longest waiting at the top.
    reviews: Vec<ReviewLine>,
}

/// An app under review.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ReviewLine {
    /// What it is called by in requests.
    client_id: String,
    /// Its name.
    name: String,
    /// Who makes it, in their own words.
    developer: String,
    /// Where its review stands.
    #[schemars(extend("enum" = states()))]
    state: &'static str,
    /// When its makers last asked for it.
    asked_at: String,
    /// When it came to stand there.
    changed_at: String,
}

/// What a reviewer looks at.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Dossier {
    /// What it is called by in requests.
    client_id: String,
    /// Its name.
    name: String,
    /// Who makes it, in their own words.
    developer: String,
    /// What it is for, in their own words.
    description: Option<String>,
    /// Its home page.
    homepage: Option<String>,
    /// Its privacy policy.
    privacy_url: Option<String>,
    /// Its terms.
    terms_url: Option<String>,
    /// Where people find help.
    support_url: Option<String>,
    /// Where people may be sent back to.
    redirect_uris: Vec<String>,
    /// Where its review stands; nothing where nobody ever asked for one.
    #[schemars(extend("enum" = states()))]
    state: Option<&'static str>,
    /// Whether people read that it is reviewed: it was approved, and has not changed since.
    is_reviewed: bool,
    /// A name for what is seen here: an approval says it, so that nothing else is approved.
    seen: String,
    /// What can be told from the app itself.
    checks: Vec<Point>,
    /// What it may ask for.
    scopes: Vec<AskedScope>,
    /// What both sides wrote, the oldest first.
    messages: Vec<Said>,
}

/// A point of the checklist.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Point {
    /// Which.
    name: &'static str,
    /// Whether the app meets it.
    is_met: bool,
    /// What does not: addresses or names of scopes.
    open: Vec<String>,
}

/// A scope that an app may ask for.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AskedScope {
    /// Its name.
    name: String,
    /// Whether the app works without it, so that each person chooses.
    is_optional: bool,
    /// Why the app asks for it, in its makers' words.
    reason: Option<String>,
    /// Whether no call was made with it in the last 30 days, although it opens endpoints.
    is_unused: bool,
}

/// What somebody wrote.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Said {
    /// When.
    at: String,
    /// Who.
    #[schemars(extend("enum" = ["developer", "operator"]))]
    side: &'static str,
    /// What.
    words: String,
}

/// What is answered to the makers of an app.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Its client ID.
    client_id: String,
    /// What its makers read.
    words: String,
}

/// Which app is approved, as it was seen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Its client ID.
    client_id: String,
    /// `seen` of what was looked at.
    seen: String,
    /// A word to its makers.
    #[serde(default)]
    words: String,
}

/// Whether the host of an app's home page says that it is the app's.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HostFound {
    /// What was found.
    #[schemars(extend("enum" = ["no-homepage", "named", "not-named", "no-file"]))]
    found: &'static str,
    /// Why the file could not be had.
    why: Option<String>,
}

fn states() -> [&'static str; 4] {
    ReviewState::ALL.map(ReviewState::name)
}

pub(super) async fn list(server: &Server, actor: &Actor, _: Nothing) -> Result<Reviews, ActionRefused> {
    let line = |line: Line| ReviewLine {
        client_id: line.client_id,
        name: line.name,
        developer: line.developer,
        state: line.review.state.name(),
        asked_at: time(line.review.asked_at),
        changed_at: time(line.review.changed_at),
    };
    Ok(Reviews { reviews: review::open(server, actor).await?.into_iter().map(line).collect() })
}

async fn scopes(server: &Server, app: &App) -> Result<Vec<AskedScope>, ActionRefused> {
    let (catalogue, unused) = (server.scopes(), checklist::unused(server, app).await?);
    let asked = |scope: ScopeId| {
        Some(AskedScope {
            name: catalogue.entry(scope)?.name.clone(),
            is_optional: app.consent.optional.has(scope),
            reason: app.consent.reasons.get(&scope).cloned(),
            is_unused: unused.has(scope),
        })
    };
    Ok(checklist::may_ask(server, app).iter().filter_map(asked).collect())
}

async fn dossier(server: &Server, actor: &Actor, client_id: &str) -> Result<Dossier, ActionRefused> {
    let review::Dossier { app, review, messages } = review::find(server, actor, client_id).await?;
    let point = |Checked { point, is_met, open }| Point { name: point.name(), is_met, open };
    let said = |Message { side, words, at, .. }| {
        let side = match side {
            Side::Developer => "developer",
            Side::Operator => "operator",
        };
        Said { at: time(at), side, words }
    };
    Ok(Dossier {
        client_id: app.client_id.clone(),
        name: app.name.clone(),
        developer: app.developer.clone(),
        description: app.about.description.clone(),
        homepage: app.homepage.clone(),
        privacy_url: app.consent.privacy_url.clone(),
        terms_url: app.about.terms_url.clone(),
        support_url: app.about.support_url.clone(),
        redirect_uris: app.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        state: review.map(|review| review.state.name()),
        is_reviewed: app.is_reviewed(),
        seen: review::seen(&app),
        checks: checklist::of(server, &app).await?.into_iter().map(point).collect(),
        scopes: scopes(server, &app).await?,
        messages: messages.into_iter().map(said).collect(),
    })
}

pub(super) async fn show(server: &Server, actor: &Actor, which: Which) -> Result<Dossier, ActionRefused> {
    dossier(server, actor, &which.client_id).await
}

pub(super) async fn ask(server: &Server, actor: &Actor, given: Words) -> Result<Dossier, ActionRefused> {
    review::decide(server, actor, &given.client_id, (Verdict::Ask, ""), &given.words).await?;
    dossier(server, actor, &given.client_id).await
}

pub(super) async fn approve(server: &Server, actor: &Actor, given: Approval) -> Result<Dossier, ActionRefused> {
    review::decide(server, actor, &given.client_id, (Verdict::Approve, &given.seen), &given.words).await?;
    dossier(server, actor, &given.client_id).await
}

pub(super) async fn refuse(server: &Server, actor: &Actor, given: Words) -> Result<Dossier, ActionRefused> {
    review::decide(server, actor, &given.client_id, (Verdict::Refuse, ""), &given.words).await?;
    dossier(server, actor, &given.client_id).await
}

pub(super) async fn check_host(server: &Server, actor: &Actor, which: Which) -> Result<HostFound, ActionRefused> {
    let (found, why) = match review::check_host(server, actor, &which.client_id).await? {
        HostCheck::NoHomepage => ("no-homepage", None),
        HostCheck::Named => ("named", None),
        HostCheck::NotNamed => ("not-named", None),
        HostCheck::NoFile(why) => ("no-file", Some(why)),
    };
    Ok(HostFound { found, why })
}
