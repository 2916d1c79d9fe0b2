//! Answering an authorization request (RFC 6749 §4.1.2, OpenID Connect Core §3.2.2.5, §3.3.2.5): what was asked for or an
//! error, by redirect, by a page that leaves, or by a form that is posted.

use std::sync::Arc;

use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::app::App;
use keysig_core::authorize::{
    Answer, AuthorizationRequest, Departure, RedirectReason, ReplyTo, ResponseMode, redirect,
};
use keysig_core::consent::{self, Instance, Question, Shown, Until, of_login, question};
use keysig_core::grant::authorization_code::AuthorizationCode;
use keysig_core::grant::{Beginning, CarriedEpochs, Grant, Login, TokenBinding};
use keysig_core::id::{EventId, GrantId, LoginId, UserId};
use keysig_core::openid::claims::ClaimSet;
use keysig_core::openid::id_token::SignIn;
use keysig_core::redirect_uri::RegisteredRedirectUri;
use keysig_core::rng::random;
use keysig_core::scope::{Risk, ScopeSet};
use keysig_core::seal::sha256;
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;
use keysig_core::user::User;
use keysig_store::account_events::Happened;
use keysig_store::logins::{self, Inserted};
use keysig_store::{StoreError, grants, logout};

use crate::browser::{Browser, SignedIn};
use crate::mail::{self, Letter};
use crate::oauth::mint::{self, NotNow, Statement};
use crate::oauth::token::told_of;
use crate::pages::{ErrorPage, FormPostPage, LeavingPage};
use crate::people::passkeys::default_name;
use crate::people::words::of_scopes;
use crate::server::Server;
use crate::settings::Compat;
use crate::visit::Visit;

/// How an answer leaves: a 302 as the first hop's answer to GET, a page that leaves after any POST (Chromium applies
/// `form-action` to the whole redirect chain of a form).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// 302.
    Redirect,
    /// 200, "Returning to …".
    Page,
}

/// What to show this person for this request, given what they agreed to before.
pub async fn what_to_ask(
    server: &Server,
    app: &App,
    request: &AuthorizationRequest,
    signed_in: &SignedIn,
) -> Result<(Question, Option<Grant>), StoreError> {
    what_to_ask_of(server, app, request, signed_in.user.id).await
}

/// The same of somebody who is not there.
pub async fn what_to_ask_of(
    server: &Server,
    app: &App,
    request: &AuthorizationRequest,
    user: UserId,
) -> Result<(Question, Option<Grant>), StoreError> {
    let grant = grants::in_force(&server.store, user, app.id).await?;
    let instance = Instance {
        catalogue: &server.scopes(),
        confirms_public_apps: server.live().compat == Compat::Friendly,
        now: server.now(),
    };
    Ok((question(app, request, grant.as_ref(), instance), grant))
}

/// What somebody chose on the page, or nobody was asked.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The optional permissions they ticked.
    pub ticked: ScopeSet,
    /// How long it holds.
    pub until: Until,
}

impl Choice {
    /// What is required, until it is removed.
    pub const NONE: Self = Self { ticked: ScopeSet::EMPTY, until: Until::AsBefore };
}

/// Writes that the person agreed, and tells them. Two pages at once are no error: the second adds to the first.
pub async fn agree(
    server: &Server,
    browser: &Browser,
    (app, request): (&App, &AuthorizationRequest),
    user: &User,
    choice: Choice,
    now: Timestamp,
) -> Result<Grant, StoreError> {
    let before = grants::in_force(&server.store, user.id, app.id).await?.filter(|grant| !grant.has_ended(now));
    let seen = Shown::now(app, request, consent::wanted(request, before.as_ref()), &server.scopes());
    let wanted = Grant {
        id: GrantId::generate(now, &*server.rng),
        user: user.id,
        app: app.id,
        scopes: consent::agreed(app, request, choice.ticked),
        salt: random(&*server.rng),
        access_epoch: 1,
        login_epoch: 1,
        paused: false,
        removed_at: None,
        shown: seen.print(),
        created_at: now,
        last_used_at: now,
        expires_at: None,
    };
    let ends = before.as_ref().and_then(|before| before.expires_at);
    let most = server.live().consent_days;
    let until = most.map_or(choice.until, |days| choice.until.at_most(i64::from(days), ends, now));
    let told = Happened {
        id: EventId::generate(now, &*server.rng),
        event: AccountEvent::AppAllowed,
        about: app.name.clone(),
        address: browser.address.to_string(),
        user_agent: browser.user_agent.clone(),
    };
    let agreed = match grants::agree(&server.store, &wanted, until, &told).await {
        Err(StoreError::Conflict) => grants::agree(&server.store, &wanted, until, &told).await,
        other => other,
    };
    let agreed = agreed?;
    tell(server, app, user, browser, agreed.new).await;
    Ok(agreed.grant)
}

