//! The authorization request and the callback that answers it, RFC 6749 §4.1.1 and §4.1.2. Nothing here sends anything.

use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use crate::endpoints::Endpoints;
use crate::error::{Error, fix_for, quoted};
use crate::pkce;
use crate::scope::Scopes;
use crate::secret::{self, Secret};

/// How long a person may take to sign in and decide, in seconds.
const LOGIN_LIFETIME_SECONDS: i64 = 3600;

/// A login that was started and not yet finished. Keep it on the server side, bound to the browser that started it
/// (a session, or a sealed cookie): it is what tells that browser's callback from a forged one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingLogin {
    #[serde(serialize_with = "secret::expose")]
    pub(crate) state: Secret,
    #[serde(serialize_with = "secret::expose")]
    pub(crate) code_verifier: Secret,
    pub(crate) redirect_uri: String,
    pub(crate) issuer: String,
    pub(crate) scopes: Scopes,
    /// In seconds since 1970-01-01 UTC.
    pub(crate) started_at: i64,
}

impl PendingLogin {
    /// What this login asks for.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Whether `callback` carries this login's `state`: which one of several open tabs came back.
    pub fn is_answered_by(&self, callback: &str) -> bool {
        Callback::parse(callback).is_ok_and(|callback| self.started(&callback))
    }

    fn started(&self, callback: &Callback) -> bool {
        callback.state.as_deref().is_some_and(|state| self.state.matches(state))
    }

    /// The address to send the browser to.
    pub(crate) fn authorize_url(&self, endpoints: &Endpoints, client_id: &str) -> Url {
        let mut url = endpoints.authorize.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &self.scopes.to_string())
            .append_pair("state", self.state.expose())
            .append_pair("code_challenge_method", "S256")
            .append_pair("code_challenge", &pkce::code_challenge(&self.code_verifier));
        url
    }

    /// The authorization code of a callback that passes every check, in this order: state, issuer, age, error.
    pub(crate) fn code_of(&self, callback: &str, now: i64) -> Result<Secret, Error> {
        let callback = Callback::parse(callback)?;
        // First: whatever else a callback of somebody else's login says is none of our business (RFC 6749 §10.12).
        if !self.started(&callback) {
            return Err(Error::StateMismatch);
        }
        // Mix-up (RFC 9700 §4.4): another server's code must not be sent to this one.
        if let Some(got) = callback.iss.filter(|iss| *iss != self.issuer) {
            return Err(Error::IssuerMismatch { expected: self.issuer.clone(), got: quoted(&got) });
        }
        if now.saturating_sub(self.started_at) > LOGIN_LIFETIME_SECONDS {
            return Err(Error::LoginTooOld);
        }
        match (callback.error, callback.code) {
            (Some(error), _) if error == "access_denied" => Err(Error::Denied),
            (Some(error), _) => {
                let description = callback.error_description.map(|words| quoted(&words));
                let fix = fix_for(&error, description.as_deref().unwrap_or_default());
                Err(Error::Refused { error: quoted(&error), description, fix, request_id: None })
            }
            (None, Some(code)) => Ok(Secret::new(code)),
            (None, None) => Err(Error::CallbackUnreadable("it holds neither a code nor an error")),
        }
    }
}

