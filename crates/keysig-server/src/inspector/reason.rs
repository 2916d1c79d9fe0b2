//! Every reason for which a request of an app is refused, under one name each: the rules' own enums are turned into these
//! by closed matches, so that no refusal is without words (`locales/en/inspector-reasons.ftl`).

use keysig_core::authorize::{PageReason, RedirectReason};
use keysig_core::client_authentication::ClientRefused;
use keysig_core::feed::Revoked;
use keysig_core::grant::StandingLost;
use keysig_core::grant::authorization_code::CodeRefused;
use keysig_core::grant::device_code::DeviceRefused;
use keysig_core::grant::refresh_token::RefreshRefused;
use keysig_core::pkce::ChallengeRefused;
use keysig_core::scope::{ScopeCatalogue, ScopeRefused};
use keysig_core::token_error::TokenRefused;
use keysig_guard::{Denied, SignInWanted};
use serde::{Deserialize, Serialize};

use crate::api::ApiError;
use crate::oauth::admission::NotAdmitted;
use crate::quota::Quota;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum $name { $($(#[$of])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in columns and in the files of words.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// From a column.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}

named! {
    /// Why a request was refused. Names are stored: they never change.
    Reason {
        /// No app has this client ID.
        UnknownClient = "unknown-client",
        /// A required parameter is missing.
        ParameterMissing = "parameter-missing",
        /// A parameter came twice.
        ParameterTwice = "parameter-twice",
        /// The redirect URI is none of the app's.
        RedirectUriNotRegistered = "redirect-uri-not-registered",
        /// It would go over the network in clear, or is `localhost`.
        RedirectUriInsecure = "redirect-uri-insecure",
        /// The app is switched off.
        AppPaused = "app-paused",
        /// `state` is too long.
        StateTooLong = "state-too-long",
        /// The answer would be too long.
        AnswerTooLong = "answer-too-long",
        /// No such response type.
        ResponseType = "response-type",
        /// Tokens in the front channel, which this app may not have.
        LegacyFlowsOff = "legacy-flows-off",
        /// No such response mode, or none for tokens.
        ResponseMode = "response-mode",
        /// No such scope.
        ScopeUnknown = "scope-unknown",
        /// A scope that this app does not have.
        ScopeNotEnabled = "scope-not-enabled",
        /// Too many scopes.
        TooManyScopes = "too-many-scopes",
        /// An ID token without the scope for it.
        OpenIdMissing = "openid-missing",
        /// No PKCE challenge.
        ChallengeMissing = "challenge-missing",
        /// A challenge by another method.
        ChallengeMethod = "challenge-method",
        /// A challenge that is none.
        ChallengeMalformed = "challenge-malformed",
        /// A method and no challenge.
        ChallengeMethodAlone = "challenge-method-alone",
        /// No nonce where one must be.
        NonceMissing = "nonce-missing",
        /// A nonce that is too long.
        NonceTooLong = "nonce-too-long",
        /// A request object.
        RequestObject = "request-object",
        /// A request object elsewhere.
        RequestObjectReference = "request-object-reference",
        /// A registration within the request.
        Registration = "registration",
        /// `prompt` with something unknown in it.
        Prompt = "prompt",
        /// `max_age` that is no number.
        MaxAge = "max-age",
        /// `claims` that is no such JSON.
        Claims = "claims",
        /// An `id_token_hint` that is none of the app's.
        Hint = "hint",
        /// A class of sign-in that does not exist here.
        AcrUnmet = "acr-unmet",
        /// An API that does not exist here.
        Target = "target",
        /// Nobody may be asked, and nobody is signed in.
        LoginRequired = "login-required",
        /// Nobody may be asked, and there is something to ask.
        ConsentRequired = "consent-required",
        /// Nothing may be shown, and there is something to show.
        InteractionRequired = "interaction-required",
        /// The person said no.
        Denied = "denied",
        /// The app is in development, and the person is not on its list.
        NotATestUser = "not-a-test-user",
        /// The account was made up by a developer, for other apps.
        FakeUserElsewhere = "fake-user-elsewhere",
        /// The operator lets nobody new log in to the app.
        LoginsStopped = "logins-stopped",
        /// Nobody reviewed the app, and as many people as may have given it what can change their things.
        TooManyPeople = "too-many-people",
        /// The request waited too long for the person.
        RequestExpired = "request-expired",
        /// It was answered before.
        AlreadyAnswered = "already-answered",
        /// The app or its redirect URI went while the person was deciding.
        AppChanged = "app-changed",
        /// Not `POST`.
        Method = "method",
        /// The body is no form.
        NotAForm = "not-a-form",
        /// The address is too long.
        AddressTooLong = "address-too-long",
        /// The body is too long.
        BodyTooLong = "body-too-long",
        /// Body or query cannot be read.
        Malformed = "malformed",
        /// A secret in the address.
        SecretInQuery = "secret-in-query",
        /// No grant type.
        GrantTypeMissing = "grant-type-missing",
        /// No such grant type.
        GrantTypeUnknown = "grant-type-unknown",
        /// The request does not say whose it is.
        ClientMissing = "client-missing",
        /// An `Authorization` header that is not Basic.
        ClientMalformed = "client-malformed",
        /// A secret in header and body.
        ClientTwoMethods = "client-two-methods",
        /// Two client IDs.
        ClientIdsDiffer = "client-ids-differ",
        /// An assertion.
        ClientAssertion = "client-assertion",
        /// A wrong secret.
        SecretWrong = "secret-wrong",
        /// No secret.
        SecretMissing = "secret-missing",
        /// Too many wrong secrets.
        SecretThrottled = "secret-throttled",
        /// An app without a secret wants a token of its own.
        PublicClientCredentials = "public-client-credentials",
        /// Scopes for a token without a person.
        ScopeWithoutPerson = "scope-without-person",
        /// No code of this server.
        CodeMalformed = "code-malformed",
        /// Another app's code.
        CodeOfAnotherApp = "code-of-another-app",
        /// Another redirect URI than the code's.
        CodeRedirectUri = "code-redirect-uri",
        /// No verifier for a challenge.
        VerifierMissing = "verifier-missing",
        /// A verifier without a challenge.
        VerifierUnexpected = "verifier-unexpected",
        /// A verifier that is none.
        VerifierMalformed = "verifier-malformed",
        /// Another verifier than the challenge's.
        VerifierWrong = "verifier-wrong",
        /// A code that is too old.
        CodeExpired = "code-expired",
        /// A code from before the store was restored.
        CodeOfAnotherLife = "code-of-another-life",
        /// A code that nobody agreed to.
        CodeForged = "code-forged",
        /// The browser session it came from is over.
        SessionEnded = "session-ended",
        /// A code that was used before.
        CodeUsed = "code-used",
        /// The account is gone or closed.
        UserGone = "user-gone",
        /// Everything of the app was ended.
        AppRevoked = "app-revoked",
        /// The person removed the app.
        GrantRemoved = "grant-removed",
        /// The time the person agreed for is over.
        GrantEnded = "grant-ended",
        /// No refresh token of this server.
        RefreshMalformed = "refresh-malformed",
        /// No login has this refresh token.
        RefreshUnknown = "refresh-unknown",
        /// Another app's refresh token.
        RefreshOfAnotherApp = "refresh-of-another-app",
        /// A refresh token that is too old.
        RefreshExpired = "refresh-expired",
        /// Its login was ended.
        LoginEnded = "login-ended",
        /// An old refresh token came back.
        RefreshReused = "refresh-reused",
        /// A refresh token from after the store was restored.
        RefreshFromTheFuture = "refresh-from-the-future",
        /// More scopes than the login has.
        ScopeWidened = "scope-widened",
        /// No device code of this server.
        DeviceMalformed = "device-malformed",
        /// Another app's device code.
        DeviceOfAnotherApp = "device-of-another-app",
        /// Nobody has decided yet.
        DevicePending = "device-pending",
        /// It asks too often.
        DeviceTooSoon = "device-too-soon",
        /// The person said no to the device.
        DeviceDenied = "device-denied",
        /// Nobody decided in time.
        DeviceExpired = "device-expired",
        /// A device code that was used before.
        DeviceUsed = "device-used",
        /// Another app's token, to be revoked.
        TokenOfAnotherApp = "token-of-another-app",
        /// An app without a secret wants to introspect.
        PublicIntrospection = "public-introspection",
        /// Too many requests.
        TooMany = "too-many",
        /// More calls than the app may make.
        AppQuota = "app-quota",
        /// More calls than all apps of the developer may make.
        DeveloperQuota = "developer-quota",
        /// More token requests than the app may make.
        TokenQuota = "token-quota",
        /// This server could not answer.
        Unavailable = "unavailable",
        /// No token.
        NoToken = "no-token",
        /// An `Authorization` header that is not Bearer.
        NotBearer = "not-bearer",
        /// A token in two ways.
        TwoTokens = "two-tokens",
        /// No access token for this API.
        TokenInvalid = "token-invalid",
        /// An access token whose hour is over.
        TokenExpired = "token-expired",
        /// An access token that was revoked.
        TokenRevoked = "token-revoked",
        /// The person changed or removed what the token rests on.
        GrantChanged = "grant-changed",
        /// The key of the token was revoked.
        KeyRevoked = "key-revoked",
        /// The person paused the app.
        PausedByPerson = "paused-by-person",
        /// A scope that the token does not have.
        ScopeMissing = "scope-missing",
        /// A call that needs a person.
        PersonNeeded = "person-needed",
        /// A sign-in that is too old or too weak.
        SignInNotEnough = "sign-in-not-enough",
        /// Something that this person may not do.
        Forbidden = "forbidden",
    }
}

named! {
    /// What should be mended although the request passed.
    Warning {
        /// No `state`: nothing ties the answer to the browser that asked.
        NoState = "no-state",
        /// No PKCE challenge: nothing ties the code to the program that asked.
        NoPkce = "no-pkce",
        /// The secret it used is about to stop.
        SecretEnds = "secret-ends",
    }
}

/// Something that the words about a reason name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fact {
    /// Which.
    pub name: String,
    /// What.
    pub value: String,
}

/// What the words about a reason name.
pub type Facts = Vec<Fact>;

impl Fact {
    /// Cut to a sane length: strangers send it.
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.chars().take(300).collect() }
    }
}

