//! Client authentication at the token and revocation endpoints (RFC 6749 §2.3). One place to extend when assertions
//! come.

use crate::app::{App, ClientType};
use crate::encoding::base64_decode;
use crate::parameters::{Parameters, form_decode};
use crate::secret::{Secret, SecretHash};
use crate::time::Timestamp;

/// What a client shows to prove itself. The one place to extend when assertions come (RFC 7523 §2.2).
#[derive(Debug)]
pub enum Credential {
    /// Nothing, or an empty secret.
    Nothing,
    /// A secret.
    Secret(Secret),
}

/// What a request shows of its sender.
#[derive(Debug)]
pub struct PresentedClient {
    /// The `client_id`.
    pub client_id: String,
    /// Its proof.
    pub credential: Credential,
    /// Whether an `Authorization` header was tried: then a 401 carries a challenge (RFC 6749 §5.2).
    pub by_header: bool,
}

/// Why client authentication failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientRefused {
    /// Neither a header nor a `client_id`.
    Missing,
    /// An `Authorization` header that is not readable as Basic.
    Malformed,
    /// A secret in both header and body: one method per request (RFC 6749 §2.3).
    TwoMethods,
    /// The body's `client_id` is not the header's.
    IdsDiffer,
    /// A client assertion, which is not read here (RFC 7523 §2.2).
    Assertion,
    /// No app has this id.
    Unknown,
    /// Not one of the app's secrets, or a retired one, or a secret from an app that has none.
    WrongSecret,
    /// The app has a secret and did not show it.
    SecretMissing,
    /// Too many wrong secrets; when to try again.
    Throttled {
        /// In whole seconds.
        retry_after_seconds: u32,
    },
    /// Switched off by its makers or the operator.
    Paused,
}

/// An app that proved itself as far as it can: a confidential one by its secret, a public one by nothing.
///
/// ```compile_fail
/// fn forge(app: &keysig_core::app::App) -> keysig_core::client_authentication::AuthenticatedClient<'_> {
///     keysig_core::client_authentication::AuthenticatedClient { app }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AuthenticatedClient<'a> {
    app: &'a App,
    secret: Option<SecretHash>,
}

impl<'a> AuthenticatedClient<'a> {
    /// The app.
    pub fn app(&self) -> &'a App {
        self.app
    }

    /// The secret it showed, if it has any.
    pub fn secret(&self) -> Option<SecretHash> {
        self.secret
    }
}

/// Reads the credentials of a request. Basic credentials are form-decoded after base64 (RFC 6749 §2.3.1); `authorization`
/// is the header's value.
pub fn present(authorization: Option<&str>, parameters: &Parameters) -> Result<PresentedClient, ClientRefused> {
    if parameters.get("client_assertion").or(parameters.get("client_assertion_type")).is_some() {
        return Err(ClientRefused::Assertion);
    }
    let body_id = parameters.get("client_id");
    let body_secret = parameters.get("client_secret");
    let Some(header) = authorization else {
        let client_id = body_id.ok_or(ClientRefused::Missing)?.to_owned();
        let credential =
            body_secret.map_or(Credential::Nothing, |secret| Credential::Secret(Secret::new(secret.to_owned())));
        return Ok(PresentedClient { client_id, credential, by_header: false });
    };
    let (scheme, encoded) = header.split_once(' ').ok_or(ClientRefused::Malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(ClientRefused::Malformed);
    }
    let decoded = base64_decode(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or(ClientRefused::Malformed)?;
    let (id, secret) = decoded.split_once(':').ok_or(ClientRefused::Malformed)?;
    let client_id = form_decode(id).map_err(|_| ClientRefused::Malformed)?;
    let secret = form_decode(secret).map_err(|_| ClientRefused::Malformed)?;
    if body_secret.is_some() {
        return Err(ClientRefused::TwoMethods);
    }
    if body_id.is_some_and(|body_id| body_id != client_id) {
        return Err(ClientRefused::IdsDiffer);
    }
    // Some libraries send Basic with an empty secret for an app that has none.
    let credential = if secret.is_empty() { Credential::Nothing } else { Credential::Secret(Secret::new(secret)) };
    Ok(PresentedClient { client_id, credential, by_header: true })
}

/// Compares what was shown with what the app is.
pub fn authenticate<'a>(
    app: &'a App,
    presented: &PresentedClient,
    now: Timestamp,
) -> Result<AuthenticatedClient<'a>, ClientRefused> {
    let secret = match &presented.credential {
        Credential::Nothing => None,
        Credential::Secret(secret) => Some(app.secret_shown(secret.expose(), now)),
    };
    judge(app, secret.map_or(Shown::Nothing, |known| if known.is_some() { Shown::Right } else { Shown::Wrong }))?;
    Ok(AuthenticatedClient { app, secret: secret.flatten() })
}

