//! Scopes (RFC 6749 §3.3): the catalogue that gives each a stable number, and sets of them.

mod openid;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

/// At most this many scopes in one request (design §5).
pub const MAX_SCOPES: usize = 64;
/// No scope name is longer than this many bytes.
pub const MAX_SCOPE_BYTES: usize = 128;

/// Scopes that an operator makes on a page are numbered from here on; files that ship use what is below.
const FIRST_OF_OPERATORS: u8 = 64;

/// A scope's number, 0 to 127. Never reused: sealed tokens carry it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ScopeId(u8);

impl ScopeId {
    /// As a number, for columns.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// From its number.
    pub const fn from_number(number: u8) -> Option<Self> {
        if number < 128 { Some(Self(number)) } else { None }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ScopeSet(u128);

impl ScopeSet {
    /// No scope: only what is public.
    pub const EMPTY: Self = Self(0);

    /// As 16 bytes, for columns and sealed values.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// From 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// With one more.
    pub fn with(self, scope: ScopeId) -> Self {
        Self(self.0 | 1 << scope.0)
    }

    /// Whether `scope` is in it.
    pub fn has(self, scope: ScopeId) -> bool {
        self.0 & (1 << scope.0) != 0
    }

    /// What is in both.
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this one and not in `other`.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether everything in it is also in `other`.
    pub fn is_subset(self, other: Self) -> bool {
        self.without(other) == Self::EMPTY
    }

    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes in it, by number.
    pub fn iter(self) -> impl Iterator<Item = ScopeId> {
        (0..128).map(ScopeId).filter(move |scope| self.has(*scope))
    }
}

/// What a scope does to the person's things.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScopeGroup {
    /// Reads.
    See,
    /// Writes.
    Change,
    /// Steers playback.
    Control,
}

/// How much harm a scope can do, least first; the catalogue's file has the letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Risk {
    /// `S`: sees a little.
    #[serde(rename = "S")]
    Little,
    /// `P`: sees personal things.
    #[serde(rename = "P")]
    Personal,
    /// `C`: controls playback.
    #[serde(rename = "C")]
    Control,
    /// `W`: changes things.
    #[serde(rename = "W")]
    Change,
}

/// The words for one scope in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeText {
    /// What it gives, in bold on the consent page.
    pub title: String,
    /// The limit or an example, in small.
    pub detail: String,
    /// How the "will not" list names its absence.
    pub will_not: String,
}

impl ScopeText {
    /// Whether there is something to read. `will_not` may be empty: not every absence is a promise.
    pub fn is_said(&self) -> bool {
        !self.title.trim().is_empty() && !self.detail.trim().is_empty()
    }
}

/// One scope, as the operator's file defines it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeEntry {
    /// Its stable number.
    pub id: u8,
    /// Its name on the wire.
    pub name: String,
    /// Older names that mean the same.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it does.
    pub group: ScopeGroup,
    /// How much harm it can do.
    pub risk: Risk,
    /// Whether it allows deleting.
    #[serde(default)]
    pub can_delete: bool,
    /// The endpoints it opens, for people who read the catalogue.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// Whether it is gone: whoever agreed to it keeps it, and nobody can be asked for it any more. Its number and name
    /// stay taken.
    #[serde(default)]
    pub retired: bool,
    /// The words, by language.
    pub text: BTreeMap<String, ScopeText>,
}

/// The file as a whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeFile {
    /// All scopes.
    pub scope: Vec<ScopeEntry>,
}

/// Why a catalogue cannot be used; each line names the scope.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Numbers go from 0 to 119; those above are OpenID Connect's.
    #[error("scope `{0}`: its id must be between 0 and 119")]
    NumberTooLarge(String),
    /// Two scopes share a number.
    #[error("scope `{0}`: another scope has the same id")]
    NumberTwice(String),
    /// Two scopes share a name, or one has the name of a scope of OpenID Connect.
    #[error("scope `{0}`: the name is used twice, or is one of OpenID Connect's")]
    NameTwice(String),
    /// RFC 6749 §3.3 allows %x21, %x23-5B and %x5D-7E.
    #[error("scope `{0}`: a name holds 1 to 128 characters of RFC 6749 §3.3")]
    BadName(String),
    /// People are never shown a raw scope name. All that is missing, so that one look is enough.
    #[error("words are missing:{}", print_missing(.0))]
    NoWords(Vec<(String, String)>),
}

/// One line for each scope, with its languages.
fn print_missing(missing: &[(String, String)]) -> String {
    let mut lines = BTreeMap::<&str, Vec<&str>>::new();
    for (scope, language) in missing {
        lines.entry(scope).or_default().push(language);
    }
    lines.iter().map(|(scope, languages)| format!("\n  scope `{scope}`: {}", languages.join(", "))).collect()
}

/// Why a `scope` parameter is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ScopeRefused {
    /// Not in the catalogue; the name as sent, and the nearest one that exists.
    Unknown {
        /// What was sent.
        sent: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// More than [`MAX_SCOPES`], or one longer than [`MAX_SCOPE_BYTES`].
    TooLarge,
}

