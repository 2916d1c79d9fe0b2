//! Devices (ux §3): the sessions of an account, and what happened to it lately.

use askama::Template;
use keysig_core::account_event::AccountEvent;

use super::{Chrome, Sentence, When, Words, screen};

/// What a browser says it is, as far as it can be told: it may say anything, so it is only ever shown as a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceName {
    browser: Option<&'static str>,
    system: Option<&'static str>,
}

/// What a `User-Agent` holds, and what that is called: the first that fits, since browsers imitate each other.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

impl DeviceName {
    /// From a `User-Agent`.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let first = |names: &[(&str, &'static str)]| {
            names.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
        };
        Self { browser: first(&BROWSERS), system: first(&SYSTEMS) }
    }

    /// Browser and system.
    #[must_use]
    pub const fn parts(self) -> (Option<&'static str>, Option<&'static str>) {
        (self.browser, self.system)
    }

    fn words(self, words: Words) -> Sentence {
        match (self.browser, self.system) {
            (Some(browser), Some(system)) => words.say("device").text("browser", browser).text("system", system),
            (Some(browser), None) => words.say("device-browser").text("browser", browser),
            (None, Some(system)) => words.say("device-system").text("system", system),
            (None, None) => words.say("device-unknown"),
        }
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: String,
    /// What it seems to be.
    pub name: DeviceName,
    /// When it first signed in; older sessions do not know.
    pub first_seen: Option<When>,
    /// When it was last used, to the hour.
    pub last_seen: When,
    /// From where it last signed in.
    pub address: String,
    /// Whether it is the one this page is shown in.
    pub is_this: bool,
}

/// `/account/devices`. Each row posts `csrf` to `/account/devices/{session_id}/sign-out`.
#[derive(Template)]
#[template(path = "devices.html")]
pub struct DevicesPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The last seen first.
    pub devices: Vec<Device>,
    /// What was just done: a key of the screen's words.
    pub done: Option<&'static str>,
}

screen!(DevicesPage, "devices");

impl DevicesPage {
    /// The words for what an address says was done.
    #[must_use]
    pub fn done(said: &str) -> Option<&'static str> {
        ["done-one", "done-others"].into_iter().find(|done| *done == said)
    }

    fn section(&self) -> &'static str {
        "devices"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }

    fn name(&self, device: &Device) -> Sentence {
        device.name.words(self.words())
    }

    fn seen(&self, device: &Device) -> Sentence {
        let last = &device.last_seen;
        let said = self.say(if device.first_seen.is_some() { "seen" } else { "seen-last" });
        let said = said.time("last", &last.machine(), &last.full(self.words()));
        match &device.first_seen {
            Some(first) => said.time("first", &first.machine(), &first.date(self.words())),
            None => said,
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    /// What happened.
    pub event: AccountEvent,
    /// A name it is about, if it is about one.
    pub about: String,
    /// When.
    pub at: When,
    /// In which browser.
    pub device: DeviceName,
    /// From where.
    pub address: String,
}

/// `/account/events`: the last events of the account.
#[derive(Template)]
#[template(path = "events.html")]
pub struct EventsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The newest first.
    pub events: Vec<EventLine>,
}

screen!(EventsPage, "devices");

impl EventsPage {
    fn section(&self) -> &'static str {
        "security"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("events-heading"), false)
    }

    fn event(&self, line: &EventLine) -> Sentence {
        self.words().say(format!("event-{}", line.event.name())).strong("about", &line.about)
    }

    fn place(&self, line: &EventLine) -> Sentence {
        let device = line.device.words(self.words());
        let said = self.say("event-place").text("device", device.plain()).text("address", &line.address);
        said.time("when", &line.at.machine(), &line.at.full(self.words()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Lang;

    #[test]
    fn a_device_is_named_by_what_it_says_and_never_by_more() {
        let name = |agent| DeviceName::of(agent).words(Lang::En.words("devices")).plain();
        let gecko = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        let iphone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile Safari/604.1";
        let android = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
        assert_eq!(name(gecko), "Firefox on Linux");
        assert_eq!(name(edge), "Edge on Windows");
        assert_eq!(name(iphone), "Safari on iPhone");
        assert_eq!(name(android), "Chrome on Android");
        assert_eq!(name("curl/8"), "Unknown browser");
        assert_eq!(name(""), "Unknown browser");
        assert_eq!(name("Thing (Linux)"), "A browser on Linux");
    }

    #[test]
    fn each_event_has_its_words_in_each_language() {
        for event in AccountEvent::ALL {
            for lang in Lang::ALL {
                let words = lang.words("devices");
                assert_eq!(words.lang(), lang);
                let said = words.say(format!("event-{}", event.name())).strong("about", "Peek").plain();
                assert!(!said.contains('⟦'), "{event:?} {lang:?}");
            }
        }
    }
}
