//! Test users of an app (screen D7): who may log in while it is in development, besides its owner.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::app::{App, Mode};
use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::{DeliveryId, RequestId, UserId};
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::user::{Role, User, canonical_email};
use keysig_store::test_users::{self, Access, TestUser};
use keysig_store::{StoreError, erasure, users};

use super::{Owned, head, owned, posted};
use crate::browser::{SignedIn, Ticket};
use crate::mail::{Letter, queued};
use crate::pages::{InvitedRow, RemoveTestUserPage, TestUserProblem, TestUserRow, TestUsersPage};
use crate::people::account::not_found;
use crate::people::proofs::count_mail;
use crate::people::{consent, recheck, test_login};
use crate::register;
use crate::server::Server;
use crate::settings::{NeedsSecondStep, SignUp};
use crate::visit::{Form, Visit};

/// So many are shown on a page.
const ON_A_PAGE: usize = 50;
/// So many invitations are shown.
const INVITED_SHOWN: i64 = 100;
/// So many may be on all lists of a developer together: whoever needs more is not testing any more.
pub(super) const MOST_LISTED: u64 = 2000;
/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 300;

/// The path of the list.
pub(super) fn path(client_id: &str) -> String {
    format!("/dashboard/apps/{}/test-users", percent_encode(client_id))
}

/// What the page says besides the list.
#[derive(Default)]
struct News {
    done: Option<&'static str>,
    typed: String,
    problem: Option<TestUserProblem>,
    after: String,
}

/// `GET /dashboard/apps/{client_id}/test-users?after=…&address=…`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let text = |name| query.get(name).unwrap_or_default().chars().take(MAX_TYPED_CHARS).collect::<String>();
    let done = query.get("done").and_then(TestUsersPage::done);
    let news = News { done, typed: text("address"), problem: None, after: text("after") };
    match owned(visit, &client_id).await {
        Ok(owned) => show(owned, news).await,
        Err(answer) => answer,
    }
}

async fn show(owned: Owned, news: News) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let server = visit.server.clone();
    let read = async {
        let listed = test_users::of_app(&server.store, app.id, &news.after, ON_A_PAGE as i64 + 1).await?;
        Ok::<_, StoreError>((listed, test_users::invited(&server.store, app.id, INVITED_SHOWN).await?))
    };
    let (mut listed, invited) = match read.await {
        Ok(read) => read,
        Err(error) => return visit.store_error(&error),
    };
    // One more than is shown tells whether there is another page.
    let is_more = listed.len() > ON_A_PAGE;
    listed.truncate(ON_A_PAGE);
    let page = TestUsersPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), Some(&path(&app.client_id))),
        app: head(&app),
        done: news.done,
        address: news.typed,
        problem: news.problem,
        next: listed.last().filter(|_| is_more).map(|last| last.email.clone()),
        rows: listed.into_iter().map(|one| row(&server, one)).collect(),
        invited: invited.into_iter().map(|(email, at)| InvitedRow { email, at: server.when(at) }).collect(),
    };
    visit.page_with_retry(page.status(), &page, page.retry_after_seconds())
}

fn row(server: &Server, one: TestUser) -> TestUserRow {
    TestUserRow {
        login: test_login::path(server, one.id),
        id: one.id.to_string(),
        email: one.email,
        name: one.name,
        added: one.added_at.map(|at| server.when(at)),
        is_fake: one.is_fake,
    }
}

/// The account with this address. By nothing else: whoever knows only somebody's id must not learn the address from a list.
pub(super) async fn account(server: &Server, typed: &str) -> Result<Option<User>, StoreError> {
    let email = canonical_email(typed);
    let found = users::by_identifier(&server.store, &email).await?.map(|(user, _)| user);
    Ok(found.filter(|user| user.email == email))
}

/// A record of something that is done to an app and somebody.
fn recorded(owned: &Owned, action: AuditAction, user: Option<UserId>, email: &str) -> AuditRecord {
    let mut record = owned.visit.audited(&owned.signed_in, action, email);
    (record.app, record.user) = (Some(owned.app.id), user);
    record
}

/// Puts somebody on the list: the one place where that is done, for the page and for the Inspector's button.
pub(super) async fn add_to_list(owned: &Owned, user: &User) -> Result<(), StoreError> {
    let record = recorded(owned, AuditAction::TestUserAdded, Some(user.id), &user.email);
    let server = &owned.visit.server;
    test_users::add(&server.store, owned.app.id, user, server.now(), &record).await
}

