//! Sealing: authenticated encryption of what a client carries for us (`docs/tokens.md`). AES-256-GCM-SIV, because
//! random nonces under plain GCM wear a key out in days at scale.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::rng::{Rng, random};
use crate::time::Timestamp;

/// Bytes an AEAD adds to what it seals.
pub const TAG_LEN: usize = 16;

/// The secret from which all others are derived: 32 bytes from a file (0600) or the environment.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey {
    bytes: [u8; 32],
    /// Which master key this is, 0 to 127: counted up when the operator replaces it.
    #[zeroize(skip)]
    generation: u8,
    #[zeroize(skip)]
    test: bool,
}

impl MasterKey {
    /// A master key. `test` marks everything sealed under it as worthless for `serve`.
    pub fn new(bytes: [u8; 32], generation: u8, test: bool) -> Self {
        Self { bytes, generation: generation & 0x7f, test }
    }

    /// HKDF-SHA-256 (RFC 5869) for 32 bytes: one extraction and one block of expansion, neither of which can fail.
    fn derive(&self, purpose: &str, issuer: &str, key: KeyId) -> [u8; 32] {
        let pseudo_random = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"keysig/1"), &self.bytes);
        let info = [purpose.as_bytes(), &[0], issuer.as_bytes(), &[0], &key.to_bytes(), &[1]].concat();
        let block = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, pseudo_random.as_ref()), &info);
        let mut out = [0; 32];
        for (slot, byte) in out.iter_mut().zip(block.as_ref()) {
            *slot = *byte;
        }
        out
    }
}

/// Which key sealed something: test mark, master key and period. Sent in clear in front of what it sealed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct KeyId(u32);

impl KeyId {
    /// As the four bytes that precede a sealed value.
    pub fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// From four bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(u32::from_be_bytes(bytes)))
    }

    /// The number as stored in a column.
    pub fn number(self) -> u32 {
        self.0
    }

    /// From the number in a column.
    pub fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Whether it was made by `dev` or `ci`; `serve` refuses those (design ruling 7).
    pub fn is_test(self) -> bool {
        self.0 >> 31 == 1
    }

    fn period(self) -> i64 {
        i64::from(self.0 & 0x00ff_ffff)
    }
}

/// Keys for one purpose, a new one each period, derived from the master key when needed: nothing to store, nothing to
/// copy between nodes (ADR 0002).
pub struct Keyring {
    master: std::sync::Arc<MasterKey>,
    purpose: &'static str,
    issuer: String,
    period_days: i64,
    /// The last keys used, so that a hot path derives nothing.
    recent: std::sync::RwLock<Vec<std::sync::Arc<PurposeKey>>>,
}

/// One key of a keyring, in the two forms it is used in.
pub struct PurposeKey {
    /// Its id.
    pub id: KeyId,
    aead: Option<LessSafeKey>,
    mac: hmac::Key,
    aad: Vec<u8>,
}

/// How many derived keys a keyring keeps parsed: more than live at once in any purpose.
const RECENT_KEYS: usize = 16;

impl Keyring {
    /// A keyring for `purpose` under `issuer`, changing key every `period_days` days. Values sealed for one purpose or
    /// issuer open in no other.
    pub fn new(master: std::sync::Arc<MasterKey>, purpose: &'static str, issuer: &str, period_days: i64) -> Self {
        Self { master, purpose, issuer: issuer.to_owned(), period_days: period_days.max(1), recent: Default::default() }
    }

    /// The key that seals at `now`.
    pub fn current(&self, now: Timestamp) -> std::sync::Arc<PurposeKey> {
        let period = now.unix_days().div_euclid(self.period_days) & 0x00ff_ffff;
        let id = (u32::from(self.master.test) << 31)
            | (u32::from(self.master.generation) << 24)
            | u32::try_from(period).unwrap_or(0);
        self.derive(KeyId(id))
    }

    /// The key with this id, if a value sealed with it can still be alive at `now`: not from the future (a day of clock
    /// difference apart), not older than `life_seconds`, of this master key and with the right test mark.
    pub fn find(&self, id: KeyId, now: Timestamp, life_seconds: i64) -> Option<std::sync::Arc<PurposeKey>> {
        if id.is_test() != self.master.test || (id.0 >> 24) & 0x7f != u32::from(self.master.generation) {
            return None;
        }
        let day = 86_400;
        let oldest = now.plus_seconds(-life_seconds - day).unix_days().div_euclid(self.period_days);
        let newest = now.plus_seconds(day).unix_days().div_euclid(self.period_days);
        (oldest..=newest).contains(&id.period()).then(|| self.derive(id))
    }

    fn derive(&self, id: KeyId) -> std::sync::Arc<PurposeKey> {
        let recent = self.recent.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(key) = recent.iter().find(|key| key.id == id) {
            return key.clone();
        }
        drop(recent);
        let mut sealing = self.master.derive(self.purpose, &self.issuer, id);
        let mut signing = self.master.derive(&format!("{}/mac", self.purpose), &self.issuer, id);
        let aad = [self.purpose.as_bytes(), &[0, 1], self.issuer.as_bytes(), &[0], &id.to_bytes()].concat();
        let key = std::sync::Arc::new(PurposeKey {
            id,
            aead: UnboundKey::new(&AES_256_GCM_SIV, &sealing).ok().map(LessSafeKey::new),
            mac: hmac::Key::new(hmac::HMAC_SHA256, &signing),
            aad,
        });
        sealing.zeroize();
        signing.zeroize();
        let mut recent = self.recent.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if recent.len() >= RECENT_KEYS {
            recent.remove(0);
        }
        recent.push(key.clone());
        key
    }
}

