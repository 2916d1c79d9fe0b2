//! An invitation to sign up: a link that works once, for a week. Its secret is made where the command runs, and only the MAC
//! of it goes to the store.

use keysig_core::encoding::{hex, hex_decode};
use keysig_core::id::ProofId;
use keysig_core::mail::{Purpose, print_link, secret_mac};
use keysig_core::rng::{Rng, random};
use keysig_core::seal::Keyring;
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;
use keysig_core::user::Role;
use keysig_store::mail_proofs::{self, Proof};
use keysig_store::{Store, Write, users};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Refused;
use super::user::email;

/// What the command sends.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    id: String,
    email: String,
    role: Role,
    secret_mac: String,
}

impl Invitation {
    /// An invitation, and what stands in its link. `keys` are those of the server that will be shown it.
    pub fn new(
        keys: &Keyring,
        address: &str,
        role: Role,
        now: Timestamp,
        rng: &(impl Rng + ?Sized),
    ) -> Result<(Self, Secret), Refused> {
        let (id, secret) = (ProofId::generate(now, rng), Secret::generate(rng));
        let mac = secret_mac(&keys.lasting(), Purpose::Invite, id, &secret);
        let invitation = Self { id: id.to_string(), email: email(address)?, role, secret_mac: hex(&mac) };
        Ok((invitation, Secret::new(print_link(id, &secret))))
    }
}

/// Writes it down.
pub async fn add(
    store: &Store,
    invitation: &Invitation,
    now: Timestamp,
    rng: &(impl Rng + ?Sized),
) -> Result<Value, Refused> {
    let address = email(&invitation.email)?;
    if users::by_identifier(store, &address).await?.is_some() {
        return Err(Refused::EmailTaken(address));
    }
    let unreadable = || Refused::Email(invitation.email.clone());
    let proof = Proof {
        id: ProofId::parse(&invitation.id).ok_or_else(unreadable)?,
        purpose: Purpose::Invite,
        email: address.clone(),
        user: None,
        secret_mac: hex_decode::<32>(&invitation.secret_mac).ok_or_else(unreadable)?,
        // Nobody types an invitation.
        digits_mac: random(rng),
        tries: 0,
        body: json!({ "role": invitation.role }).to_string(),
        expires_at: now.plus_seconds(Purpose::Invite.lifetime_seconds()),
        used_at: None,
    };
    store.write(Write::one(mail_proofs::insertion(&proof))).await?;
    Ok(json!({ "email": address }))
}
