//! Proofs by mail: a link and six digits that say the same, for sign-up, forgotten passwords and new addresses. Opening a
//! link proves nothing, since scanners of mail open it, too; only the form behind it does.

use std::net::IpAddr;

use axum::response::Response;
use keysig_core::id::{ProofId, UserId};
use keysig_core::mail::{self, Purpose, digits_mac, new_digits, parse_link, print_link, secret_mac, typed_digits};
use keysig_core::rng::random;
use keysig_core::secret::{Secret, constant_time_eq};
use keysig_store::mail_proofs::{self, Proof, Tried};
use keysig_store::{StoreError, Write};

use crate::language::Lang;
use crate::mail::{Letter, queued};
use crate::people::guesses::Guess;
use crate::server::{Server, address_block};
use crate::visit::Visit;

/// A proof that somebody is about to be sent.
pub struct Made {
    /// The row.
    pub row: Proof,
    /// What stands in the link.
    pub link: Secret,
    /// The digits.
    pub digits: Secret,
}

impl Made {
    /// Makes one.
    pub fn new(server: &Server, purpose: Purpose, email: &str, user: Option<UserId>, body: String) -> Self {
        let (rng, key, now) = (&*server.rng, server.mail_keys.lasting(), server.now());
        let id = ProofId::generate(now, rng);
        let (secret, digits) = (Secret::generate(rng), new_digits(rng));
        let row = Proof {
            id,
            purpose,
            email: email.to_owned(),
            user,
            secret_mac: secret_mac(&key, purpose, id, &secret),
            digits_mac: digits_mac(&key, purpose, id, &digits),
            tries: 0,
            body,
            expires_at: now.plus_seconds(purpose.lifetime_seconds()),
            used_at: None,
        };
        Self { row, link: Secret::new(print_link(id, &secret)), digits }
    }

    /// The row, if a mail goes to somebody by it; else that of a proof that nobody can show, since what nobody was sent could
    /// only be guessed: no more tries than mails that its owner sees.
    pub fn row_if(&self, mails: bool, server: &Server) -> Proof {
        if mails { self.row.clone() } else { self.that_nobody_can_show(server) }
    }

    /// The row of a proof that nobody can show: what is asked about an address that has none looks the same, and wrong
    /// digits get the same answers (enumeration).
    pub fn that_nobody_can_show(&self, server: &Server) -> Proof {
        Proof { secret_mac: random(&*server.rng), digits_mac: random(&*server.rng), ..self.row.clone() }
    }
}

/// Writes a proof and the mail about it together. A mail to nobody takes as long.
pub async fn send(
    server: &Server,
    row: &Proof,
    to: Option<&str>,
    lang: Lang,
    letter: &Letter<'_>,
) -> Result<(), StoreError> {
    let write = Write::one(mail_proofs::insertion(row)).and(queued(server, to, lang, letter));
    server.store.write(write).await?;
    server.mails.notify_one();
    Ok(())
}

/// Counts a mail before it is written. `Ok(false)`: the address gets no more for now, which nobody is told, since it would
/// tell who else writes to it. `Err`: whoever asks has asked for too many, and waits for that many seconds.
pub fn count_mail(server: &Server, to: &str, from: IpAddr) -> Result<bool, u32> {
    let now = server.now();
    let _counted = server.mails_from.try_once(address_block(from), now)?;
    Ok(server.mails_to.try_once(to.to_owned(), now).is_ok())
}

/// The open proof that a link holds, if its secret is right.
pub async fn by_link(server: &Server, purpose: Purpose, text: &str) -> Result<Option<Proof>, StoreError> {
    let Some((id, secret)) = parse_link(text) else { return Ok(None) };
    let right = secret_mac(&server.mail_keys.lasting(), purpose, id, &secret);
    let found = mail_proofs::find(&server.store, id, purpose).await?;
    Ok(found.filter(|proof| proof.is_open(server.now()) && constant_time_eq(&proof.secret_mac, &right)))
}

/// The proof whose digits are asked for, by the id in an address or a form.
pub async fn by_id(server: &Server, purpose: Purpose, text: Option<&str>) -> Result<Option<Proof>, StoreError> {
    match text.and_then(ProofId::parse) {
        Some(id) => mail_proofs::find(&server.store, id, purpose).await,
        None => Ok(None),
    }
}

/// Why digits do not do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeError {
    /// Not these.
    Wrong,
    /// No digits do any more: too many were wrong, or it is over.
    Closed,
    /// Too many tries from here, or at this account.
    Throttled {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
}

/// Compares digits; each try counts for the proof, for the account and for where it comes from.
pub async fn check_digits(visit: &Visit, proof: &Proof, typed: &str) -> Result<Result<(), CodeError>, StoreError> {
    let server = &visit.server;
    // No six digits: there is nothing to compare.
    let Some(digits) = typed_digits(typed) else { return Ok(Err(CodeError::Wrong)) };
    let guess = match Guess::count(server, proof.email.clone(), visit.peer) {
        Ok(guess) => guess,
        Err(seconds) => return Ok(Err(CodeError::Throttled { retry_after_seconds: u64::from(seconds) })),
    };
    let shown = mail::digits_mac(&server.mail_keys.lasting(), proof.purpose, proof.id, &digits);
    Ok(match mail_proofs::try_digits(&server.store, proof, &shown, server.now()).await? {
        Tried::Right => {
            guess.take_back(server);
            Ok(())
        }
        Tried::Wrong => Err(CodeError::Wrong),
        Tried::Closed => {
            guess.take_back(server);
            Err(CodeError::Closed)
        }
    })
}

/// A request's id as it may stand in an address of ours; nothing else ever does.
pub fn checked_tx(tx: Option<&str>) -> Option<String> {
    tx.filter(|tx| !tx.is_empty() && tx.bytes().all(|byte| byte.is_ascii_hexdigit())).map(str::to_owned)
}

/// On to the page that takes the digits.
pub fn ask_for_digits(visit: Visit, page: &str, id: ProofId, tx: Option<&str>) -> Response {
    let tx = checked_tx(tx).map(|tx| format!("&tx={tx}")).unwrap_or_default();
    visit.see_other(&format!("{page}?proof={id}{tx}"))
}