impl Reason {
    /// Whether a quota is used up: whoever does not wait is refused as often as they like.
    pub const fn is_quota(self) -> bool {
        matches!(self, Self::AppQuota | Self::DeveloperQuota | Self::TokenQuota)
    }

    /// Why a request ended on a page. What exists and is not open to the app is told from what does not exist at all.
    pub fn of_page(reason: &PageReason, scopes: &ScopeCatalogue) -> Self {
        match reason {
            PageReason::ParameterMissing(_) => Self::ParameterMissing,
            PageReason::ParameterTwice(_) => Self::ParameterTwice,
            PageReason::UnknownClient => Self::UnknownClient,
            PageReason::RedirectUriNotRegistered { .. } => Self::RedirectUriNotRegistered,
            PageReason::RedirectUriInsecure => Self::RedirectUriInsecure,
            PageReason::ResponseType => Self::ResponseType,
            PageReason::LegacyFlowsOff => Self::LegacyFlowsOff,
            PageReason::Scope(refused) => Self::of_scope(refused, scopes),
            PageReason::StateTooLong => Self::StateTooLong,
            PageReason::AnswerTooLong => Self::AnswerTooLong,
            PageReason::AppPaused => Self::AppPaused,
        }
    }

    fn of_scope(refused: &ScopeRefused, scopes: &ScopeCatalogue) -> Self {
        match refused {
            ScopeRefused::Unknown { sent, .. } if scopes.parse(sent).is_ok() => Self::ScopeNotEnabled,
            ScopeRefused::Unknown { .. } => Self::ScopeUnknown,
            ScopeRefused::TooLarge => Self::TooManyScopes,
        }
    }

