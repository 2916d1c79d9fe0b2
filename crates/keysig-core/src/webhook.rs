//! Webhooks: what an app is told by a request of ours when somebody takes something away from it, signed as Standard
//! Webhooks says (<https://www.standardwebhooks.com>, `docs/webhooks.md`).

use aws_lc_rs::hmac;

use crate::encoding::{base64_decode, base64_encode};
use crate::id::DeliveryId;
use crate::rng::{Rng, random};
use crate::secret::Secret;
use crate::time::Timestamp;

/// What is told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventType {
    /// An agreement ended.
    GrantRevoked,
    /// An agreement allows less than before.
    GrantReduced,
    /// Somebody who had agreed deleted their account.
    UserDeleted,
    /// A secret of the app stops working within a day.
    SecretExpiring,
    /// Nothing happened: a developer tries their address.
    Test,
}

impl EventType {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::GrantRevoked, Self::GrantReduced, Self::UserDeleted, Self::SecretExpiring, Self::Test];

    /// The `type` of the payload, and the name in its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GrantRevoked => "grant.revoked",
            Self::GrantReduced => "grant.reduced",
            Self::UserDeleted => "user.deleted",
            Self::SecretExpiring => "secret.expiring",
            Self::Test => "webhook.test",
        }
    }

    /// From its column.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

/// Why something was taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The person removed the app.
    RemovedByUser,
    /// The person turned a permission off.
    TurnedOffByUser,
    /// The person paused the app; it works again when they resume it.
    PausedByUser,
    /// The app's developer ended the person's access, or everybody's.
    ResetByDeveloper,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::RemovedByUser, Self::TurnedOffByUser, Self::PausedByUser, Self::ResetByDeveloper];

    /// The name in the payload and in its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RemovedByUser => "removed_by_user",
            Self::TurnedOffByUser => "turned_off_by_user",
            Self::PausedByUser => "paused_by_user",
            Self::ResetByDeveloper => "reset_by_developer",
        }
    }

    /// From its column.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// In front of a signing secret.
const SECRET_PREFIX: &str = "whsec_";

/// A new signing secret: `whsec_` and 32 random bytes in base64.
pub fn new_secret(rng: &(impl Rng + ?Sized)) -> Secret {
    Secret::new(format!("{SECRET_PREFIX}{}", base64_encode(&random::<32>(rng))))
}

/// The header `webhook-id`: the same however often a delivery is tried, so that an app can do nothing twice.
pub fn message_id(id: DeliveryId) -> String {
    format!("msg_{id}")
}

/// One signature of the header `webhook-signature`; `None` if the secret is none of [`new_secret`]'s form.
pub fn signature(secret: &Secret, message_id: &str, at: Timestamp, body: &str) -> Option<String> {
    let key = base64_decode(secret.expose().strip_prefix(SECRET_PREFIX)?)?;
    let signed = format!("{message_id}.{}.{body}", at.unix_seconds());
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
    Some(format!("v1,{}", base64_encode(mac.as_ref())))
}

/// How long to wait after the n-th failed try, in seconds.
const WAITS_SECONDS: [i64; 7] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 24 * 3600];

/// How long to wait after the given failed try, from 1, in seconds; `None`: it is given up.
pub fn wait_seconds_after(failed_try: u32) -> Option<i64> {
    let index = usize::try_from(failed_try).ok()?.checked_sub(1)?;
    WAITS_SECONDS.get(index).copied()
}

/// How long one that died in the middle of a try is left alone, in seconds: longer than a try takes.
pub const TAKEN_SECONDS: i64 = 60;

/// How long before a secret stops working its app is told, in seconds.
pub const EXPIRING_WITHIN_SECONDS: i64 = 86_400;

/// How long after a new signing secret the one before goes on signing, in seconds.
pub const OVERLAP_SECONDS: i64 = 86_400;

/// How long deliveries are kept, in seconds: beyond the last try, for the developer to look at.
pub const KEPT_SECONDS: i64 = 7 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRng;

    #[test]
    fn the_example_of_the_standard_comes_out() {
        // From the verification examples of Standard Webhooks and of Svix, who wrote it.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let at = Timestamp::from_unix_millis(1_614_265_330_000);
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_signature_is_of_one_secret_one_message_one_time_and_one_body() {
        let rng = SeededRng::new(5);
        let secrets = [new_secret(&rng), new_secret(&rng)];
        let mut signatures = std::collections::HashSet::new();
        for secret in &secrets {
            for (id, at, body) in
                [("msg_1", 1000, "{}"), ("msg_2", 1000, "{}"), ("msg_1", 2000, "{}"), ("msg_1", 1000, "[]")]
            {
                signatures.insert(signature(secret, id, Timestamp::from_unix_millis(at), body).unwrap());
            }
        }
        assert_eq!(signatures.len(), 8);
        assert_eq!(signature(&Secret::new("hunter2".to_owned()), "msg_1", Timestamp::default(), "{}"), None);
    }

    #[test]
    fn it_is_tried_eight_times_within_two_days() {
        let waits: Vec<i64> = (1..).map_while(wait_seconds_after).collect();
        assert_eq!(waits, WAITS_SECONDS);
        assert!(waits.iter().sum::<i64>() < 2 * 86_400);
        assert_eq!((wait_seconds_after(0), wait_seconds_after(8), wait_seconds_after(u32::MAX)), (None, None, None));
    }

    #[test]
    fn names_survive_their_columns() {
        for event in EventType::ALL {
            assert_eq!(EventType::from_name(event.name()), Some(event));
        }
        for reason in Reason::ALL {
            assert_eq!(Reason::from_name(reason.name()), Some(reason));
        }
        assert_eq!((EventType::from_name("grant"), Reason::from_name("")), (None, None));
    }
}
