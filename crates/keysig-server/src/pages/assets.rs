//! Static files, built into the binary and addressed by their content, so that browsers may keep them for good.

use std::borrow::Cow;

use keysig_core::colour::Colour;

use crate::brand::Palette;

/// A static file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The file.
    pub bytes: Cow<'static, [u8]>,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its `Cache-Control`.
    pub cache_control: &'static str,
}

struct File {
    name: &'static str,
    bytes: &'static [u8],
    content_type: &'static str,
    fingerprint: u64,
}

const fn file(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> File {
    File { name, bytes, content_type, fingerprint: fnv1a(bytes) }
}

const STYLE: &str = "keysig.css";

static FILES: [File; 6] = [
    file("keysig.css", "text/css; charset=utf-8", include_bytes!("../../static/keysig.css")),
    file("dashboard.css", "text/css; charset=utf-8", include_bytes!("../../static/dashboard.css")),
    file("form-post.js", "text/javascript; charset=utf-8", include_bytes!("../../static/form-post.js")),
    file("passkey.js", "text/javascript; charset=utf-8", include_bytes!("../../static/passkey.js")),
    file("permissions.js", "text/javascript; charset=utf-8", include_bytes!("../../static/permissions.js")),
    file("favicon.svg", "image/svg+xml", include_bytes!("../../static/favicon.svg")),
];

/// The address of a static file for a page, such as `/static/9f2c…/keysig.css`. The name must be one of ours; another
/// one leads to an address that answers 404.
#[must_use]
pub fn asset_url(name: &str) -> String {
    FILES
        .iter()
        .find(|file| file.name == name)
        .map_or_else(|| format!("/static/{name}"), |file| format!("/static/{:016x}/{}", file.fingerprint, file.name))
}

/// The address of the style sheet of every page, with the operator's accent in it: one file, so that it costs no request more.
#[must_use]
pub fn style_url(accent: Option<Colour>) -> String {
    let plain = asset_url(STYLE);
    match (accent, plain.strip_suffix("/keysig.css")) {
        (Some(accent), Some(folder)) => format!("{folder}-{}/{STYLE}", accent.to_string().trim_start_matches('#')),
        _ => plain,
    }
}

/// The file for what follows `/static/` in a request: `keysig.css` or `9f2c…/keysig.css`. A fingerprint that is not ours is
/// answered all the same, but not for keeping: during an upgrade one node's page asks another node for its style.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    let (fingerprint, name) =
        path.rsplit_once('/').map_or((None, path), |(fingerprint, name)| (Some(fingerprint), name));
    let file = FILES.iter().find(|file| file.name == name)?;
    // `9f2c…-3d3bd6`: the style sheet with this accent. It follows from the address alone, so any node answers for any.
    let (fingerprint, accent) = match fingerprint.and_then(|fingerprint| fingerprint.split_once('-')) {
        Some((fingerprint, accent)) if name == STYLE => {
            (Some(fingerprint), Some(Colour::parse(&format!("#{accent}"))?))
        }
        _ => (fingerprint, None),
    };
    let palette = accent.and_then(|accent| Palette::of(accent).or_else(Palette::of).ok());
    let bytes = match palette {
        Some(palette) => [file.bytes, palette.css().as_bytes()].concat().into(),
        None => file.bytes.into(),
    };
    let current = fingerprint.is_some_and(|fingerprint| fingerprint == format!("{:016x}", file.fingerprint));
    let cache_control = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    Some(Asset { bytes, content_type: file.content_type, cache_control })
}

/// FNV-1a, 64 bit: tells two versions of our own files apart. Nothing rests on it that an attacker could want.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        hash = (hash ^ *first as u64).wrapping_mul(0x0000_0100_0000_01b3);
        rest = tail;
    }
    hash
}
