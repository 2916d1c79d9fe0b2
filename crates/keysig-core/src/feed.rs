//! The revocation feed: how everyone who holds an unexpired access token learns that it has died (design page
//! `docs/revocation.md`). No clock decides revocation: entries carry epochs, and what was made with a lower one is dead.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::access_token::{AccessToken, Holder, TokenId};
use crate::id::{AppId, GrantId, Incarnation, LoginId, StreamId, UserId};
use crate::seal::KeyId;
use crate::time::Timestamp;

/// How often something was reduced or removed; what carries a lower number than the current one is dead.
pub type Epoch = u32;

/// One entry of the feed. Entries are never withdrawn, and applying one twice changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FeedEntry {
    /// Everything of this user made below the epoch is dead (account closed, password changed, "remove all").
    User(UserId, Epoch),
    /// Everything of this app made below the epoch is dead (app paused or deleted).
    App(AppId, Epoch),
    /// Access tokens of this grant made below the epoch are dead (a permission was turned off, or access was removed).
    GrantAccess(GrantId, Epoch),
    /// This login and its access tokens are dead (theft, revoked refresh token, reused code).
    Login(LoginId),
    /// Access tokens of this login issued up to this time are dead; the login lives.
    LoginAccess(LoginId, Timestamp),
    /// This one access token is dead.
    Token(TokenId),
    /// Everything sealed with this key is dead.
    Key(KeyId),
    /// Everything sealed in this life of the store is dead (restore, promotion of a replica).
    Incarnation(Incarnation),
}

impl FeedEntry {
    /// As the feed's three columns: kind, key and number (an epoch or a time).
    pub fn to_columns(&self) -> (i64, Vec<u8>, i64) {
        match self {
            Self::User(id, epoch) => (1, id.as_bytes().to_vec(), i64::from(*epoch)),
            Self::App(id, epoch) => (2, id.as_bytes().to_vec(), i64::from(*epoch)),
            Self::GrantAccess(id, epoch) => (3, id.as_bytes().to_vec(), i64::from(*epoch)),
            Self::Login(id) => (4, id.as_bytes().to_vec(), 0),
            Self::LoginAccess(id, until) => (5, id.as_bytes().to_vec(), until.unix_millis()),
            Self::Token(token) => (6, token.to_bytes().to_vec(), 0),
            Self::Key(key) => (7, key.to_bytes().to_vec(), 0),
            Self::Incarnation(id) => (8, id.as_bytes().to_vec(), 0),
        }
    }

    /// From the feed's columns; `None` if they hold nothing this version knows (the follower then fails closed).
    pub fn from_columns(kind: i64, key: &[u8], number: i64) -> Option<Self> {
        let epoch = || u32::try_from(number).ok();
        Some(match kind {
            1 => Self::User(UserId::from_slice(key)?, epoch()?),
            2 => Self::App(AppId::from_slice(key)?, epoch()?),
            3 => Self::GrantAccess(GrantId::from_slice(key)?, epoch()?),
            4 => Self::Login(LoginId::from_slice(key)?),
            5 => Self::LoginAccess(LoginId::from_slice(key)?, Timestamp::from_unix_millis(number)),
            6 => Self::Token(TokenId::from_slice(key)?),
            7 => Self::Key(KeyId::from_slice(key)?),
            8 => Self::Incarnation(Incarnation::from_slice(key)?),
            _ => return None,
        })
    }
}

/// Why a token that opens, and has not expired, is dead all the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Revoked {
    /// The user's epoch was raised.
    User,
    /// The app's epoch was raised.
    App,
    /// The grant was reduced, paused, or removed.
    Grant,
    /// The login was ended.
    Login,
    /// The token itself was revoked.
    Token,
    /// Its key was revoked, or it comes from an earlier life of the store.
    Key,
    /// The feed could not be followed for longer than the limit: nothing is accepted until it can (fail closed).
    FeedStale,
}

#[derive(Default)]
struct Entries {
    users: HashMap<UserId, (Epoch, Timestamp)>,
    apps: HashMap<AppId, (Epoch, Timestamp)>,
    grants: HashMap<GrantId, (Epoch, Timestamp)>,
    /// Issue times up to which a login's access tokens are dead.
    logins: HashMap<LoginId, (Timestamp, Timestamp)>,
    tokens: HashMap<TokenId, Timestamp>,
    keys: HashMap<KeyId, Timestamp>,
    incarnations: HashMap<Incarnation, Timestamp>,
    /// How many single tokens of a login are listed: past the limit they fold into one entry for the login.
    tokens_per_login: HashMap<LoginId, u32>,
}

