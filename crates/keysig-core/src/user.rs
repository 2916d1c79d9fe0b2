//! Users: the resource owners (RFC 6749 §1.1).

use serde::{Deserialize, Serialize};

use crate::encoding::base62;
use crate::feed::Epoch;
use crate::id::UserId;
use crate::seal::sha256;

/// The plan an account is on; the Web API calls it `product`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    /// Pays.
    Premium,
    /// Does not.
    Free,
}

impl Product {
    /// The name on the wire and in columns.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Premium => "premium",
            Self::Free => "free",
        }
    }

    /// From a column.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Premium, Self::Free].into_iter().find(|product| product.name() == name)
    }
}

/// What a person may do besides being one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Uses apps.
    User,
    /// Registers apps, too.
    Developer,
    /// Looks at the operator area, and changes nothing there.
    Viewer,
    /// Helps people there: sees and locks accounts, pauses apps.
    Support,
    /// Runs this server: may do all of it.
    Operator,
}

impl Role {
    /// All of them; who comes later may do more.
    pub const ALL: [Self; 5] = [Self::User, Self::Developer, Self::Viewer, Self::Support, Self::Operator];

    /// The name in columns and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Developer => "developer",
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Operator => "operator",
        }
    }

    /// From a column or the command line.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A person with an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// The partition key; never shown.
    pub id: UserId,
    /// The id the Web API shows (`ada`); never reused.
    pub public_id: String,
    /// Canonical: trimmed and lower-cased.
    pub email: String,
    /// Whether the address is known to be theirs: the operator vouched for it.
    pub email_verified: bool,
    /// What others see.
    pub display_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The plan.
    pub product: Product,
    /// What else they may do.
    pub role: Role,
    /// Raised when everything of theirs must die.
    pub epoch: Epoch,
    /// The language they chose, as a BCP 47 tag.
    pub locale: Option<String>,
    /// The operator closed the account.
    pub disabled: bool,
}

impl User {
    /// The immutable pseudonym that `/v1/me` gives apps for linking accounts: ten characters, from the id alone.
    pub fn account_id(&self) -> String {
        let mut seed = [0; 16];
        for (slot, byte) in seed.iter_mut().zip(sha256(&[b"account_id".as_slice(), self.id.as_bytes()].concat())) {
            *slot = byte;
        }
        base62(&seed).chars().rev().take(10).collect()
    }
}

/// The one spelling of an e-mail address under which an account is found and its failed sign-ins are counted.
pub fn canonical_email(typed: &str) -> String {
    typed.trim().to_lowercase()
}
