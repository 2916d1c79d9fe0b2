//! Pages as people would see them, rendered from their own templates with made-up people: what an operator looks at before
//! they save a brand or a scope. Nothing on them works: their forms hold no ticket.

use axum::response::Response;
use keysig_core::scope::ScopeEntry;

use crate::mail::Post;
use crate::mail::{Letter, Letterhead};
use crate::pages::{
    Account, AppIdentity, Badge, Chrome, ConsentPage, DataKeeping, Destination, MailPage, Permissions, Question,
    ScopeText, SignInPage, Theme, UpstreamButtons, WebAddress,
};
use crate::people::words;
use crate::settings::{LiveSettings, SignUp};
use crate::visit::{Visit, links};

/// Which page, and in which colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shown {
    page: Page,
    theme: Theme,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Page {
    Login,
    Consent,
    Mail,
}

impl Shown {
    /// The values of the buttons.
    pub(super) const ALL: [&'static str; 6] =
        ["login-light", "login-dark", "consent-light", "consent-dark", "mail-light", "mail-dark"];

    /// From one of them.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (page, theme) = text.split_once('-')?;
        let page = match page {
            "login" => Page::Login,
            "consent" => Page::Consent,
            "mail" => Page::Mail,
            _ => return None,
        };
        Some(Self { page, theme: Theme::parse(theme).filter(|theme| *theme != Theme::System)? })
    }
}

/// A page under another brand.
pub(super) fn of_brand(visit: Visit, shown: Shown, live: &LiveSettings) -> Response {
    let chrome = Chrome {
        brand: live.brand.clone(),
        accent: live.accent,
        links: links(live),
        theme: shown.theme,
        ..visit.chrome(None, None)
    };
    match shown.page {
        Page::Login => {
            let page = SignInPage {
                chrome,
                tx: None,
                csrf: String::new(),
                app_name: Some("Playlist Peek".to_owned()),
                app_logo: None,
                again: false,
                recovers: visit.server.settings.sends_mail(),
                signs_up: live.sign_up == SignUp::Open,
                identifier: "ada@example.com".to_owned(),
                passkey: None,
                error: None,
                upstreams: UpstreamButtons::default(),
            };
            visit.page(200, &page)
        }
        Page::Consent => {
            let scopes = visit.server.scopes();
            let asked: Vec<&ScopeEntry> = scopes.grantable().map(|(_, entry)| entry).take(3).collect();
            consent(visit, chrome, &asked)
        }
        Page::Mail => {
            let head = Letterhead { brand: live.brand.clone(), public_url: visit.server.settings.public_url.clone() };
            let (subject, text) = Letter::PasswordChanged.write(&head, visit.lang);
            let post = Post { to: None, subject, text, lang: visit.lang.tag().to_owned() };
            let now = visit.server.when(visit.server.now());
            let origin = visit.server.settings.public_url.clone();
            let page = MailPage::new(chrome, "ada@example.com".to_owned(), now, post, &origin);
            visit.page(200, &page)
        }
    }
}

/// The consent page of an app that asks for these.
pub(super) fn consent(visit: Visit, chrome: Chrome, asked: &[&ScopeEntry]) -> Response {
    let scopes = visit.server.scopes();
    let lang = chrome.lang.words("consent").lang();
    let texts: Vec<_> = asked.iter().filter_map(|entry| ScopeText::of(entry, lang.tag())).collect();
    let page = ConsentPage {
        chrome,
        tx: String::new(),
        csrf: String::new(),
        app: AppIdentity {
            name: "Playlist Peek".to_owned(),
            developer: "Grace H.".to_owned(),
            logo: None,
            home: WebAddress::parse("https://peek.example/"),
            destination: Destination::Web("peek.example".to_owned()),
            badge: Badge::Reviewed,
        },
        account: Account { name: "Ada L.".to_owned(), email: "ada@example.com".to_owned() },
        question: Question::First,
        changed: false,
        permissions: Permissions::of(&texts),
        optional: Vec::new(),
        already_allowed: Permissions::default(),
        will_not: crate::pages::will_not(&words::of_all(&scopes, lang), &texts),
        api: None,
        keeps_data: DataKeeping::NotSaid,
        privacy_url: None,
        ends: None,
        most: None,
    };
    visit.page(200, &page)
}
