//! What the fuzz targets share: an instance with fixed keys and apps, so that an input means the same in every run, and
//! oracles that know the rules in other words than the core does.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use keysig_core::app::{About, App, ClientType, ConsentSettings, Mode, OpenIdSettings, Standing};
use keysig_core::authorize::Lookup;
use keysig_core::id::{AppId, Incarnation};
use keysig_core::jose::{Scheduled, SigningAlgorithm, SigningKey, SigningKeys};
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::resource::{Api, ApiCatalogue, TokenFormat};
use keysig_core::scope::{ScopeCatalogue, ScopeFile, ScopeSet};
use keysig_core::seal::{Keyring, MasterKey};
use keysig_core::time::Timestamp;

/// The time at which all inputs arrive.
pub const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
/// Who the instance is.
pub const ISSUER: &str = "https://id.example";
/// The life of its store.
pub const INCARNATION: Incarnation = Incarnation::from_bytes([6; 16]);
/// An API with sealed tokens.
pub const OPAQUE_API: &str = "https://opaque.example/api";
/// An API with signed tokens.
pub const JWT_API: &str = "https://jwt.example";

/// The scopes of the demo.
pub static SCOPES: LazyLock<ScopeCatalogue> = LazyLock::new(|| {
    let file: ScopeFile = toml::from_str(include_str!("../../seed/scopes.toml")).expect("reads");
    ScopeCatalogue::new(file, &["en"]).expect("is a catalogue")
});

/// Two APIs.
pub static APIS: LazyLock<ApiCatalogue> = LazyLock::new(|| {
    let api = |identifier: &str, format| Api { identifier: identifier.to_owned(), format, introspected_by: Vec::new() };
    let jwt = TokenFormat::Jwt(SigningAlgorithm::EdDsa);
    ApiCatalogue::new(ISSUER, vec![api(OPAQUE_API, TokenFormat::Opaque), api(JWT_API, jwt)]).expect("is a catalogue")
});

/// A key of each algorithm. The Ed25519 one is fixed, so that its statements can stand in a corpus.
pub static KEYS: LazyLock<SigningKeys> = LazyLock::new(|| {
    let der = |algorithm| match algorithm {
        SigningAlgorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("generates");
            let der: aws_lc_rs::encoding::Pkcs8V1Der = pair.as_der().expect("has a form");
            der.as_ref().to_vec()
        }
        SigningAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("generates");
            pair.to_pkcs8v1().expect("has a form").as_ref().to_vec()
        }
        // RFC 8410 §7: the frame around 32 bytes of private key.
        SigningAlgorithm::EdDsa => {
            [&b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"[..], &[7; 32]].concat()
        }
    };
    let scheduled = |algorithm: SigningAlgorithm| Scheduled {
        key: SigningKey::from_pkcs8(algorithm, algorithm.name(), &der(algorithm)).expect("is a key"),
        signs_from: NOW,
    };
    SigningKeys::new(SigningAlgorithm::ALL.map(scheduled).into_iter().collect())
});

/// All that requests are looked up in.
pub fn lookup() -> Lookup<'static> {
    Lookup { scopes: &SCOPES, apis: &APIS, keys: &KEYS, issuer: ISSUER }
}

/// The keys of one purpose.
pub fn keyring(purpose: &'static str) -> Keyring {
    Keyring::new(Arc::new(MasterKey::new([7; 32], 0, false)), purpose, ISSUER, 1)
}

/// The redirect URIs of every app, the last as long as one may be.
pub static REDIRECT_URIS: LazyLock<[String; 6]> = LazyLock::new(|| {
    let long = format!("https://app.example/{}", "a".repeat(2048 - 20));
    [
        "https://app.example/cb",
        "https://app.example/q?kept=1",
        "http://127.0.0.1/cb",
        "http://[::1]:8888/cb",
        "com.example.app:/cb",
        &long,
    ]
    .map(ToOwned::to_owned)
});

/// How many kinds of apps there are.
const KINDS: u8 = 64;

static APPS: LazyLock<Vec<App>> = LazyLock::new(|| (0..KINDS).map(app_of_kind).collect());