    /// Why a request was sent back to the app.
    pub fn of_redirect(reason: &RedirectReason, scopes: &ScopeCatalogue) -> Self {
        match reason {
            RedirectReason::Denied => Self::Denied,
            RedirectReason::ChallengeMissing => Self::ChallengeMissing,
            RedirectReason::Challenge(ChallengeRefused::MethodNotS256) => Self::ChallengeMethod,
            RedirectReason::Challenge(ChallengeRefused::Malformed { .. }) => Self::ChallengeMalformed,
            RedirectReason::Challenge(ChallengeRefused::Missing) => Self::ChallengeMethodAlone,
            RedirectReason::ParameterMissing(_) => Self::ParameterMissing,
            RedirectReason::ParameterTwice => Self::ParameterTwice,
            RedirectReason::ResponseType => Self::ResponseType,
            RedirectReason::LegacyFlowsOff => Self::LegacyFlowsOff,
            RedirectReason::ResponseMode => Self::ResponseMode,
            RedirectReason::OpenIdMissing => Self::OpenIdMissing,
            RedirectReason::Scope(refused) => Self::of_scope(refused, scopes),
            RedirectReason::NonceMissing => Self::NonceMissing,
            RedirectReason::NonceTooLong => Self::NonceTooLong,
            RedirectReason::RequestObject => Self::RequestObject,
            RedirectReason::RequestObjectReference => Self::RequestObjectReference,
            RedirectReason::Registration => Self::Registration,
            RedirectReason::Prompt => Self::Prompt,
            RedirectReason::MaxAge => Self::MaxAge,
            RedirectReason::Claims => Self::Claims,
            RedirectReason::Hint => Self::Hint,
            RedirectReason::AcrUnmet => Self::AcrUnmet,
            RedirectReason::Target => Self::Target,
            RedirectReason::LoginRequired => Self::LoginRequired,
            RedirectReason::ConsentRequired => Self::ConsentRequired,
            RedirectReason::InteractionRequired => Self::InteractionRequired,
        }
    }