/// What a client showed of itself, its value apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// One of the app's secrets that works.
    Right,
    /// Something else.
    Wrong,
}

/// Whether an app proves itself by this: the rule alone, which also says how a request would fare that cannot be made again.
pub fn judge(app: &App, shown: Shown) -> Result<(), ClientRefused> {
    match (app.client_type, shown) {
        (ClientType::Public, Shown::Nothing) | (ClientType::Confidential, Shown::Right) => {}
        // A secret that a public app shows proves nothing and must not be mistaken for one (RFC 8252 §8.5).
        (ClientType::Public, Shown::Right | Shown::Wrong) => return Err(ClientRefused::WrongSecret),
        (ClientType::Confidential, Shown::Nothing) => return Err(ClientRefused::SecretMissing),
        (ClientType::Confidential, Shown::Wrong) => return Err(ClientRefused::WrongSecret),
    }
    if app.paused { Err(ClientRefused::Paused) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64_encode;

    fn basic(credentials: &str) -> String {
        format!("Basic {}", base64_encode(credentials.as_bytes()))
    }

    fn presented(header: Option<&str>, body: &str) -> Result<(String, Option<String>), ClientRefused> {
        let parameters = Parameters::parse(body.as_bytes()).unwrap();
        let secret = |credential| match credential {
            Credential::Nothing => None,
            Credential::Secret(secret) => Some(secret.expose().to_owned()),
        };
        present(header, &parameters).map(|client| (client.client_id, secret(client.credential)))
    }

    #[test]
    fn basic_credentials_are_form_decoded_and_the_scheme_has_no_case() {
        let full = Ok(("a b".to_owned(), Some("c:d".to_owned())));
        assert_eq!(presented(Some(&basic("a+b:c%3Ad")), ""), full);
        assert_eq!(presented(Some(&basic("a%20b:c%3Ad").replace("Basic", "bAsIc")), ""), full);
        assert_eq!(presented(Some(&basic("id:")), ""), Ok(("id".to_owned(), None)));
    }

    #[test]
    fn a_header_that_has_a_second_reading_has_none() {
        for bad in ["Basic", "Bearer abc", "Basic !!!", "Basic aWQ6cw", "Basic aWQ6cx==", "Basic aWQ="] {
            assert_eq!(presented(Some(bad), ""), Err(ClientRefused::Malformed), "{bad}");
        }
        assert_eq!(presented(Some(&basic("id:%zz")), ""), Err(ClientRefused::Malformed));
    }

    #[test]
    fn one_method_per_request() {
        assert_eq!(presented(Some(&basic("id:s")), "client_id=id&client_secret=s"), Err(ClientRefused::TwoMethods));
        assert_eq!(presented(Some(&basic("id:s")), "client_id=other"), Err(ClientRefused::IdsDiffer));
        assert!(presented(Some(&basic("id:s")), "client_id=id").is_ok());
        assert_eq!(presented(None, "client_id=id&client_secret=s"), Ok(("id".to_owned(), Some("s".to_owned()))));
        assert_eq!(presented(None, ""), Err(ClientRefused::Missing));
    }
}
