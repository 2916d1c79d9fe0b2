//! Asking for the badge "Reviewed" (screen D12): a list to go through, a question to those who run the server, and what they
//! answer.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::audit::AuditAction;
use keysig_core::id::EventId;
use keysig_core::parameters::Parameters;
use keysig_core::review::{ReviewState, Side};
use keysig_store::StoreError;
use keysig_store::reviews::{self, Message, Review, Step};

use super::{Owned, head, owned, posted};
use crate::actions::review::MAX_MESSAGE_CHARS;
use crate::browser::Ticket;
use crate::checklist;
use crate::pages::{ReviewLine, ReviewPage, ReviewStage, WrittenProblem};
use crate::register::checked_words;
use crate::server::Server;
use crate::visit::{Form, Visit};

/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 4096;
/// So much may be written before somebody has answered.
const MAX_UNANSWERED: usize = 10;

/// Where it stands for its makers: a review of another app than it is now counts for nothing.
fn stage(app: &App, review: Option<Review>) -> ReviewStage {
    match review.map(|review| review.state) {
        _ if app.is_reviewed() => ReviewStage::Reviewed,
        None => ReviewStage::NotAsked,
        Some(ReviewState::Waiting) => ReviewStage::Waiting,
        Some(ReviewState::AskedBack) => ReviewStage::AskedBack,
        Some(ReviewState::Refused) => ReviewStage::Refused,
        Some(ReviewState::Approved) => ReviewStage::Changed,
    }
}

/// What the page shows beside what is kept.
#[derive(Default)]
struct News {
    typed: String,
    problem: Option<WrittenProblem>,
    is_sent: bool,
}

/// `GET /dashboard/apps/{client_id}/review`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let is_sent = query.get("done") == Some("sent");
    match owned(visit, &client_id).await {
        Ok(owned) => show(owned, News { is_sent, ..News::default() }).await,
        Err(answer) => answer,
    }
}

async fn show(owned: Owned, news: News) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let read = async {
        let review = reviews::of_app(&visit.server.store, app.id).await?;
        let messages = reviews::messages(&visit.server.store, app.id).await?;
        Ok::<_, StoreError>((review, messages, checklist::of(&visit.server, &app).await?))
    };
    let (review, messages, checks) = match read.await {
        Ok(read) => read,
        Err(error) => return visit.store_error(&error),
    };
    let line = |message: &Message| ReviewLine {
        is_own: message.side == Side::Developer,
        words: message.words.clone(),
        at: visit.server.when(message.at),
    };
    let messages = messages.iter().map(line).collect();
    let path = format!("/dashboard/apps/{}/review", app.client_id);
    let page = ReviewPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), Some(&path)),
        app: head(&app),
        stage: stage(&app, review),
        checks,
        messages,
        host_file: host_file(&app),
        typed: news.typed,
        problem: news.problem,
        is_sent: news.is_sent,
    };
    visit.page(if page.problem.is_some() { 422 } else { 200 }, &page)
}

/// Where the home page's host can say that it is the app's.
fn host_file(app: &App) -> Option<String> {
    crate::actions::review::host_file(app.homepage.as_deref()?).map(String::from)
}

/// `POST /dashboard/apps/{client_id}/review`: asks, or writes something.
pub async fn post(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let typed: String = form.get("words").unwrap_or_default().chars().take(MAX_TYPED_CHARS).collect();
    match write(&owned, &typed).await {
        Ok(None) => owned.visit.see_other(&format!("/dashboard/apps/{client_id}/review?done=sent")),
        Ok(problem) => show(owned, News { typed, problem, ..News::default() }).await,
        Err(error) => owned.visit.store_error(&error),
    }
}

async fn write(owned: &Owned, typed: &str) -> Result<Option<WrittenProblem>, StoreError> {
    let Owned { visit, signed_in, app } = owned;
    let server: &Server = &visit.server;
    let review = reviews::of_app(&server.store, app.id).await?;
    let stage = stage(app, review);
    let Ok(words) = checked_words(typed, MAX_MESSAGE_CHARS) else { return Ok(Some(WrittenProblem::Unreadable)) };
    if words.is_empty() && !stage.may_be_silent() {
        return Ok(Some(WrittenProblem::Empty));
    }
    if stage == ReviewStage::Reviewed {
        return Ok(Some(WrittenProblem::Reviewed));
    }
    let messages = reviews::messages(&server.store, app.id).await?;
    if messages.iter().rev().take_while(|message| message.side == Side::Developer).count() >= MAX_UNANSWERED {
        return Ok(Some(WrittenProblem::TooMany));
    }
    let now = server.now();
    let id = EventId::generate(now, &*server.rng);
    let message = (!words.is_empty()).then_some(Message { id, side: Side::Developer, words, at: now });
    let step = Step {
        app: app.id,
        before: review.map(|review| review.state),
        after: ReviewState::Waiting,
        message: message.as_ref(),
        found: None,
        now,
    };
    let mut record = visit.audited(signed_in, AuditAction::ReviewAsked, "");
    record.app = Some(app.id);
    // Where it was answered meanwhile, the answer is read before anything is said to it.
    let is_done = reviews::step(&server.store, &step, &record).await?;
    Ok((!is_done).then_some(WrittenProblem::AnsweredMeanwhile))
}
