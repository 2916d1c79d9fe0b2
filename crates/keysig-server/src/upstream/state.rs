//! What travels with a browser to a provider and back (`state`), and what waits for it here. Both are sealed and bound to
//! that browser: a callback that another browser began is nothing here (login CSRF).

use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::id::{RequestId, SessionId, TicketId, UserId};
use keysig_core::rng::random;
use keysig_core::seal::{KeyId, Keyring};
use keysig_core::time::Timestamp;
use keysig_store::upstream::Waiting;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Tokens, Upstreams};
use crate::browser::Browser;
use crate::server::Server;

/// How long somebody may take at a provider, in seconds.
const STATE_SECONDS: i64 = 600;
/// How long a proven account elsewhere waits for a decision, in seconds.
pub const PROOF_SECONDS: i64 = 1800;
const NONCE_BYTES: usize = 12;
/// No state of ours is longer.
const MAX_STATE_CHARS: usize = 1024;

/// Why somebody is sent to a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To link an account there to the one they are signed in to, in this session.
    Link(UserId, SessionId),
    /// To show that they are still the person of this session, by an account there that is linked.
    Confirm(UserId, SessionId),
}

/// A journey to a provider, as it was begun.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// Its name; it works once.
    pub id: TicketId,
    /// The provider's name here.
    pub provider: String,
    /// For the ID token.
    pub nonce: String,
    /// For the code (RFC 7636).
    pub verifier: String,
    /// The authorization request that waits.
    pub tx: Option<String>,
    /// Why.
    pub purpose: Purpose,
    /// Where whoever was confirmed goes on: a path of the account.
    pub next: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct SealedState {
    i: String,
    p: String,
    n: String,
    v: String,
    t: Option<String>,
    w: char,
    s: Option<(String, String)>,
    x: Option<String>,
}

/// A proven account elsewhere that belongs to nobody here yet.
#[derive(Clone, Serialize, Deserialize)]
pub struct Proof {
    /// The provider's name here.
    pub provider: String,
    /// What it calls the person.
    pub subject: String,
    /// What people call them there.
    pub name: String,
    /// Their address there.
    pub email: Option<String>,
    /// Whether that is known to be theirs: the provider says so, and is trusted to.
    pub email_verified: bool,
    /// The provider's tokens, if they are to be kept.
    pub tokens: Option<Tokens>,
    /// The authorization request that waits.
    pub tx: Option<String>,
    /// They came to link it to the account they are signed in to.
    pub linking: bool,
}

impl Begun {
    /// A journey that begins now.
    pub fn new(server: &Server, provider: &str, tx: Option<&str>, purpose: Purpose) -> Self {
        Self {
            id: TicketId::generate(server.now(), &*server.rng),
            provider: provider.to_owned(),
            nonce: base64url(&random::<16>(&*server.rng)),
            verifier: base64url(&random::<32>(&*server.rng)),
            // Nothing but an id of ours goes round.
            tx: tx.and_then(RequestId::parse).map(|id| id.to_string()),
            purpose,
            next: None,
        }
    }

    /// When it is too late to come back.
    pub fn expires_at(&self) -> Timestamp {
        self.id.made_at().plus_seconds(STATE_SECONDS)
    }
}

fn bound_to(what: &[u8], browser: &[u8; 32]) -> Vec<u8> {
    [what, browser].concat()
}

fn seal(keys: &Keyring, about: &[u8], plain: &impl Serialize, server: &Server) -> Option<Vec<u8>> {
    let key = keys.current(server.now());
    let nonce: [u8; NONCE_BYTES] = random(&*server.rng);
    let sealed = key.seal(nonce, about, serde_json::to_vec(plain).ok()?);
    Some([&key.id.to_bytes()[..], &nonce, &sealed].concat())
}

fn open<T: DeserializeOwned>(keys: &Keyring, about: &[u8], sealed: &[u8], life: i64, now: Timestamp) -> Option<T> {
    let (id, rest) = sealed.split_at_checked(4)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
    let key = keys.find(KeyId::from_slice(id)?, now, life)?;
    let mut plain = sealed.to_vec();
    let length = key.open(nonce.try_into().ok()?, about, &mut plain)?;
    serde_json::from_slice(plain.get(..length)?).ok()
}

impl Upstreams {
    /// The `state` of a journey. Sealed, because it holds the verifier and passes through where the code does.
    pub fn seal_state(&self, server: &Server, browser: &Browser, begun: &Begun) -> Option<String> {
        let state = SealedState {
            i: base64url(begun.id.as_bytes()),
            p: begun.provider.clone(),
            n: begun.nonce.clone(),
            v: begun.verifier.clone(),
            t: begun.tx.clone(),
            w: match begun.purpose {
                Purpose::SignIn => 's',
                Purpose::Link(..) => 'l',
                Purpose::Confirm(..) => 'c',
            },
            s: match begun.purpose {
                Purpose::SignIn => None,
                Purpose::Link(user, session) | Purpose::Confirm(user, session) => {
                    Some((base64url(user.as_bytes()), base64url(session.as_bytes())))
                }
            },
            x: begun.next.clone(),
        };
        let about = bound_to(b"state", &browser.mac(server)?);
        Some(base64url(&seal(&self.keys, &about, &state, server)?))
    }

    /// The journey that this browser comes back from, if it is not too late.
    pub fn open_state(&self, server: &Server, browser: &Browser, state: &str) -> Option<Begun> {
        if state.len() > MAX_STATE_CHARS {
            return None;
        }
        let (now, about) = (server.now(), bound_to(b"state", &browser.mac(server)?));
        let state: SealedState = open(&self.keys, &about, &base64url_decode(state)?, STATE_SECONDS, now)?;
        let session = match state.s {
            Some((user, session)) => Some((
                UserId::from_slice(&base64url_decode(&user)?)?,
                SessionId::from_slice(&base64url_decode(&session)?)?,
            )),
            None => None,
        };
        let begun = Begun {
            id: TicketId::from_slice(&base64url_decode(&state.i)?)?,
            provider: state.p,
            nonce: state.n,
            verifier: state.v,
            tx: state.t,
            purpose: match (state.w, session) {
                ('s', None) => Purpose::SignIn,
                ('l', Some((user, session))) => Purpose::Link(user, session),
                ('c', Some((user, session))) => Purpose::Confirm(user, session),
                _ => return None,
            },
            next: state.x,
        };
        (now < begun.expires_at()).then_some(begun)
    }

    /// What waits in this browser, as a row.
    pub fn seal_proof(&self, server: &Server, browser: &Browser, proof: &Proof) -> Option<Waiting> {
        let (now, browser_mac) = (server.now(), browser.mac(server)?);
        Some(Waiting {
            browser_mac,
            id: TicketId::generate(now, &*server.rng),
            body: seal(&self.keys, &bound_to(b"upstream_waiting|body|", &browser_mac), proof, server)?,
            expires_at: now.plus_seconds(PROOF_SECONDS),
        })
    }

    /// What a row says.
    pub fn open_proof(&self, server: &Server, waiting: &Waiting) -> Option<Proof> {
        let about = bound_to(b"upstream_waiting|body|", &waiting.browser_mac);
        open(&self.keys, &about, &waiting.body, PROOF_SECONDS, server.now())
    }
}
