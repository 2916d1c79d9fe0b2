//! An authorization request and every rule it must pass, in order (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 9700 §2.1).

use crate::app::App;
use crate::authorize::response::longest_redirect_bytes;
use crate::parameters::Parameters;
use crate::pkce::{ChallengeRefused, CodeChallenge};
use crate::profile::ErrorsGo;
use crate::redirect_uri::{RedirectUriRefused, RegisteredRedirectUri};
use crate::scope::{ScopeCatalogue, ScopeRefused, ScopeSet};

/// `state` is echoed byte for byte and is no longer than this.
pub const MAX_STATE_BYTES: usize = 4096;
/// A nonce travels inside the code and is no longer than this.
pub const MAX_NONCE_BYTES: usize = 256;
/// No redirect we assemble is longer than this: browsers and proxies cut longer ones.
const MAX_REDIRECT_BYTES: usize = 8192;

/// Why a request ends on a page and never at a redirect: who asks, or where the answer would go, is not proven
/// (RFC 6749 §4.1.2.1), or the profile's clients know the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PageReason {
    /// A required parameter was not sent.
    ParameterMissing(&'static str),
    /// A parameter was sent more than once.
    ParameterTwice(String),
    /// No app has this `client_id`.
    UnknownClient,
    /// The redirect URI equals no registered one.
    RedirectUriNotRegistered {
        /// The nearest registered one, for the developer.
        nearest: Option<String>,
    },
    /// Plain http to another host, or `localhost`.
    RedirectUriInsecure,
    /// `response_type` is not `code`.
    ResponseType,
    /// A scope that does not exist, or that this app may not ask for.
    Scope(ScopeRefused),
    /// `state` is longer than [`MAX_STATE_BYTES`].
    StateTooLong,
    /// The answer would be longer than 8 KiB.
    AnswerTooLong,
    /// Its makers or the operator switched the app off.
    AppPaused,
}

/// Why a request is sent back to the app with an error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RedirectReason {
    /// The person chose "Don't allow" (RFC 6749 §4.1.2.1 `access_denied`).
    Denied,
    /// No challenge, and this app must send one (RFC 9700 §2.1.1).
    ChallengeMissing,
    /// A challenge that is none, or `plain`.
    Challenge(ChallengeRefused),
    /// A required parameter was not sent.
    ParameterMissing(&'static str),
    /// A parameter was sent more than once.
    ParameterTwice,
    /// `response_type` is not `code`.
    ResponseType,
    /// A scope that does not exist, or that this app may not ask for.
    Scope(ScopeRefused),
    /// The nonce is longer than [`MAX_NONCE_BYTES`].
    NonceTooLong,
    /// Request objects are not read here (OpenID Connect Core §6.1).
    RequestObject,
    /// Request objects by reference are not read here (OpenID Connect Core §6.2).
    RequestObjectReference,
}

impl RedirectReason {
    /// The wire code (RFC 6749 §4.1.2.1).
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied => "access_denied",
            Self::ChallengeMissing
            | Self::Challenge(_)
            | Self::ParameterMissing(_)
            | Self::ParameterTwice
            | Self::NonceTooLong => "invalid_request",
            Self::ResponseType => "unsupported_response_type",
            Self::Scope(_) => "invalid_scope",
            Self::RequestObject => "request_not_supported",
            Self::RequestObjectReference => "request_uri_not_supported",
        }
    }

    /// A sentence for the app's developer; no user input in it (RFC 6749 §4.1.2.1 allows %x20-21, %x23-5B, %x5D-7E).
    pub const fn description(&self) -> &'static str {
        match self {
            Self::Denied => "The person did not allow the request",
            Self::ChallengeMissing => "This app must send code_challenge with code_challenge_method S256",
            Self::Challenge(ChallengeRefused::MethodNotS256) => "code_challenge_method must be S256",
            Self::Challenge(ChallengeRefused::Malformed { .. }) => "code_challenge must be 43 characters of base64url",
            Self::Challenge(ChallengeRefused::Missing) => "code_challenge_method was sent without code_challenge",
            Self::ParameterMissing(_) => "A required parameter is missing",
            Self::ParameterTwice => "A parameter was sent more than once",
            Self::ResponseType => "response_type must be code",
            Self::Scope(ScopeRefused::Unknown { .. }) => "A scope is unknown or not open to this app",
            Self::Scope(ScopeRefused::TooLarge) => "Too many scopes, or one that is too long",
            Self::NonceTooLong => "nonce is longer than 256 bytes",
            Self::RequestObject => "request is not supported",
            Self::RequestObjectReference => "request_uri is not supported",
        }
    }
}

/// A refusal, with where it goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// To a page of ours.
    Page(PageReason),
    /// Back to the app.
    Redirect {
        /// Proven.
        to: RegisteredRedirectUri,
        /// To be echoed.
        state: Option<String>,
        /// Why.
        reason: RedirectReason,
    },
}