/// Writes to somebody that an app was allowed `new`, if any of it sees more than a little (ux B13). The agreement stands
/// whether or not the letter can be put on its way.
async fn tell(server: &Server, app: &App, user: &User, browser: &Browser, new: ScopeSet) {
    let scopes = server.scopes();
    let is_risky = |scope| scopes.entry(scope).is_some_and(|entry| entry.risk > Risk::Little);
    if !new.iter().any(is_risky) {
        return;
    }
    let lang = mail::lang_of(server, user, None);
    let words = lang.words("mail");
    let texts = of_scopes(&scopes, new, words.lang());
    let letter = Letter::AppConnected {
        app: &app.name,
        permissions: &texts.iter().map(|text| text.title).collect::<Vec<_>>(),
        browser: &default_name(lang, &browser.user_agent),
        at: &server.when(server.now()).full(words).plain(),
    };
    if let Err(error) = mail::queue_to(server, user, &letter).await {
        tracing::warn!(%error, "a letter about a new app was not put on its way");
    }
}

/// An agreement that an answer rests on.
pub struct Agreed<'a> {
    /// The app.
    pub app: &'a App,
    /// What it asked for.
    pub request: &'a AuthorizationRequest,
    /// Who agreed.
    pub signed_in: &'a SignedIn,
    /// To what.
    pub grant: &'a Grant,
    /// The login this becomes: fixed when the request arrived.
    pub login: LoginId,
    /// When it was answered; with the same time the code is the same.
    pub issued_at: Timestamp,
}

/// Why an agreement leads to no answer now.
pub enum Unanswered {
    /// The store cannot say.
    Store(StoreError),
    /// What it rests on was taken back, or cannot be signed, at this very moment: the person tries again.
    NotNow,
}

impl From<StoreError> for Unanswered {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NotNow> for Unanswered {
    fn from(NotNow: NotNow) -> Self {
        Self::NotNow
    }
}

impl Agreed<'_> {
    /// What stood when it was read.
    pub fn epochs(&self) -> CarriedEpochs {
        let (user, app) = (self.signed_in.user.epoch, self.app.epoch);
        CarriedEpochs { user, app, grant_login: self.grant.login_epoch }
    }

    /// How and, for OpenID Connect, where the person signed in.
    fn sign_in(&self) -> SignIn {
        let session = &self.signed_in.session;
        let is_openid = of_login(self.request, self.grant).is_openid();
        SignIn { auth_time: session.auth_time, amr: session.amr, session: is_openid.then_some(session.id) }
    }

    /// The code. Issuing it writes nothing.
    fn code(&self, server: &Server, to: &RegisteredRedirectUri) -> Secret {
        let Self { app, request, signed_in, grant, .. } = self;
        let code = AuthorizationCode {
            login: self.login,
            app: app.id,
            user: signed_in.user.id,
            grant: grant.id,
            redirect_uri_hash: sha256(to.as_str().as_bytes()),
            redirect_uri_sent: true,
            challenge: request.challenge,
            nonce: request.nonce.clone(),
            claims: request.claims,
            scopes: of_login(request, grant),
            auth_time: signed_in.session.auth_time,
            amr: signed_in.session.amr,
            session: signed_in.session.id,
            audience: request.audience,
            binding: TokenBinding::Bearer,
            response_type: request.response_type,
            user_epoch: signed_in.user.epoch,
            app_epoch: app.epoch,
            grant_login_epoch: grant.login_epoch,
            incarnation: server.codes.incarnation(),
            issued_at: self.issued_at,
            lifetime_seconds: app.policy().code_lifetime_seconds,
        };
        server.codes.seal(&code, &grant.salt)
    }

