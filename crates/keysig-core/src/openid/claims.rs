//! Claims about a person (OpenID Connect Core §5): which a scope brings, and which a request asks for one by one.

use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::scope::ScopeSet;
use crate::user::User;

/// No `claims` parameter is longer than this, in bytes.
pub const MAX_CLAIMS_BYTES: usize = 4096;

/// A claim that we can make (OpenID Connect Core §5.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// `name`.
    Name,
    /// `preferred_username`.
    PreferredUsername,
    /// `email`.
    Email,
    /// `email_verified`.
    EmailVerified,
    /// `auth_time`.
    AuthTime,
    /// `acr`.
    Acr,
    /// `amr`.
    Amr,
}

impl Claim {
    /// All of them; a claim's place is its bit in sealed and stored sets, so only ever append.
    pub const ALL: [Self; 7] =
        [Self::Name, Self::PreferredUsername, Self::Email, Self::EmailVerified, Self::AuthTime, Self::Acr, Self::Amr];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::PreferredUsername => "preferred_username",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::AuthTime => "auth_time",
            Self::Acr => "acr",
            Self::Amr => "amr",
        }
    }

    /// The claim of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|claim| claim.name() == name)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of claims.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClaimSet(u16);

impl ClaimSet {
    /// What the scope `profile` brings (OpenID Connect Core §5.4).
    pub const PROFILE: Self = Self(Claim::Name.bit() | Claim::PreferredUsername.bit());
    /// What the scope `email` brings.
    pub const EMAIL: Self = Self(Claim::Email.bit() | Claim::EmailVerified.bit());

    /// Whether `claim` is in it.
    pub fn has(self, claim: Claim) -> bool {
        self.0 & claim.bit() != 0
    }

    /// With one more.
    pub fn with(self, claim: Claim) -> Self {
        Self(self.0 | claim.bit())
    }

    /// What is in either.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// About the person, which these scopes let an app know (§5.4).
    pub fn allowed_by(scopes: ScopeSet) -> Self {
        let mut allowed = Self::default();
        if ScopeSet::PROFILE.is_subset(scopes) {
            allowed = allowed.union(Self::PROFILE);
        }
        if ScopeSet::EMAIL.is_subset(scopes) {
            allowed = allowed.union(Self::EMAIL);
        }
        allowed
    }
}

/// What an app is told about a person; what it may not know, or did not ask for, is absent.
#[derive(Serialize, Default)]
pub struct PersonClaims<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
}

impl<'a> PersonClaims<'a> {
    /// Of `user`, those in `shown`.
    pub fn of(user: &'a User, shown: ClaimSet) -> Self {
        Self {
            name: shown.has(Claim::Name).then_some(&*user.display_name),
            preferred_username: shown.has(Claim::PreferredUsername).then_some(&*user.public_id),
            email: shown.has(Claim::Email).then_some(&*user.email),
            email_verified: shown.has(Claim::EmailVerified).then_some(user.email_verified),
        }
    }
}

/// What a `claims` parameter asks for, of claims that we can make; others are left out, as all are voluntary
/// (OpenID Connect Core §5.5.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClaimsRequest {
    /// In the ID token.
    pub id_token: ClaimSet,
    /// From the userinfo endpoint.
    pub userinfo: ClaimSet,
}

impl ClaimsRequest {
    /// As sealed and stored.
    pub fn number(self) -> u32 {
        u32::from(self.id_token.0) | u32::from(self.userinfo.0) << 16
    }

    /// The scopes that bring what is asked for: the person is asked for them, whether by scope or by claim.
    pub fn scopes(self) -> ScopeSet {
        let both = self.id_token.union(self.userinfo);
        let brought = |claims: ClaimSet, scope| if both.intersection(claims).0 == 0 { ScopeSet::EMPTY } else { scope };
        brought(ClaimSet::PROFILE, ScopeSet::PROFILE).union(brought(ClaimSet::EMAIL, ScopeSet::EMAIL))
    }

    /// From what was sealed or stored.
    pub fn from_number(number: u32) -> Self {
        Self { id_token: ClaimSet((number & 0xffff) as u16), userinfo: ClaimSet((number >> 16) as u16) }
    }
}

/// A `claims` parameter as read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RequestedClaims {
    /// What to include.
    pub request: ClaimsRequest,
    /// Only these people will do, whoever if there are none (`sub` with a `value` or `values`, OpenID Connect Core §5.5.1).
    pub subjects: Vec<String>,
    /// The ways of signing in that alone will do: an essential `acr` with its values.
    pub essential_acr: Option<Vec<String>>,
}

