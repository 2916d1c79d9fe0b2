//! An instance to ask: fixed keys, the scopes of the demo, two APIs, and apps of both profiles.

use std::sync::{Arc, LazyLock};

use keysig_core::app::{About, App, ClientType, ConsentSettings, Mode, OpenIdSettings, Standing};
use keysig_core::authorize::Lookup;
use keysig_core::id::{AppId, Incarnation};
use keysig_core::jose::{Scheduled, SigningAlgorithm, SigningKey, SigningKeys};
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::resource::{Api, ApiCatalogue, TokenFormat};
use keysig_core::scope::{ScopeCatalogue, ScopeFile};
use keysig_core::seal::{Keyring, MasterKey};
use keysig_core::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;

pub const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
pub const ISSUER: &str = "https://id.example";
pub const INCARNATION: Incarnation = Incarnation::from_bytes([6; 16]);

pub static SCOPES: LazyLock<ScopeCatalogue> = LazyLock::new(|| {
    let file: ScopeFile = toml::from_str(include_str!("../../../../seed/scopes.toml")).unwrap();
    ScopeCatalogue::new(file, &["en"]).unwrap()
});

pub const OPAQUE_API: &str = "https://opaque.example/api";
pub const JWT_API: &str = "https://jwt.example";

pub static APIS: LazyLock<ApiCatalogue> = LazyLock::new(|| {
    let jwt = TokenFormat::Jwt(SigningAlgorithm::EdDsa);
    ApiCatalogue::new(ISSUER, vec![api(OPAQUE_API, TokenFormat::Opaque), api(JWT_API, jwt)]).unwrap()
});

pub fn api(identifier: &str, format: TokenFormat) -> Api {
    Api { identifier: identifier.to_owned(), format, introspected_by: Vec::new() }
}

pub static KEYS: LazyLock<SigningKeys> = LazyLock::new(|| SigningKeys::new(vec![ed25519([7; 32], "ours")]));

/// RFC 8410 §7: a frame around 32 bytes of private key.
pub fn ed25519(private: [u8; 32], kid: &str) -> Scheduled {
    let frame = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    let der = [&frame[..], &private].concat();
    Scheduled { key: SigningKey::from_pkcs8(SigningAlgorithm::EdDsa, kid, &der).unwrap(), signs_from: NOW }
}

pub fn lookup() -> Lookup<'static> {
    Lookup { scopes: &SCOPES, apis: &APIS, keys: &KEYS, issuer: ISSUER }
}

pub fn keyring(purpose: &'static str) -> Keyring {
    Keyring::new(Arc::new(MasterKey::new([7; 32], 0, false)), purpose, ISSUER, 1)
}

pub const REDIRECT_URIS: [&str; 4] =
    ["https://app.example/cb", "https://app.example/q?kept=1", "http://127.0.0.1/cb", "com.example.app:/cb"];

pub fn app(profile: Profile, client_type: ClientType, legacy_flows: bool) -> App {
    let register = |uri: &str| RedirectUri::register(uri, &profile.policy()).unwrap();
    App {
        id: AppId::from_bytes([1; 16]),
        client_id: "app".to_owned(),
        name: "App".to_owned(),
        owner: None,
        developer: "Dev".to_owned(),
        homepage: None,
        profile,
        client_type,
        redirect_uris: REDIRECT_URIS.into_iter().map(register).collect(),
        secrets: Vec::new(),
        scopes: None,
        mode: Mode::Live,
        test_users: Vec::new(),
        rotates: false,
        paused: false,
        legacy_flows,
        pkce_optional: false,
        openid: OpenIdSettings::default(),
        consent: ConsentSettings::default(),
        about: About::default(),
        standing: Standing::default(),
        epoch: 1,
        created_at: NOW,
    }
}

pub fn any_app() -> impl Strategy<Value = App> {
    let profile = prop_oneof![Just(Profile::Spotify), Just(Profile::Standard)];
    let client_type = prop_oneof![Just(ClientType::Confidential), Just(ClientType::Public)];
    (profile, client_type, any::<bool>()).prop_map(|(profile, client_type, legacy)| app(profile, client_type, legacy))
}

/// `text` with one letter replaced by another of the same alphabet, one left out, one put in, or its end cut off: never
/// `text` itself.
pub fn changed(text: &str, (what, at, letter): (u8, Index, char)) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = at.index(letters.len());
    let other = if letters[at] == letter { if letter == 'A' { 'B' } else { 'A' } } else { letter };
    match what % 4 {
        0 => letters[at] = other,
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, other),
        _ => letters.truncate(at),
    }
    letters.into_iter().collect()
}

/// How to change a text, see [`changed`].
pub fn any_change() -> impl Strategy<Value = (u8, Index, char)> {
    let letter = proptest::char::ranges(vec!['a'..='z', 'A'..='Z', '0'..='9', '-'..='.', '_'..='_', '='..='='].into());
    (any::<u8>(), any::<Index>(), letter)
}
