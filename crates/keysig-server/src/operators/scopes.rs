//! `/admin/scopes`: the scope catalogue.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::parameters::Parameters;
use keysig_core::scope::{Risk, ScopeCatalogue, ScopeEntry, ScopeGroup, ScopeId, ScopeText};
use keysig_core::user::Role;
use keysig_store::grants;

use super::{operator, posted, preview, refused};
use crate::actions::ActionRefused;
use crate::actions::scopes::{self, ScopeDraft, own};
use crate::browser::{SignedIn, Ticket};
use crate::language::Lang;
use crate::pages::operators::{RetireScopePage, ScopeForm, ScopePage, ScopeRow, ScopesPage};
use crate::people::account::not_found;
use crate::visit::{Form, Visit};

const GROUPS: [(&str, ScopeGroup); 3] =
    [("see", ScopeGroup::See), ("change", ScopeGroup::Change), ("control", ScopeGroup::Control)];
const RISKS: [(&str, Risk); 4] =
    [("S", Risk::Little), ("P", Risk::Personal), ("C", Risk::Control), ("W", Risk::Change)];

fn name_of<T: PartialEq>(value: T, names: &[(&'static str, T)]) -> &'static str {
    names.iter().find(|(_, known)| *known == value).map_or("", |(name, _)| *name)
}

/// `GET /admin/scopes`.
pub async fn list(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let row = |(scope, entry): (ScopeId, &ScopeEntry)| ScopeRow {
        number: scope.number(),
        name: entry.name.clone(),
        title: entry
            .text
            .get("en")
            .or_else(|| entry.text.values().next())
            .map(|text| text.title.clone())
            .unwrap_or_default(),
        group: name_of(entry.group, &GROUPS),
        risk: name_of(entry.risk, &RISKS),
        retired: entry.retired,
    };
    let catalogue = visit.server.scopes();
    let scopes = catalogue.entries().filter(|(scope, _)| ScopeCatalogue::is_own(*scope)).map(row).collect();
    let chrome = visit.chrome(Some(&signed_in), Some("/admin/scopes"));
    visit.page(200, &ScopesPage { chrome, scopes, done: query.as_deref() == Some("done=saved") })
}

/// `GET /admin/scopes/new`.
pub async fn new(visit: Visit) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let words = visit.server.settings.languages.iter().map(|lang| (*lang, Default::default())).collect();
    let form = ScopeForm { group: "see".to_owned(), risk: "W".to_owned(), words, ..ScopeForm::default() };
    page(visit, &signed_in, (None, false), form, None)
}

/// `GET /admin/scopes/{number}`.
pub async fn one(visit: Visit, Path(number): Path<String>) -> Response {
    let (visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let catalogue = visit.server.scopes();
    let Some(entry) = number.parse().ok().and_then(|number| own(&catalogue, number)) else {
        return not_found(visit, &signed_in);
    };
    let words = |lang: &Lang| {
        let text = entry.text.get(lang.tag()).cloned().unwrap_or_default();
        (*lang, [text.title, text.detail, text.will_not])
    };
    let form = ScopeForm {
        name: entry.name.clone(),
        group: name_of(entry.group, &GROUPS).to_owned(),
        risk: name_of(entry.risk, &RISKS).to_owned(),
        can_delete: entry.can_delete,
        words: visit.server.settings.languages.iter().map(words).collect(),
    };
    page(visit, &signed_in, (Some(entry.id), entry.retired), form, None)
}

/// `POST /admin/scopes/new`.
pub async fn create(visit: Visit, form: Form) -> Response {
    take(visit, None, form).await
}

/// `POST /admin/scopes/{number}`.
pub async fn save(visit: Visit, Path(number): Path<String>, form: Form) -> Response {
    take(visit, Some(number), form).await
}

/// What was typed, and the draft it makes.
fn read(form: &Parameters, languages: &[Lang], name: String) -> (ScopeForm, Option<ScopeDraft>) {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let of = |lang: &Lang| {
        let words = ["title", "detail", "will_not"].map(|part| text(&format!("{part}.{}", lang.tag())));
        (*lang, words)
    };
    let typed = ScopeForm {
        name,
        group: text("group"),
        risk: text("risk"),
        can_delete: form.get("can_delete") == Some("yes"),
        words: languages.iter().map(of).collect(),
    };
    let group = GROUPS.iter().find(|(name, _)| *name == typed.group).map(|(_, group)| *group);
    let risk = RISKS.iter().find(|(name, _)| *name == typed.risk).map(|(_, risk)| *risk);
    let words = |(lang, [title, detail, will_not]): &(Lang, [String; 3])| {
        let text = ScopeText { title: title.clone(), detail: detail.clone(), will_not: will_not.clone() };
        (lang.tag().to_owned(), text)
    };
    let draft = group.zip(risk).map(|(group, risk)| ScopeDraft {
        name: typed.name.clone(),
        group,
        risk,
        can_delete: typed.can_delete,
        text: typed.words.iter().map(words).filter(|(_, text)| *text != ScopeText::default()).collect(),
    });
    (typed, draft)
}

async fn take(visit: Visit, number: Option<String>, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let catalogue = visit.server.scopes();
    let before = number.as_deref().map(|number| number.parse().ok().and_then(|number| own(&catalogue, number)));
    let before = match before {
        Some(None) => return not_found(visit, &signed_in),
        Some(Some(entry)) => Some(entry),
        None => None,
    };
    let (number, retired) = (before.map(|entry| entry.id), before.is_some_and(|entry| entry.retired));
    let name =
        before.map_or_else(|| form.get("name").unwrap_or_default().trim().to_owned(), |entry| entry.name.clone());
    let (typed, draft) = read(&form, &visit.server.settings.languages, name);
    let Some(draft) = draft else {
        return page(
            visit,
            &signed_in,
            (number, retired),
            typed,
            Some(("risk", "choose one that is listed".to_owned())),
        );
    };
    let shown = form.get("preview").and_then(Lang::from_tag);
    let done = match shown {
        Some(lang) => match scopes::checked(&visit.server, number, draft) {
            Ok(entry) => {
                let mut chrome = visit.chrome(None, None);
                chrome.lang = lang;
                return preview::consent(visit, chrome, &[&entry]);
            }
            Err(problem) => Err(problem),
        },
        None => scopes::save(&visit.server, &visit.actor(&signed_in), number, draft).await,
    };
    match done {
        Ok(_) => visit.see_other("/admin/scopes?done=saved"),
        Err(ActionRefused::Invalid { field, problem }) => {
            page(visit, &signed_in, (number, retired), typed, Some((field, problem)))
        }
        Err(problem) => refused(visit, &signed_in, &problem),
    }
}

fn page(
    mut visit: Visit,
    signed_in: &SignedIn,
    (number, retired): (Option<u8>, bool),
    form: ScopeForm,
    problem: Option<(&'static str, String)>,
) -> Response {
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let path = number.map_or_else(|| "/admin/scopes/new".to_owned(), |number| format!("/admin/scopes/{number}"));
    let chrome = visit.chrome(Some(signed_in), Some(&path));
    let status = if problem.is_some() { 422 } else { 200 };
    visit.page(status, &ScopePage { chrome, csrf, number, retired, form, problem })
}

/// `GET /admin/scopes/{number}/retire`: what it means.
pub async fn retire(visit: Visit, Path(number): Path<String>) -> Response {
    let (mut visit, signed_in) = match operator(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let catalogue = visit.server.scopes();
    let Some(entry) = number.parse().ok().and_then(|number| own(&catalogue, number)) else {
        return not_found(visit, &signed_in);
    };
    let agreements = match ScopeId::from_number(entry.id) {
        Some(scope) => grants::with_scope(&visit.server.store, scope).await,
        None => Ok(0),
    };
    match agreements {
        Ok(agreements) => {
            let page = RetireScopePage {
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                chrome: visit.chrome(Some(&signed_in), Some(&format!("/admin/scopes/{}/retire", entry.id))),
                number: entry.id,
                name: entry.name.clone(),
                retired: entry.retired,
                agreements,
            };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /admin/scopes/{number}/retire`.
pub async fn retired(visit: Visit, Path(number): Path<String>, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form, Role::Operator).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Ok(number) = number.parse() else { return not_found(visit, &signed_in) };
    let retired = form.get("retired") == Some("yes");
    match scopes::retire(&visit.server, &visit.actor(&signed_in), number, retired).await {
        Ok(()) => visit.see_other("/admin/scopes?done=saved"),
        Err(problem) => refused(visit, &signed_in, &problem),
    }
}
