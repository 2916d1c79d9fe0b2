//! The languages of pages and mail (`docs/languages.md`): whole sentences, never glued together, in `locales/`.
//!
//! Each screen has a file of its own in each language. A screen whose file in the wanted language lacks a sentence, or
//! names other arguments than the English one, is shown in English as a whole: a page is in one language.

mod bundles;
mod choice;
mod sentence;

pub use choice::{accepted, chosen};
pub use sentence::{Sentence, Words, unmarked};

/// A language that the pages are written in: one variant for each, so that `lang` never promises words that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lang {
    /// English: the language of every screen, to which the others fall back.
    #[default]
    En,
    /// German.
    De,
    /// Arabic, written from right to left.
    Ar,
}

impl Lang {
    /// All of them, in the order of the picker.
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::Ar];

    /// The tag for the `lang` attribute and the names of files (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Ar => "ar",
        }
    }

    /// From a cookie, a form, a column or a configuration key: exactly a tag of ours.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// What the language calls itself: whoever looks for it may read no other.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Ar => "العربية",
        }
    }

    /// The value of the `dir` attribute.
    #[must_use]
    pub const fn dir(self) -> &'static str {
        match self {
            Self::En | Self::De => "ltr",
            Self::Ar => "rtl",
        }
    }

    /// The words of a screen in this language, or in English if they are not complete in it.
    #[must_use]
    pub fn words(self, screen: &'static str) -> Words {
        let lang = if bundles::is_complete(self, screen) { self } else { Self::default() };
        Words::new(lang, screen)
    }
}

/// Gives a page the words of its screen: `self.say("heading")` in its template.
macro_rules! screen {
    ($page:ty, $name:literal) => {
        impl $page {
            /// The words of this screen, in the language it is shown in.
            pub(super) fn words(&self) -> $crate::language::Words {
                self.chrome.lang.words($name)
            }

            /// One sentence of it.
            fn say(&self, key: &'static str) -> $crate::language::Sentence {
                self.words().say(key)
            }
        }
    };
}
pub(crate) use screen;

#[cfg(test)]
mod tests;
