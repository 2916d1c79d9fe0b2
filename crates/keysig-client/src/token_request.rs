//! The token endpoint: what is sent and what comes back, RFC 6749 §4.1.3, §4.4, §5 and §6. Nothing here sends anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use url::form_urlencoded;

use crate::error::{Error, fix_for, quoted};
use crate::secret::Secret;
use crate::transport::Answer;

/// Who asks. A client with a secret proves it by Basic, one without only names itself (RFC 6749 §2.3.1).
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
}

impl Credentials {
    /// Adds the client authentication and the form body to a request.
    pub(crate) fn sign(&self, request: reqwest::RequestBuilder, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut fields = form.to_vec();
        let request = match &self.client_secret {
            Some(secret) => request.header(reqwest::header::AUTHORIZATION, self.basic(secret)),
            None => {
                fields.push(("client_id", &self.client_id));
                request
            }
        };
        request.header(reqwest::header::ACCEPT, "application/json").form(&fields)
    }

    /// Both parts are form-encoded first (RFC 6749 §2.3.1), so that a colon in an id cannot move the boundary.
    fn basic(&self, secret: &Secret) -> reqwest::header::HeaderValue {
        let encoded = |part: &str| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(&self.client_id), encoded(secret.expose()));
        let mut value = reqwest::header::HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
            .unwrap_or_else(|_| reqwest::header::HeaderValue::from_static("Basic"));
        value.set_sensitive(true);
        value
    }
}

/// The answer of RFC 6749 §5.1.
#[derive(Deserialize)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: Secret,
    token_type: String,
    expires_in: Option<u32>,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) scope: Option<String>,
}

impl TokenResponse {
    /// Reads the answer of the token endpoint.
    pub(crate) fn read(answer: Answer) -> Result<Self, Error> {
        match answer.status {
            200 => {
                let response: Self = answer.json()?;
                // A DPoP token sent as a bearer token would be refused everywhere; say it here (RFC 6749 §7.1).
                if !response.token_type.eq_ignore_ascii_case("bearer") {
                    return Err(Error::Unreadable("its token_type is not Bearer"));
                }
                Ok(response)
            }
            _ => Err(refusal(answer)),
        }
    }

    /// When the access token ends. An hour is assumed where the server does not say.
    pub(crate) fn expires_at(&self, now: i64) -> i64 {
        now.saturating_add(i64::from(self.expires_in.unwrap_or(3600)))
    }
}

/// The error of RFC 6749 §5.2. What is no such error, an outage's HTML page for one, is never a verdict on a token.
pub(crate) fn refusal(answer: Answer) -> Error {
    #[derive(Deserialize)]
    struct ErrorResponse {
        error: String,
        error_description: Option<String>,
    }
    let request_id = answer.request_id.clone();
    if answer.status >= 500 {
        return Error::Unavailable { status: Some(answer.status), request_id };
    }
    match answer.json::<ErrorResponse>() {
        Ok(response) => {
            let description = response.error_description.map(|words| quoted(&words));
            let fix = fix_for(&response.error, description.as_deref().unwrap_or_default());
            Error::Refused { error: quoted(&response.error), description, fix, request_id }
        }
        Err(_) => Error::Unavailable { status: Some(answer.status), request_id },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.as_bytes().to_vec(), request_id: None, challenge: None }
    }

    #[test]
    fn basic_credentials_are_form_encoded_first() {
        let credentials = Credentials { client_id: "a:b".into(), client_secret: None };
        let header = credentials.basic(&Secret::new("s e%"));
        assert_eq!(header.to_str().unwrap(), format!("Basic {}", STANDARD.encode("a%3Ab:s+e%25")));
        assert!(header.is_sensitive());
    }

    #[test]
    fn a_token_that_is_not_a_bearer_token_is_refused() {
        let response = TokenResponse::read(answer(200, r#"{"access_token":"x","token_type":"DPoP"}"#));
        assert!(matches!(response, Err(Error::Unreadable(_))));
    }

    #[test]
    fn an_outage_page_is_not_a_verdict() {
        for (status, body) in [(503, r#"{"error":"invalid_grant"}"#), (400, "<html>"), (502, "")] {
            let refused = TokenResponse::read(answer(status, body));
            assert!(matches!(refused, Err(Error::Unavailable { .. })), "{status} {body}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let body = r#"{"error":"invalid_client","error_description":"Invalid client secret"}"#;
        let Err(refused) = TokenResponse::read(answer(400, body)) else { panic!("must be refused") };
        assert_eq!(
            refused.to_string(),
            "The server refused: Invalid client secret. Check the client ID and the secret."
        );
    }
}
