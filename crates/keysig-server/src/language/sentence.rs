//! One sentence with its arguments, as HTML or as plain text. A translation holds no markup: what is bold, a name or a link
//! comes in as an argument, and everything else is escaped.

use std::borrow::Cow;
use std::fmt;

use askama::filters::HtmlSafe;
use fluent_bundle::{FluentArgs, FluentValue};

use super::{Lang, bundles};

/// The words of one screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    lang: Lang,
    screen: &'static str,
}

impl Words {
    pub(super) fn new(lang: Lang, screen: &'static str) -> Self {
        Self { lang, screen }
    }

    /// The language they are in.
    #[must_use]
    pub fn lang(self) -> Lang {
        self.lang
    }

    /// The sentence of this key, of the screen or of all.
    #[must_use]
    pub fn say(self, key: impl Into<Cow<'static, str>>) -> Sentence {
        Sentence { words: self, key: key.into(), arguments: Vec::new() }
    }
}

/// What stands at a place of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Argument {
    /// A name that somebody chose, fenced in.
    Name(String),
    /// The same in bold.
    Strong(String),
    /// Text for attributes and other places without markup.
    Text(String),
    /// Chooses the plural.
    Count(u64),
    /// Chooses a variant by its name.
    Choice(&'static str),
    /// Begins or ends an element.
    Tag(String),
}

/// One sentence: [`fmt::Display`] writes HTML, [`Self::plain`] gives the bare text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    words: Words,
    key: Cow<'static, str>,
    arguments: Vec<(&'static str, Argument)>,
}

/// Stands for an argument while the sentence is put together; strangers' text is never part of it then.
const FIRST_PLACE: u32 = 0xF_0000;

impl Sentence {
    fn with(mut self, name: &'static str, argument: Argument) -> Self {
        self.arguments.push((name, argument));
        self
    }

    /// A name that somebody chose.
    #[must_use]
    pub fn name(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.with(name, Argument::Name(value.to_string()))
    }

    /// A name that somebody chose, in bold.
    #[must_use]
    pub fn strong(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.with(name, Argument::Strong(value.to_string()))
    }

    /// Text that is put in as it is: words of ours, or anything where no markup may be, such as attributes.
    #[must_use]
    pub fn text(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.with(name, Argument::Text(value.to_string()))
    }

    /// A number, which chooses the plural.
    #[must_use]
    pub fn count(self, name: &'static str, value: impl TryInto<u64>) -> Self {
        self.with(name, Argument::Count(value.try_into().unwrap_or(0)))
    }

    /// Chooses among the variants of a sentence.
    #[must_use]
    pub fn choice(self, name: &'static str, value: &'static str) -> Self {
        self.with(name, Argument::Choice(value))
    }

    /// A link: `{ $link }` begins it, `{ $end }` ends it.
    #[must_use]
    pub fn link(self, href: impl fmt::Display) -> Self {
        self.element(&format!("<a href=\"{}\">", escaped(&href.to_string())))
    }

    /// A link out of the site that opens beside this page.
    #[must_use]
    pub fn new_tab(self, href: impl fmt::Display) -> Self {
        let href = escaped(&href.to_string());
        self.element(&format!("<a href=\"{href}\" target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\">"))
    }

    /// A point in time as words, for `<time>`.
    #[must_use]
    pub fn time(self, name: &'static str, machine: &str, shown: &Self) -> Self {
        let element = format!("<time datetime=\"{}\">{shown}</time>", escaped(machine));
        self.with(name, Argument::Tag(element))
    }

    fn element(self, begins: &str) -> Self {
        self.with("link", Argument::Tag(begins.to_owned())).with("end", Argument::Tag("</a>".to_owned()))
    }

    /// The sentence with a character of its own at the place of each argument.
    fn pattern(&self) -> String {
        let missing = || {
            tracing::error!(key = %self.key, screen = self.words.screen, "there is no such sentence");
            format!("⟦{}⟧", self.key)
        };
        let found = bundles::of(self.words.lang, self.words.screen)
            .or_else(|| bundles::of(self.words.lang, bundles::COMMON))
            .and_then(|bundle| Some((bundle, bundle.get_message(&self.key)?.value()?)));
        let Some((bundle, pattern)) = found else { return missing() };
        let mut given = FluentArgs::new();
        for (place, (name, argument)) in (FIRST_PLACE..).zip(&self.arguments) {
            let value = match argument {
                Argument::Count(count) => FluentValue::from(*count),
                Argument::Choice(choice) => FluentValue::from(*choice),
                _ => FluentValue::from(char::from_u32(place).map(String::from).unwrap_or_default()),
            };
            given.set(*name, value);
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&given), &mut errors).into_owned();
        if errors.is_empty() { text } else { missing() }
    }

    fn argument(&self, place: char) -> Option<&Argument> {
        let index = u32::from(place).checked_sub(FIRST_PLACE)?;
        self.arguments.get(usize::try_from(index).ok()?).map(|(_, argument)| argument)
    }

    /// The bare text, for titles, attributes and mail: names lose what could turn the line around.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut text = String::new();
        for c in self.pattern().chars() {
            match self.argument(c) {
                Some(Argument::Name(value) | Argument::Strong(value) | Argument::Text(value)) => {
                    text.push_str(&unmarked(value));
                }
                Some(_) => {}
                None => text.push(c),
            }
        }
        text
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.pattern().chars() {
            match self.argument(c) {
                Some(Argument::Name(value)) => write!(f, "<bdi>{}</bdi>", escaped(value))?,
                Some(Argument::Strong(value)) => write!(f, "<strong><bdi>{}</bdi></strong>", escaped(value))?,
                Some(Argument::Text(value)) => f.write_str(&escaped(value))?,
                Some(Argument::Tag(tag)) => f.write_str(tag)?,
                Some(Argument::Count(_) | Argument::Choice(_)) => {}
                None => write_escaped(f, c)?,
            }
        }
        Ok(())
    }
}

/// All of it is escaped above but the tags, which are ours.
impl HtmlSafe for Sentence {}

fn write_escaped(f: &mut impl fmt::Write, c: char) -> fmt::Result {
    match c {
        '<' => f.write_str("&#60;"),
        '>' => f.write_str("&#62;"),
        '&' => f.write_str("&#38;"),
        '"' => f.write_str("&#34;"),
        '\'' => f.write_str("&#39;"),
        c => f.write_char(c),
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _ = write_escaped(&mut safe, c);
    }
    safe
}

/// A name for places that take no markup, such as `<title>`, where `<bdi>` cannot fence it in: without controls and
/// without the characters that turn the reading direction of what follows.
pub fn unmarked(name: &str) -> String {
    name.chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        })
        .collect()
}
