//! Reviews: the apps whose makers wait for an answer, and of each what a reviewer looks at, asks and decides.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::parameters::Parameters;
use keysig_core::review::{ReviewState, Side};
use keysig_core::scope::ScopeId;
use keysig_core::user::Role;
use keysig_store::{StoreError, reports, users};

use super::sheet::{self, Sheet, in_words};
use super::{operator, posted, refused};
use crate::actions::review::{self, Dossier, HostCheck, Verdict};
use crate::actions::{ActionRefused, Actor};
use crate::browser::{SignedIn, Ticket};
use crate::checklist;
use crate::language::{Sentence, Words};
use crate::pages::operators::{SheetCell, SheetField, SheetForm, SheetPart, SheetTable};
use crate::people::{consent_preview, words};
use crate::visit::{Form, Visit};

const REVIEWS: &str = "/admin/reviews";
/// So many of the last reports.
const SHOWN_REPORTS: i64 = 20;

fn state(words: Words, state: ReviewState) -> SheetCell {
    let tag = if state == ReviewState::Approved { "ok" } else { "warn" };
    SheetCell::from(words.say(format!("review-{}", state.name()))).tagged(tag)
}

/// `GET /admin/reviews`.
pub async fn list(visit: Visit) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let lines = match review::open(&visit.server, &visit.actor(&signed_in)).await {
        Ok(lines) => lines,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let words = sheet::words(&visit);
    let row = |line: &keysig_store::reviews::Line| {
        let name = SheetCell::from(line.name.clone()).to(format!("{REVIEWS}/{}", line.client_id));
        vec![
            name.below(line.client_id.clone()).with_logo(line.logo),
            line.developer.clone().into(),
            state(words, line.review.state),
            in_words(&visit, line.review.asked_at),
        ]
    };
    let table = SheetTable {
        heading: words.say("reviews-open"),
        head: ["name", "developer", "state", "review-asked"].map(|key| words.say(key)).into(),
        rows: lines.iter().map(row).collect(),
    };
    let parts = vec![SheetPart::Words(words.say("reviews-how")), SheetPart::Table(table)];
    Sheet { section: "reviews", heading: words.say("reviews"), parts }.show(visit, &signed_in, 200, None)
}

/// `GET /admin/reviews/{client_id}`.
pub async fn one(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    match operator(visit).await {
        Ok((visit, signed_in)) => {
            let done = sheet::done(&query);
            show(visit, &signed_in, &client_id, News { done, ..News::default() }).await
        }
        Err(answer) => answer,
    }
}

/// What the page shows beside what is kept.
#[derive(Default)]
struct News {
    done: Option<&'static str>,
    host: Option<HostCheck>,
    problem: Option<(Verdict, String, String)>,
}

async fn show(mut visit: Visit, signed_in: &SignedIn, client_id: &str, news: News) -> Response {
    let dossier = match review::find(&visit.server, &visit.actor(signed_in), client_id).await {
        Ok(dossier) => dossier,
        Err(error) => return refused(visit, signed_in, &error),
    };
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let status = if news.problem.is_some() { 422 } else { 200 };
    let mut parts = match facts(&visit, &dossier).await {
        Ok(parts) => parts,
        Err(error) => return visit.store_error(&error),
    };
    parts.push(host(&visit, &dossier.app, &csrf, news.host.as_ref()));
    let consent = async {
        let badge = words::public_badge(&visit.server, &dossier.app).await?;
        let asked = checklist::may_ask(&visit.server, &dossier.app);
        Ok::<_, StoreError>(consent_preview::page(&visit.server, &dossier.app, asked, badge, visit.chrome(None, None)))
    };
    match consent.await.map(|page| page.card()) {
        Ok(Ok(card)) => {
            let words = sheet::words(&visit);
            parts.push(SheetPart::Shown(words.say("review-consent"), card));
            let alone = format!("{REVIEWS}/{}/consent", dossier.app.client_id);
            parts.push(SheetPart::Ways(vec![(words.say("review-consent-page"), alone)]));
        }
        Ok(Err(error)) => tracing::error!(%error, "a page could not be rendered"),
        Err(error) => return visit.store_error(&error),
    }
    let role = signed_in.user.role;
    for verdict in Verdict::ALL.into_iter().filter(|verdict| role >= verdict.needs()) {
        let problem = news.problem.as_ref().filter(|(of, ..)| *of == verdict);
        parts.push(decision(&visit, &dossier.app, verdict, csrf.clone(), problem));
    }
    let heading = sheet::words(&visit).say("review").name("app", &dossier.app.name);
    Sheet { section: "reviews", heading, parts }.show(visit, signed_in, status, news.done)
}