impl Entries {
    fn end_token(&mut self, token: TokenId, keep_until: Timestamp) {
        // Entries are read again behind a gap: only a new one counts.
        if self.tokens.insert(token, keep_until).is_some() {
            return;
        }
        let count = self.tokens_per_login.entry(token.login).or_insert(0);
        *count += 1;
        if *count <= TOKENS_PER_LOGIN {
            return;
        }
        // Up to the youngest of the listed, or that one would come back to life.
        let mut until = (token.issued_at, keep_until);
        self.tokens.retain(|listed, kept| {
            let folded = listed.login == token.login;
            if folded {
                until = (until.0.max(listed.issued_at), until.1.max(*kept));
            }
            !folded
        });
        raise(&mut self.logins, token.login, until.0, until.1);
    }
}

/// More single-token entries than this for one login fold into one that ends all its access tokens, so that a client
/// that revokes token after token cannot fill the memory of every follower.
const TOKENS_PER_LOGIN: u32 = 8;

/// What is known to be dead. Shared by everyone in the process who opens access tokens.
#[derive(Default)]
pub struct Revocations {
    entries: RwLock<Entries>,
}

fn raise<K: std::hash::Hash + Eq, V: Ord + Copy>(
    map: &mut HashMap<K, (V, Timestamp)>,
    key: K,
    to: V,
    keep_until: Timestamp,
) {
    let slot = map.entry(key).or_insert((to, keep_until));
    *slot = (slot.0.max(to), slot.1.max(keep_until));
}

impl Revocations {
    /// Nothing is revoked yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an entry in; it is forgotten after `keep_until`, when no token it concerns can be alive any more.
    pub fn apply(&self, entry: &FeedEntry, keep_until: Timestamp) {
        let mut entries = self.write();
        match *entry {
            FeedEntry::User(id, epoch) => raise(&mut entries.users, id, epoch, keep_until),
            FeedEntry::App(id, epoch) => raise(&mut entries.apps, id, epoch, keep_until),
            FeedEntry::GrantAccess(id, epoch) => raise(&mut entries.grants, id, epoch, keep_until),
            FeedEntry::Login(id) => {
                raise(&mut entries.logins, id, Timestamp::from_unix_millis(i64::MAX), keep_until);
            }
            FeedEntry::LoginAccess(id, until) => raise(&mut entries.logins, id, until, keep_until),
            FeedEntry::Token(token) => entries.end_token(token, keep_until),
            FeedEntry::Key(key) => {
                entries.keys.insert(key, keep_until);
            }
            FeedEntry::Incarnation(id) => {
                entries.incarnations.insert(id, keep_until);
            }
        }
    }

    /// Why `token` is dead, if it is.
    pub fn check(&self, token: &AccessToken) -> Result<(), Revoked> {
        let entries = self.read();
        let dead = |listed: Option<&(Epoch, Timestamp)>, carried: Epoch| listed.is_some_and(|(min, _)| carried < *min);
        if entries.keys.contains_key(&token.key) || entries.incarnations.contains_key(&token.incarnation) {
            return Err(Revoked::Key);
        }
        if dead(entries.apps.get(&token.app), token.app_epoch) {
            return Err(Revoked::App);
        }
        if let Holder::User { user, grant, user_epoch, grant_epoch, .. } = &token.holder {
            if dead(entries.users.get(user), *user_epoch) {
                return Err(Revoked::User);
            }
            if dead(entries.grants.get(grant), *grant_epoch) {
                return Err(Revoked::Grant);
            }
        }
        let id = token.id();
        if entries.logins.get(&id.login).is_some_and(|(until, _)| token.issued_at <= *until) {
            return Err(Revoked::Login);
        }
        if entries.tokens.contains_key(&id) {
            return Err(Revoked::Token);
        }
        Ok(())
    }

    /// Forgets what no living token can be concerned by any more.
    pub fn forget_expired(&self, now: Timestamp) {
        let mut guard = self.write();
        let entries = &mut *guard;
        entries.users.retain(|_, (_, until)| *until > now);
        entries.apps.retain(|_, (_, until)| *until > now);
        entries.grants.retain(|_, (_, until)| *until > now);
        entries.logins.retain(|_, (_, until)| *until > now);
        entries.tokens.retain(|_, until| *until > now);
        entries.keys.retain(|_, until| *until > now);
        entries.incarnations.retain(|_, until| *until > now);
        let listed: HashSet<LoginId> = entries.tokens.keys().map(|token| token.login).collect();
        entries.tokens_per_login.retain(|login, _| listed.contains(login));
    }
}

