//! Apps: the new, the popular, the reported; what there is of one, and what is done to it.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::{App, Mode};
use keysig_core::parameters::Parameters;
use keysig_core::user::Role;
use keysig_store::app_lists::{self, Order};
use keysig_store::{StoreError, apps as stored, reports, users};

use super::sheet::{self, Sheet, in_words};
use super::{operator, posted, quota, refused};
use crate::actions::{ActionRefused, apps};
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{SheetCell, SheetField, SheetForm, SheetPart, SheetTable};
use crate::visit::{Form, Visit};

const APPS: &str = "/admin/apps";

/// What is done to one app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Deed {
    Pause,
    Resume,
    StopLogins,
    AllowLogins,
    Trust,
    Distrust,
    ReportsRead,
}

impl Deed {
    const ALL: [Self; 7] = [
        Self::Pause,
        Self::Resume,
        Self::StopLogins,
        Self::AllowLogins,
        Self::Trust,
        Self::Distrust,
        Self::ReportsRead,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::StopLogins => "stop-logins",
            Self::AllowLogins => "allow-logins",
            Self::Trust => "trust",
            Self::Distrust => "distrust",
            Self::ReportsRead => "reports-read",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.name() == name)
    }

    const fn needs(self) -> Role {
        match self {
            Self::Pause | Self::Resume | Self::StopLogins | Self::AllowLogins | Self::ReportsRead => Role::Support,
            Self::Trust | Self::Distrust => Role::Operator,
        }
    }

    /// Whether it is offered for this app as it is.
    fn fits(self, app: &App) -> bool {
        match self {
            Self::Pause => !app.paused,
            Self::Resume => app.paused,
            Self::StopLogins => !app.standing.logins_stopped,
            Self::AllowLogins => app.standing.logins_stopped,
            Self::Trust => !app.consent.trusted,
            Self::Distrust => app.consent.trusted,
            Self::ReportsRead => true,
        }
    }
}

/// `GET /admin/apps?order=…&q=…`.
pub async fn list(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let order = match query.get("order") {
        Some("popular") => Order::Popular,
        Some("reported") => Order::Reported,
        _ => Order::New,
    };
    let chosen = query.get("order").unwrap_or("new");
    let sought = query.get("q").unwrap_or_default().trim();
    let lines = match app_lists::list(&visit.server.store, order, sought).await {
        Ok(lines) => lines,
        Err(error) => return visit.store_error(&error),
    };
    let words = sheet::words(&visit);
    let row = |line: &app_lists::Line| {
        let name = SheetCell::from(line.name.clone()).to(format!("{APPS}/{}", line.client_id));
        vec![
            name.below(line.client_id.clone()).with_logo(line.logo),
            line.developer.clone().into(),
            line.users.to_string().into(),
            line.reports.to_string().into(),
            in_words(&visit, line.created_at),
            state(&visit, line.paused),
        ]
    };
    let choices =
        ["new", "popular", "reported"].map(|order| (order.to_owned(), words.say(format!("order-{order}")).plain()));
    let parts = vec![
        SheetPart::Form(SheetForm {
            action: APPS.to_owned(),
            csrf: None,
            hidden: Vec::new(),
            told: Vec::new(),
            fields: vec![
                SheetField { choices: choices.into(), ..sheet::field(words, "order", "order", chosen) },
                sheet::field(words, "q", "apps-sought", sought),
            ],
            button: words.say("search"),
            is_danger: false,
        }),
        SheetPart::Table(SheetTable {
            heading: words.say("apps-found"),
            head: ["name", "developer", "users", "reports", "since", "state"].map(|key| words.say(key)).into(),
            rows: lines.iter().map(row).collect(),
        }),
    ];
    Sheet { section: "apps", heading: words.say("apps"), parts }.show(visit, &signed_in, 200, None)
}

fn state(visit: &Visit, paused: bool) -> SheetCell {
    let words = sheet::words(visit);
    match paused {
        true => SheetCell::from(words.say("paused")).tagged("warn"),
        false => SheetCell::from(words.say("works")).tagged("ok"),
    }
}

