//! Passkeys (Web Authentication Level 2): what a browser is asked for, and the proof that its answer is right. The state of a
//! ceremony travels sealed in the form: no row is written until somebody answers (`docs/passkeys.md`).

use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::id::{PasskeyId, TicketId, UserId};
use keysig_core::rng::random;
use keysig_core::seal::{KeyId, Keyring};
use keysig_core::time::Timestamp;
use keysig_core::user::User;
use keysig_store::account_events::Happened;
use keysig_store::passkeys::StoredPasskey;
use keysig_store::{StoreError, passkeys, spent_tickets, users};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    COSEAlgorithm, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::browser::Browser;
use crate::server::Server;

/// How long a browser may take, in seconds.
pub const CEREMONY_SECONDS: i64 = 300;
/// How many passkeys an account may have.
pub const MOST_PASSKEYS: usize = 20;
/// ES256 and RS256: every authenticator has one of them.
const ALGORITHMS: [COSEAlgorithm; 2] = [COSEAlgorithm::ES256, COSEAlgorithm::RS256];
const NONCE_BYTES: usize = 12;

/// The relying party (Web Authentication Level 2 §4) and the keys that seal its ceremonies.
pub struct Passkeys {
    webauthn: Webauthn,
    keys: Keyring,
}

/// What a ceremony is for. Its state opens for nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Signing in: whoever it is.
    SignIn,
    /// Showing that this person is still there.
    Recheck(UserId),
    /// Adding a passkey to this account.
    Register(UserId),
}

/// A ceremony that was begun: what the page carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ceremony {
    /// For `navigator.credentials`, as JSON; bytes are base64url.
    pub options: String,
    /// Its state, sealed.
    pub ticket: String,
}

/// Why an answer lets nobody in, and adds nothing.
#[derive(Debug)]
pub enum Refused {
    /// The state is too old, was used, or is another browser's or purpose's.
    Stale,
    /// No account has this passkey, or another one than it says.
    Unknown,
    /// The answer is not a right one.
    Wrong(WebauthnError),
    /// The operator closed the account.
    Closed,
    /// Somebody has this passkey already.
    Taken,
    /// The account has as many as it may have.
    TooMany,
    /// The store did not answer.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<WebauthnError> for Refused {
    fn from(error: WebauthnError) -> Self {
        Self::Wrong(error)
    }
}

/// The state of a ceremony, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed<S> {
    id: String,
    expires_at: i64,
    state: S,
}

impl Purpose {
    /// What a ticket is bound to: its purpose, its person, and the browser it was given to (login CSRF).
    fn bound_to(self, browser: [u8; 32]) -> Vec<u8> {
        let (kind, user) = match self {
            Self::SignIn => (1, [0; 16]),
            Self::Recheck(user) => (2, *user.as_bytes()),
            Self::Register(user) => (3, *user.as_bytes()),
        };
        [&[kind][..], &user, &browser].concat()
    }
}

impl Passkeys {
    /// The relying party of `public_url`. None where that is an IP address: browsers have passkeys for domains only.
    pub fn new(public_url: &str, brand: &str, keys: Keyring) -> Option<Self> {
        let origin = Url::parse(public_url).ok()?;
        let webauthn = WebauthnBuilder::new(origin.domain()?, &origin).ok()?.rp_name(brand).build().ok()?;
        Some(Self { webauthn, keys })
    }

    fn seal<S: Serialize>(&self, server: &Server, browser: &Browser, purpose: Purpose, state: S) -> Option<String> {
        let now = server.now();
        let sealed = Sealed {
            id: TicketId::generate(now, &*server.rng).to_string(),
            expires_at: now.plus_seconds(CEREMONY_SECONDS).unix_millis(),
            state,
        };
        let plain = serde_json::to_vec(&sealed).ok()?;
        let (key, nonce) = (self.keys.current(now), random::<NONCE_BYTES>(&*server.rng));
        let about = purpose.bound_to(browser.mac(server)?);
        Some(base64url(&[&key.id.to_bytes()[..], &nonce, &key.seal(nonce, &about, plain)].concat()))
    }

    fn open<S: DeserializeOwned>(
        &self,
        server: &Server,
        browser: &Browser,
        purpose: Purpose,
        ticket: &str,
    ) -> Option<Sealed<S>> {
        let now = server.now();
        let bytes = base64url_decode(ticket)?;
        let (id, rest) = bytes.split_at_checked(4)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
        let key = self.keys.find(KeyId::from_slice(id)?, now, CEREMONY_SECONDS)?;
        let mut plain = sealed.to_vec();
        let length = key.open(nonce.try_into().ok()?, &purpose.bound_to(browser.mac(server)?), &mut plain)?;
        let opened: Sealed<S> = serde_json::from_slice(plain.get(..length)?).ok()?;
        (now.unix_millis() <= opened.expires_at).then_some(opened)
    }

    /// Opens a ticket for the one time it is good for. It is spent before anything is looked at, so that an answer that was
    /// overheard is worth nothing again (replay), and a wrong one is not tried twice.
    async fn spend<S: DeserializeOwned>(
        &self,
        server: &Server,
        browser: &Browser,
        purpose: Purpose,
        ticket: &str,
    ) -> Result<S, Refused> {
        let opened: Sealed<S> = self.open(server, browser, purpose, ticket).ok_or(Refused::Stale)?;
        let id = TicketId::parse(&opened.id).ok_or(Refused::Stale)?;
        let expires_at = Timestamp::from_unix_millis(opened.expires_at);
        match spent_tickets::spend(&server.store, id, expires_at).await? {
            true => Ok(opened.state),
            false => Err(Refused::Stale),
        }
    }

