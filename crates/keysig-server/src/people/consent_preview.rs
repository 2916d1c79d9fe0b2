//! The consent page of an app as somebody sees it who never saw it before: for its developer, and for whoever reviews it.
//! Nothing on it works: its form holds no ticket.

use keysig_core::app::App;
use keysig_core::scope::ScopeSet;

use super::words;
use crate::pages::{
    self, Account, AppIdentity, Badge, Chrome, ConsentPage, Destination, OptionalLine, Permissions, WebAddress,
    will_not,
};
use crate::server::Server;

/// The page on which this app asks for these.
pub fn page(server: &Server, app: &App, asked: ScopeSet, badge: Badge, chrome: Chrome) -> ConsentPage {
    let lang = chrome.lang.words("consent").lang();
    let scopes = server.scopes();
    let optional = asked.intersection(app.consent.optional);
    let required = words::of_asked(&scopes, app, asked.without(optional), lang);
    let required: Vec<_> = required.into_iter().map(|(_, text)| text).collect();
    let destination = app.redirect_uris.first().and_then(|uri| Destination::of(uri.as_str()));
    let most = server.live().consent_days.map(|days| (days, server.now().plus_seconds(i64::from(days) * 86_400)));
    ConsentPage {
        chrome,
        tx: String::new(),
        csrf: String::new(),
        app: AppIdentity {
            name: app.name.clone(),
            developer: app.developer.clone(),
            logo: app.about.logo,
            home: app.homepage.as_deref().and_then(WebAddress::parse),
            destination: destination.unwrap_or_else(|| Destination::Web("peek.example".to_owned())),
            badge,
        },
        account: Account { name: "Ada L.".to_owned(), email: "ada@example.com".to_owned() },
        question: pages::Question::First,
        changed: false,
        permissions: Permissions::of(&required),
        optional: OptionalLine::of(&words::of_asked(&scopes, app, optional, lang)),
        already_allowed: Permissions::default(),
        will_not: will_not(&words::of_all(&scopes, lang), &words::of_scopes(&scopes, asked, lang)),
        api: None,
        keeps_data: app.consent.keeps_data.into(),
        privacy_url: app.consent.privacy_url.as_deref().and_then(WebAddress::parse),
        ends: None,
        most: most.map(|(days, end)| (days, server.when(end))),
    }
}
