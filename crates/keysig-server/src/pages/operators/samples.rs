//! One of every page of the operator area, for the tests and for looking at.

use askama::Template;

use super::*;
use crate::pages::Theme;
use crate::pages::samples::{Untrusted, chrome};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let said = |key: &'static str| crate::language::Lang::En.words("admin-area").say(key);
    let field = |error: Option<&str>, choices: &[&str]| SheetField {
        name: "typed",
        label: said("type-address"),
        value: words.email.into(),
        error: error.map(str::to_owned),
        choices: choices.iter().map(|choice| ((*choice).to_owned(), words.app.to_owned())).collect(),
    };
    let cell = SheetCell::from(words.person).to("/admin/users".into()).below(words.sent);
    let sheet = |done, error: Option<&str>, rows: Vec<Vec<SheetCell>>| {
        let form = SheetForm {
            action: "/admin/invite".into(),
            csrf: Some("ticket".into()),
            hidden: vec![("user", words.sent.into())],
            told: vec![said("deed-lock-what"), said("revoke-key-what").name("kid", words.sent)],
            fields: vec![field(error, &[])],
            button: said("deed-lock"),
            is_danger: true,
        };
        let choice = SheetField { name: "role", ..field(None, &["user", "viewer"]) };
        let asks = SheetForm {
            csrf: None,
            fields: vec![choice],
            hidden: Vec::new(),
            told: Vec::new(),
            is_danger: false,
            button: said("filter"),
            action: "/admin/audit".into(),
        };
        let parts = vec![
            SheetPart::Words(said("roles-how")),
            SheetPart::Note(true, said("chains-hold")),
            SheetPart::Note(false, said("chains-broken").name("what", words.sent)),
            SheetPart::Facts(vec![
                (said("name"), cell.clone()),
                (said("state"), SheetCell::from(said("locked")).tagged("warn")),
            ]),
            SheetPart::Table(SheetTable {
                heading: said("users-found"),
                head: vec![said("name"), said("state")],
                rows,
            }),
            SheetPart::Form(asks),
            SheetPart::Form(form),
            SheetPart::Ways(vec![(said("back"), "/admin/users".into())]),
        ];
        AdminSheet { chrome: chrome(theme), section: "users", heading: said("users"), done, parts }.render().unwrap()
    };
    let made = || {
        let told = said("api-key-once");
        let value = keysig_core::secret::Secret::new("ks_shown-once".into());
        let parts = vec![SheetPart::Secret { told, value, done: "/admin/api-keys".into() }];
        AdminSheet { chrome: chrome(theme), section: "api-keys", heading: said("api-keys"), done: None, parts }
    };
    let row = vec![cell.clone(), SheetCell::from(said("open")).tagged("ok")];
    let refused = AdminRefusedPage { chrome: chrome(theme), problem: words.sent.into() };
    let first = |of_developers| SecondFactorFirstPage { chrome: chrome(theme), of_developers }.render().unwrap();
    let own = vec![
        ("admin-sheet", sheet(Some(said("user-lock")), None, vec![row])),
        ("admin-sheet-wrong", sheet(None, Some("Type it again."), Vec::new())),
        ("admin-api-key-made", made().render().unwrap()),
        ("admin-refused", refused.render().unwrap()),
        ("admin-second-factor-first", first(false)),
        ("dashboard-second-factor-first", first(true)),
    ];
    [own, super::samples_settings::all(theme, words)].concat()
}
