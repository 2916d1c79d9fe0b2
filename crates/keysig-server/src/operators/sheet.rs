//! What the pages of the operator area that are sheets have in common.

use axum::response::Response;
use keysig_core::parameters::Parameters;
use keysig_core::time::Timestamp;

use crate::browser::SignedIn;
use crate::language::{Sentence, Words};
use crate::pages::operators::{AdminSheet, SheetCell, SheetField, SheetPart};
use crate::visit::Visit;

/// The words of all of them.
pub fn words(visit: &Visit) -> Words {
    visit.lang.words("admin-area")
}

/// A sheet that is about to be shown.
pub struct Sheet {
    /// Which entry of the navigation it belongs to.
    pub section: &'static str,
    /// Its heading.
    pub heading: Sentence,
    /// Its parts.
    pub parts: Vec<SheetPart>,
}

impl Sheet {
    /// Shows it; `done` is the key of what was just done.
    pub fn show(self, visit: Visit, signed_in: &SignedIn, status: u16, done: Option<&'static str>) -> Response {
        let back = (status == 200).then_some(visit.path.as_str());
        let page = AdminSheet {
            chrome: visit.chrome(Some(signed_in), back),
            section: self.section,
            heading: self.heading,
            done: done.map(|key| words(&visit).say(key)),
            parts: self.parts,
        };
        visit.page(status, &page)
    }
}

/// What an address may say was done, each a sentence.
const DONE: [&str; 21] = [
    "app-stop-logins-done",
    "app-allow-logins-done",
    "verdict-ask-done",
    "verdict-approve-done",
    "verdict-refuse-done",
    "app-quota-done",
    "app-pause-done",
    "app-resume-done",
    "app-trust-done",
    "app-distrust-done",
    "app-reports-read-done",
    "user-lock",
    "user-unlock",
    "user-revoke",
    "user-reset-password",
    "user-delete",
    "user-role",
    "invited",
    "key-rotated",
    "key-revoked",
    "api-key-ended",
];

/// What the address says was done.
pub fn done(query: &Parameters) -> Option<&'static str> {
    let said = query.get("done")?;
    DONE.into_iter().find(|key| *key == said)
}

/// A field that is typed.
pub fn field(words: Words, name: &'static str, label: &'static str, value: &str) -> SheetField {
    SheetField { name, label: words.say(label), value: value.to_owned(), error: None, choices: Vec::new() }
}

/// A time, in words.
pub fn in_words(visit: &Visit, at: Timestamp) -> SheetCell {
    let when = visit.server.when(at);
    SheetCell::from(when.full(words(visit))).below(when.machine())
}