    /// Why an app is not open to somebody, and what the words about it name.
    pub fn of_admission(why: NotAdmitted) -> (Self, Facts) {
        match why {
            NotAdmitted::Stranger => (Self::NotATestUser, Facts::new()),
            NotAdmitted::FakeElsewhere => (Self::FakeUserElsewhere, Facts::new()),
            NotAdmitted::LoginsStopped => (Self::LoginsStopped, Facts::new()),
            NotAdmitted::TooManyPeople { most } => (Self::TooManyPeople, vec![Fact::new("most", &most.to_string())]),
        }
    }

    /// Why a request to the token endpoint and its like was refused.
    pub fn of_token(refused: &TokenRefused, scopes: &ScopeCatalogue) -> Self {
        match refused {
            TokenRefused::Method => Self::Method,
            TokenRefused::NotAForm => Self::NotAForm,
            TokenRefused::UriTooLong => Self::AddressTooLong,
            TokenRefused::TooLong => Self::BodyTooLong,
            TokenRefused::Malformed(_) => Self::Malformed,
            TokenRefused::ParameterTwice => Self::ParameterTwice,
            TokenRefused::SecretInQuery => Self::SecretInQuery,
            TokenRefused::GrantTypeMissing => Self::GrantTypeMissing,
            TokenRefused::GrantTypeUnknown(_) => Self::GrantTypeUnknown,
            TokenRefused::ParameterMissing(_) => Self::ParameterMissing,
            TokenRefused::Client { refused, .. } => Self::of_client(*refused),
            TokenRefused::PublicClientCredentials => Self::PublicClientCredentials,
            TokenRefused::ScopeWithoutPerson => Self::ScopeWithoutPerson,
            TokenRefused::Code(refused) => Self::of_code(*refused),
            TokenRefused::Refresh(refused) => Self::of_refresh(*refused),
            TokenRefused::Device(refused) => Self::of_device(*refused),
            TokenRefused::Scope(refused) => Self::of_scope(refused, scopes),
            TokenRefused::Target => Self::Target,
            TokenRefused::AnotherClientsToken => Self::TokenOfAnotherApp,
            TokenRefused::PublicIntrospection => Self::PublicIntrospection,
            TokenRefused::TooMany { .. } => Self::TooMany,
            TokenRefused::Quota { .. } => Self::TokenQuota,
            TokenRefused::Unavailable => Self::Unavailable,
        }
    }

