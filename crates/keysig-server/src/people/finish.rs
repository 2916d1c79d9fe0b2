//! The one end of every way of signing in: whoever has shown who they are is signed in, or asked for more.

use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::grant::Amr;
use keysig_core::id::{EventId, UserId};
use keysig_core::user::User;
use keysig_store::account_events::{self, Happened};
use keysig_store::{StoreError, Write};

use crate::browser::SignedIn;
use crate::mail::{Letter, lang_of, queue};
use crate::oauth::pending::{self, Found};
use crate::pages::SignInError;
use crate::people::second_step::{self, Due};
use crate::people::{confirm_email, passkeys, sign_in, upstream};
use crate::visit::Visit;

/// Ends a way of signing in. `amr` is how `user` has shown who they are, here and now; `tx` is the request that waits, as it
/// was sent.
pub async fn finish(visit: Visit, user: &User, amr: Amr, tx: Option<&str>) -> Response {
    if user.disabled {
        // Said only to whoever has shown that the account is theirs.
        return sign_in::show(visit, tx.map(str::to_owned), user.email.clone(), Some(SignInError::Closed)).await;
    }
    if confirm_email::is_due(&visit, user) {
        return confirm_email::ask(visit, user, amr, tx).await;
    }
    match second_step::due(&visit, user, amr).await {
        Ok(Due::Nothing(amr)) => begin(visit, user, amr, tx).await,
        Ok(Due::Code) => second_step::ask(visit, user, amr, tx).await,
        Err(error) => visit.store_error(&error),
    }
}

/// The same after a sign-up or a recovery, where a passkey is offered on the way on to whoever has none.
pub async fn finish_with_offer(visit: Visit, user: &User, amr: Amr, tx: Option<&str>) -> Response {
    match second_step::due(&visit, user, amr).await {
        Ok(Due::Nothing(amr)) if !user.disabled => match start(visit, user, amr, tx).await {
            Ok(visit) => passkeys::offer_on_the_way(visit, user, tx).await,
            Err(answer) => answer,
        },
        _ => finish(visit, user, amr, tx).await,
    }
}

/// Begins the session of somebody of whom nothing more is asked, and goes on.
pub(super) async fn begin(visit: Visit, user: &User, amr: Amr, tx: Option<&str>) -> Response {
    match start(visit, user, amr, tx).await {
        Ok(visit) => go_on(visit, tx),
        Err(answer) => answer,
    }
}

/// Begins the session. `Err`: somebody on the way to link an account elsewhere goes there first, or the store did not answer.
async fn start(mut visit: Visit, user: &User, amr: Amr, tx: Option<&str>) -> Result<Visit, Response> {
    let begun = async {
        let (_, cookies) = visit.browser.sign_in(&visit.server, user, amr).await?;
        let happened = visit.happened(AccountEvent::SignedIn, &amr.methods().join(" "));
        account_events::add(&visit.server.store, user.id, &happened).await?;
        // Whoever signs in has chosen an account by that.
        if let Some(tx) = tx
            && let Found::Waiting(waiting) = pending::find(&visit.server, &visit.browser, tx).await?
            && waiting.request.prompt.select_account
        {
            pending::account_chosen(&visit.server, &waiting).await?;
        }
        Ok(cookies)
    };
    match begun.await {
        Ok(cookies) => {
            visit.server.sign_ins.succeeded(&user.email);
            cookies.into_iter().for_each(|cookie| visit.set_cookie(cookie));
            match upstream::linking::is_wanted(&visit).await {
                Ok(true) => Err(visit.see_other(upstream::linking::PATH)),
                Ok(false) => Ok(visit),
                Err(error) => Err(visit.store_error(&error)),
            }
        }
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// Goes on with the session at hand, in which more was shown than before. Apps are told the time of its first step.
pub(super) async fn strengthen(mut visit: Visit, signed_in: SignedIn, amr: Amr, tx: Option<&str>) -> Response {
    match visit.browser.confirm(&visit.server, signed_in, amr).await {
        Ok(Some((signed_in, cookie))) => {
            visit.server.sign_ins.succeeded(&signed_in.user.email);
            visit.set_cookie(cookie);
            go_on(visit, tx)
        }
        Ok(None) => visit.see_other("/login"),
        Err(error) => visit.store_error(&error),
    }
}

/// Where a signed-in person goes on: to the request that waits for them, or to their account.
pub fn go_on(visit: Visit, tx: Option<&str>) -> Response {
    match tx {
        // Only an id of ours ever becomes part of the address (open redirect).
        Some(tx) if !tx.is_empty() && tx.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            visit.see_other(&format!("/consent?tx={tx}"))
        }
        _ => visit.go_on(),
    }
}

impl Visit {
    /// Something that happened to an account by this request.
    pub fn happened(&self, event: AccountEvent, about: &str) -> Happened {
        Happened {
            id: EventId::generate(self.server.now(), &*self.server.rng),
            event,
            about: about.to_owned(),
            address: self.browser.address.to_canonical().to_string(),
            user_agent: self.browser.user_agent.clone(),
        }
    }

    /// Writes to an account's owner of a change that was made. The change stands: where the mail cannot be written, that is
    /// said in the log alone.
    pub async fn write_to(&self, user: &User, letter: &Letter<'_>) {
        let server = &self.server;
        if server.settings.sends_mail()
            && let Err(error) = queue(server, &user.email, lang_of(server, user, Some(self.lang)), letter).await
        {
            tracing::warn!(%error, "a change was made, and its owner gets no mail");
        }
    }

    /// Does a write, and tells the account's owner of it in the same transaction.
    pub async fn write_and_tell(&self, user: UserId, write: Write, happened: &Happened) -> Result<(), StoreError> {
        self.server.store.write(write.and(account_events::insertion(user, happened))).await.map(|_| ())
    }
}
