//! A new person.

use keysig_core::encoding::hex;
use keysig_core::id::UserId;
use keysig_core::password::{HashingMemory, PasswordHash, is_acceptable_password};
use keysig_core::rng::{Rng, random};
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;
use keysig_core::user::{Product, Role, User, canonical_email};
use keysig_store::library::LibrarySpec;
use keysig_store::{Store, StoreError, users};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Refused, name};

/// Longest e-mail address, and longest part before its `@` (RFC 5321 §4.5.3.1).
const MAX_EMAIL_BYTES: usize = 254;
const MAX_LOCAL_PART_BYTES: usize = 64;

/// A person to register, as a seed file and the control socket spell them. Passwords travel as hashes only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The id the Web API shows; a random one if there is none.
    #[serde(default)]
    pub id: Option<String>,
    /// In any spelling.
    pub email: String,
    /// Whether whoever registers them vouches that the address is theirs.
    #[serde(default = "vouched")]
    pub email_verified: bool,
    /// What others see.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    #[serde(default = "usual_country")]
    pub country: String,
    /// The plan.
    #[serde(default = "usual_product")]
    pub product: Product,
    /// What else they may do.
    #[serde(default = "usual_role")]
    pub role: Role,
    /// In clear, in a seed file.
    #[serde(default, skip_serializing, deserialize_with = "secret")]
    pub password: Option<Secret>,
    /// The same as a PHC string; hashing takes time that a start may not have.
    #[serde(default)]
    pub password_hash: Option<String>,
    /// The key of their authenticator app in base32, in a seed file: then they have a second step.
    #[serde(default, skip_serializing, deserialize_with = "secret")]
    pub totp: Option<Secret>,
    /// What is in their library, in a seed file.
    #[serde(default, skip_serializing)]
    pub library: LibrarySpec,
}

/// Of accounts that nobody says otherwise of.
pub fn usual_country() -> String {
    "US".to_owned()
}

const fn vouched() -> bool {
    true
}

const fn usual_product() -> Product {
    Product::Free
}

const fn usual_role() -> Role {
    Role::User
}

pub(super) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    Option::<String>::deserialize(from).map(|text| text.map(Secret::new))
}

impl NewUser {
    /// The hash of their password. Takes about 20 ms if it was given in clear.
    pub fn hash(&self, rng: &(impl Rng + ?Sized), memory: &mut HashingMemory) -> Result<PasswordHash, Refused> {
        match (&self.password_hash, &self.password) {
            (Some(hash), _) if hash.starts_with("$argon2id$") => Ok(PasswordHash::from_phc(hash.clone())),
            (None, Some(password)) if is_acceptable_password(password) => {
                PasswordHash::new(password, rng, memory).ok_or(Refused::Password)
            }
            (None, Some(_)) => Err(Refused::Password),
            _ => Err(Refused::NoPassword),
        }
    }
}

/// The one spelling of an e-mail address, if it is one (the shape that browsers check, RFC 5321 §4.1.2 without quotes).
pub fn email(text: &str) -> Result<String, Refused> {
    let email = canonical_email(text);
    let is_local = |part: &str| {
        (1..=MAX_LOCAL_PART_BYTES).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_email = email.len() <= MAX_EMAIL_BYTES
        && email.split_once('@').is_some_and(|(local, domain)| is_local(local) && domain.split('.').all(is_label));
    if is_email { Ok(email) } else { Err(Refused::Email(text.to_owned())) }
}

/// Lower case, because people sign in with it too, and what they type is folded.
fn is_public_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

/// Registers a person. `id` is the key of their rows, random unless a seed says otherwise.
pub async fn add(
    store: &Store,
    new: &NewUser,
    hash: &PasswordHash,
    id: UserId,
    now: Timestamp,
    rng: &(impl Rng + ?Sized),
) -> Result<User, Refused> {
    let user = checked(new, id, rng)?;
    match users::add(store, &user, hash, now).await {
        Ok(()) => Ok(user),
        Err(StoreError::Conflict) if users::by_identifier(store, &user.email).await?.is_some() => {
            Err(Refused::EmailTaken(user.email))
        }
        Err(StoreError::Conflict) => Err(Refused::UserIdTaken(user.public_id)),
        Err(error) => Err(error.into()),
    }
}

/// The person as they will be kept, if all that is said of them can be.
pub fn checked(new: &NewUser, id: UserId, rng: &(impl Rng + ?Sized)) -> Result<User, Refused> {
    let public_id = new.id.clone().unwrap_or_else(|| hex(&random::<14>(rng)));
    if !is_public_id(&public_id) {
        return Err(Refused::UserId(public_id));
    }
    if new.country.len() != 2 || !new.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Refused::Country(new.country.clone()));
    }
    Ok(User {
        id,
        public_id,
        email: email(&new.email)?,
        display_name: name(&new.name)?,
        country: new.country.clone(),
        product: new.product,
        role: new.role,
        epoch: 0,
        disabled: false,
        email_verified: new.email_verified,
        locale: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling_and_a_shape() {
        assert_eq!(email(" Ada@Example.Test ").unwrap(), "ada@example.test");
        for bad in [
            "",
            "ada",
            "@example.test",
            "ada@",
            "a b@example.test",
            "ada@exa mple.test",
            "ada@@x",
            "ada@.test",
            "ada@-x.test",
        ] {
            assert!(matches!(email(bad), Err(Refused::Email(_))), "{bad}");
        }
    }

    #[test]
    fn an_id_is_lower_case_because_sign_in_folds_what_is_typed() {
        assert!(is_public_id("ada.l-1_x"));
        assert!(!is_public_id("Ada") && !is_public_id("") && !is_public_id("a@b") && !is_public_id(&"a".repeat(65)));
    }

    #[test]
    fn a_password_in_clear_is_never_written_out() {
        let new: NewUser =
            serde_json::from_str(r#"{"email":"a@b","name":"A","password":"correct horse battery"}"#).unwrap();
        assert!(!serde_json::to_string(&new).unwrap().contains("horse"));
    }
}