    fn of_client(refused: ClientRefused) -> Self {
        match refused {
            ClientRefused::Missing => Self::ClientMissing,
            ClientRefused::Malformed => Self::ClientMalformed,
            ClientRefused::TwoMethods => Self::ClientTwoMethods,
            ClientRefused::IdsDiffer => Self::ClientIdsDiffer,
            ClientRefused::Assertion => Self::ClientAssertion,
            ClientRefused::Unknown => Self::UnknownClient,
            ClientRefused::WrongSecret => Self::SecretWrong,
            ClientRefused::SecretMissing => Self::SecretMissing,
            ClientRefused::Throttled { .. } => Self::SecretThrottled,
            ClientRefused::Paused => Self::AppPaused,
        }
    }

    fn of_standing(lost: StandingLost) -> Self {
        match lost {
            StandingLost::User => Self::UserGone,
            StandingLost::App => Self::AppRevoked,
            StandingLost::Grant => Self::GrantRemoved,
            StandingLost::GrantEnded => Self::GrantEnded,
        }
    }

    fn of_code(refused: CodeRefused) -> Self {
        match refused {
            CodeRefused::Malformed => Self::CodeMalformed,
            CodeRefused::AnotherClient => Self::CodeOfAnotherApp,
            CodeRefused::RedirectUri => Self::CodeRedirectUri,
            CodeRefused::VerifierMissing => Self::VerifierMissing,
            CodeRefused::VerifierUnexpected => Self::VerifierUnexpected,
            CodeRefused::VerifierMalformed => Self::VerifierMalformed,
            CodeRefused::VerifierWrong => Self::VerifierWrong,
            CodeRefused::Expired => Self::CodeExpired,
            CodeRefused::OtherIncarnation => Self::CodeOfAnotherLife,
            CodeRefused::Standing(lost) => Self::of_standing(lost),
            CodeRefused::Forged => Self::CodeForged,
            CodeRefused::SessionEnded => Self::SessionEnded,
            CodeRefused::Used => Self::CodeUsed,
        }
    }

    fn of_refresh(refused: RefreshRefused) -> Self {
        match refused {
            RefreshRefused::Malformed => Self::RefreshMalformed,
            RefreshRefused::UnknownLogin => Self::RefreshUnknown,
            RefreshRefused::AnotherClient => Self::RefreshOfAnotherApp,
            RefreshRefused::Expired => Self::RefreshExpired,
            RefreshRefused::SessionEnded => Self::SessionEnded,
            RefreshRefused::Target => Self::Target,
            RefreshRefused::LoginEnded => Self::LoginEnded,
            RefreshRefused::Reused => Self::RefreshReused,
            RefreshRefused::FromTheFuture => Self::RefreshFromTheFuture,
            RefreshRefused::ScopeWidened => Self::ScopeWidened,
            RefreshRefused::Standing(lost) => Self::of_standing(lost),
        }
    }

    fn of_device(refused: DeviceRefused) -> Self {
        match refused {
            DeviceRefused::Malformed => Self::DeviceMalformed,
            DeviceRefused::AnotherClient => Self::DeviceOfAnotherApp,
            DeviceRefused::Pending => Self::DevicePending,
            DeviceRefused::TooSoon => Self::DeviceTooSoon,
            DeviceRefused::Denied => Self::DeviceDenied,
            DeviceRefused::Expired => Self::DeviceExpired,
            DeviceRefused::Used => Self::DeviceUsed,
            DeviceRefused::Standing(lost) => Self::of_standing(lost),
        }
    }