impl Keyring {
    /// The one key of a purpose whose values outlive any period: cookies, sealed columns, names of codes that people type.
    pub fn lasting(&self) -> std::sync::Arc<PurposeKey> {
        self.current(Timestamp::default())
    }

    /// Seals a column's value; `about` names table, column and row, so that no value opens in another's place.
    pub fn seal_column(&self, about: &[u8], plain: Vec<u8>, rng: &(impl Rng + ?Sized)) -> Vec<u8> {
        let (key, nonce) = (self.lasting(), random(rng));
        [&key.id.to_bytes()[..], &nonce, &key.seal(nonce, about, plain)].concat()
    }

    /// Opens what [`Self::seal_column`] sealed.
    pub fn open_column(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, rest) = sealed.split_at_checked(4)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN)?;
        let key = self.lasting();
        let mut plain = sealed.to_vec();
        let length = key.open(nonce.try_into().ok()?, about, &mut plain).filter(|_| key.id.to_bytes() == id)?;
        plain.truncate(length);
        Some(plain)
    }
}

/// A 96-bit nonce.
pub type NonceBytes = [u8; NONCE_LEN];

impl PurposeKey {
    /// Seals `plain` in place, tag appended; purpose, version, issuer and key id are authenticated with it, and `about`
    /// (for a column: table, column and row).
    pub fn seal(&self, nonce: NonceBytes, about: &[u8], mut plain: Vec<u8>) -> Vec<u8> {
        let aad = Aad::from([&self.aad, about].concat());
        let sealed = self
            .aead
            .as_ref()
            .and_then(|key| key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut plain).ok());
        // Fails only for inputs of 64 GiB; then nothing is sealed, and an empty value opens nowhere.
        if sealed.is_none() {
            plain.zeroize();
            plain.clear();
        }
        plain
    }

    /// Opens what `seal` sealed; `None` if a single bit differs.
    pub fn open(&self, nonce: NonceBytes, about: &[u8], sealed: &mut [u8]) -> Option<usize> {
        let aad = Aad::from([&self.aad, about].concat());
        let key = self.aead.as_ref()?;
        key.open_in_place(Nonce::assume_unique_for_key(nonce), aad, sealed).ok().map(|plain| plain.len())
    }

    /// HMAC-SHA-256 over `parts`, each preceded by its length so that no two lists of parts read alike.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac_with(&self.mac, parts)
    }
}

/// HMAC-SHA-256 under a key of its own (a row's salt, a cookie's secret), parts preceded by their lengths.
pub fn mac_with_key(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    mac_with(&hmac::Key::new(hmac::HMAC_SHA256, key), parts)
}

fn mac_with(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    for (slot, byte) in out.iter_mut().zip(context.sign().as_ref()) {
        *slot = *byte;
    }
    out
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (slot, byte) in out.iter_mut().zip(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref()) {
        *slot = *byte;
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::Arc;

    pub(crate) fn keyring(purpose: &'static str) -> Keyring {
        Keyring::new(Arc::new(MasterKey::new([7; 32], 0, false)), purpose, "http://127.0.0.1:8080", 1)
    }

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

    #[test]
    fn what_is_sealed_opens_with_its_own_purpose_issuer_and_subject_only() {
        let key = keyring("access").current(NOW);
        let sealed = key.seal([1; 12], b"", b"hello".to_vec());
        assert_eq!(key.open([1; 12], b"", &mut sealed.clone()), Some(5));
        assert_eq!(key.open([1; 12], b"row 2", &mut sealed.clone()), None);
        assert_eq!(key.open([2; 12], b"", &mut sealed.clone()), None);
        assert_eq!(keyring("code").current(NOW).open([1; 12], b"", &mut sealed.clone()), None);
        let elsewhere = Keyring::new(Arc::new(MasterKey::new([7; 32], 0, false)), "access", "https://other", 1);
        assert_eq!(elsewhere.current(NOW).open([1; 12], b"", &mut sealed.clone()), None);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let key = keyring("access").current(NOW);
        let sealed = key.seal([1; 12], b"", b"hello".to_vec());
        for bit in 0..sealed.len() * 8 {
            let mut tampered = sealed.clone();
            tampered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open([1; 12], b"", &mut tampered), None);
        }
    }

    #[test]
    fn keys_change_with_the_day_and_die_with_what_they_sealed() {
        let ring = keyring("access");
        let today = ring.current(NOW).id;
        assert_ne!(today, ring.current(NOW.plus_seconds(86_400)).id);
        assert!(ring.find(today, NOW.plus_seconds(3_600), 3_600).is_some());
        assert!(ring.find(today, NOW.plus_seconds(4 * 86_400), 3_600).is_none());
        assert!(ring.find(today, NOW.plus_seconds(-4 * 86_400), 3_600).is_none());
    }

    #[test]
    fn a_column_opens_in_its_own_place_only() {
        let ring = keyring("column");
        let sealed = ring.seal_column(b"t|c|1", b"secret".to_vec(), &crate::testing::SeededRng::new(1));
        assert_eq!(ring.open_column(b"t|c|1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(ring.open_column(b"t|c|2", &sealed), None);
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert_eq!(ring.open_column(b"t|c|1", &other), None, "{at}");
            assert_eq!(ring.open_column(b"t|c|1", &sealed[..at]), None, "{at}");
        }
    }

    #[test]
    fn a_test_key_is_no_key_of_a_real_server() {
        let test = Keyring::new(Arc::new(MasterKey::new([7; 32], 0, true)), "access", "http://127.0.0.1:8080", 1);
        let id = test.current(NOW).id;
        assert!(id.is_test());
        assert!(keyring("access").find(id, NOW, 3_600).is_none());
    }
}
