//! The pages on which an app begins.

use askama::Template;
use keysig_core::app::{About, App, ClientType, ConsentSettings, Mode, OpenIdSettings, Standing};
use keysig_core::id::AppId;
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::{RedirectUri, RegistrationRefused};
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;

use super::samples::head;
use super::*;
use crate::pages::Theme;
use crate::pages::samples::{Untrusted, chrome};

fn app(client_type: ClientType, profile: Profile, redirect_uri: &str) -> App {
    App {
        id: AppId::from_bytes([1; 16]),
        client_id: "demo-web".into(),
        name: "Playlist Peek".into(),
        owner: None,
        developer: "Ada L.".into(),
        homepage: None,
        profile,
        client_type,
        redirect_uris: vec![RedirectUri::register(redirect_uri, &profile.policy()).unwrap()],
        secrets: Vec::new(),
        scopes: None,
        mode: Mode::Development,
        test_users: Vec::new(),
        rotates: false,
        paused: false,
        legacy_flows: false,
        pkce_optional: false,
        openid: OpenIdSettings::default(),
        consent: ConsentSettings::default(),
        about: About::default(),
        standing: Standing::default(),
        epoch: 0,
        created_at: Timestamp::default(),
    }
}

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let create = |is_openid, problems: &[NewAppProblem]| CreateAppPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        key: "0".repeat(32),
        is_openid,
        name: words.app.into(),
        kind: None,
        redirect_uri: words.sent.into(),
        problems: problems.to_vec(),
    };
    let quickstart = |tab, client_type, profile, redirect_uri| QuickstartPage {
        chrome: chrome(theme),
        app: head(words),
        is_new: false,
        was_made_before: false,
        secret: None,
        server: "http://127.0.0.1:8080".into(),
        tab,
        snippets: Snippets::of(&app(client_type, profile, redirect_uri), "http://127.0.0.1:8080", words.developer),
        first_login: FirstLogin::Worked { people: 3 },
    };
    let (own, elsewhere) = ("http://127.0.0.1:8888/callback", "https://peek.example/callback?a=1&b=$(c)");
    let new = QuickstartPage {
        is_new: true,
        secret: Some(Secret::new("0123456789abcdef".repeat(2))),
        first_login: FirstLogin::Waiting,
        ..quickstart(Tab::Python, ClientType::Confidential, Profile::Spotify, own)
    };
    let before = QuickstartPage {
        was_made_before: true,
        first_login: FirstLogin::Refused,
        ..quickstart(Tab::Curl, ClientType::Public, Profile::Standard, elsewhere)
    };
    let problems =
        [NewAppProblem::LookAlike, NewAppProblem::Kind, NewAppProblem::RedirectUri(RegistrationRefused::Localhost)];
    let mut pages = vec![
        ("dashboard-create", create(false, &[]).render().unwrap()),
        ("dashboard-create-openid", create(true, &[]).render().unwrap()),
        ("dashboard-create-error", create(false, &problems).render().unwrap()),
        ("dashboard-quickstart-new", new.render().unwrap()),
        ("dashboard-quickstart-before", before.render().unwrap()),
    ];
    for (name, tab) in [
        ("dashboard-quickstart-javascript", Tab::JavaScript),
        ("dashboard-quickstart-rust", Tab::Rust),
        ("dashboard-quickstart-go", Tab::Go),
        ("dashboard-quickstart-form", Tab::Button),
    ] {
        let page = quickstart(tab, ClientType::Confidential, Profile::Standard, own);
        pages.push((name, page.render().unwrap()));
    }
    let page = quickstart(Tab::Button, ClientType::Public, Profile::Spotify, elsewhere);
    pages.push(("dashboard-quickstart-page", page.render().unwrap()));
    pages
}