/// A link out of the service that a stranger typed is shown as text: nobody who reviews an app follows it by a slip.
async fn facts(visit: &Visit, Dossier { app, review, messages }: &Dossier) -> Result<Vec<SheetPart>, StoreError> {
    let (server, words) = (&visit.server, sheet::words(visit));
    let owner = match app.owner {
        Some(owner) => users::by_id(&server.store, owner).await?,
        None => None,
    };
    let owner = owner.map_or_else(SheetCell::default, |user| {
        SheetCell::from(user.email).to(format!("/admin/users/{}", user.id)).below(user.display_name)
    });
    let text = |text: &Option<String>| SheetCell::from(text.clone().unwrap_or_default());
    let stands = match review {
        Some(review) => state(words, review.state).below(in_words(visit, review.changed_at).text),
        None => words.say("review-not-asked").into(),
    };
    let mut facts = vec![
        (
            words.say("name"),
            SheetCell::from(app.name.clone())
                .to(format!("/admin/apps/{}", app.client_id))
                .below(app.client_id.clone())
                .with_logo(app.about.logo),
        ),
        (words.say("developer"), app.developer.clone().into()),
        (words.say("owner"), owner),
        (words.say("state"), stands),
        (words.say("description"), text(&app.about.description)),
        (words.say("homepage"), text(&app.homepage)),
        (words.say("privacy"), text(&app.consent.privacy_url)),
        (words.say("terms"), text(&app.about.terms_url)),
        (words.say("support"), text(&app.about.support_url)),
    ];
    if app.standing.review.is_some() && !app.is_reviewed() {
        facts.push((words.say("review-changed"), words.say("review-changed-what").into()));
    }
    let table = |heading, head: &[&'static str], rows| {
        let head = head.iter().map(|key| words.say(*key)).collect();
        SheetPart::Table(SheetTable { heading: words.say(heading), head, rows })
    };
    let check = |check: &checklist::Checked| {
        let point = SheetCell::from(words.say(format!("check-{}", check.point.name())));
        let met = if check.is_met { ("review-met", "ok") } else { ("review-unmet", "warn") };
        vec![point.below(check.open.join(" ")), SheetCell::from(words.say(met.0)).tagged(met.1)]
    };
    let checks = checklist::of(server, app).await?.iter().map(check).collect();
    let said = messages.iter().rev().map(|message| {
        let side = if message.side == Side::Operator { "review-by-us" } else { "review-by-them" };
        vec![in_words(visit, message.at), words.say(side).into(), message.words.clone().into()]
    });
    let told = reports::of_app(&server.store, app.id, SHOWN_REPORTS).await?.into_iter().map(|report| {
        let user = SheetCell::from(words.say("user")).to(format!("/admin/users/{}", report.user));
        vec![in_words(visit, report.created_at), SheetCell::from(report.words).below(report.category), user]
    });
    Ok(vec![
        SheetPart::Facts(facts),
        table("review-thread", &["when-done", "who", "what"], said.collect()),
        table("review-checks", &["what", "state"], checks),
        table("review-scopes", &["permission", "review-kind", "reason", "review-used"], scopes(visit, app).await?),
        table("redirect-uris", &["address-of-app"], uris(app)),
        table("reports", &["when-done", "what", "who"], told.collect()),
    ])
}

fn uris(app: &App) -> Vec<Vec<SheetCell>> {
    app.redirect_uris.iter().map(|uri| vec![SheetCell::from(uri.as_str())]).collect()
}

/// What it may ask for beside what it used.
async fn scopes(visit: &Visit, app: &App) -> Result<Vec<Vec<SheetCell>>, StoreError> {
    let (server, words) = (&visit.server, sheet::words(visit));
    let unused = checklist::unused(server, app).await?;
    let catalogue = server.scopes();
    let row = |scope: ScopeId| {
        let entry = catalogue.entry(scope)?;
        let kind = if app.consent.optional.has(scope) { "review-optional" } else { "review-required" };
        let used = match (entry.endpoints.is_empty(), unused.has(scope)) {
            (true, _) => SheetCell::from(words.say("review-no-endpoint")),
            (false, true) => SheetCell::from(words.say("no")).tagged("warn"),
            (false, false) => SheetCell::from(words.say("yes")).tagged("ok"),
        };
        let reason = app.consent.reasons.get(&scope).cloned().unwrap_or_default();
        Some(vec![SheetCell::from(entry.name.clone()), words.say(kind).into(), reason.into(), used])
    };
    Ok(checklist::may_ask(server, app).iter().filter_map(row).collect())
}