/// Follows the streams of a feed: every entry in order, none skipped, whatever order commits become visible in.
#[derive(Default)]
pub struct Follower {
    cursors: HashMap<StreamId, i64>,
    /// Since when a number has been missing in a stream whose later numbers are visible.
    gaps: HashMap<StreamId, Timestamp>,
    last_read_at: Option<Timestamp>,
}

/// One row of the feed as a follower reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeedRow {
    /// The writing process's stream.
    pub stream: StreamId,
    /// The entry's number in its stream: dense, from 1.
    pub n: i64,
    /// What it says.
    pub entry: FeedEntry,
    /// Until when followers keep it.
    pub keep_until: Timestamp,
}

impl Follower {
    /// A follower that has read nothing and therefore accepts nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last number taken in from `stream`; 0 before the first.
    pub fn cursor(&self, stream: StreamId) -> i64 {
        self.cursors.get(&stream).copied().unwrap_or(0)
    }

    /// Takes in everything that was ever in the feed and may still matter: the snapshot a follower starts from.
    pub fn start(&mut self, rows: &[FeedRow], read_began_at: Timestamp, into: &Revocations) {
        let mut in_order: Vec<&FeedRow> = rows.iter().collect();
        in_order.sort_unstable_by_key(|row| (row.stream, row.n));
        for row in in_order {
            into.apply(&row.entry, row.keep_until);
            // A stream's first numbers may be forgotten already; after them none may be missing.
            let cursor = self.cursors.entry(row.stream).or_insert(row.n);
            if row.n == *cursor + 1 {
                *cursor = row.n;
            } else if row.n > *cursor {
                self.gaps.entry(row.stream).or_insert(read_began_at);
            }
        }
        self.last_read_at = Some(read_began_at);
    }

    /// Takes in rows read after the cursors, sorted by stream and number. A gap holds its stream's cursor; the rows
    /// behind it are applied all the same (an early death harms nobody) and are read again.
    pub fn advance(&mut self, rows: &[FeedRow], read_began_at: Timestamp, into: &Revocations) {
        let mut seen_gap: Vec<StreamId> = Vec::new();
        for row in rows {
            into.apply(&row.entry, row.keep_until);
            let cursor = self.cursors.entry(row.stream).or_insert(0);
            if row.n == *cursor + 1 {
                *cursor = row.n;
            } else if row.n > *cursor {
                self.gaps.entry(row.stream).or_insert(read_began_at);
                seen_gap.push(row.stream);
            }
        }
        self.gaps.retain(|stream, _| seen_gap.contains(stream));
        self.last_read_at = Some(read_began_at);
    }

