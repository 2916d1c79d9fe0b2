//! Keys: next, current, retired; the next one sooner, and the end of one.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::jose::SigningAlgorithm;
use keysig_core::parameters::Parameters;
use keysig_core::time::Timestamp;
use keysig_core::user::Role;

use super::sheet::{self, Sheet, in_words};
use super::{operator, posted, refused};
use crate::actions::keys::{self, Stage};
use crate::browser::Ticket;
use crate::pages::operators::{SheetCell, SheetField, SheetForm, SheetPart, SheetTable};
use crate::visit::{Form, Visit};

const KEYS: &str = "/admin/keys";

/// `GET /admin/keys`.
pub async fn list(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (mut visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let timeline = match keys::timeline(&visit.server, &visit.actor(&signed_in)).await {
        Ok(timeline) => timeline,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let words = sheet::words(&visit);
    let may = signed_in.user.role >= Role::Operator;
    let row = |key: &keys::Key| {
        let at = |millis| in_words(&visit, Timestamp::from_unix_millis(millis));
        let stage = SheetCell::from(words.say(format!("stage-{}", key.stage.name())));
        let stage = if key.stage == Stage::Current { stage.tagged("ok") } else { stage };
        let kid = SheetCell::from(key.kid.clone());
        let absolute = |millis| SheetCell::from(visit.server.when(Timestamp::from_unix_millis(millis)).machine());
        vec![
            if may { kid.to(format!("{KEYS}/{}/revoke", key.kid)) } else { kid },
            key.algorithm.into(),
            stage,
            at(key.made_at),
            absolute(key.signs_from),
            key.may_go_at.map_or_else(SheetCell::default, absolute),
        ]
    };
    let head = ["key", "algorithm", "stage", "made", "signs-from", "may-go"].map(|key| words.say(key)).into();
    let table = SheetTable { heading: words.say("signing-keys"), head, rows: timeline.iter().map(row).collect() };
    let mut parts = vec![SheetPart::Table(table)];
    if may {
        let choices = SigningAlgorithm::ALL.map(|algorithm| (algorithm.name().to_owned(), algorithm.name().to_owned()));
        let field = sheet::field(words, "algorithm", "algorithm", SigningAlgorithm::Rs256.name());
        parts.push(SheetPart::Form(SheetForm {
            action: format!("{KEYS}/rotate"),
            csrf: Some(visit.csrf(Some(&signed_in), Ticket::Account)),
            hidden: Vec::new(),
            told: vec![words.say("rotate-what")],
            fields: vec![SheetField { choices: choices.into(), ..field }],
            button: words.say("rotate"),
            is_danger: false,
        }));
    }
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let sheet = Sheet { section: "keys", heading: words.say("keys"), parts };
    sheet.show(visit, &signed_in, 200, sheet::done(&query))
}

/// `POST /admin/keys/rotate`.
pub async fn rotate(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let algorithm = form.get("algorithm").unwrap_or_default();
    match keys::rotate(&visit.server, &visit.actor(&signed_in), algorithm).await {
        Ok(_) => visit.see_other(&format!("{KEYS}?done=key-rotated")),
        Err(error) => refused(visit, &signed_in, &error),
    }
}

/// `GET /admin/keys/{kid}/revoke`: what would die.
pub async fn ask(visit: Visit, Path(kid): Path<String>) -> Response {
    let (mut visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let reach = match keys::reach(&visit.server, &visit.actor(&signed_in), &kid).await {
        Ok(reach) => reach,
        Err(error) => return refused(visit, &signed_in, &error),
    };
    let words = sheet::words(&visit);
    let told = vec![
        words.say("revoke-key-what").name("kid", &reach.kid),
        words.say(if reach.signs_now { "revoke-key-current" } else { "revoke-key-other" }),
        words.say("revoke-key-reach").count("n", reach.logins),
    ];
    let form = SheetForm {
        action: format!("{KEYS}/{}/revoke", reach.kid),
        csrf: Some(visit.csrf(Some(&signed_in), Ticket::Account)),
        hidden: Vec::new(),
        told,
        fields: Vec::new(),
        button: words.say("revoke-key"),
        is_danger: true,
    };
    let parts = vec![SheetPart::Form(form), SheetPart::Ways(vec![(words.say("back"), KEYS.to_owned())])];
    Sheet { section: "keys", heading: words.say("revoke-key"), parts }.show(visit, &signed_in, 200, None)
}

/// `POST /admin/keys/{kid}/revoke`.
pub async fn revoke(visit: Visit, Path(kid): Path<String>, form: Form) -> Response {
    let (visit, signed_in, _) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    match keys::revoke(&visit.server, &visit.actor(&signed_in), &kid).await {
        Ok(()) => visit.see_other(&format!("{KEYS}?done=key-revoked")),
        Err(error) => refused(visit, &signed_in, &error),
    }
}