/// The parameters of RFC 6749 §4.1.2 and §4.1.2.1, each at most once.
#[derive(Default)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Callback {
    /// Reads a whole address, or its query with or without the question mark.
    fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let address = Url::parse(text).ok();
        let query = match &address {
            Some(address) => address.query().unwrap_or_default(),
            None if text.starts_with('/') => text.split_once('?').map_or("", |(_, query)| query),
            None => text.strip_prefix('?').unwrap_or(text),
        };
        let mut callback = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let field = match &*name {
                "code" => &mut callback.code,
                "state" => &mut callback.state,
                "iss" => &mut callback.iss,
                "error" => &mut callback.error,
                "error_description" => &mut callback.error_description,
                _ => continue,
            };
            // RFC 6749 §3.1: with two states, the one checked might not be the one meant.
            if field.replace(value.into_owned()).is_some() {
                return Err(Error::CallbackUnreadable("a parameter appears twice"));
            }
        }
        Ok(callback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scopes;

    fn pending() -> PendingLogin {
        PendingLogin {
            state: Secret::new("the-right-state"),
            code_verifier: Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            redirect_uri: "http://127.0.0.1:8081/callback".into(),
            issuer: "https://login.example".into(),
            scopes: scopes![UserReadEmail, PlaylistReadPrivate],
            started_at: 1_000,
        }
    }

    fn refusal(callback: &str) -> Error {
        pending().code_of(callback, 1_001).unwrap_err()
    }

    #[test]
    fn the_address_carries_state_and_challenge_and_never_the_verifier() {
        let endpoints = Endpoints::custom("https://login.example").unwrap();
        let url = pending().authorize_url(&endpoints, "abc");
        assert_eq!(
            url.as_str(),
            "https://login.example/authorize?response_type=code&client_id=abc\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A8081%2Fcallback&scope=playlist-read-private+user-read-email\
             &state=the-right-state&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn an_address_a_query_and_a_bare_query_are_all_callbacks() {
        for callback in [
            "http://127.0.0.1:8081/callback?code=AQ1&state=the-right-state",
            "com.example.app:/callback?code=AQ1&state=the-right-state",
            "/callback?code=AQ1&state=the-right-state",
            "?code=AQ1&state=the-right-state",
            "code=AQ1&state=the-right-state\n",
            "http://127.0.0.1:8081/callback?state=the-right-state&code=AQ1&unknown=1#_",
            "code=AQ1&state=the-right-state&iss=https%3A%2F%2Flogin.example",
            "iss=https://login.example&code=AQ1&state=the-right-state",
        ] {
            assert_eq!(pending().code_of(callback, 1_001).unwrap().expose(), "AQ1", "{callback}");
        }
    }

    #[test]
    fn a_foreign_or_absent_state_is_refused_whatever_else_is_said() {
        for callback in ["code=AQ1", "code=AQ1&state=", "code=AQ1&state=other", "error=access_denied&state=other"] {
            assert!(matches!(refusal(callback), Error::StateMismatch), "{callback}");
            assert!(!pending().is_answered_by(callback), "{callback}");
        }
        assert!(pending().is_answered_by("error=access_denied&state=the-right-state"));
    }

    #[test]
    fn another_issuer_is_refused() {
        let refusal = refusal("code=AQ1&state=the-right-state&iss=https%3A%2F%2Fevil.example");
        assert!(matches!(refusal, Error::IssuerMismatch { got, .. } if got == "https://evil.example"));
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        for callback in ["code=AQ1&code=AQ2&state=the-right-state", "code=AQ1&state=other&state=the-right-state"] {
            assert!(matches!(refusal(callback), Error::CallbackUnreadable(_)), "{callback}");
        }
    }

    #[test]
    fn a_denial_is_told_apart_from_a_refusal() {
        assert!(matches!(refusal("error=access_denied&state=the-right-state"), Error::Denied));
        let refused = refusal("error=invalid_scope&error_description=No%20such%20scope&state=the-right-state");
        assert_eq!(
            refused.to_string(),
            "The server refused: No such scope. Ask only for permissions the server knows."
        );
    }

    #[test]
    fn an_answer_with_neither_code_nor_error_is_refused() {
        assert!(matches!(refusal("state=the-right-state"), Error::CallbackUnreadable(_)));
    }

    #[test]
    fn a_login_of_more_than_an_hour_ago_is_refused() {
        let callback = "code=AQ1&state=the-right-state";
        assert!(pending().code_of(callback, 1_000 + 3_600).is_ok());
        assert!(matches!(pending().code_of(callback, 1_000 + 3_601), Err(Error::LoginTooOld)));
    }

    #[test]
    fn a_pending_login_survives_being_stored() {
        let stored = serde_json::to_string(&pending()).unwrap();
        let restored: PendingLogin = serde_json::from_str(&stored).unwrap();
        assert_eq!(restored.code_of("code=AQ1&state=the-right-state", 1_001).unwrap().expose(), "AQ1");
        assert!(restored.code_verifier.matches(pending().code_verifier.expose()));
    }

    #[test]
    fn a_pending_login_prints_neither_state_nor_verifier() {
        let printed = format!("{:?}", pending());
        assert!(!printed.contains("the-right-state") && !printed.contains("dBjftJeZ4CVP"), "{printed}");
    }
}
