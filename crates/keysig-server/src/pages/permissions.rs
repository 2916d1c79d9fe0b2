//! From scopes to sentences: the three groups of the consent page (ux B3) and what the app will not do (ux B6).
//!
//! The words come from the catalogue, the choice from here. Neither is ever typed into a template: a fixed promise goes
//! wrong the day a scope is added.

use keysig_core::scope::{Risk, ScopeEntry, ScopeGroup};

/// One scope of the catalogue in one language. Its wire name is left out: no page can show what it does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeText<'a> {
    /// Where it is listed.
    pub group: ScopeGroup,
    /// How far up.
    pub risk: Risk,
    /// The thing it is about.
    pub title: &'a str,
    /// Its limit, or an example.
    pub detail: &'a str,
    /// What an app without it will not do. Scopes with the same phrase share one promise.
    pub will_not: &'a str,
    /// Whether it can delete.
    pub can_delete: bool,
    /// Why the app that asks for it does, in its own words.
    pub reason: Option<&'a str>,
}

impl<'a> ScopeText<'a> {
    /// The words of a catalogue entry in this language, or in English: nobody agrees to what a page leaves out.
    #[must_use]
    pub fn of(entry: &'a ScopeEntry, language: &str) -> Option<Self> {
        let words = entry.text.get(language).or_else(|| entry.text.get("en"))?;
        Some(Self {
            group: entry.group,
            risk: entry.risk,
            title: &words.title,
            detail: &words.detail,
            will_not: &words.will_not,
            can_delete: entry.can_delete,
            reason: None,
        })
    }
}

/// One line of a permission list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionLine {
    /// The thing.
    pub title: String,
    /// Its limit, or an example.
    pub detail: String,
    /// Wears the tag "Can delete".
    pub can_delete: bool,
    /// The developer's reason.
    pub app_says: Option<String>,
}

impl From<&ScopeText<'_>> for PermissionLine {
    fn from(scope: &ScopeText<'_>) -> Self {
        Self {
            title: scope.title.to_owned(),
            detail: scope.detail.to_owned(),
            can_delete: scope.can_delete,
            app_says: scope.reason.map(str::to_owned),
        }
    }
}

/// A permission that the app works without: a box to tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionalLine {
    /// The value of the box, which nobody sees.
    pub scope: String,
    /// What it lets the app do with the thing.
    pub group: ScopeGroup,
    /// Its words.
    pub line: PermissionLine,
}

impl OptionalLine {
    /// The boxes for these scopes, by wire name: the most sensitive first.
    #[must_use]
    pub fn of(scopes: &[(&str, ScopeText<'_>)]) -> Vec<Self> {
        let mut sorted: Vec<_> = scopes.iter().collect();
        sorted.sort_by_key(|(_, scope)| std::cmp::Reverse((scope.risk, scope.can_delete)));
        let line = |(name, scope): &(&str, ScopeText<'_>)| Self {
            scope: (*name).to_owned(),
            group: scope.group,
            line: PermissionLine::from(scope),
        };
        sorted.into_iter().map(line).collect()
    }

    /// The key of its sentence: the same thing can be seen and changed.
    pub(super) fn key(&self) -> &'static str {
        match self.group {
            ScopeGroup::See => "optional-see",
            ScopeGroup::Change => "optional-change",
            ScopeGroup::Control => "optional-control",
        }
    }
}

/// Permissions by effect, the most sensitive first in each group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// What the app can see.
    pub see: Vec<PermissionLine>,
    /// What it can change.
    pub change: Vec<PermissionLine>,
    /// What it can control.
    pub control: Vec<PermissionLine>,
}

impl Permissions {
    /// The lists for these scopes. Scopes of equal sensitivity keep the order given.
    #[must_use]
    pub fn of(scopes: &[ScopeText<'_>]) -> Self {
        let sorted = sensitive_first(scopes);
        let lines = |group| {
            sorted.iter().filter(|scope| scope.group == group).map(|scope| PermissionLine::from(*scope)).collect()
        };
        Self { see: lines(ScopeGroup::See), change: lines(ScopeGroup::Change), control: lines(ScopeGroup::Control) }
    }

    /// The number of lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.see.len() + self.change.len() + self.control.len()
    }

    /// No scope at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Up to two things the app will not do, the most sensitive promises that hold; that it never sees the password, the page
/// says of every app.
///
/// A promise holds if `held`, everything the app has or asks for, includes no scope that carries it, nor any other scope
/// about the same thing (the same title): "will not see your private playlists" beside "can change your private
/// playlists" is a sentence nobody believes.
#[must_use]
pub fn will_not(catalogue: &[ScopeText<'_>], held: &[ScopeText<'_>]) -> Vec<String> {
    let touched = |title: &str| held.iter().any(|scope| scope.title == title);
    let broken = |phrase: &str| {
        held.iter().any(|scope| scope.will_not == phrase)
            || catalogue.iter().any(|scope| scope.will_not == phrase && touched(scope.title))
    };
    let mut lines = Vec::new();
    // A scope may carry no promise: to do without `openid` is none.
    for scope in sensitive_first(catalogue).into_iter().filter(|scope| !scope.will_not.is_empty()) {
        if lines.len() < 2 && !lines.contains(&scope.will_not) && !broken(scope.will_not) {
            lines.push(scope.will_not);
        }
    }
    lines.into_iter().map(str::to_owned).collect()
}

fn sensitive_first<'s, 'a>(scopes: &'s [ScopeText<'a>]) -> Vec<&'s ScopeText<'a>> {
    let mut sorted: Vec<_> = scopes.iter().collect();
    sorted.sort_by_key(|scope| std::cmp::Reverse((scope.risk, scope.can_delete)));
    sorted
}
