//! From rules to words: scopes as the pages show them, and apps as people know them.

use keysig_core::app::App;
use keysig_core::scope::{ScopeCatalogue, ScopeEntry, ScopeId, ScopeSet};
use keysig_core::user::User;
use keysig_store::{StoreError, apps};

use crate::language::Lang;
use crate::pages::{Account, Badge, ScopeText, When};
use crate::server::Server;

/// The words of some scopes, in the language that their page is shown in.
pub fn of_scopes(catalogue: &ScopeCatalogue, scopes: ScopeSet, lang: Lang) -> Vec<ScopeText<'_>> {
    let entries = scopes.iter().filter_map(|scope| catalogue.entry(scope));
    entries.filter_map(|entry| ScopeText::of(entry, lang.tag())).collect()
}

/// The same, with what the app that asks for them says of each.
pub fn of_asked<'a>(
    catalogue: &'a ScopeCatalogue,
    app: &'a App,
    scopes: ScopeSet,
    lang: Lang,
) -> Vec<(&'a str, ScopeText<'a>)> {
    let entries = scopes.iter().filter_map(|scope| Some((scope, catalogue.entry(scope)?)));
    let with_reason = |(scope, entry): (ScopeId, &'a ScopeEntry)| {
        let reason = app.consent.reasons.get(&scope).map(String::as_str);
        Some((entry.name.as_str(), ScopeText { reason, ..ScopeText::of(entry, lang.tag())? }))
    };
    entries.filter_map(with_reason).collect()
}

/// The words of all scopes.
pub fn of_all(catalogue: &ScopeCatalogue, lang: Lang) -> Vec<ScopeText<'_>> {
    catalogue.grantable().filter_map(|(_, entry)| ScopeText::of(entry, lang.tag())).collect()
}

/// How well an app is known: reviewed as it is now, or by how many people it is used.
pub async fn badge(server: &Server, app: &App, viewer: &User) -> Result<Badge, StoreError> {
    if app.owner == Some(viewer.id) {
        return Ok(Badge::YourOwn);
    }
    public_badge(server, app).await
}

/// How well everybody but its owner knows it.
pub async fn public_badge(server: &Server, app: &App) -> Result<Badge, StoreError> {
    if app.is_reviewed() {
        return Ok(Badge::Reviewed);
    }
    let (users, first_seen) = apps::reach(&server.store, app.id).await?;
    let first_seen = first_seen.unwrap_or(app.created_at);
    Ok(Badge::NotReviewed { users: u64::try_from(users).unwrap_or(0), first_seen: server.when(first_seen) })
}

/// A person as pages show them.
pub fn account(user: &User) -> Account {
    Account { name: user.display_name.clone(), email: user.email.clone() }
}

impl Server {
    /// A time in words, seen from now.
    pub fn when(&self, at: keysig_core::time::Timestamp) -> When {
        When::new(at.unix_millis(), self.now().unix_millis())
    }
}
