//! One type per kind of identifier, so that a grant's id can never be passed for a user's.

use std::fmt;

use crate::rng::{Rng, random};
use crate::time::Timestamp;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From the 16 bytes that are stored and sealed.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes that are stored and sealed.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// From a stored column; `None` if it is not 16 bytes long.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// From 32 hexadecimal digits, as `Display` writes them.
            pub fn parse(text: &str) -> Option<Self> {
                crate::encoding::hex_decode::<16>(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

id! {
    /// A user, by 16 random bytes: the partition key of everything that is theirs. The name the Web API shows is
    /// another thing (`User::public_id`).
    UserId
}
id! {
    /// An app (OAuth client), by 16 bytes that never change, whatever its `client_id`.
    AppId
}
id! {
    /// What a user agreed to for one app. A new agreement after a removal is a new id.
    GrantId
}
id! {
    /// One login of one app, fixed when the authorization request arrives; time-ordered.
    LoginId
}
id! {
    /// A browser session of a signed-in user; time-ordered.
    SessionId
}
id! {
    /// An authorization request that waits for a person (`tx` in addresses); time-ordered.
    RequestId
}
id! {
    /// A device that waits for a person to let it in (RFC 8628 §3.2); time-ordered.
    DeviceId
}
id! {
    /// A logout token or a webhook on its way to an app; time-ordered.
    DeliveryId
}
id! {
    /// Something that happened to an account or an app; time-ordered.
    EventId
}
id! {
    /// An app's logo, by the SHA-256 of its picture, cut short: another picture is another logo.
    LogoId
}
id! {
    /// A person's passkey; time-ordered.
    PasskeyId
}
id! {
    /// A mail on its way; time-ordered.
    MailId
}
id! {
    /// A proof by mail that waits to be shown; time-ordered.
    ProofId
}
id! {
    /// A report about an app; time-ordered.
    ReportId
}
id! {
    /// A key of the admin API; time-ordered.
    ApiKeyId
}
id! {
    /// What is sealed into a form and works once; time-ordered.
    TicketId
}
id! {
    /// One life of a store: changes when it is restored or a replica is promoted (design §4.6).
    Incarnation
}
id! {
    /// One server process's numbered stream in the revocation feed.
    StreamId
}

/// 16 bytes whose first six are the time in milliseconds, so that rows are written in the order of their keys
/// (the layout of a UUID version 7, RFC 9562 §5.7, without its version bits: all other bits are random).
fn time_ordered(now: Timestamp, rng: &(impl Rng + ?Sized)) -> [u8; 16] {
    let mut id = random::<16>(rng);
    let millis = now.unix_millis().to_be_bytes();
    for (slot, byte) in id.iter_mut().zip(millis.iter().skip(2)) {
        *slot = *byte;
    }
    id
}

macro_rules! new_time_ordered {
    ($($name:ident),*) => { $(
        impl $name {
            /// A new id that sorts by the time it was made.
            pub fn generate(now: Timestamp, rng: &(impl Rng + ?Sized)) -> Self {
                Self(time_ordered(now, rng))
            }

            /// The least id of this time: all made before it sort below.
            pub fn first_of(time: Timestamp) -> Self {
                let mut id = [0; 16];
                for (slot, byte) in id.iter_mut().zip(time.unix_millis().to_be_bytes().iter().skip(2)) {
                    *slot = *byte;
                }
                Self(id)
            }

            /// When it was made.
            pub fn made_at(&self) -> Timestamp {
                let [a, b, c, d, e, f, ..] = self.0;
                Timestamp::from_unix_millis(i64::from_be_bytes([0, 0, a, b, c, d, e, f]))
            }
        }
    )* };
}
new_time_ordered!(
    GrantId, LoginId, SessionId, RequestId, DeviceId, DeliveryId, EventId, PasskeyId, MailId, ProofId, ReportId,
    TicketId, ApiKeyId
);

impl LoginId {
    /// The login of an access token that goes to the browser beside the code of this one. It follows from this id, so that
    /// a consent posted twice makes it once.
    pub fn of_front_channel(&self) -> Self {
        let mut id = self.0;
        let hash = crate::seal::sha256(&[b"front channel", &self.0[..]].concat());
        for (slot, byte) in id.iter_mut().skip(6).zip(hash) {
            *slot = byte;
        }
        Self(id)
    }
}

macro_rules! new_random {
    ($($name:ident),*) => { $(
        impl $name {
            /// A new random id.
            pub fn generate(rng: &(impl Rng + ?Sized)) -> Self {
                Self(random(rng))
            }
        }
    )* };
}
new_random!(UserId, AppId, Incarnation, StreamId);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRng;

    #[test]
    fn ids_made_later_sort_later() {
        let rng = SeededRng::new(1);
        let first = LoginId::generate(Timestamp::from_unix_millis(1_000), &rng);
        let second = LoginId::generate(Timestamp::from_unix_millis(1_001), &rng);
        assert!(first < second);
        assert_eq!(first.made_at().unix_millis(), 1_000);
    }

    #[test]
    fn an_id_survives_its_written_form() {
        let id = GrantId::generate(Timestamp::from_unix_millis(5), &SeededRng::new(2));
        assert_eq!(GrantId::parse(&id.to_string()), Some(id));
        assert_eq!(GrantId::parse("abc"), None);
    }
}
