//! Which language somebody reads: what the request asks for, then what they chose here, then what their browser says.

use fluent_langneg::{NegotiationStrategy, accepted_languages, negotiate_languages};
use unic_langid::LanguageIdentifier;

use super::Lang;

/// Tags in one list are read no further than this.
const MAX_TAGS_BYTES: usize = 1000;

/// The first language of ours in `Accept-Language` (RFC 9110 §12.5.4), among those that are `offered`.
#[must_use]
pub fn accepted(header: &str, offered: &[Lang]) -> Option<Lang> {
    let header: String = header.chars().take(MAX_TAGS_BYTES).collect();
    nearest(&accepted_languages::parse(&header), offered)
}

/// The first language of ours in a list of tags parted by spaces (OpenID Connect Core §3.1.2.1 `ui_locales`).
#[must_use]
pub fn chosen(tags: &str, offered: &[Lang]) -> Option<Lang> {
    let tags: String = tags.chars().take(MAX_TAGS_BYTES).collect();
    nearest(&tags.split(' ').filter_map(|tag| tag.parse().ok()).collect::<Vec<_>>(), offered)
}

fn nearest(wanted: &[LanguageIdentifier], offered: &[Lang]) -> Option<Lang> {
    let offered: Vec<LanguageIdentifier> = offered.iter().filter_map(|lang| lang.tag().parse().ok()).collect();
    let found = negotiate_languages(wanted, &offered, None, NegotiationStrategy::Filtering);
    found.first().and_then(|tag| Lang::from_tag(tag.language.as_str()))
}