fn app_of_kind(kind: u8) -> App {
    let is = |bit: u8| kind & 1 << bit != 0;
    let profile = if is(0) { Profile::Standard } else { Profile::Spotify };
    let register = |uri: &String| RedirectUri::register(uri, &profile.policy()).expect("registers");
    App {
        id: AppId::from_bytes([kind; 16]),
        client_id: "app".to_owned(),
        name: "App".to_owned(),
        owner: None,
        developer: "Dev".to_owned(),
        homepage: None,
        profile,
        client_type: if is(2) { ClientType::Public } else { ClientType::Confidential },
        redirect_uris: REDIRECT_URIS.iter().map(register).collect(),
        secrets: Vec::new(),
        scopes: is(4).then(|| SCOPES.parse("user-read-email user-library-read").expect("exist")),
        mode: Mode::Live,
        test_users: Vec::new(),
        rotates: false,
        paused: is(5),
        legacy_flows: is(1),
        pkce_optional: is(3),
        openid: OpenIdSettings::default(),
        consent: ConsentSettings::default(),
        about: About::default(),
        standing: Standing::default(),
        epoch: 1,
        created_at: NOW,
    }
}

/// An app: bit 0 its profile, 1 legacy flows, 2 public, 3 PKCE optional, 4 few scopes, 5 paused.
pub fn app(kind: u8) -> &'static App {
    &APPS[usize::from(kind % KINDS)]
}

/// All that an app may ever be allowed.
pub fn offered(app: &App) -> ScopeSet {
    let own = app.scopes.unwrap_or_else(|| SCOPES.all());
    match app.profile {
        Profile::Spotify => own.without(ScopeSet::OPENID_CONNECT),
        Profile::Standard => own.union(ScopeSet::OPENID_CONNECT),
    }
}

/// Whether a request may name `requested` where `registered` is registered: the same bytes, or the same but for the port
/// of a loopback literal that was registered without one (RFC 8252 §7.3).
pub fn may_stand_for(registered: &str, requested: &str) -> bool {
    registered == requested
        || ["http://127.0.0.1", "http://[::1]"].into_iter().any(|origin| {
            let path = registered.strip_prefix(origin).filter(|path| path.is_empty() || path.starts_with(['/', '?']));
            let (Some(path), Ok(url)) = (path, url::Url::parse(requested)) else { return false };
            let Some(rest) = requested.strip_prefix(origin).and_then(|rest| rest.strip_prefix(':')) else {
                return false;
            };
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            // Another reader of addresses sees the same host and port, and nobody signed in.
            let agrees = url.host_str().is_some_and(|host| origin.ends_with(host)) && url.username().is_empty();
            let port = url.port_or_known_default().filter(|port| *port > 0);
            agrees && rest[digits..] == *path && port == rest[..digits].parse().ok() && digits <= 5
        })
}

/// A good text, changed as `edits` say, four bytes each: what to do, where (two bytes) and with which byte.
pub fn edited(good: &str, edits: &[u8]) -> String {
    const LETTERS: &[u8; 67] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+";
    let mut text = good.as_bytes().to_vec();
    for edit in edits.chunks_exact(4).take(8) {
        let at = usize::from(u16::from_be_bytes([edit[1], edit[2]])) % (text.len() + 1);
        let letter = LETTERS[usize::from(edit[3]) % LETTERS.len()];
        match edit[0] % 6 {
            0 | 1 if at < text.len() => text[at] = letter,
            2 => text.insert(at, letter),
            3 if at < text.len() => drop(text.remove(at)),
            4 => text.truncate(at),
            5 if at < text.len() => text[at] = text[at].to_ascii_uppercase(),
            _ => {}
        }
    }
    String::from_utf8(text).expect("is ASCII")
}

/// The value of a parameter by another reader than ours, as a list: it may come more than once.
pub fn values_by_another_reader(raw: &[u8], name: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(raw);
    pairs.filter(|(sent, _)| sent == name).map(|(_, value)| value.into_owned()).collect()
}
