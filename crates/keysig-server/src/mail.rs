//! Mail to people: written here, kept sealed in the store, delivered by a task of its own. No request waits for a mail
//! server, so that it takes the same time whether or not there was somebody to write to (`docs/sign-up.md`).

mod delivery;
mod letter;
mod smtp;

pub use delivery::{deliver, deliver_due};
pub use letter::{Letter, Letterhead};
pub use smtp::{MailRefused, MailSettings, Transport};

use keysig_core::id::MailId;
use keysig_core::time::Timestamp;
use keysig_core::user::User;
use keysig_store::mails::{self, Mail};
use keysig_store::{Statement, StoreError};
use serde::{Deserialize, Serialize};

use crate::language::Lang;
use crate::server::Server;

/// A mail as it is kept: all of it is text, no header is made of it before [`smtp`] does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The address; none where nobody is written to and nobody may notice.
    pub to: Option<String>,
    /// In one line.
    pub subject: String,
    /// The whole text.
    pub text: String,
    /// Its language, a tag of ours.
    pub lang: String,
}

fn about(id: MailId) -> String {
    format!("mails|message|{id}")
}

/// Puts a letter on its way.
pub async fn queue(server: &Server, to: &str, lang: Lang, letter: &Letter<'_>) -> Result<(), StoreError> {
    let statement = queued(server, Some(to), lang, letter);
    server.store.write(keysig_store::Write::one(statement)).await?;
    server.mails.notify_one();
    Ok(())
}

/// Puts a letter on its way to the owner of an account, in their language.
pub async fn queue_to(server: &Server, user: &User, letter: &Letter<'_>) -> Result<(), StoreError> {
    queue(server, &user.email, lang_of(server, user, None), letter).await
}

/// The language in which somebody is written to: the one they chose, else that of the request.
pub fn lang_of(server: &Server, user: &User, of_request: Option<Lang>) -> Lang {
    let chosen = user.locale.as_deref().and_then(Lang::from_tag);
    let usual = server.settings.languages.first().copied();
    chosen.or(of_request).or(usual).unwrap_or_default()
}

/// As whom we write.
pub fn letterhead(server: &Server) -> Letterhead {
    Letterhead { brand: server.live().brand.clone(), public_url: server.settings.public_url.clone() }
}

/// The statement that puts a letter on its way, as part of another write; ring `server.mails` when it is done. To nobody
/// it costs the same time and goes nowhere: so requests about unknown addresses take as long as others.
pub fn queued(server: &Server, to: Option<&str>, lang: Lang, letter: &Letter<'_>) -> Statement {
    let now = server.now();
    let id = MailId::generate(now, &*server.rng);
    let (subject, text) = letter.write(&letterhead(server), lang);
    let post = Post { to: to.map(str::to_owned), subject, text, lang: lang.tag().to_owned() };
    // Strings alone: this cannot fail.
    let plain = serde_json::to_vec(&post).unwrap_or_default();
    mails::insertion(id, server.column_keys.seal_column(about(id).as_bytes(), plain, &*server.rng), now)
}

/// Opens a mail; nothing if it was sealed with another master key.
pub fn open(server: &Server, mail: &Mail) -> Option<Post> {
    let plain = server.column_keys.open_column(about(mail.id).as_bytes(), &mail.message)?;
    serde_json::from_slice(&plain).ok()
}

/// A mail that waits, for the inbox of `keysig dev` and for tests.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its id.
    pub id: MailId,
    /// When it was written.
    pub at: Timestamp,
    /// To whom.
    pub to: String,
    /// What it says.
    pub post: Post,
}

fn waiting(server: &Server, mail: &Mail) -> Option<Waiting> {
    let post = open(server, mail)?;
    Some(Waiting { id: mail.id, at: mail.id.made_at(), to: post.to.clone()?, post })
}

/// The mails that wait, newest first, those to nobody left out.
pub async fn inbox(server: &Server) -> Result<Vec<Waiting>, StoreError> {
    const SHOWN: u32 = 100;
    let newest = mails::newest(&server.store, SHOWN).await?;
    Ok(newest.iter().filter_map(|mail| waiting(server, mail)).collect())
}

/// One of them.
pub async fn in_inbox(server: &Server, id: MailId) -> Result<Option<Waiting>, StoreError> {
    Ok(mails::find(&server.store, id).await?.and_then(|mail| waiting(server, &mail)))
}

#[cfg(test)]
mod tests;
