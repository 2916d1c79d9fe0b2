//! The review of an app: what a reviewer sees, asks and decides.

use std::sync::Arc;

use keysig_core::app::{App, Review as Found};
use keysig_core::audit::AuditAction;
use keysig_core::encoding::hex;
use keysig_core::id::EventId;
use keysig_core::review::{ReviewState, Side};
use keysig_core::seal::sha256;
use keysig_core::user::Role;
use keysig_store::reviews::{self, Line, Message, Review, Step};
use url::Url;

use super::{ActionRefused, Actor, apps};
use crate::mail::Letter;
use crate::outbound::Outbound;
use crate::register::checked_words;
use crate::server::Server;

/// A message is no longer than this many characters.
pub const MAX_MESSAGE_CHARS: usize = 2000;
/// Where an app's home page names the app.
pub const HOST_FILE: &str = "/.well-known/keysig-app.txt";

/// An app under review.
pub struct Dossier {
    /// It.
    pub app: Arc<App>,
    /// Where its review stands, if anybody ever asked for one.
    pub review: Option<Review>,
    /// What both sides wrote, the oldest first.
    pub messages: Vec<Message>,
}

/// What a reviewer decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Something is to be known or mended first.
    Ask,
    /// It is good.
    Approve,
    /// It is not.
    Refuse,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ask, Self::Approve, Self::Refuse];

    /// Its name in addresses and programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Approve => "approve",
            Self::Refuse => "refuse",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// Who may.
    pub const fn needs(self) -> Role {
        match self {
            Self::Ask => Role::Support,
            Self::Approve | Self::Refuse => Role::Operator,
        }
    }

    const fn state(self) -> ReviewState {
        match self {
            Self::Ask => ReviewState::AskedBack,
            Self::Approve => ReviewState::Approved,
            Self::Refuse => ReviewState::Refused,
        }
    }
}

/// The apps whose review is not over.
pub async fn open(server: &Server, actor: &Actor) -> Result<Vec<Line>, ActionRefused> {
    actor.needs(Role::Viewer)?;
    Ok(reviews::open(&server.store).await?)
}

/// An app under review.
pub async fn find(server: &Server, actor: &Actor, client_id: &str) -> Result<Dossier, ActionRefused> {
    actor.needs(Role::Viewer)?;
    let app = apps::find(server, client_id).await?;
    let review = reviews::of_app(&server.store, app.id).await?;
    let messages = reviews::messages(&server.store, app.id).await?;
    Ok(Dossier { app, review, messages })
}

/// A name for what a reviewer saw: an approval carries it, so that nothing else is approved.
pub fn seen(app: &App) -> String {
    hex(&sha256(app.reviewable().as_bytes()))
}

fn words(typed: &str) -> Result<Option<String>, ActionRefused> {
    let problem = match checked_words(typed, MAX_MESSAGE_CHARS) {
        Ok(words) => return Ok(Some(words).filter(|words| !words.is_empty())),
        Err(problem) => problem.to_owned(),
    };
    Err(ActionRefused::Invalid { field: "words", problem })
}

/// Answers the makers of an app. A question and a refusal say why; an approval is of what [`seen`] names.
pub async fn decide(
    server: &Server,
    actor: &Actor,
    client_id: &str,
    (verdict, seen_then): (Verdict, &str),
    typed: &str,
) -> Result<(), ActionRefused> {
    actor.needs(verdict.needs())?;
    let Dossier { app, review, .. } = find(server, actor, client_id).await?;
    let words = words(typed)?;
    let problem = match verdict {
        Verdict::Ask if words.is_none() => Some("Say what you want to know."),
        Verdict::Refuse if words.is_none() => Some("Say why: its developer reads it."),
        _ => None,
    };
    if let Some(problem) = problem {
        return Err(ActionRefused::Invalid { field: "words", problem: problem.to_owned() });
    }
    if verdict == Verdict::Approve && seen_then != seen(&app) {
        return Err(ActionRefused::Conflict("The app has changed since you looked at it. Look again.".to_owned()));
    }
    let now = server.now();
    let message = words.map(|words| {
        let id = EventId::generate(now, &*server.rng);
        Message { id, side: Side::Operator, words, at: now }
    });
    let found = Found { at: now, of: app.reviewable() };
    let step = Step {
        app: app.id,
        before: review.map(|review| review.state),
        after: verdict.state(),
        message: message.as_ref(),
        found: match verdict {
            Verdict::Approve => Some(Some(&found)),
            Verdict::Refuse => Some(None),
            Verdict::Ask => None,
        },
        now,
    };
    let mut record = actor.record(server, AuditAction::ReviewAnswered, verdict.state().name());
    (record.app, record.user) = (Some(app.id), app.owner);
    if !reviews::step(&server.store, &step, &record).await? {
        return Err(ActionRefused::Conflict("Somebody else answered meanwhile. Look again.".to_owned()));
    }
    let letter = Letter::Reviewed { app: &app.name, client_id: &app.client_id, verdict };
    Ok(apps::tell_owner(server, &app, &letter).await?)
}

/// Whether the host of an app's home page says that it is the app's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostCheck {
    /// There is no home page.
    NoHomepage,
    /// The file is there and names the app.
    Named,
    /// The file is there and does not.
    NotNamed,
    /// The file cannot be had, and why.
    NoFile(String),
}

/// Asks the host of an app's home page for the file that names its apps, one client ID a line.
pub async fn check_host(server: &Server, actor: &Actor, client_id: &str) -> Result<HostCheck, ActionRefused> {
    actor.needs(Role::Support)?;
    let app = apps::find(server, client_id).await?;
    let Some(file) = app.homepage.as_deref().and_then(host_file) else { return Ok(HostCheck::NoHomepage) };
    let asked = match Outbound::new(server.settings.test_mode) {
        Ok(outbound) => outbound.get(file.as_str(), None).await,
        Err(error) => Err(error),
    };
    Ok(match asked {
        Ok(body) if names(&body, &app.client_id) => HostCheck::Named,
        Ok(_) => HostCheck::NotNamed,
        Err(error) => HostCheck::NoFile(error.to_string()),
    })
}

fn names(body: &[u8], client_id: &str) -> bool {
    String::from_utf8_lossy(body).lines().any(|line| line.trim() == client_id)
}

/// Where the host of this home page says whose it is.
pub fn host_file(homepage: &str) -> Option<Url> {
    let mut url = Url::parse(homepage).ok().filter(|url| url.has_host())?;
    url.set_path(HOST_FILE);
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_at_the_host_of_the_home_page() {
        let file = |homepage| host_file(homepage).map(String::from);
        let there = "https://peek.example:8443/.well-known/keysig-app.txt";
        assert_eq!(file("https://peek.example:8443/a/b?c=d#e").as_deref(), Some(there));
        assert_eq!(file("mailto:ada@peek.example"), None);
        assert!(names(b"other\r\nabc123 \n", "abc123") && !names(b"abc1234\nxabc123", "abc123"));
    }
}