    /// Why the guard turned a call away.
    pub fn of_denied(denied: &Denied) -> Self {
        match denied {
            Denied::NoToken => Self::NoToken,
            Denied::NotBearer => Self::NotBearer,
            Denied::TwoTokens => Self::TwoTokens,
            Denied::Invalid => Self::TokenInvalid,
            Denied::Expired => Self::TokenExpired,
            Denied::Revoked(Revoked::User) => Self::UserGone,
            Denied::Revoked(Revoked::App) => Self::AppRevoked,
            Denied::Revoked(Revoked::Grant) => Self::GrantChanged,
            Denied::Revoked(Revoked::Login) => Self::LoginEnded,
            Denied::Revoked(Revoked::Token) => Self::TokenRevoked,
            Denied::Revoked(Revoked::Key) => Self::KeyRevoked,
            Denied::Revoked(Revoked::FeedStale) => Self::Unavailable,
            Denied::Paused => Self::PausedByPerson,
            Denied::InsufficientScope { .. } => Self::ScopeMissing,
            Denied::UserRequired => Self::PersonNeeded,
            Denied::InsufficientAuthentication(SignInWanted { .. }) => Self::SignInNotEnough,
        }
    }

    /// Why the Web API turned a call away; `None` where it was not for the app's rights.
    pub fn of_api(error: &ApiError) -> Option<Self> {
        match error {
            ApiError::Denied(denied) => Some(Self::of_denied(denied)),
            ApiError::UsedUp(used_up) => Some(match used_up.quota {
                Quota::Calls => Self::AppQuota,
                Quota::Developer => Self::DeveloperQuota,
                Quota::Tokens => Self::TokenQuota,
            }),
            ApiError::Refused(_, "User not registered in the Developer Dashboard") => Some(Self::NotATestUser),
            ApiError::Refused(status, _) => match status.as_u16() {
                403 => Some(Self::Forbidden),
                429 => Some(Self::TooMany),
                _ => None,
            },
            ApiError::TryAgain | ApiError::Internal => None,
        }
    }
}

/// What the words about a refused scope name.
pub fn facts_of_scope(refused: &ScopeRefused) -> Facts {
    match refused {
        ScopeRefused::Unknown { sent, nearest } => {
            let nearest = nearest.as_deref().map(|nearest| Fact::new("nearest", nearest));
            [Fact::new("scope", sent)].into_iter().chain(nearest).collect()
        }
        ScopeRefused::TooLarge => Facts::new(),
    }
}

/// What the words about a page's reason name.
pub fn facts_of_page(reason: &PageReason) -> Facts {
    match reason {
        PageReason::ParameterMissing(name) => vec![Fact::new("name", name)],
        PageReason::ParameterTwice(name) => vec![Fact::new("name", name)],
        PageReason::RedirectUriNotRegistered { nearest } => {
            nearest.iter().map(|nearest| Fact::new("nearest", nearest)).collect()
        }
        PageReason::Scope(refused) => facts_of_scope(refused),
        PageReason::UnknownClient
        | PageReason::RedirectUriInsecure
        | PageReason::ResponseType
        | PageReason::LegacyFlowsOff
        | PageReason::StateTooLong
        | PageReason::AnswerTooLong
        | PageReason::AppPaused => Facts::new(),
    }
}

/// What the words about an error that was sent back name.
pub fn facts_of_redirect(reason: &RedirectReason, duplicate: Option<&str>) -> Facts {
    match reason {
        RedirectReason::ParameterMissing(name) => vec![Fact::new("name", name)],
        RedirectReason::ParameterTwice => duplicate.iter().map(|name| Fact::new("name", name)).collect(),
        RedirectReason::Challenge(ChallengeRefused::Malformed { length }) => {
            vec![Fact::new("length", &length.to_string())]
        }
        RedirectReason::Scope(refused) => facts_of_scope(refused),
        _ => Facts::new(),
    }
}