/// What came of an address.
enum Came {
    Done(&'static str),
    Wrong(TestUserProblem),
}

/// `POST /dashboard/apps/{client_id}/test-users`.
pub async fn add(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let typed: String = form.get("address").unwrap_or_default().trim().chars().take(MAX_TYPED_CHARS).collect();
    match come(&owned, &typed).await {
        Ok(Came::Done(done)) => {
            let to = format!("{}?done={done}", path(&client_id));
            owned.visit.see_other(&to)
        }
        Ok(Came::Wrong(problem)) => show(owned, News { typed, problem: Some(problem), ..News::default() }).await,
        Err(error) => owned.visit.store_error(&error),
    }
}

async fn come(owned: &Owned, typed: &str) -> Result<Came, StoreError> {
    let (server, app) = (&owned.visit.server, &owned.app);
    let Ok(email) = register::user::email(typed) else { return Ok(Came::Wrong(TestUserProblem::NoAddress)) };
    // Each answer tells whether an address has an account: nobody asks for many.
    let _counted = match server.test_users.try_once(owned.signed_in.user.id, server.now()) {
        Ok(counted) => counted,
        Err(seconds) => return Ok(Came::Wrong(TestUserProblem::TooMany { seconds })),
    };
    if test_users::count(&server.store, owned.signed_in.user.id).await?.listed >= MOST_LISTED {
        return Ok(Came::Wrong(TestUserProblem::Full));
    }
    let Some(user) = account(server, &email).await? else { return invite(owned, &email).await };
    if app.owner == Some(user.id) {
        return Ok(Came::Done("owner"));
    }
    let fake = test_users::fake(&server.store, user.id).await?;
    if fake.is_some_and(|fake| fake.owner != app.owner) {
        return Ok(Came::Wrong(TestUserProblem::OfAnother));
    }
    add_to_list(owned, &user).await?;
    Ok(Came::Done("added"))
}

/// Nobody has this address. Where everybody may make an account, whoever reads its mail is asked to.
async fn invite(owned: &Owned, email: &str) -> Result<Came, StoreError> {
    let Owned { visit, app, .. } = owned;
    let server = &visit.server;
    if server.live().sign_up != SignUp::Open || !server.settings.sends_mail() {
        return Ok(Came::Wrong(TestUserProblem::NoAccount));
    }
    let mails = match count_mail(server, email, visit.peer) {
        Ok(mails) => mails,
        Err(seconds) => return Ok(Came::Wrong(TestUserProblem::TooMany { seconds })),
    };
    let lang = server.settings.languages.first().copied().unwrap_or_default();
    let letter = queued(server, Some(email).filter(|_| mails), lang, &Letter::TestInvited { app: &app.name });
    let record = recorded(owned, AuditAction::TestUserInvited, None, email);
    let new = test_users::invite(&server.store, app.id, email, server.now(), &letter, &record).await?;
    server.mails.notify_one();
    Ok(Came::Done(if new { "invited" } else { "invited-before" }))
}

/// `POST /dashboard/apps/{client_id}/test-users/uninvite`.
pub async fn uninvite(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let email = canonical_email(form.get("address").unwrap_or_default());
    let store = owned.visit.server.store.clone();
    let uninvited = async {
        if test_users::is_invited(&store, owned.app.id, &email).await? {
            let record = recorded(&owned, AuditAction::TestUserRemoved, None, &email);
            test_users::uninvite(&store, owned.app.id, &email, &record).await?;
        }
        Ok::<_, StoreError>(())
    };
    match uninvited.await {
        Ok(()) => {
            let to = format!("{}?done=uninvited", path(&client_id));
            owned.visit.see_other(&to)
        }
        Err(error) => owned.visit.store_error(&error),
    }
}

/// Whoever this address names, if they are on the list.
async fn on_the_list(server: &Server, app: &App, id: &str) -> Result<Option<TestUser>, StoreError> {
    match UserId::parse(id) {
        Some(id) => test_users::one(&server.store, app.id, id).await,
        None => Ok(None),
    }
}

/// `GET /dashboard/apps/{client_id}/test-users/{user}/remove`: what will happen.
pub async fn ask(visit: Visit, Path((client_id, id)): Path<(String, String)>) -> Response {
    let Owned { mut visit, signed_in, app } = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    match on_the_list(&visit.server, &app, &id).await {
        Ok(Some(one)) => {
            let page = RemoveTestUserPage {
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                chrome: visit.chrome(Some(&signed_in), None),
                app: head(&app),
                row: row(&visit.server, one),
            };
            visit.page(200, &page)
        }
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /dashboard/apps/{client_id}/test-users/{user}/remove`: what they gave the app ends with it, and an account that was
/// made up is deleted.
pub async fn remove(visit: Visit, Path((client_id, id)): Path<(String, String)>, form: Form) -> Response {
    let owned = match posted(visit, &client_id, form).await {
        Ok((owned, _)) => owned,
        Err(answer) => return answer,
    };
    let server = owned.visit.server.clone();
    let removed = async {
        let Some(one) = on_the_list(&server, &owned.app, &id).await? else { return Ok(()) };
        let record = recorded(&owned, AuditAction::TestUserRemoved, Some(one.id), &one.email);
        let (now, keep_until) = (server.now(), server.keep_until());
        let is_its = test_users::fake(&server.store, one.id).await?.is_some_and(|fake| fake.app == owned.app.id);
        if is_its {
            let new_id = || DeliveryId::generate(now, &*server.rng);
            erasure::erase(&server.store, one.id, now, keep_until, Some(&record), new_id).await?;
            server.deliveries.notify_one();
            return Ok(());
        }
        let happened = owned.visit.happened(AccountEvent::AppRemoved, &owned.app.name);
        // Where it came from is the developer's business: the person reads in their history what happened, not that.
        let happened =
            keysig_store::account_events::Happened { address: String::new(), user_agent: String::new(), ..happened };
        let access = match owned.app.mode {
            Mode::Live => Access::Stays,
            Mode::Development => Access::Ends { happened: &happened, now, keep_until },
        };
        test_users::remove(&server.store, owned.app.id, one.id, access, &record).await.map(|_| ())
    };
    let removed: Result<(), StoreError> = removed.await;
    match removed {
        Ok(()) => {
            let to = format!("{}?done=removed", path(&client_id));
            owned.visit.see_other(&to)
        }
        Err(error) => owned.visit.store_error(&error),
    }
}

/// The owner of the app, who is signed in at this browser beside whoever it is now.
async fn owner_here(visit: &Visit, app: &App) -> Result<Option<SignedIn>, StoreError> {
    let accounts = visit.browser.accounts(&visit.server).await?;
    let is_owner = |one: &SignedIn| app.owner == Some(one.user.id) && one.user.role >= Role::Developer;
    let Some(owner) = accounts.into_iter().find(is_owner) else { return Ok(None) };
    let may = visit.server.live().second_step == NeedsSecondStep::Operators
        || recheck::has_second_factor(&visit.server, owner.user.id).await?;
    Ok(Some(owner).filter(|_| may))
}

/// `POST /dashboard/apps/{client_id}/test-users/me`: from the page that refuses a stranger. Its owner is at this browser, too, and
/// puts whoever is signed in now on the list; then the request that waits goes on.
pub async fn add_me(visit: Visit, Path(client_id): Path<String>, Form(form): Form) -> Response {
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return visit.sign_in_first(),
        Err(error) => return visit.store_error(&error),
    };
    let found = async {
        let Some(app) = visit.server.app(&client_id).await? else { return Ok(None) };
        Ok(owner_here(&visit, &app).await?.map(|owner| (app, owner)))
    };
    let found: Result<_, StoreError> = found.await;
    let (app, owner) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return not_found(visit, &signed_in),
        Err(error) => return visit.store_error(&error),
    };
    let Ok(form) = form else { return consent::bad_form(visit) };
    if !visit.is_from_our_page(Some(&signed_in), Ticket::Account, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let owned = Owned { visit, signed_in: owner, app };
    let added = come(&owned, &signed_in.user.email).await;
    let tx = form.get("tx").and_then(RequestId::parse);
    match (added, tx) {
        (Ok(Came::Done(_)), Some(tx)) => owned.visit.see_other(&format!("/consent?tx={tx}")),
        (Ok(_), _) => owned.visit.see_other("/account"),
        (Err(error), _) => owned.visit.store_error(&error),
    }
}