/// `GET /admin/apps/{client_id}`.
pub async fn one(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let app = match apps::find(&visit.server, &client_id).await {
        Ok(app) => app,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let words = sheet::words(&visit);
    let ways = Deed::ALL.into_iter().filter(|deed| signed_in.user.role >= deed.needs() && deed.fits(&app));
    let ways = ways
        .map(|deed| (words.say(format!("app-{}", deed.name())), format!("{APPS}/{}/{}", app.client_id, deed.name())));
    let review = (words.say("to-review"), format!("/admin/reviews/{}", app.client_id));
    let quota = (words.say("app-quota"), format!("{APPS}/{}/quota", app.client_id));
    let quota = Some(quota).filter(|_| signed_in.user.role >= Role::Operator);
    let ways = SheetPart::Ways(ways.chain([review]).chain(quota).collect());
    match parts(&visit, &app).await {
        Ok(mut parts) => {
            parts.insert(1, ways);
            let sheet = Sheet { section: "apps", heading: words.say("app"), parts };
            sheet.show(visit, &signed_in, 200, sheet::done(&query))
        }
        Err(error) => visit.store_error(&error),
    }
}

async fn parts(visit: &Visit, app: &App) -> Result<Vec<SheetPart>, StoreError> {
    let (server, words) = (&visit.server, sheet::words(visit));
    let (reach, _) = stored::reach(&server.store, app.id).await?;
    let owner = match app.owner {
        Some(owner) => users::by_id(&server.store, owner).await?,
        None => None,
    };
    let owner = owner.map_or_else(SheetCell::default, |user| {
        SheetCell::from(user.email).to(format!("/admin/users/{}", user.id)).below(user.display_name)
    });
    let mode = words.say(if app.mode == Mode::Live { "live" } else { "in-development" });
    let trusted = words.say(if app.consent.trusted { "yes" } else { "no" });
    let mut facts = vec![
        (words.say("name"), SheetCell::from(app.name.clone()).below(app.client_id.clone()).with_logo(app.about.logo)),
        (
            words.say("developer"),
            SheetCell::from(app.developer.clone()).below(app.homepage.clone().unwrap_or_default()),
        ),
        (words.say("owner"), owner),
        (words.say("mode"), mode.into()),
        (words.say("users"), reach.to_string().into()),
        (words.say("trusted"), trusted.into()),
        (
            words.say("state"),
            match app.standing.logins_stopped && !app.paused {
                true => SheetCell::from(words.say("logins-stopped")).tagged("warn"),
                false => state(visit, app.paused),
            },
        ),
        (words.say("since"), in_words(visit, app.created_at)),
    ];
    facts.extend(quota::facts(visit, app));
    let uris = app.redirect_uris.iter().map(|uri| vec![SheetCell::from(uri.as_str())]).collect();
    let mut told = Vec::new();
    for report in reports::of_app(&server.store, app.id, 50).await? {
        told.push(vec![
            in_words(visit, report.created_at),
            SheetCell::from(report.words).below(report.category),
            SheetCell::from(words.say("user")).to(format!("/admin/users/{}", report.user)),
        ]);
    }
    let table = |heading, head: &[&'static str], rows| {
        let head = head.iter().map(|key| words.say(*key)).collect();
        SheetPart::Table(SheetTable { heading: words.say(heading), head, rows })
    };
    Ok(vec![
        SheetPart::Facts(facts),
        table("redirect-uris", &["address-of-app"], uris),
        table("reports", &["when-done", "what", "who"], told),
    ])
}

/// `GET /admin/apps/{client_id}/{deed}`: what will happen.
pub async fn ask(visit: Visit, Path((client_id, deed)): Path<(String, String)>) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let Some(deed) = Deed::parse(&deed) else { return refused(visit, &signed_in, &ActionRefused::NotFound) };
    match apps::find(&visit.server, &client_id).await {
        Ok(app) => question(visit, &signed_in, &app, deed, None).await,
        Err(error) => refused(visit, &signed_in, &error),
    }
}

async fn question(mut visit: Visit, signed_in: &SignedIn, app: &App, deed: Deed, error: Option<String>) -> Response {
    let words = sheet::words(&visit);
    let reach = match stored::reach(&visit.server.store, app.id).await {
        Ok((reach, _)) => reach,
        Err(error) => return visit.store_error(&error),
    };
    let status = if error.is_some() { 422 } else { 200 };
    let fields = match deed {
        Deed::Pause => vec![SheetField { error, ..sheet::field(words, "why", "why", "") }],
        Deed::Resume | Deed::StopLogins | Deed::AllowLogins | Deed::Trust | Deed::Distrust | Deed::ReportsRead => {
            Vec::new()
        }
    };
    let heading = words.say(format!("app-{}", deed.name()));
    let form = SheetForm {
        action: format!("{APPS}/{}/{}", app.client_id, deed.name()),
        csrf: Some(visit.csrf(Some(signed_in), Ticket::Account)),
        hidden: Vec::new(),
        told: vec![
            words.say(format!("app-{}-what", deed.name())).name("app", &app.name),
            words.say("app-reach").count("n", reach),
        ],
        fields,
        button: heading.clone(),
        is_danger: matches!(deed, Deed::Pause | Deed::StopLogins | Deed::Trust),
    };
    let back = SheetPart::Ways(vec![(words.say("back"), format!("{APPS}/{}", app.client_id))]);
    let sheet = Sheet { section: "apps", heading, parts: vec![SheetPart::Form(form), back] };
    sheet.show(visit, signed_in, status, None)
}

/// `POST /admin/apps/{client_id}/{deed}`.
pub async fn act(visit: Visit, Path((client_id, deed)): Path<(String, String)>, form: Form) -> Response {
    let deed = Deed::parse(&deed);
    let (visit, signed_in, form) = match posted(visit, form, deed.map_or(Role::Viewer, Deed::needs)).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(deed) = deed else { return refused(visit, &signed_in, &ActionRefused::NotFound) };
    let (server, actor) = (visit.server.clone(), visit.actor(&signed_in));
    let done = match deed {
        Deed::Pause => apps::pause(&server, &actor, &client_id, form.get("why").unwrap_or_default()).await,
        Deed::Resume => apps::resume(&server, &actor, &client_id).await,
        Deed::StopLogins => apps::set_logins_stopped(&server, &actor, &client_id, true).await,
        Deed::AllowLogins => apps::set_logins_stopped(&server, &actor, &client_id, false).await,
        Deed::Trust => apps::set_trusted(&server, &actor, &client_id, true).await,
        Deed::Distrust => apps::set_trusted(&server, &actor, &client_id, false).await,
        Deed::ReportsRead => apps::reports_read(&server, &actor, &client_id).await,
    };
    match done {
        Ok(()) => visit.see_other(&format!("{APPS}/{client_id}?done=app-{}-done", deed.name())),
        Err(ActionRefused::Invalid { problem, .. }) => match apps::find(&server, &client_id).await {
            Ok(app) => question(visit, &signed_in, &app, deed, Some(problem)).await,
            Err(error) => refused(visit, &signed_in, &error),
        },
        Err(error) => refused(visit, &signed_in, &error),
    }
}
