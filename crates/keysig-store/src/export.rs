//! Everything that is kept about a person, for them to take along: no secrets, and nothing of others.

use keysig_core::id::UserId;
use keysig_core::scope::{ScopeId, ScopeSet};
use keysig_core::time::Timestamp;

use crate::{Row, Store, StoreError, params};

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    /// Nothing.
    Nothing,
    /// Text.
    Text(String),
    /// A number.
    Number(i64),
    /// A point in time.
    Time(Timestamp),
    /// Permissions.
    Scopes(ScopeSet),
    /// Yes or no.
    Flag(bool),
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Time,
    Scopes,
    Scope,
    Flag,
    Id,
}

/// Rows of one kind, each a list of named values.
pub type Section = (&'static str, Vec<Vec<(&'static str, Exported)>>);

use Kind::{Flag, Id, Number, Scope, Scopes, Text, Time};

/// Name, statement, and the columns it gives.
type Question = (&'static str, &'static str, &'static [(&'static str, Kind)]);

const QUESTIONS: &[Question] = &[
    (
        "profile",
        "SELECT public_id, email, email_verified, display_name, country, product, role, locale, created_at
         FROM users WHERE id = $1",
        &[
            ("id", Text),
            ("email", Text),
            ("email_verified", Flag),
            ("display_name", Text),
            ("country", Text),
            ("product", Text),
            ("role", Text),
            ("locale", Text),
            ("created_at", Time),
        ],
    ),
    (
        "sessions",
        "SELECT created_at, auth_time, last_seen_at, expires_at, address, user_agent
         FROM sessions WHERE user_id = $1 ORDER BY id",
        &[
            ("created_at", Time),
            ("signed_in_at", Time),
            ("last_seen_at", Time),
            ("expires_at", Time),
            ("address", Text),
            ("user_agent", Text),
        ],
    ),
    (
        "passkeys",
        "SELECT name, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY id",
        &[("name", Text), ("created_at", Time), ("last_used_at", Time)],
    ),
    ("second_step", "SELECT created_at FROM second_factors WHERE user_id = $1", &[("created_at", Time)]),
    (
        "linked_accounts",
        "SELECT provider, subject, name, created_at, last_used_at FROM upstream_accounts WHERE user_id = $1",
        &[("provider", Text), ("subject", Text), ("name", Text), ("created_at", Time), ("last_used_at", Time)],
    ),
    (
        "apps",
        "SELECT g.id, a.name, a.client_id, g.scopes, g.created_at, g.last_used_at, g.expires_at, g.paused,
                g.removed_at
         FROM grants g LEFT JOIN apps a ON a.id = g.app_id WHERE g.user_id = $1 ORDER BY g.id",
        &[
            ("agreement", Id),
            ("name", Text),
            ("client_id", Text),
            ("permissions", Scopes),
            ("connected_at", Time),
            ("last_used_at", Time),
            ("ends_at", Time),
            ("paused", Flag),
            ("removed_at", Time),
        ],
    ),
    (
        "receipts",
        "SELECT grant_id, day * 86400000, scope, uses, last_used_at FROM grant_uses WHERE user_id = $1
         ORDER BY day, grant_id, scope",
        &[("agreement", Id), ("day", Time), ("permission", Scope), ("times", Number), ("last_used_at", Time)],
    ),
    (
        "reports",
        "SELECT a.name, r.category, r.words, r.created_at FROM app_reports r LEFT JOIN apps a ON a.id = r.app_id
         WHERE r.user_id = $1 ORDER BY r.id",
        &[("app", Text), ("category", Text), ("words", Text), ("created_at", Time)],
    ),
    (
        "told_to_apps",
        "SELECT e.created_at, a.client_id, e.kind, e.scopes_before, e.scopes_after FROM webhook_events e
         LEFT JOIN apps a ON a.id = e.app_id WHERE e.user_id = $1 ORDER BY e.created_at, e.id",
        &[
            ("at", Time),
            ("client_id", Text),
            ("what", Text),
            ("permissions_before", Scopes),
            ("permissions_after", Scopes),
        ],
    ),
    (
        "days_of_use",
        "SELECT u.day * 86400000, a.client_id FROM app_active_users u LEFT JOIN apps a ON a.id = u.app_id
         WHERE u.user_id = $1 ORDER BY u.day, a.client_id",
        &[("day", Time), ("client_id", Text)],
    ),
    (
        "own_apps",
        "SELECT name, client_id, description, created_at FROM apps WHERE owner = $1 ORDER BY created_at",
        &[("name", Text), ("client_id", Text), ("description", Text), ("created_at", Time)],
    ),
    (
        "own_webhooks",
        "SELECT a.client_id, w.url, w.created_at FROM webhooks w JOIN apps a ON a.id = w.app_id WHERE a.owner = $1
         ORDER BY a.client_id",
        &[("client_id", Text), ("url", Text), ("created_at", Time)],
    ),
    (
        "reviews_of_own_apps",
        "SELECT a.client_id, m.side, m.words, m.created_at FROM review_messages m JOIN apps a ON a.id = m.app_id
         WHERE a.owner = $1 ORDER BY a.client_id, m.id",
        &[("client_id", Text), ("by", Text), ("words", Text), ("at", Time)],
    ),
    (
        "playlists",
        "SELECT id, name, description, public, collaborative, created_at, changed_at FROM playlists
         WHERE user_id = $1 ORDER BY created_at",
        &[
            ("id", Text),
            ("name", Text),
            ("description", Text),
            ("public", Flag),
            ("collaborative", Flag),
            ("created_at", Time),
            ("changed_at", Time),
        ],
    ),
    (
        "playlist_items",
        "SELECT playlist_id, position, uri, added_at FROM playlist_items WHERE user_id = $1
         ORDER BY playlist_id, position",
        &[("playlist", Text), ("position", Number), ("uri", Text), ("added_at", Time)],
    ),
    (
        "saved",
        "SELECT kind, item_id, saved_at FROM saved_items WHERE user_id = $1 ORDER BY kind, saved_at, item_id",
        &[("kind", Text), ("id", Text), ("saved_at", Time)],
    ),
    (
        "following",
        "SELECT kind, target, public, followed_at FROM follows WHERE user_id = $1 ORDER BY kind, target",
        &[("kind", Text), ("id", Text), ("public", Flag), ("followed_at", Time)],
    ),
    (
        "played",
        "SELECT played_at, track_id, context FROM plays WHERE user_id = $1 ORDER BY played_at",
        &[("played_at", Time), ("track", Text), ("from", Text)],
    ),
    (
        "favourites",
        "SELECT kind, time_range, place, item_id FROM affinities WHERE user_id = $1 ORDER BY kind, time_range, place",
        &[("kind", Text), ("time_range", Text), ("place", Number), ("id", Text)],
    ),
];