    /// An access token that goes through the browser is a login of its own, durable before it is sent, and never
    /// refreshed (RFC 6749 §4.2.2).
    async fn front_channel_token(&self, server: &Server) -> Result<(Secret, u32, ScopeSet), Unanswered> {
        let Self { app, request, signed_in, grant, .. } = self;
        let now = server.now();
        let rows = grants::standing(&server.store, grant.user, grant.app, grant.id).await?;
        let grant = rows.standing(now).check(self.epochs()).map_err(|_| Unanswered::NotNow)?;
        let scopes = of_login(request, grant).intersection(grant.scopes);
        let with = Beginning {
            id: self.login.of_front_channel(),
            user: grant.user,
            app: app.id,
            grant: grant.id,
            scopes,
            epochs: self.epochs(),
            sign_in: self.sign_in(),
            audience: request.audience,
            binding: TokenBinding::Bearer,
            claims: request.claims,
            expires_at: now.plus_seconds(i64::from(grant.access_token_lifetime_seconds(now))),
        };
        let login = Login::begin(with, server.refresh_tokens.current_key(now), now, &*server.rng);
        // The same consent posted twice is the same login, and each answer has a token of it.
        match logins::insert(&server.store, &login, told_of(app, &login)).await? {
            Inserted::New | Inserted::Before(_) => {}
            Inserted::SessionEnded => return Err(Unanswered::NotNow),
        }
        let token = mint::access_token(server, app, &login, (grant, &rows), scopes, Some(&signed_in.user))?;
        Ok((token, grant.access_token_lifetime_seconds(now), scopes))
    }

    /// Everything that was asked for, on its way.
    pub async fn answer(&self, server: &Arc<Server>) -> Result<Departure, Unanswered> {
        let Self { app, request, signed_in, grant, .. } = self;
        let ReplyTo::Redirect { uri, mode } = &request.reply_to else { return Err(Unanswered::NotNow) };
        let wanted = request.response_type;
        let code = wanted.has_code().then(|| self.code(server, uri));
        let token = match wanted.has_token() {
            true => Some(self.front_channel_token(server).await?),
            false => None,
        };
        let id_token = match wanted.has_id_token() {
            true => {
                let session = signed_in.session.id;
                if app.openid.wants_to_be_told()
                    && !logout::note_app(&server.store, signed_in.user.id, session, app.id).await?
                {
                    return Err(Unanswered::NotNow);
                }
                // What a scope brings is in the ID token only where there is no other place (Core §5.4).
                let allowed = ClaimSet::allowed_by(grant.scopes);
                let alone = !wanted.has_code() && !wanted.has_token();
                let by_scope = if alone { ClaimSet::allowed_by(request.scopes) } else { ClaimSet::default() };
                let shown = request.claims.id_token.union(by_scope).intersection(allowed);
                let statement = Statement {
                    sign_in: self.sign_in(),
                    nonce: request.nonce.as_deref(),
                    access_token: token.as_ref().map(|(token, ..)| token),
                    code: code.as_ref(),
                    shown,
                };
                Some(mint::id_token(server, app, &signed_in.user, &statement)?)
            }
            false => None,
        };
        let scope = token.as_ref().map(|(.., scopes)| server.scopes().print(*scopes)).unwrap_or_default();
        let answer = Answer::Granted {
            code: code.as_ref(),
            access_token: token.as_ref().map(|(token, seconds, _)| (token, *seconds, scope.as_str())),
            id_token: id_token.as_deref(),
        };
        server.note_redirect_uri(app, uri.as_str());
        Ok(redirect(uri, *mode, &answer, request.state.as_deref(), issuer(server, app)))
    }
}

/// The issuer, where the app's policy names it (RFC 9207 §2).
fn issuer<'a>(server: &'a Server, app: &App) -> Option<&'a str> {
    app.policy().sends_iss.then_some(server.settings.public_url.as_str())
}

/// What carries a refusal to the app.
pub fn refusal(
    server: &Server,
    app: &App,
    (to, mode): (&RegisteredRedirectUri, ResponseMode),
    state: Option<&str>,
    reason: &RedirectReason,
) -> Departure {
    let described = app.policy().describes_errors_to_apps;
    redirect(to, mode, &Answer::Error { reason, described }, state, issuer(server, app))
}

/// Sends the browser to the app.
pub fn leave(visit: Visit, app: &App, departure: Departure, by: By) -> Response {
    if visit.wants_json() {
        return visit.json(
            200,
            &match departure {
                Departure::Address(address) => serde_json::json!({ "redirect_to": address }),
                Departure::Form { action, fields } => {
                    let fields: serde_json::Map<_, _> =
                        fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
                    serde_json::json!({ "post_to": action, "fields": fields })
                }
            },
        );
    }
    let chrome = visit.chrome(None, None);
    match departure {
        Departure::Address(address) if by == By::Redirect => return visit.found(&address),
        Departure::Address(address) => {
            if let Some(page) = LeavingPage::new(chrome, app.name.clone(), address) {
                return visit.page(200, &page);
            }
        }
        Departure::Form { action, fields } => {
            if let Some(page) = FormPostPage::new(chrome, app.name.clone(), action, fields) {
                let origin = page.post_origin().to_owned();
                return visit.page_reaching(200, &page, "form-action", &[origin]);
            }
        }
    }
    let page = ErrorPage::internal(visit.chrome(None, None));
    visit.error(&page)
}
