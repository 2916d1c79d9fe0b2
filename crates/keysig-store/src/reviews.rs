//! Reviews of apps, and what both sides wrote to each other about them.

use keysig_core::app::Review as Found;
use keysig_core::audit::AuditRecord;
use keysig_core::id::{AppId, EventId, LogoId};
use keysig_core::review::{ReviewState, Side};
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, apps, params};

/// A review.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Review {
    /// Where it stands.
    pub state: ReviewState,
    /// When its makers last asked for it.
    pub asked_at: Timestamp,
    /// When it came to stand there.
    pub changed_at: Timestamp,
}

/// What somebody wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Time-ordered.
    pub id: EventId,
    /// Who.
    pub side: Side,
    /// What.
    pub words: String,
    /// When.
    pub at: Timestamp,
}

/// An app in the list of reviews.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What it is called by in requests.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Who makes it, in their own words.
    pub developer: String,
    /// Its picture.
    pub logo: Option<LogoId>,
    /// Its review.
    pub review: Review,
}

/// One step of a review.
pub struct Step<'a> {
    /// Whose.
    pub app: AppId,
    /// Where it stood when it was looked at; `None`: nobody had asked.
    pub before: Option<ReviewState>,
    /// Where it stands after.
    pub after: ReviewState,
    /// What is written along with it.
    pub message: Option<&'a Message>,
    /// What is said of the app from now on; `None` says as much as before.
    pub found: Option<Option<&'a Found>>,
    /// When.
    pub now: Timestamp,
}

/// So many of the last messages are read.
const MAX_SHOWN: i64 = 200;

fn state(row: &Row, column: usize) -> Result<ReviewState, StoreError> {
    ReviewState::parse(row.text(column)?).ok_or_else(|| row.corrupt(column))
}

/// The review of an app, if its makers ever asked for one.
pub async fn of_app(store: &Store, app: AppId) -> Result<Option<Review>, StoreError> {
    let sql = "SELECT state, asked_at, changed_at FROM app_reviews WHERE app_id = $1";
    let rows = store.read(sql, params![app]).await?;
    let review =
        |row: &Row| Ok(Review { state: state(row, 0)?, asked_at: row.timestamp(1)?, changed_at: row.timestamp(2)? });
    rows.first().map(review).transpose()
}

/// The last messages about an app, the oldest of them first.
pub async fn messages(store: &Store, app: AppId) -> Result<Vec<Message>, StoreError> {
    let sql = "SELECT id, side, words, created_at FROM review_messages WHERE app_id = $1 ORDER BY id DESC LIMIT $2";
    let rows = store.read(sql, params![app, MAX_SHOWN]).await?;
    let message = |row: &Row| {
        Ok(Message {
            id: row.id(0)?,
            side: Side::parse(row.text(1)?).ok_or_else(|| row.corrupt(1))?,
            words: row.text(2)?.to_owned(),
            at: row.timestamp(3)?,
        })
    };
    rows.iter().rev().map(message).collect()
}

/// Takes a step, and records it. `false`: it no longer stood where it was looked at, and nothing was done.
pub async fn step(store: &Store, step: &Step<'_>, record: &AuditRecord) -> Result<bool, StoreError> {
    let (after, now) = (step.after.name(), step.now);
    let mut statements = vec![match step.before {
        None => Statement::new(
            "INSERT INTO app_reviews (app_id, state, asked_at, changed_at) VALUES ($1, $2, $3, $3)
             ON CONFLICT (app_id) DO NOTHING",
            params![step.app, after, now],
        ),
        Some(before) => Statement::new(
            "UPDATE app_reviews SET asked_at = CASE WHEN $2 = 'waiting' AND state <> 'waiting' THEN $3 ELSE asked_at END,
                                    changed_at = CASE WHEN state = $2 THEN changed_at ELSE $3 END, state = $2
             WHERE app_id = $1 AND state = $4",
            params![step.app, after, now, before.name()],
        ),
    }
    .must_affect(1)];
    if let Some(message) = step.message {
        statements.push(Statement::new(
            "INSERT INTO review_messages (app_id, id, side, words, created_at) VALUES ($1, $2, $3, $4, $5)",
            params![step.app, message.id, message.side.name(), message.words.as_str(), message.at],
        ));
    }
    if let Some(found) = step.found {
        let (at, of) = (found.map(|found| found.at), found.map(|found| found.of.as_str()));
        let sql = "UPDATE apps SET reviewed_at = $2, reviewed_as = $3 WHERE id = $1";
        statements.push(Statement::new(sql, params![step.app, at, of]));
    }
    match apps::change(store, step.app, &statements, record).await {
        Ok(()) => Ok(true),
        Err(StoreError::AffectedMismatch { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The reviews that are not over, those that wait first and the longest waiting first of these.
pub async fn open(store: &Store) -> Result<Vec<Line>, StoreError> {
    let sql = "SELECT a.client_id, a.name, a.developer, a.logo, r.state, r.asked_at, r.changed_at
               FROM app_reviews r JOIN apps a ON a.id = r.app_id WHERE r.state IN ('waiting', 'asked-back')
               ORDER BY r.state DESC, r.asked_at, a.client_id LIMIT 100";
    let rows = store.read_heavy(sql, Vec::new()).await?;
    let line = |row: &Row| {
        let review = Review { state: state(row, 4)?, asked_at: row.timestamp(5)?, changed_at: row.timestamp(6)? };
        Ok(Line {
            client_id: row.text(0)?.to_owned(),
            name: row.text(1)?.to_owned(),
            developer: row.text(2)?.to_owned(),
            logo: row.opt_id(3)?,
            review,
        })
    };
    rows.iter().map(line).collect()
}

/// The names of apps that were found good, but this one's.
pub async fn names_of_others(store: &Store, app: Option<AppId>) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT id, name FROM apps WHERE reviewed_at IS NOT NULL";
    let mut names = Vec::new();
    for row in &store.read_heavy(sql, Vec::new()).await? {
        if Some(row.id::<AppId>(0)?) != app {
            names.push(row.text(1)?.to_owned());
        }
    }
    Ok(names)
}

/// How many apps wait for an answer.
pub async fn waiting(store: &Store) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM app_reviews WHERE state = 'waiting'";
    let rows = store.read_heavy(sql, Vec::new()).await?;
    rows.first().map_or(Ok(0), |row| row.int(0)).map(i64::unsigned_abs)
}

/// What goes with an app that is deleted, or whose makers are gone.
pub fn removal(app: AppId) -> [Statement; 2] {
    [
        Statement::new("DELETE FROM app_reviews WHERE app_id = $1", params![app]),
        Statement::new("DELETE FROM review_messages WHERE app_id = $1", params![app]),
    ]
}
