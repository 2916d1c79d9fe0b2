//! What an app says of itself, and its logo (screen D12).

use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{Multipart, Path, RawQuery};
use axum::response::Response;
use http::StatusCode;
use keysig_core::app::{App, KeepsData};
use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::parameters::Parameters;
use keysig_store::app_profile::{self, AppProfile};
use keysig_store::logos;

use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::logo::{self, LogoRefused, MAX_LOGO_BYTES};
use crate::pages::{AppProfilePage, ProfileField, ProfileProblem, ProfileTyped};
use crate::people::consent;
use crate::register::app_profile::checked;
use crate::register::reads_like_a_reviewed_app;
use crate::visit::{Form, Visit};

/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 4096;
/// So much is read of a form with a file; more than a logo may have is dropped as it comes.
pub const MAX_UPLOAD_BYTES: usize = 16 << 20;
/// No ticket is longer.
const MAX_TICKET_BYTES: usize = 1024;

/// What the page shows beside what is kept.
#[derive(Default)]
struct News {
    typed: Option<ProfileTyped>,
    problems: Vec<(ProfileField, ProfileProblem)>,
    no_logo: Option<LogoRefused>,
    done: Option<&'static str>,
}

/// `GET /dashboard/apps/{client_id}/profile`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let done = query.get("done").and_then(AppProfilePage::done);
    match owned(visit, &client_id).await {
        Ok(owned) => show(owned, News { done, ..News::default() }),
        Err(answer) => answer,
    }
}

fn show(owned: Owned, news: News) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let path = format!("/dashboard/apps/{}/profile", app.client_id);
    let page = AppProfilePage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), Some(&path)),
        app: head(&app),
        typed: news.typed.unwrap_or_else(|| kept(&app)),
        problems: news.problems,
        no_logo: news.no_logo,
        is_reviewed: app.is_reviewed(),
        done: news.done,
    };
    visit.page(page.status(), &page)
}

/// What is kept, as the form shows it.
fn kept(app: &App) -> ProfileTyped {
    let links = [&app.homepage, &app.consent.privacy_url, &app.about.terms_url, &app.about.support_url];
    let (keeps, days) = match app.consent.keeps_data {
        None => ("not-said", String::new()),
        Some(KeepsData::NotKept) => ("not-kept", String::new()),
        Some(KeepsData::UntilDisconnected) => ("until-disconnected", String::new()),
        Some(KeepsData::Days(days)) => ("days", days.to_string()),
    };
    ProfileTyped {
        name: app.name.clone(),
        description: app.about.description.clone().unwrap_or_default(),
        links: links.map(|link| link.clone().unwrap_or_default()),
        keeps: keeps.to_owned(),
        days,
    }
}

fn typed(form: &Parameters) -> ProfileTyped {
    let text = |name| form.get(name).unwrap_or_default().chars().take(MAX_TYPED_CHARS).collect::<String>();
    ProfileTyped {
        name: text("name"),
        description: text("description"),
        links: ProfileField::LINKS.map(|field| text(field.name())),
        keeps: text("keeps"),
        days: text("days"),
    }
}

fn back(visit: Visit, client_id: &str, done: &str) -> Response {
    visit.see_other(&format!("/dashboard/apps/{client_id}/profile?done={done}"))
}

/// What of it changes, for the record.
fn changed(app: &App, new: &AppProfile) -> String {
    let (consent, about) = (&app.consent, &app.about);
    let differs = [
        ("name", app.name != new.name),
        ("description", about.description != new.description),
        ("home page", app.homepage != new.homepage),
        ("privacy policy", consent.privacy_url != new.privacy_url),
        ("terms", about.terms_url != new.terms_url),
        ("help", about.support_url != new.support_url),
        ("data", consent.keeps_data != new.keeps_data),
    ];
    let parts: Vec<_> = differs.into_iter().filter_map(|(part, differs)| differs.then_some(part)).collect();
    match app.name == new.name {
        true => parts.join(", "),
        // Whoever reads the audit looks for the name that it had.
        false => format!("{} (was: {})", parts.join(", "), app.name),
    }
}

fn record(owned: &Owned, about: &str) -> AuditRecord {
    let mut record = owned.visit.audited(&owned.signed_in, AuditAction::AppProfileChanged, about);
    record.app = Some(owned.app.id);
    record
}