    /// Whether the follower knows everything committed more than `limit_seconds` ago. One that does not fails closed.
    pub fn is_fresh(&self, now: Timestamp, limit_seconds: i64) -> bool {
        let young = |since: Timestamp| now.millis_since(since) <= limit_seconds * 1000;
        self.last_read_at.is_some_and(young) && self.gaps.values().all(|since| young(*since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_token::tests::a_token;

    const KEEP: Timestamp = Timestamp::from_unix_millis(10_000_000);

    fn revoked_by(entry: FeedEntry) -> Result<(), Revoked> {
        let revocations = Revocations::new();
        revocations.apply(&entry, KEEP);
        revocations.check(&a_token())
    }

    #[test]
    fn each_kind_of_entry_ends_the_token_it_concerns_and_no_other() {
        let token = a_token();
        let Holder::User { user, grant, login, .. } = token.holder else { panic!("a user's token") };
        assert_eq!(revoked_by(FeedEntry::User(user, 2)), Err(Revoked::User));
        assert_eq!(revoked_by(FeedEntry::User(user, 1)), Ok(()));
        assert_eq!(revoked_by(FeedEntry::App(token.app, 2)), Err(Revoked::App));
        assert_eq!(revoked_by(FeedEntry::GrantAccess(grant, 2)), Err(Revoked::Grant));
        assert_eq!(revoked_by(FeedEntry::Login(login)), Err(Revoked::Login));
        assert_eq!(revoked_by(FeedEntry::LoginAccess(login, token.issued_at)), Err(Revoked::Login));
        assert_eq!(revoked_by(FeedEntry::LoginAccess(login, token.issued_at.plus_seconds(-1))), Ok(()));
        assert_eq!(revoked_by(FeedEntry::Token(token.id())), Err(Revoked::Token));
        assert_eq!(revoked_by(FeedEntry::Key(token.key)), Err(Revoked::Key));
        assert_eq!(revoked_by(FeedEntry::Incarnation(token.incarnation)), Err(Revoked::Key));
        assert_eq!(revoked_by(FeedEntry::User(UserId::from_bytes([99; 16]), 9)), Ok(()));
    }

    #[test]
    fn an_epoch_never_falls_whatever_order_entries_arrive_in() {
        let token = a_token();
        let revocations = Revocations::new();
        revocations.apply(&FeedEntry::App(token.app, 5), KEEP);
        revocations.apply(&FeedEntry::App(token.app, 1), KEEP);
        assert_eq!(revocations.check(&token), Err(Revoked::App));
    }

    #[test]
    fn many_single_tokens_fold_into_one_entry_for_their_login() {
        let revocations = Revocations::new();
        for nonce in 0..20u8 {
            let mut id = a_token().id();
            id.nonce = [nonce; 12];
            revocations.apply(&FeedEntry::Token(id), KEEP);
        }
        assert!(revocations.read().tokens.is_empty());
        assert_eq!(revocations.check(&a_token()), Err(Revoked::Login));
    }

    #[test]
    fn folding_revives_no_token_and_reading_an_entry_again_counts_once() {
        let revocations = Revocations::new();
        let token = a_token();
        let younger = TokenId { nonce: [200; 12], issued_at: token.issued_at.plus_seconds(600), ..token.id() };
        revocations.apply(&FeedEntry::Token(younger), KEEP);
        for _ in 0..20 {
            revocations.apply(&FeedEntry::Token(younger), KEEP);
        }
        assert_eq!(revocations.check(&token), Ok(()), "one token, however often its entry is read");
        for nonce in 0..20u8 {
            revocations.apply(&FeedEntry::Token(TokenId { nonce: [nonce; 12], ..token.id() }), KEEP);
        }
        let younger = AccessToken { nonce: younger.nonce, issued_at: younger.issued_at, ..token };
        assert_eq!(revocations.check(&younger), Err(Revoked::Login));
    }

    #[test]
    fn entries_survive_their_columns() {
        let token = a_token();
        for entry in [
            FeedEntry::User(UserId::from_bytes([1; 16]), 3),
            FeedEntry::LoginAccess(LoginId::from_bytes([4; 16]), Timestamp::from_unix_millis(77)),
            FeedEntry::Token(token.id()),
            FeedEntry::Key(token.key),
            FeedEntry::Incarnation(token.incarnation),
        ] {
            let (kind, key, number) = entry.to_columns();
            assert_eq!(FeedEntry::from_columns(kind, &key, number), Some(entry));
        }
        assert_eq!(FeedEntry::from_columns(99, &[0; 16], 0), None);
    }

    fn row(n: i64, epoch: Epoch) -> FeedRow {
        let entry = FeedEntry::App(AppId::from_bytes([n as u8; 16]), epoch);
        FeedRow { stream: StreamId::from_bytes([7; 16]), n, entry, keep_until: KEEP }
    }

    #[test]
    fn a_commit_that_becomes_visible_late_is_read_not_skipped() {
        let revocations = Revocations::new();
        let mut follower = Follower::new();
        let at = |seconds: i64| Timestamp::from_unix_millis(seconds * 1000);
        assert!(!follower.is_fresh(at(0), 10), "nothing is accepted before the first snapshot");
        follower.start(&[row(1, 2)], at(0), &revocations);
        follower.advance(&[row(3, 2)], at(1), &revocations);
        assert_eq!(follower.cursor(row(1, 2).stream), 1, "the gap holds the cursor");
        assert!(follower.is_fresh(at(5), 10));
        follower.advance(&[row(3, 2)], at(12), &revocations);
        assert!(!follower.is_fresh(at(12), 10), "past the limit it fails closed");
        follower.advance(&[row(2, 2), row(3, 2)], at(61), &revocations);
        assert_eq!(follower.cursor(row(1, 2).stream), 3);
        assert!(follower.is_fresh(at(61), 10));
        let mut token = a_token();
        token.app = AppId::from_bytes([2; 16]);
        assert_eq!(revocations.check(&token), Err(Revoked::App));
    }

    #[test]
    fn forgotten_entries_are_those_no_token_can_need() {
        let revocations = Revocations::new();
        revocations.apply(&FeedEntry::App(a_token().app, 2), KEEP);
        revocations.forget_expired(KEEP.plus_seconds(-1));
        assert_eq!(revocations.check(&a_token()), Err(Revoked::App));
        revocations.forget_expired(KEEP);
        assert_eq!(revocations.check(&a_token()), Ok(()));
    }
}