fn value(row: &Row, column: usize, kind: Kind) -> Result<Exported, StoreError> {
    Ok(match kind {
        Text => row.opt_text(column)?.map_or(Exported::Nothing, |text| Exported::Text(text.to_owned())),
        Number => row.opt_int(column)?.map_or(Exported::Nothing, Exported::Number),
        Time => row.opt_timestamp(column)?.map_or(Exported::Nothing, Exported::Time),
        Scopes => {
            let scopes = row.opt_id(column)?.map(ScopeSet::from_bytes);
            scopes.map_or(Exported::Nothing, Exported::Scopes)
        }
        Scope => {
            let scope = u8::try_from(row.int(column)?).ok().and_then(ScopeId::from_number);
            scope.map_or(Exported::Nothing, |scope| Exported::Scopes(ScopeSet::EMPTY.with(scope)))
        }
        Flag => Exported::Flag(row.bool(column)?),
        Id => Exported::Text(row.id::<keysig_core::id::GrantId>(column)?.to_string()),
    })
}

/// Everything kept about a person but the events of their account, which [`crate::account_events`] reads.
pub async fn of_user(store: &Store, user: UserId) -> Result<Vec<Section>, StoreError> {
    let mut sections = Vec::with_capacity(QUESTIONS.len());
    for (name, sql, columns) in QUESTIONS {
        let mut rows = Vec::new();
        for row in &store.read_heavy(sql, params![user]).await? {
            let values = (0..).zip(columns.iter());
            let values = values.map(|(index, (name, kind))| Ok((*name, value(row, index, *kind)?)));
            rows.push(values.collect::<Result<Vec<_>, StoreError>>()?);
        }
        sections.push((*name, rows));
    }
    Ok(sections)
}
