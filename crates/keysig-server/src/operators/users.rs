//! Users: found by address, by id or by the id of a request; what there is of one, and what is done to them.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::user::{Role, User};
use keysig_store::{StoreError, account_events, apps, grants, sessions};

use super::sheet::{self, Sheet, in_words};
use super::{operator, posted, refused};
use crate::actions::{ActionRefused, users};
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{SheetCell, SheetField, SheetForm, SheetPart, SheetTable};
use crate::visit::{Form, Visit};

const USERS: &str = "/admin/users";

/// What is done to one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Deed {
    Lock,
    Unlock,
    Revoke,
    ResetPassword,
    Delete,
    Role,
}

impl Deed {
    const ALL: [Self; 6] = [Self::Lock, Self::Unlock, Self::Revoke, Self::ResetPassword, Self::Delete, Self::Role];

    const fn name(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Revoke => "revoke",
            Self::ResetPassword => "reset-password",
            Self::Delete => "delete",
            Self::Role => "role",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.name() == name)
    }

    const fn needs(self) -> Role {
        match self {
            Self::Lock | Self::Unlock | Self::Revoke => Role::Support,
            Self::ResetPassword | Self::Delete | Self::Role => Role::Operator,
        }
    }

    /// Whether it is offered for this account as it is.
    fn fits(self, user: &User) -> bool {
        match self {
            Self::Lock => !user.disabled,
            Self::Unlock => user.disabled,
            Self::Revoke | Self::ResetPassword | Self::Delete | Self::Role => true,
        }
    }
}