fn host(visit: &Visit, app: &App, csrf: &str, found: Option<&HostCheck>) -> SheetPart {
    let words = sheet::words(visit);
    let mut told = vec![words.say("host-what").text("file", review::HOST_FILE)];
    told.extend(found.map(|found| said_of_host(words, found)));
    SheetPart::Form(SheetForm {
        action: format!("{REVIEWS}/{}/host", app.client_id),
        csrf: Some(csrf.to_owned()),
        hidden: Vec::new(),
        told,
        fields: Vec::new(),
        button: words.say("host-check"),
        is_danger: false,
    })
}

fn said_of_host(words: Words, found: &HostCheck) -> Sentence {
    match found {
        HostCheck::NoHomepage => words.say("host-no-homepage"),
        HostCheck::Named => words.say("host-named"),
        HostCheck::NotNamed => words.say("host-not-named"),
        HostCheck::NoFile(why) => words.say("host-no-file").name("why", why),
    }
}

/// The name of the field in which a verdict is explained: each stands on the same page.
const fn field(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ask => "question",
        Verdict::Approve => "note",
        Verdict::Refuse => "reason",
    }
}

fn decision(
    visit: &Visit,
    app: &App,
    verdict: Verdict,
    csrf: String,
    problem: Option<&(Verdict, String, String)>,
) -> SheetPart {
    let words = sheet::words(visit);
    let label = match verdict {
        Verdict::Ask => "verdict-ask-words",
        Verdict::Approve => "verdict-approve-words",
        Verdict::Refuse => "verdict-refuse-words",
    };
    let typed = problem.map_or("", |(_, typed, _)| typed);
    let error = problem.map(|(.., problem)| problem.clone());
    SheetPart::Form(SheetForm {
        action: format!("{REVIEWS}/{}/{}", app.client_id, verdict.name()),
        csrf: Some(csrf),
        hidden: vec![("seen", review::seen(app))],
        told: vec![words.say(format!("verdict-{}-what", verdict.name()))],
        fields: vec![SheetField { error, ..sheet::field(words, field(verdict), label, typed) }],
        button: words.say(format!("verdict-{}", verdict.name())),
        is_danger: verdict == Verdict::Refuse,
    })
}

/// `GET /admin/reviews/{client_id}/consent`: the page that people will see, whole.
pub async fn consent(visit: Visit, Path(client_id): Path<String>) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let app = match review::find(&visit.server, &visit.actor(&signed_in), &client_id).await {
        Ok(dossier) => dossier.app,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    match words::public_badge(&visit.server, &app).await {
        Ok(badge) => {
            let asked = checklist::may_ask(&visit.server, &app);
            let page = consent_preview::page(&visit.server, &app, asked, badge, visit.chrome(None, None));
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /admin/reviews/{client_id}/host`: asks whether the home page's host is the app's. Nothing is kept.
pub async fn check_host(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (visit, signed_in, _) = match posted(visit, form, Role::Support).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let (server, actor): (_, Actor) = (visit.server.clone(), visit.actor(&signed_in));
    match review::check_host(&server, &actor, &client_id).await {
        Ok(found) => show(visit, &signed_in, &client_id, News { host: Some(found), ..News::default() }).await,
        Err(error) => refused(visit, &signed_in, &error),
    }
}

/// `POST /admin/reviews/{client_id}/{verdict}`.
pub async fn decide(visit: Visit, Path((client_id, verdict)): Path<(String, String)>, form: Form) -> Response {
    let verdict = Verdict::parse(&verdict);
    let (visit, signed_in, form) = match posted(visit, form, verdict.map_or(Role::Viewer, Verdict::needs)).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(verdict) = verdict else { return refused(visit, &signed_in, &ActionRefused::NotFound) };
    let (server, actor) = (visit.server.clone(), visit.actor(&signed_in));
    let typed = form.get(field(verdict)).unwrap_or_default().to_owned();
    let seen = form.get("seen").unwrap_or_default();
    match review::decide(&server, &actor, &client_id, (verdict, seen), &typed).await {
        Ok(()) => visit.see_other(&format!("{REVIEWS}/{client_id}?done=verdict-{}-done", verdict.name())),
        Err(ActionRefused::Invalid { problem, .. }) => {
            let problem = Some((verdict, typed, problem));
            show(visit, &signed_in, &client_id, News { problem, ..News::default() }).await
        }
        Err(error) => refused(visit, &signed_in, &error),
    }
}