/// All scopes that exist here.
#[derive(Debug)]
pub struct ScopeCatalogue {
    entries: BTreeMap<u8, ScopeEntry>,
    by_name: HashMap<String, ScopeId>,
}

fn is_scope_token(name: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !name.is_empty() && name.len() <= MAX_SCOPE_BYTES && name.bytes().all(allowed) && !name.contains(',')
}

impl ScopeCatalogue {
    /// Checks a file; `languages` are those that must have words for every scope.
    pub fn new(file: ScopeFile, languages: &[&str]) -> Result<Self, CatalogueError> {
        let mut catalogue = Self { entries: BTreeMap::new(), by_name: HashMap::new() };
        if let Some(entry) = file.scope.iter().find(|entry| entry.id >= openid::FIRST_RESERVED) {
            return Err(CatalogueError::NumberTooLarge(entry.name.clone()));
        }
        let mut missing = Vec::new();
        for entry in openid::entries().into_iter().chain(file.scope) {
            let named = || entry.name.clone();
            let wordless =
                languages.iter().filter(|language| entry.text.get(**language).is_none_or(|text| !text.is_said()));
            missing.extend(wordless.map(|language| (named(), (*language).to_owned())));
            for name in std::iter::once(&entry.name).chain(&entry.aliases) {
                if !is_scope_token(name) {
                    return Err(CatalogueError::BadName(name.clone()));
                }
                if catalogue.by_name.insert(name.clone(), ScopeId(entry.id)).is_some() {
                    return Err(CatalogueError::NameTwice(name.clone()));
                }
            }
            let name = named();
            if catalogue.entries.insert(entry.id, entry).is_some() {
                return Err(CatalogueError::NumberTwice(name));
            }
        }
        if missing.is_empty() { Ok(catalogue) } else { Err(CatalogueError::NoWords(missing)) }
    }

    /// This catalogue with `changed` in it, each in place of the scope of its number. Those of OpenID Connect stay as they
    /// are.
    pub fn with(&self, changed: Vec<ScopeEntry>, languages: &[&str]) -> Result<Self, CatalogueError> {
        let own = self.entries.values().filter(|entry| entry.id < openid::FIRST_RESERVED);
        let kept = own.filter(|entry| changed.iter().all(|changed| changed.id != entry.id)).cloned();
        Self::new(ScopeFile { scope: kept.chain(changed.iter().cloned()).collect() }, languages)
    }

    /// The number for a scope that is new here; none where all are taken.
    pub fn free_number(&self) -> Option<u8> {
        let own = || self.entries.keys().filter(|id| **id < openid::FIRST_RESERVED);
        let next = own().max().map_or(FIRST_OF_OPERATORS, |last| (last + 1).max(FIRST_OF_OPERATORS));
        (next < openid::FIRST_RESERVED).then_some(next)
    }

    /// Whether an operator may change it: not so those of OpenID Connect.
    pub fn is_own(scope: ScopeId) -> bool {
        scope.0 < openid::FIRST_RESERVED
    }

    /// The scope of this name.
    pub fn find(&self, name: &str) -> Option<ScopeId> {
        self.by_name.get(name).copied()
    }

    /// The entry of a scope.
    pub fn entry(&self, scope: ScopeId) -> Option<&ScopeEntry> {
        self.entries.get(&scope.0)
    }

    /// The scopes that can be asked for.
    pub fn grantable(&self) -> impl Iterator<Item = (ScopeId, &ScopeEntry)> {
        self.entries().filter(|(_, entry)| !entry.retired)
    }

    /// All scopes.
    pub fn all(&self) -> ScopeSet {
        self.entries.keys().fold(ScopeSet::EMPTY, |all, id| all.with(ScopeId(*id)))
    }

    /// All entries, by number.
    pub fn entries(&self) -> impl Iterator<Item = (ScopeId, &ScopeEntry)> {
        self.entries.iter().map(|(id, entry)| (ScopeId(*id), entry))
    }

    /// Reads a `scope` parameter. RFC 6749 §3.3 separates by spaces; commas are accepted too, because clients of the
    /// Spotify API send them. Order and repetition mean nothing.
    /// A retired scope is unknown.
    pub fn parse(&self, parameter: &str) -> Result<ScopeSet, ScopeRefused> {
        self.parse_of(parameter, |entry| !entry.retired)
    }

    /// The same for what somebody holds already, the retired among them.
    pub fn parse_held(&self, parameter: &str) -> Result<ScopeSet, ScopeRefused> {
        self.parse_of(parameter, |_| true)
    }

    fn parse_of(&self, parameter: &str, is_known: impl Fn(&ScopeEntry) -> bool) -> Result<ScopeSet, ScopeRefused> {
        let mut scopes = ScopeSet::EMPTY;
        for (index, name) in parameter.split([' ', ',']).filter(|name| !name.is_empty()).enumerate() {
            if index >= MAX_SCOPES || name.len() > MAX_SCOPE_BYTES {
                return Err(ScopeRefused::TooLarge);
            }
            match self.find(name).filter(|scope| self.entry(*scope).is_some_and(&is_known)) {
                Some(scope) => scopes = scopes.with(scope),
                None => return Err(ScopeRefused::Unknown { sent: name.to_owned(), nearest: self.nearest(name) }),
            }
        }
        Ok(scopes)
    }