/// A request that passed every check: what is kept while the person signs in and decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthorizationRequest {
    /// Where the answer goes.
    pub redirect_uri: RegisteredRedirectUri,
    /// What is asked for.
    pub scopes: ScopeSet,
    /// To be echoed byte for byte.
    pub state: Option<String>,
    /// The challenge that the verifier must meet.
    pub challenge: Option<CodeChallenge>,
    /// To be echoed in the ID token.
    pub nonce: Option<String>,
    /// The page is shown even if the same was allowed before.
    pub show_dialog: bool,
    /// Who is probably about to sign in: untrusted text.
    pub login_hint: Option<String>,
}

/// The app a request names. Checked before everything else, so that no error is ever sent to an unproven address.
pub fn client_id(parameters: &Parameters) -> Result<&str, PageReason> {
    for name in ["client_id", "redirect_uri"] {
        if parameters.all(name).count() > 1 {
            return Err(PageReason::ParameterTwice(name.to_owned()));
        }
    }
    parameters.get("client_id").ok_or(PageReason::ParameterMissing("client_id"))
}

/// Every rule for a request of `app`, in order.
pub fn check(parameters: &Parameters, app: &App, catalogue: &ScopeCatalogue) -> Result<AuthorizationRequest, Refused> {
    let page = |reason| Err(Refused::Page(reason));
    let policy = app.policy();

    // 1. Where the answer goes: nothing is sent anywhere before this is proven (RFC 6749 §10.15).
    let Some(requested_uri) = parameters.get("redirect_uri") else {
        return page(PageReason::ParameterMissing("redirect_uri"));
    };
    let redirect_uri = match app.resolve(requested_uri) {
        Ok(uri) => uri,
        Err(RedirectUriRefused::Insecure) => return page(PageReason::RedirectUriInsecure),
        Err(RedirectUriRefused::NotRegistered { nearest }) => {
            return page(PageReason::RedirectUriNotRegistered { nearest });
        }
    };
    if app.paused {
        return page(PageReason::AppPaused);
    }

    // 2. What is echoed must fit into the answer (a state sent twice has no one answer either).
    if parameters.all("state").count() > 1 {
        return page(PageReason::ParameterTwice("state".to_owned()));
    }
    let state = parameters.get("state").map(str::to_owned);
    if state.as_ref().is_some_and(|state| state.len() > MAX_STATE_BYTES) {
        return page(PageReason::StateTooLong);
    }
    if longest_redirect_bytes(&redirect_uri, state.as_deref()) > MAX_REDIRECT_BYTES {
        return page(PageReason::AnswerTooLong);
    }
    let to_app = |reason| Refused::Redirect { to: redirect_uri.clone(), state: state.clone(), reason };
    let refuse = |page: PageReason, redirect: RedirectReason| match policy.request_errors {
        ErrorsGo::ToPage => Err(Refused::Page(page)),
        ErrorsGo::ToApp => Err(to_app(redirect)),
    };

    // 3. Parameter pollution (RFC 6749 §3.1).
    if let Some(name) = parameters.duplicate() {
        return refuse(PageReason::ParameterTwice(name.to_owned()), RedirectReason::ParameterTwice);
    }

    // 4. Request objects would be a second copy of the request (RFC 9101 §5): refused, never ignored, where they mean
    // something; the Spotify API knows no such parameter and ignores unknown ones.
    if policy.knows_request_objects {
        if parameters.get("request").is_some() {
            return Err(to_app(RedirectReason::RequestObject));
        }
        if parameters.get("request_uri").is_some() {
            return Err(to_app(RedirectReason::RequestObjectReference));
        }
    }

    // 5. RFC 6749 §3.1.1.
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => return refuse(PageReason::ResponseType, RedirectReason::ResponseType),
        None => {
            let name = "response_type";
            return refuse(PageReason::ParameterMissing(name), RedirectReason::ParameterMissing(name));
        }
    }

    // 6. RFC 6749 §3.3.
    let scopes = match catalogue.parse(parameters.get("scope").unwrap_or_default()) {
        Ok(scopes) if app.scopes.is_none_or(|allowed| scopes.is_subset(allowed)) => scopes,
        Ok(scopes) => {
            let withheld = scopes.without(app.scopes.unwrap_or_default());
            let refused = ScopeRefused::Unknown { sent: catalogue.print(withheld), nearest: None };
            return refuse(PageReason::Scope(refused.clone()), RedirectReason::Scope(refused));
        }
        Err(refused) => return refuse(PageReason::Scope(refused.clone()), RedirectReason::Scope(refused)),
    };

    // 7. RFC 7636 §4.4.1; a public client without PKCE could have its code stolen (RFC 9700 §2.1.1).
    let challenge = CodeChallenge::parse(parameters.get("code_challenge"), parameters.get("code_challenge_method"))
        .map_err(|refused| to_app(RedirectReason::Challenge(refused)))?;
    if challenge.is_none() && app.needs_pkce() {
        return Err(to_app(RedirectReason::ChallengeMissing));
    }

    let nonce = parameters.get("nonce").map(str::to_owned);
    if nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE_BYTES) {
        return Err(to_app(RedirectReason::NonceTooLong));
    }
    Ok(AuthorizationRequest {
        redirect_uri,
        scopes,
        state,
        challenge,
        nonce,
        show_dialog: parameters.get("show_dialog").is_some_and(|value| value.eq_ignore_ascii_case("true")),
        login_hint: parameters.get("login_hint").map(|hint| hint.chars().take(254).collect()),
    })
}
