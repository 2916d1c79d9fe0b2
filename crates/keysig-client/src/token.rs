//! The tokens of one login.

use serde::{Deserialize, Serialize};

use crate::scope::Scopes;
use crate::secret::{self, Secret};
use crate::token_request::TokenResponse;

/// The tokens of one login, as an app keeps them.
///
/// `Debug` shows four characters of a token. Serialising shows all of it: encrypt what you store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenSet {
    /// Calls the API.
    #[serde(serialize_with = "secret::expose")]
    pub access_token: Secret,
    /// Makes new access tokens; absent for client credentials.
    #[serde(serialize_with = "secret::expose_option", default)]
    pub refresh_token: Option<Secret>,
    /// When the access token ends, in seconds since 1970-01-01 UTC.
    pub expires_at: i64,
    /// What the access token may do.
    pub scopes: Scopes,
}

impl TokenSet {
    /// The first tokens of a login that asked for `requested`.
    pub(crate) fn first(response: TokenResponse, requested: &Scopes, now: i64) -> Self {
        Self {
            expires_at: response.expires_at(now),
            access_token: response.access_token,
            refresh_token: response.refresh_token,
            // RFC 6749 §5.1: absent if identical to the scope requested.
            scopes: response.scope.map_or_else(|| requested.clone(), |scope| Scopes::parse(&scope)),
        }
    }

    /// These tokens after a refresh. An absent `refresh_token` or `scope` keeps the old one (RFC 6749 §6): a client
    /// that forgot it here would be logged out an hour later.
    pub(crate) fn merged(&self, response: TokenResponse, now: i64) -> Self {
        let fresh = Self::first(response, &self.scopes, now);
        Self { refresh_token: fresh.refresh_token.or_else(|| self.refresh_token.clone()), ..fresh }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scopes;

    fn response(json: &str) -> TokenResponse {
        serde_json::from_str(json).unwrap()
    }

    fn old() -> TokenSet {
        let first = r#"{"access_token":"BQ1","token_type":"Bearer","expires_in":3600,"refresh_token":"AQ1"}"#;
        TokenSet::first(response(first), &scopes![UserReadEmail], 1_000)
    }

    #[test]
    fn an_absent_scope_means_what_was_asked_for() {
        assert_eq!(old().scopes, scopes![UserReadEmail]);
        assert_eq!(old().expires_at, 4_600);
    }

    #[test]
    fn an_absent_refresh_token_or_scope_keeps_the_old_one() {
        let answer = response(r#"{"access_token":"BQ2","token_type":"bearer","expires_in":3600}"#);
        let merged = old().merged(answer, 5_000);
        assert_eq!(merged.access_token.expose(), "BQ2");
        assert_eq!(merged.refresh_token.unwrap().expose(), "AQ1");
        assert_eq!(merged.scopes, scopes![UserReadEmail]);
        assert_eq!(merged.expires_at, 8_600);
    }

    #[test]
    fn a_new_refresh_token_or_scope_replaces_the_old_one() {
        let merged = old().merged(
            response(r#"{"access_token":"BQ2","token_type":"Bearer","refresh_token":"AQ2","scope":"user-top-read"}"#),
            5_000,
        );
        assert_eq!(merged.refresh_token.unwrap().expose(), "AQ2");
        assert_eq!(merged.scopes, scopes![UserTopRead]);
    }

    #[test]
    fn a_scope_that_came_back_empty_is_no_permission() {
        let merged = old().merged(response(r#"{"access_token":"BQ2","token_type":"Bearer","scope":""}"#), 5_000);
        assert!(merged.scopes.is_empty());
    }

    #[test]
    fn tokens_survive_being_stored_and_never_print() {
        let stored = serde_json::to_string(&old()).unwrap();
        let restored: TokenSet = serde_json::from_str(&stored).unwrap();
        assert_eq!(restored.refresh_token.unwrap().expose(), "AQ1");
        assert!(!format!("{:?}", old()).contains("Q1"));
    }
}