    /// A set as the wire has it: names separated by spaces, in alphabetical order.
    pub fn print(&self, scopes: ScopeSet) -> String {
        let mut names: Vec<&str> =
            scopes.iter().filter_map(|scope| self.entry(scope)).map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        names.join(" ")
    }

    fn nearest(&self, sent: &str) -> Option<String> {
        let near = self.grantable().map(|(_, entry)| (edit_distance(sent, &entry.name), &entry.name)).min()?;
        (near.0 <= sent.len() / 2).then(|| near.1.clone())
    }
}

/// Levenshtein distance in bytes, for "did you mean"; of long texts only the first 256 bytes, because the work is the
/// product of both lengths and strangers choose one.
pub fn edit_distance(left: &str, right: &str) -> usize {
    const COMPARED_BYTES: usize = 256;
    let right: Vec<u8> = right.bytes().take(COMPARED_BYTES).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().take(COMPARED_BYTES).enumerate() {
        let mut diagonal = i;
        let mut last = i + 1;
        if let Some(first) = row.first_mut() {
            *first = last;
        }
        for (slot, r) in row.iter_mut().skip(1).zip(&right) {
            let cost = diagonal + usize::from(l != *r);
            diagonal = *slot;
            last = cost.min(diagonal + 1).min(last + 1);
            *slot = last;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn catalogue() -> ScopeCatalogue {
        let text = BTreeMap::from([(
            "en".to_owned(),
            ScopeText { title: "T".into(), detail: "D".into(), will_not: "W".into() },
        )]);
        let entry = |id, name: &str| ScopeEntry {
            id,
            name: name.to_owned(),
            aliases: Vec::new(),
            group: ScopeGroup::See,
            risk: Risk::Little,
            can_delete: false,
            endpoints: Vec::new(),
            retired: false,
            text: text.clone(),
        };
        let file = ScopeFile { scope: vec![entry(0, "user-read-email"), entry(1, "playlist-read-private")] };
        ScopeCatalogue::new(file, &["en"]).expect("a good catalogue")
    }

    #[test]
    fn spaces_commas_order_and_repetition_all_mean_the_same() {
        let catalogue = catalogue();
        let both = catalogue.parse("user-read-email playlist-read-private").unwrap();
        assert_eq!(catalogue.parse("playlist-read-private,user-read-email").unwrap(), both);
        assert_eq!(catalogue.parse(" user-read-email  user-read-email,playlist-read-private ").unwrap(), both);
        assert_eq!(catalogue.print(both), "playlist-read-private user-read-email");
        assert_eq!(catalogue.parse("").unwrap(), ScopeSet::EMPTY);
    }

    #[test]
    fn an_unknown_scope_is_refused_and_the_nearest_named() {
        let refused = catalogue().parse("user-read-emial").unwrap_err();
        let nearest = Some("user-read-email".to_owned());
        assert_eq!(refused, ScopeRefused::Unknown { sent: "user-read-emial".to_owned(), nearest });
    }

    #[test]
    fn too_many_scopes_are_refused() {
        let many = vec!["user-read-email"; MAX_SCOPES + 1].join(" ");
        assert_eq!(catalogue().parse(&many), Err(ScopeRefused::TooLarge));
    }

    #[test]
    fn scopes_without_words_stop_the_start_and_all_of_them_are_named() {
        let text = |title: &str| ScopeText { title: title.into(), detail: "D".into(), will_not: String::new() };
        let entry = |id, name: &str, texts: &[(&str, &str)]| ScopeEntry {
            id,
            name: name.to_owned(),
            aliases: vec![],
            group: ScopeGroup::See,
            risk: Risk::Little,
            can_delete: false,
            endpoints: vec![],
            retired: false,
            text: texts.iter().map(|(language, title)| ((*language).to_owned(), text(title))).collect(),
        };
        let scope = vec![entry(0, "a", &[]), entry(1, "b", &[("en", " "), ("xx", "T")]), entry(2, "c", &[("en", "T")])];
        let Err(error) = ScopeCatalogue::new(ScopeFile { scope }, &["en"]) else { panic!("words are missing") };
        assert_eq!(error.to_string(), "words are missing:\n  scope `a`: en\n  scope `b`: en");
        let scope = vec![entry(0, "a", &[])];
        let Err(CatalogueError::NoWords(all)) = ScopeCatalogue::new(ScopeFile { scope }, &["en", "xx"]) else {
            panic!("words are missing")
        };
        let of_a: Vec<_> = all.iter().filter(|(scope, _)| scope == "a").collect();
        assert_eq!(of_a.len(), 2, "{all:?}");
    }

    #[test]
    fn edit_distance_counts_changes() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("abc", "abc"), 0);
    }
}
