//! Every reason an authorization request is refused for, and its wire code (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).

use crate::authorize::response_type::ResponseMode;
use crate::pkce::ChallengeRefused;
use crate::redirect_uri::RegisteredRedirectUri;
use crate::scope::ScopeRefused;

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
    /// `response_type` is none that exists here.
    ResponseType,
    /// A response type that puts tokens into the browser, and the app's legacy flows are off (RFC 9700 §2.1.2).
    LegacyFlowsOff,
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
    /// `response_type` is none that exists here.
    ResponseType,
    /// A response type that puts tokens into the browser, and the app's legacy flows are off (RFC 9700 §2.1.2).
    LegacyFlowsOff,
    /// `response_mode` does not exist, or would put tokens into a query (Multiple Response Types §5).
    ResponseMode,
    /// An ID token was asked for without the scope `openid` (OpenID Connect Core §3.1.2.1).
    OpenIdMissing,
    /// A scope that does not exist, or that this app may not ask for.
    Scope(ScopeRefused),
    /// An ID token that comes through the browser needs a nonce (OpenID Connect Core §3.2.2.1, §3.3.2.11).
    NonceMissing,
    /// The nonce is longer than [`MAX_NONCE_BYTES`].
    NonceTooLong,
    /// Request objects are not read here (OpenID Connect Core §6.1).
    RequestObject,
    /// Request objects by reference are not read here (OpenID Connect Core §6.2).
    RequestObjectReference,
    /// Nor are registrations within a request (OpenID Connect Core §7.2.1).
    Registration,
    /// `prompt` has an unknown value, or `none` beside another (OpenID Connect Core §3.1.2.1).
    Prompt,
    /// `max_age` is no number of seconds.
    MaxAge,
    /// `claims` is not the JSON that OpenID Connect Core §5.5 asks for.
    Claims,
    /// `id_token_hint` is no ID token of ours for this app (OpenID Connect Core §3.1.2.1).
    Hint,
    /// The ways of signing in that alone would do do not exist here (OpenID Connect Core §5.5.1.1).
    AcrUnmet,
    /// `resource` names no API, or more than one (RFC 8707 §2).
    Target,
    /// `prompt=none`, and nobody is signed in, or not recently enough, or somebody else (OpenID Connect Core §3.1.2.6).
    LoginRequired,
    /// `prompt=none`, and the person has not agreed to this.
    ConsentRequired,
    /// `prompt=none`, and the person must be shown something else.
    InteractionRequired,
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
            | Self::ResponseMode
            | Self::OpenIdMissing
            | Self::NonceMissing
            | Self::NonceTooLong
            | Self::Prompt
            | Self::MaxAge
            | Self::Claims
            | Self::Hint => "invalid_request",
            Self::ResponseType | Self::LegacyFlowsOff => "unsupported_response_type",
            Self::Scope(_) => "invalid_scope",
            Self::RequestObject => "request_not_supported",
            Self::RequestObjectReference => "request_uri_not_supported",
            Self::Registration => "registration_not_supported",
            Self::AcrUnmet => "unmet_authentication_requirements",
            Self::Target => "invalid_target",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
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
            Self::LegacyFlowsOff => {
                "Tokens in addresses leak through histories and logs: use response_type code with PKCE, or switch legacy \
                 flows on for this app"
            }
            Self::ResponseMode => "response_mode must be query, fragment or form_post, and not query for tokens",
            Self::OpenIdMissing => "An ID token needs the scope openid",
            Self::NonceMissing => "An ID token that comes through the browser needs a nonce",
            Self::Scope(ScopeRefused::Unknown { .. }) => "A scope is unknown or not open to this app",
            Self::Scope(ScopeRefused::TooLarge) => "Too many scopes, or one that is too long",
            Self::NonceTooLong => "nonce is longer than 256 bytes",
            Self::RequestObject => "request is not supported",
            Self::RequestObjectReference => "request_uri is not supported",
            Self::Registration => "registration is not supported",
            Self::Prompt => "prompt must be none alone, or some of login, consent and select_account",
            Self::MaxAge => "max_age must be a number of seconds",
            Self::Claims => "claims must be a JSON object with the members id_token and userinfo",
            Self::Hint => "id_token_hint must be an ID token that this server issued to this app",
            Self::AcrUnmet => "The demanded acr does not exist here, or the person has no second step",
            Self::Target => "resource must name one API that this server issues tokens for",
            Self::LoginRequired => "Nobody is signed in, or not recently enough, or somebody else",
            Self::ConsentRequired => "The person has not agreed to this yet",
            Self::InteractionRequired => "The person must be shown a page",
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
        /// How.
        mode: ResponseMode,
        /// To be echoed.
        state: Option<String>,
        /// Why.
        reason: RedirectReason,
    },
}
