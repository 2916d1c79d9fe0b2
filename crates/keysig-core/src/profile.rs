//! Profiles: one set of endpoints, two tempers. A profile is a value of plain policy fields that the checks consult;
//! no check asks which profile it is (`docs/profiles.md`).

/// The temper of an app, fixed when it is created.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// Byte-compatible with the Spotify Login API.
    Spotify,
    /// OAuth 2.1 and OpenID Connect.
    Standard,
}

/// When an authorization request must carry a PKCE challenge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PkceRule {
    /// Public clients always; confidential ones may, and then both proofs must be right.
    RequiredForPublic,
    /// Everybody.
    Required,
}

/// What becomes of a refresh token when it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefreshRule {
    /// It is handed back unchanged until its absolute end.
    Echo,
    /// It is replaced by the one successor derived from it (RFC 9700 §4.14.2).
    Rotate,
}

/// Where a request error goes once client and redirect URI are known to be good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorsGo {
    /// To a page with the text that tools know.
    ToPage,
    /// Back to the app (RFC 6749 §4.1.2.1).
    ToApp,
}

/// What the checks consult.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// When PKCE is required.
    pub pkce: PkceRule,
    /// Whether refresh tokens rotate.
    pub refresh: RefreshRule,
    /// Whether `iss` is in authorization responses (RFC 9207 §2). Clients that know no issuer refuse it.
    pub sends_iss: bool,
    /// Where bad scopes, response types and duplicates go.
    pub request_errors: ErrorsGo,
    /// Whether a failed client authentication is 401 with a challenge (RFC 6749 §5.2) or 400.
    pub challenges_clients: bool,
    /// How long a code lives, in seconds.
    pub code_lifetime_seconds: u32,
    /// How long a device waits for a person, in seconds (RFC 8628 §3.2).
    pub device_lifetime_seconds: u32,
    /// Whether `/api/token` also reads parameters from its query.
    pub token_parameters_in_query: bool,
    /// Whether a private-use scheme must contain a dot (RFC 8252 §7.1).
    pub private_use_scheme_needs_dot: bool,
    /// Whether the parameters and scopes of OpenID Connect and of OAuth's extensions mean something. The Spotify API knows
    /// none of them and ignores unknown parameters.
    pub openid_connect: bool,
    /// Whether `scope` at the token endpoint means something (RFC 6749 §3.3): it narrows a refreshed token, and an app's own
    /// has none. Clients of the Spotify API send it out of habit.
    pub token_requests_have_scope: bool,
    /// Whether errors sent to the app carry an `error_description`.
    pub describes_errors_to_apps: bool,
}

impl Profile {
    /// The policy of this profile.
    pub const fn policy(self) -> Policy {
        match self {
            Self::Spotify => Policy {
                pkce: PkceRule::RequiredForPublic,
                refresh: RefreshRule::Echo,
                sends_iss: false,
                request_errors: ErrorsGo::ToPage,
                challenges_clients: false,
                code_lifetime_seconds: 600,
                device_lifetime_seconds: 3599,
                token_parameters_in_query: true,
                private_use_scheme_needs_dot: false,
                openid_connect: false,
                token_requests_have_scope: false,
                describes_errors_to_apps: false,
            },
            Self::Standard => Policy {
                pkce: PkceRule::Required,
                refresh: RefreshRule::Rotate,
                sends_iss: true,
                request_errors: ErrorsGo::ToApp,
                challenges_clients: true,
                code_lifetime_seconds: 60,
                device_lifetime_seconds: 600,
                token_parameters_in_query: false,
                private_use_scheme_needs_dot: true,
                openid_connect: true,
                token_requests_have_scope: true,
                describes_errors_to_apps: true,
            },
        }
    }

    /// The name in columns and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spotify => "spotify",
            Self::Standard => "standard",
        }
    }

    /// From a column, a configuration file or the command line.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Spotify, Self::Standard].into_iter().find(|profile| profile.name() == name)
    }
}