    /// Begins asking for a passkey, whichever the browser has (§7.2). The browser must have its cookie.
    pub fn ask(&self, server: &Server, browser: &Browser, purpose: Purpose) -> Option<Ceremony> {
        let (challenge, state) = self.webauthn.start_discoverable_authentication().ok()?;
        let mut options = serde_json::to_value(challenge.public_key).ok()?;
        // What it would add nobody reads.
        options.as_object_mut()?.remove("extensions");
        let ticket = self.seal(server, browser, purpose, state)?;
        Some(Ceremony { options: options.to_string(), ticket })
    }

    /// Whose passkey answered (§7.2). The person is verified by the authenticator, so this is two factors in one.
    pub async fn check(
        &self,
        server: &Server,
        browser: &Browser,
        purpose: Purpose,
        ticket: &str,
        answer: &str,
    ) -> Result<User, Refused> {
        let state: DiscoverableAuthentication = self.spend(server, browser, purpose, ticket).await?;
        let answer: PublicKeyCredential = serde_json::from_str(answer).map_err(WebauthnError::from)?;
        let stored = passkeys::by_credential(&server.store, answer.get_credential_id()).await?;
        let stored = stored.ok_or(Refused::Unknown)?;
        // §7.2 step 6: the handle and the credential must be one account's.
        let handle = answer.get_user_unique_id().and_then(UserId::from_slice);
        let expected = match purpose {
            Purpose::SignIn => handle,
            Purpose::Recheck(user) | Purpose::Register(user) => {
                Some(user).filter(|user| handle.is_none_or(|handle| handle == *user))
            }
        };
        if expected != Some(stored.user) {
            return Err(Refused::Unknown);
        }
        let mut passkey: Passkey = serde_json::from_str(&stored.credential).map_err(|_| Refused::Unknown)?;
        let result = self.webauthn.finish_discoverable_authentication_v2(&answer, state, &passkey)?;
        if !result.user_verified() {
            return Err(Refused::Wrong(WebauthnError::UserNotVerified));
        }
        let user = users::by_id(&server.store, stored.user).await?.ok_or(Refused::Unknown)?;
        if user.disabled {
            return Err(Refused::Closed);
        }
        passkey.update_credential(&result);
        let credential = serde_json::to_string(&passkey).map_err(|_| Refused::Unknown)?;
        match passkeys::note_use(&server.store, &stored, &credential, server.now()).await? {
            true => Ok(user),
            false => Err(Refused::Unknown),
        }
    }

    /// Begins adding a passkey (§7.1): one that can be found without a name typed, that verifies its person, and that is not
    /// among `existing`.
    pub fn offer(
        &self,
        server: &Server,
        browser: &Browser,
        user: &User,
        existing: &[StoredPasskey],
    ) -> Option<Ceremony> {
        let known = existing.iter().filter_map(|passkey| serde_json::from_str::<Passkey>(&passkey.credential).ok());
        let known = known.map(|passkey| passkey.cred_id().clone()).collect();
        let handle = Uuid::from_bytes(*user.id.as_bytes());
        let (challenge, state) =
            self.webauthn.start_passkey_registration(handle, &user.email, &user.display_name, Some(known)).ok()?;
        let mut options = serde_json::to_value(challenge.public_key).ok()?;
        let members = options.as_object_mut()?;
        let selection = members.get_mut("authenticatorSelection").and_then(Value::as_object_mut)?;
        selection.insert("residentKey".to_owned(), json!("required"));
        selection.insert("requireResidentKey".to_owned(), json!(true));
        let algorithms = ALGORITHMS.map(|algorithm| json!({"type": "public-key", "alg": algorithm as i64}));
        members.insert("pubKeyCredParams".to_owned(), json!(algorithms));
        members.insert("extensions".to_owned(), json!({"credProps": true}));
        let ticket = self.seal(server, browser, Purpose::Register(user.id), state)?;
        Some(Ceremony { options: options.to_string(), ticket })
    }

    /// Adds the passkey that a browser made (§7.1).
    pub async fn add(
        &self,
        server: &Server,
        browser: &Browser,
        user: &User,
        ticket: &str,
        answer: &str,
        told: Happened,
    ) -> Result<StoredPasskey, Refused> {
        let state: PasskeyRegistration = self.spend(server, browser, Purpose::Register(user.id), ticket).await?;
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).map_err(WebauthnError::from)?;
        let passkey = self.webauthn.finish_passkey_registration(&answer, &state)?;
        if !ALGORITHMS.contains(passkey.cred_algorithm()) {
            return Err(Refused::Wrong(WebauthnError::CredentialAlteredAlgFromRequest));
        }
        if passkeys::of_user(&server.store, user.id).await?.len() >= MOST_PASSKEYS {
            return Err(Refused::TooMany);
        }
        let now = server.now();
        let stored = StoredPasskey {
            id: PasskeyId::generate(now, &*server.rng),
            user: user.id,
            credential: serde_json::to_string(&passkey).map_err(|_| Refused::Unknown)?,
            name: told.about.clone(),
            created_at: now,
            last_used_at: None,
        };
        match passkeys::add(&server.store, &stored, passkey.cred_id(), &told).await? {
            true => Ok(stored),
            false => Err(Refused::Taken),
        }
    }
}
