//! Logout tokens (OpenID Connect Back-Channel Logout §2.4): told to apps when a browser session ends.

use serde::Serialize;
use serde_json::{Value, json};

use crate::id::DeliveryId;
use crate::parameters::percent_encode;
use crate::time::Timestamp;

/// The `typ` of logout tokens: none is ever taken for an ID token (§2.4).
pub const TYPE: &str = "logout+jwt";
/// How long one is good for: long enough for clocks, short enough to be of no use to a thief (§2.4 recommends 2 minutes).
const LIFETIME_SECONDS: i64 = 120;

/// The claims of a logout token. There is never a `nonce` (§2.4).
#[derive(Serialize)]
pub struct LogoutToken<'a> {
    iss: &'a str,
    /// Left out where the account is gone: the session alone says enough (§2.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: String,
    events: Value,
}

impl<'a> LogoutToken<'a> {
    /// That `subject`'s session `sid` has ended, for the app of `client_id`, which calls both so. A delivery that is tried again keeps its `jti`.
    pub fn new(
        issuer: &'a str,
        subject: Option<&'a str>,
        client_id: &'a str,
        sid: String,
        delivery: DeliveryId,
        now: Timestamp,
    ) -> Self {
        Self {
            iss: issuer,
            sub: subject,
            aud: client_id,
            iat: now.unix_seconds(),
            exp: now.unix_seconds() + LIFETIME_SECONDS,
            jti: delivery.to_string(),
            sid,
            events: json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
        }
    }
}

/// What a browser loads to tell an app (OpenID Connect Front-Channel Logout §2): its address, with issuer and the app's
/// name for the session.
pub fn frontchannel_address(registered: &str, issuer: &str, sid: &str) -> String {
    let separator = if registered.contains('?') { '&' } else { '?' };
    format!("{registered}{separator}iss={}&sid={sid}", percent_encode(issuer))
}

/// After how many failed tries a delivery is given up.
pub const MAX_TRIES: u32 = 8;

/// How long to wait after the given failed try, from 1, in seconds: 5 s, doubling to 5 minutes.
pub fn wait_seconds_after(failed_try: u32) -> i64 {
    (5_i64 << failed_try.saturating_sub(1).min(16)).min(300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        let waits: Vec<i64> = (1..=8).map(wait_seconds_after).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(wait_seconds_after(u32::MAX), 300);
    }

    #[test]
    fn a_frame_keeps_the_query_of_the_registered_address() {
        let address = |registered| frontchannel_address(registered, "https://op.example", "0101");
        let rest = "iss=https%3A%2F%2Fop.example&sid=0101";
        assert_eq!(address("https://rp.example/out"), format!("https://rp.example/out?{rest}"));
        assert_eq!(address("https://rp.example/out?a=b"), format!("https://rp.example/out?a=b&{rest}"));
    }

    #[test]
    fn a_logout_token_has_its_event_and_never_a_nonce() {
        let now = Timestamp::from_unix_millis(1_790_000_000_000);
        let (sid, delivery) = ("0101".to_owned(), DeliveryId::from_bytes([2; 16]));
        let token = LogoutToken::new("https://op.example", Some("ada"), "web", sid, delivery, now);
        let claims = serde_json::to_value(token).unwrap();
        assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
        assert!(claims.get("nonce").is_none());
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    }
}