/// `POST /dashboard/apps/{client_id}/profile`.
pub async fn post(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let typed = typed(&form);
    let profile = match checked(&typed, &owned.app, &owned.visit.server.live().brand) {
        Ok(profile) => profile,
        Err(problems) => return show(owned, News { typed: Some(typed), problems, ..News::default() }),
    };
    if profile.name != owned.app.name {
        match reads_like_a_reviewed_app(&owned.visit.server.store, &profile.name, Some(owned.app.id)).await {
            Ok(false) => {}
            Ok(true) => {
                let problems = vec![(ProfileField::Name, ProfileProblem::LookAlike)];
                return show(owned, News { typed: Some(typed), problems, ..News::default() });
            }
            Err(error) => return owned.visit.store_error(&error),
        }
    }
    let about = changed(&owned.app, &profile);
    if about.is_empty() {
        return back(owned.visit, &client_id, "saved");
    }
    let record = record(&owned, &about);
    match app_profile::save(&owned.visit.server.store, owned.app.id, &profile, &record).await {
        Ok(()) => back(owned.visit, &client_id, "saved"),
        Err(error) => owned.visit.store_error(&error),
    }
}

/// What a form with a file brought.
struct Upload {
    csrf: String,
    file: Result<Vec<u8>, LogoRefused>,
}

/// At most this many bytes of a part. More is read all the same and kept nowhere: a browser that is not heard to the end
/// shows no answer.
async fn bytes(mut field: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut bytes = Some(Vec::new());
    while let Some(piece) = field.chunk().await? {
        bytes = bytes.filter(|bytes| bytes.len() + piece.len() <= most);
        if let Some(bytes) = &mut bytes {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(bytes)
}

/// Reads a form with a file. `None`: no page of ours sends such a form.
async fn upload(mut parts: Multipart) -> Result<Option<Upload>, MultipartError> {
    let ticket = parts.next_field().await?.filter(|field| field.name() == Some("csrf"));
    let Some(ticket) = ticket else { return Ok(None) };
    let Some(csrf) = bytes(ticket, MAX_TICKET_BYTES).await?.and_then(|csrf| String::from_utf8(csrf).ok()) else {
        return Ok(None);
    };
    let file = match parts.next_field().await? {
        Some(field) if field.name() == Some("file") => bytes(field, MAX_LOGO_BYTES).await?.ok_or(LogoRefused::TooLarge),
        None => Err(LogoRefused::Missing),
        Some(_) => return Ok(None),
    };
    Ok(Some(Upload { csrf, file }))
}

/// `POST /dashboard/apps/{client_id}/profile/logo`.
pub async fn set_logo(
    visit: Visit,
    Path(client_id): Path<String>,
    parts: Result<Multipart, MultipartRejection>,
) -> Response {
    let owned = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let upload = match parts {
        Ok(parts) => upload(parts).await,
        Err(_) => Ok(None),
    };
    let upload = match upload {
        Ok(Some(upload)) => upload,
        // Nothing is done, so it need not be a page of ours that hears of it.
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return show(owned, News { no_logo: Some(LogoRefused::TooLarge), ..News::default() });
        }
        Ok(None) | Err(_) => return consent::bad_form(owned.visit),
    };
    if !owned.visit.is_from_our_page(Some(&owned.signed_in), Ticket::Account, Some(&upload.csrf)) {
        return consent::csrf_failed(owned.visit);
    }
    let drawn = match upload.file {
        Ok(file) => logo::draw(file).await,
        Err(why) => Err(why),
    };
    let logo = match drawn {
        Ok(logo) => logo,
        Err(why) => return show(owned, News { no_logo: Some(why), ..News::default() }),
    };
    let record = record(&owned, "logo");
    match logos::set(&owned.visit.server.store, owned.app.id, (logo.id, &logo.png), &record).await {
        Ok(()) => back(owned.visit, &client_id, "logo"),
        Err(error) => owned.visit.store_error(&error),
    }
}

/// `POST /dashboard/apps/{client_id}/profile/logo/remove`.
pub async fn remove_logo(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let owned = match posted(visit, &client_id, form).await {
        Ok((owned, _)) => owned,
        Err(answer) => return answer,
    };
    // Removed a moment ago, in another tab: the wish is fulfilled.
    if owned.app.about.logo.is_none() {
        return back(owned.visit, &client_id, "no-logo");
    }
    let record = record(&owned, "logo, removed");
    match logos::remove(&owned.visit.server.store, owned.app.id, &record).await {
        Ok(()) => back(owned.visit, &client_id, "no-logo"),
        Err(error) => owned.visit.store_error(&error),
    }
}