/// The parameter is not the JSON object of OpenID Connect Core §5.5.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClaimsMalformed;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Parameter {
    id_token: Option<Members>,
    userinfo: Option<Members>,
}

/// The members of a JSON object, each name once: of two, another reader may take the other.
struct Members(Vec<(String, Option<Wanted>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadMembers;

        impl<'de> Visitor<'de> for ReadMembers {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of claims")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, Option<Wanted>)> = Vec::new();
                while let Some((name, wanted)) = map.next_entry::<String, _>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("a name that stands twice"));
                    }
                    members.push((name, wanted));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(ReadMembers)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wanted {
    essential: bool,
    value: Option<Value>,
    values: Option<Vec<Value>>,
}

/// Values of claims we compare are strings; others are read over.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Other(IgnoredAny),
}

impl Value {
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }
}

impl Wanted {
    fn texts(self) -> Vec<String> {
        self.values.unwrap_or_default().into_iter().chain(self.value).filter_map(Value::text).collect()
    }
}

impl RequestedClaims {
    /// Reads the parameter. What it asks for decides nothing about the person: it is text from a stranger.
    pub fn parse(parameter: &str) -> Result<Self, ClaimsMalformed> {
        // An array would be read as the members in their order.
        if parameter.len() > MAX_CLAIMS_BYTES || !parameter.trim_start().starts_with('{') {
            return Err(ClaimsMalformed);
        }
        let read: Parameter = serde_json::from_str(parameter).map_err(|_| ClaimsMalformed)?;
        let mut requested = Self::default();
        for (name, wanted) in read.id_token.into_iter().flat_map(|members| members.0) {
            let wanted = wanted.unwrap_or_default();
            match (name.as_str(), Claim::from_name(&name)) {
                ("sub", _) => requested.subjects = wanted.texts(),
                (_, Some(claim)) => {
                    requested.request.id_token = requested.request.id_token.with(claim);
                    if claim == Claim::Acr && wanted.essential {
                        requested.essential_acr = Some(wanted.texts()).filter(|values| !values.is_empty());
                    }
                }
                (_, None) => {}
            }
        }
        for name in read.userinfo.into_iter().flat_map(|members| members.0).map(|(name, _)| name) {
            if let Some(claim) = Claim::from_name(&name) {
                requested.request.userinfo = requested.request.userinfo.with(claim);
            }
        }
        Ok(requested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_claims_for_the_id_token_and_for_userinfo() {
        let read = RequestedClaims::parse(
            r#"{"userinfo":{"name":{"essential":true},"http://x/y":null},"id_token":{"auth_time":null,"email":{}}}"#,
        )
        .unwrap();
        assert!(read.request.userinfo.has(Claim::Name) && !read.request.userinfo.has(Claim::Email));
        assert!(read.request.id_token.has(Claim::AuthTime) && read.request.id_token.has(Claim::Email));
        assert_eq!(ClaimsRequest::from_number(read.request.number()), read.request);
        assert_eq!(read.request.scopes(), ScopeSet::PROFILE.union(ScopeSet::EMAIL));
    }

    #[test]
    fn certain_people_and_ways_of_signing_in_can_be_demanded() {
        let read = RequestedClaims::parse(
            r#"{"id_token":{"sub":{"value":"ada"},"acr":{"essential":true,"values":["a","b",3]}}}"#,
        )
        .unwrap();
        assert_eq!(read.subjects, ["ada"]);
        assert_eq!(read.essential_acr, Some(vec!["a".to_owned(), "b".to_owned()]));
        let either = RequestedClaims::parse(r#"{"id_token":{"sub":{"values":["ada","bob"]}}}"#).unwrap();
        assert_eq!(either.subjects, ["ada", "bob"]);
        let voluntary = RequestedClaims::parse(r#"{"id_token":{"acr":{"values":["a"]}}}"#).unwrap();
        assert_eq!(voluntary.essential_acr, None);
    }

    #[test]
    fn what_is_no_object_of_objects_is_refused() {
        let twice = r#"{"userinfo":{"name":null,"name":null}}"#;
        let deep = "[".repeat(MAX_CLAIMS_BYTES - 1);
        let long = format!("{{\"userinfo\":{{}}}}{}", " ".repeat(MAX_CLAIMS_BYTES));
        for text in ["", "[]", "3", "{\"userinfo\":[]}", "{\"userinfo\":{\"name\":3}}", "{", twice, &deep, &long] {
            assert_eq!(RequestedClaims::parse(text), Err(ClaimsMalformed), "{text}");
        }
        assert_eq!(RequestedClaims::parse("{}"), Ok(RequestedClaims::default()));
    }
}