/// `GET /admin/users?q=…`.
pub async fn list(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let (sought, after) = (query.get("q").unwrap_or_default(), query.get("after").unwrap_or_default());
    let found = match users::search(&visit.server, &visit.actor(&signed_in), sought, after).await {
        Ok(found) => found,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let words = sheet::words(&visit);
    let rows = found.accounts.iter().map(|account| {
        let name = SheetCell::from(account.name.clone()).below(account.public_id.clone());
        vec![
            SheetCell::from(account.email.clone()).to(format!("{USERS}/{}", account.id)),
            name,
            account.role.name().into(),
            if account.locked { SheetCell::from(words.say("locked")).tagged("warn") } else { SheetCell::default() },
        ]
    });
    let mut parts = vec![
        SheetPart::Form(SheetForm {
            action: USERS.to_owned(),
            csrf: None,
            hidden: Vec::new(),
            told: Vec::new(),
            fields: vec![sheet::field(words, "q", "users-sought", sought)],
            button: words.say("search"),
            is_danger: false,
        }),
        SheetPart::Table(SheetTable {
            heading: words.say("users-found"),
            head: ["address", "name", "role", "state"].map(|key| words.say(key)).into(),
            rows: rows.collect(),
        }),
    ];
    let next = found.next.map(|next| {
        (words.say("more"), format!("{USERS}?q={}&after={}", percent_encode(sought), percent_encode(&next)))
    });
    let invite = (signed_in.user.role >= Role::Operator).then(|| (words.say("invite"), "/admin/invite".to_owned()));
    parts.push(SheetPart::Ways(next.into_iter().chain(invite).collect()));
    Sheet { section: "users", heading: words.say("users"), parts }.show(visit, &signed_in, 200, sheet::done(&query))
}

/// `GET /admin/users/{user}`: sessions, connected apps and events of one.
pub async fn one(visit: Visit, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let user = match users::find(&visit.server, &id).await {
        Ok(user) => user,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let words = sheet::words(&visit);
    let mut parts = vec![facts(&visit, &user)];
    let ways = Deed::ALL.into_iter().filter(|deed| signed_in.user.role >= deed.needs() && deed.fits(&user));
    let ways =
        ways.map(|deed| (words.say(format!("deed-{}", deed.name())), format!("{USERS}/{}/{}", user.id, deed.name())));
    parts.push(SheetPart::Ways(ways.collect()));
    match tables(&visit, &user).await {
        Ok(tables) => parts.extend(tables),
        Err(error) => return visit.store_error(&error),
    }
    Sheet { section: "users", heading: words.say("user"), parts }.show(visit, &signed_in, 200, sheet::done(&query))
}

fn facts(visit: &Visit, user: &User) -> SheetPart {
    let words = sheet::words(visit);
    let state = match user.disabled {
        true => SheetCell::from(words.say("locked")).tagged("warn"),
        false => SheetCell::from(words.say("open")).tagged("ok"),
    };
    let confirmed = words.say(if user.email_verified { "confirmed" } else { "unconfirmed" }).plain();
    SheetPart::Facts(vec![
        (words.say("name"), user.display_name.clone().into()),
        (words.say("address"), SheetCell::from(user.email.clone()).below(confirmed)),
        (words.say("ids"), SheetCell::from(user.public_id.clone()).below(user.id.to_string())),
        (words.say("role"), user.role.name().into()),
        (words.say("state"), state),
    ])
}

async fn tables(visit: &Visit, user: &User) -> Result<Vec<SheetPart>, StoreError> {
    let (server, words) = (&visit.server, sheet::words(visit));
    let table = |heading, head: &[&'static str], rows| {
        let head = head.iter().map(|key| words.say(*key)).collect();
        SheetPart::Table(SheetTable { heading: words.say(heading), head, rows })
    };
    let mut of_sessions = Vec::new();
    for session in sessions::of_user(&server.store, user.id).await? {
        of_sessions.push(vec![
            SheetCell::from(session.user_agent.clone()),
            SheetCell::from(session.address.clone()),
            session.amr.methods().join(", ").into(),
            in_words(visit, session.last_seen_at),
        ]);
    }
    let mut of_apps = Vec::new();
    for grant in grants::of_user(&server.store, user.id).await? {
        let app = apps::by_id(&server.store, grant.app).await?;
        let named = app.map_or_else(SheetCell::default, |app| SheetCell::from(app.name).below(app.client_id));
        of_apps.push(vec![named, in_words(visit, grant.created_at), in_words(visit, grant.last_used_at)]);
    }
    let said = visit.lang.words("devices");
    let event = |happened: &account_events::Happened| {
        let sentence = said.say(format!("event-{}", happened.event.name())).name("about", &happened.about);
        vec![
            in_words(visit, happened.id.made_at()),
            sentence.into(),
            SheetCell::from(happened.address.clone()).below(happened.user_agent.clone()),
        ]
    };
    let events = account_events::latest(&server.store, user.id, 50).await?;
    Ok(vec![
        table("sessions", &["browser", "where", "by", "last-used"], of_sessions),
        table("connected-apps", &["app", "since", "last-used"], of_apps),
        table("events", &["when-done", "what", "where"], events.iter().map(event).collect()),
    ])
}

/// `GET /admin/users/{user}/{deed}`: what will happen.
pub async fn ask(visit: Visit, Path((id, deed)): Path<(String, String)>) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let Some(deed) = Deed::parse(&deed) else { return refused(visit, &signed_in, &ActionRefused::NotFound) };
    match users::find(&visit.server, &id).await {
        Ok(user) => question(visit, &signed_in, &user, deed, "", None).await,
        Err(error) => refused(visit, &signed_in, &error),
    }
}

async fn question(
    mut visit: Visit,
    signed_in: &SignedIn,
    user: &User,
    deed: Deed,
    typed: &str,
    error: Option<String>,
) -> Response {
    let words = sheet::words(&visit);
    let counted = async {
        let store = &visit.server.store;
        let of_apps = grants::of_user(store, user.id).await?.len();
        Ok::<_, StoreError>((sessions::of_user(store, user.id).await?.len(), of_apps))
    };
    let (of_sessions, of_apps) = match counted.await {
        Ok(counted) => counted,
        Err(error) => return visit.store_error(&error),
    };
    let told = vec![
        words.say(format!("deed-{}-what", deed.name())),
        words.say("reach-sessions").count("n", of_sessions),
        words.say("reach-apps").count("n", of_apps),
    ];
    let status = if error.is_some() { 422 } else { 200 };
    let fields = match deed {
        Deed::Delete => vec![SheetField { error, ..sheet::field(words, "typed", "type-address", typed) }],
        Deed::Role => {
            let choices =
                Role::ALL.map(|role| (role.name().to_owned(), words.say(format!("role-{}", role.name())).plain()));
            vec![SheetField { error, choices: choices.into(), ..sheet::field(words, "role", "role", user.role.name()) }]
        }
        Deed::Lock | Deed::Unlock | Deed::Revoke | Deed::ResetPassword => Vec::new(),
    };
    let form = SheetForm {
        action: format!("{USERS}/{}/{}", user.id, deed.name()),
        csrf: Some(visit.csrf(Some(signed_in), Ticket::Account)),
        hidden: Vec::new(),
        told,
        fields,
        button: words.say(format!("deed-{}", deed.name())),
        is_danger: deed != Deed::Unlock && deed != Deed::Role,
    };
    let back = SheetPart::Ways(vec![(words.say("back"), format!("{USERS}/{}", user.id))]);
    let parts = vec![facts(&visit, user), SheetPart::Form(form), back];
    let heading = words.say(format!("deed-{}", deed.name()));
    Sheet { section: "users", heading, parts }.show(visit, signed_in, status, None)
}

/// `POST /admin/users/{user}/{deed}`.
pub async fn act(visit: Visit, Path((id, deed)): Path<(String, String)>, form: Form) -> Response {
    let deed = Deed::parse(&deed);
    let (visit, signed_in, form) = match posted(visit, form, deed.map_or(Role::Viewer, Deed::needs)).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(deed) = deed else { return refused(visit, &signed_in, &ActionRefused::NotFound) };
    let (server, actor) = (visit.server.clone(), visit.actor(&signed_in));
    let field = |name| form.get(name).unwrap_or_default();
    let done = match deed {
        Deed::Lock => users::lock(&server, &actor, &id).await,
        Deed::Unlock => users::unlock(&server, &actor, &id).await,
        Deed::Revoke => users::revoke(&server, &actor, &id).await,
        Deed::ResetPassword => users::force_new_password(&server, &actor, &id).await,
        Deed::Delete => users::delete(&server, &actor, &id, field("typed")).await,
        Deed::Role => users::set_role(&server, &actor, &id, field("role")).await,
    };
    match done {
        Ok(()) if deed == Deed::Delete => visit.see_other(&format!("{USERS}?done=user-delete")),
        Ok(()) => visit.see_other(&format!("{USERS}/{id}?done=user-{}", deed.name())),
        Err(ActionRefused::Invalid { problem, .. }) => match users::find(&server, &id).await {
            Ok(user) => question(visit, &signed_in, &user, deed, field("typed"), Some(problem)).await,
            Err(error) => refused(visit, &signed_in, &error),
        },
        Err(error) => refused(visit, &signed_in, &error),
    }
}

/// `GET /admin/invite`.
pub async fn invitation(visit: Visit) -> Response {
    match operator(visit).await {
        Ok((visit, signed_in)) => ask_whom(visit, &signed_in, "", None),
        Err(answer) => answer,
    }
}

fn ask_whom(mut visit: Visit, signed_in: &SignedIn, typed: &str, error: Option<String>) -> Response {
    let words = sheet::words(&visit);
    let status = if error.is_some() { 422 } else { 200 };
    let form = SheetForm {
        action: "/admin/invite".to_owned(),
        csrf: Some(visit.csrf(Some(signed_in), Ticket::Account)),
        hidden: Vec::new(),
        told: vec![words.say("invite-what")],
        fields: vec![SheetField { error, ..sheet::field(words, "email", "address", typed) }],
        button: words.say("invite"),
        is_danger: false,
    };
    let sheet = Sheet { section: "users", heading: words.say("invite"), parts: vec![SheetPart::Form(form)] };
    sheet.show(visit, signed_in, status, None)
}

/// `POST /admin/invite`.
pub async fn invite(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let typed = form.get("email").unwrap_or_default();
    match users::invite(&visit.server, &visit.actor(&signed_in), typed).await {
        Ok(()) => visit.see_other(&format!("{USERS}?done=invited")),
        Err(ActionRefused::Invalid { problem, .. }) => ask_whom(visit, &signed_in, typed, Some(problem)),
        Err(error) => refused(visit, &signed_in, &error),
    }
}

/// `GET /admin/roles`: who works here.
pub async fn roles(visit: Visit) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let people = match users::with_roles(&visit.server, &visit.actor(&signed_in)).await {
        Ok(people) => people,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let words = sheet::words(&visit);
    let row = |person: &users::Account| {
        let who = SheetCell::from(person.name.clone()).below(person.email.clone());
        let role = words.say(format!("role-{}", person.role.name()));
        vec![who.to(format!("{USERS}/{}/role", person.id)), role.into()]
    };
    let table = SheetTable {
        heading: words.say("roles-who"),
        head: vec![words.say("name"), words.say("role")],
        rows: people.iter().map(row).collect(),
    };
    let parts = vec![SheetPart::Words(words.say("roles-how")), SheetPart::Table(table)];
    Sheet { section: "roles", heading: words.say("roles"), parts }.show(visit, &signed_in, 200, None)
}
