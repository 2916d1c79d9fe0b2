//! A provider as it is configured.

use keysig_core::secret::Secret;
use keysig_core::upstream::Fields;

/// A provider by which people sign in here.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name in our addresses.
    pub id: String,
    /// Its name on buttons.
    pub name: String,
    /// What it speaks.
    pub kind: Kind,
    /// What we are called there.
    pub client_id: String,
    /// What we prove it with.
    pub client_secret: Secret,
    /// What is asked for, as on the wire.
    pub scope: String,
    /// Whether somebody without an account here may make one by it.
    pub sign_up: bool,
    /// Whether an address that it calls confirmed counts as confirmed here.
    pub trust_email: bool,
    /// Whether its tokens are kept, sealed.
    pub keep_tokens: bool,
}

/// What a provider speaks.
#[derive(Clone, Debug)]
pub enum Kind {
    /// OpenID Connect: everything else is in its discovery document.
    OpenId {
        /// Its issuer, as it says it.
        issuer: String,
    },
    /// OAuth 2.0 without ID tokens: a user endpoint says who somebody is.
    OAuth2(Box<OAuth2>),
}

/// The addresses of an OAuth 2.0 provider, and how it names people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OAuth2 {
    /// What it calls itself in answers (RFC 9207), if it does.
    pub issuer: Option<String>,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where a code becomes a token.
    pub token_endpoint: String,
    /// Who the token is of, as JSON.
    pub user_endpoint: String,
    /// Their addresses, as a list of `{email, primary, verified}`, where the user endpoint has none that is confirmed.
    pub emails_endpoint: Option<String>,
    /// Where in the user endpoint's answer what is.
    pub fields: Fields,
    /// The secret goes into the form and not into the header (RFC 6749 §2.3.1).
    pub secret_in_form: bool,
}

impl Provider {
    /// Who it is, whatever it is called here: links are kept under this, so that another provider that gets an old name gets
    /// none of its people.
    pub fn realm(&self) -> &str {
        match &self.kind {
            Kind::OpenId { issuer } => issuer,
            Kind::OAuth2(oauth2) => &oauth2.user_endpoint,
        }
    }
}
