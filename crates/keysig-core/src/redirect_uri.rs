//! Redirect URIs (RFC 6749 §3.1.2): what may be registered, and what matches. Matching compares bytes and parses
//! nothing; only the port of a loopback address is free (RFC 8252 §7.3). See `docs/redirect-uris.md`.

use crate::profile::Policy;
use crate::scope::edit_distance;

/// An app has at most this many.
pub const MAX_REDIRECT_URIS: usize = 20;
/// None is longer than this many bytes.
pub const MAX_REDIRECT_URI_BYTES: usize = 2048;

/// A redirect URI an app has registered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedirectUri(String);

/// A redirect URI of a request that was found among its app's registered ones: the only thing a redirect is built from.
///
/// ```compile_fail
/// let uri = keysig_core::redirect_uri::RegisteredRedirectUri("https://evil.example".into());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisteredRedirectUri(String);

/// Why an address cannot be registered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RegistrationRefused {
    /// Longer than [`MAX_REDIRECT_URI_BYTES`].
    #[error("this address is too long: 2,048 bytes at most")]
    TooLong,
    /// Blanks, quotes, control, invisible or other characters that have no place in a URI (RFC 3986 §2).
    #[error("there is an invisible or stray character in this address: remove it")]
    StrayCharacter,
    /// No scheme.
    #[error("start with https:// or http://127.0.0.1")]
    NoScheme,
    /// `javascript:`, `data:` and the like, in any spelling.
    #[error("this kind of address can't be used")]
    DangerousScheme,
    /// `localhost` resolves to whatever a machine says it does (RFC 8252 §8.3).
    #[error("\"localhost\" is not accepted: use 127.0.0.1 instead")]
    Localhost,
    /// `http` to anywhere but a loopback literal.
    #[error("needs https: only 127.0.0.1 and [::1] may use http")]
    Insecure,
    /// A fragment (RFC 6749 §3.1.2).
    #[error("remove the part after #")]
    Fragment,
    /// `*`.
    #[error("write each address out: stars are not supported")]
    Wildcard,
    /// `user:password@`.
    #[error("remove the sign-in part before the @")]
    UserInfo,
    /// `..` or `.` in the path.
    #[error("write the path without `.` or `..`")]
    DotSegment,
    /// No host, or one that is no host name.
    #[error("this is not a complete address: start with https://")]
    NoHost,
    /// A private-use scheme without a dot (RFC 8252 §7.1), where the profile asks for one.
    #[error("a scheme of your own needs a dot, such as com.example.app:/callback")]
    SchemeWithoutDot,
}

/// Why the redirect URI of a request is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RedirectUriRefused {
    /// It equals none of the registered ones; the nearest of those.
    NotRegistered {
        /// For the developer's eyes only.
        nearest: Option<String>,
    },
    /// It could never be registered: plain http to another host, or `localhost`.
    Insecure,
}

const DANGEROUS_SCHEMES: [&str; 13] = [
    "javascript",
    "data",
    "file",
    "blob",
    "vbscript",
    "about",
    "view-source",
    "filesystem",
    "ws",
    "wss",
    "intent",
    "content",
    "mailto",
];

const LOOPBACK_HOSTS: [&str; 2] = ["127.0.0.1", "[::1]"];

/// Scheme, and what follows its colon.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut bytes = scheme.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    (starts && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))).then_some((scheme, rest))
}

/// The authority of an `http(s)://` address and what follows it.
fn split_authority(after_scheme: &str) -> Option<(&str, &str)> {
    let rest = after_scheme.strip_prefix("//")?;
    Some(rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => {
            let (host, port) = authority.split_at(colon);
            (host, port.get(1..))
        }
        _ => (authority, None),
    }
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u32>().is_ok_and(|port| (1..=65_535).contains(&port))
}

impl RedirectUri {
    /// Checks an address before it is registered.
    pub fn register(text: &str, policy: &Policy) -> Result<Self, RegistrationRefused> {
        use RegistrationRefused as Refused;
        if text.len() > MAX_REDIRECT_URI_BYTES {
            return Err(Refused::TooLong);
        }
        // RFC 3986 characters only: look-alike letters, blanks, quotes and backslashes parse differently elsewhere.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
        if !text.bytes().all(allowed) || text.contains('\'') {
            return Err(Refused::StrayCharacter);
        }
        let (scheme, rest) = split_scheme(text).ok_or(Refused::NoScheme)?;
        let scheme_folded = scheme.to_ascii_lowercase();
        if DANGEROUS_SCHEMES.contains(&scheme_folded.as_str()) {
            return Err(Refused::DangerousScheme);
        }
        if text.contains('#') {
            return Err(Refused::Fragment);
        }
        if text.contains('*') {
            return Err(Refused::Wildcard);
        }
        if !matches!(scheme_folded.as_str(), "http" | "https") {
            if rest.is_empty() || policy.private_use_scheme_needs_dot && !scheme.contains('.') {
                return Err(if rest.is_empty() { Refused::NoScheme } else { Refused::SchemeWithoutDot });
            }
            return Ok(Self(text.to_owned()));
        }
        // One spelling, so that one host is one host wherever addresses are compared.
        if scheme != scheme_folded {
            return Err(Refused::NoScheme);
        }
        let (authority, path) = split_authority(rest).ok_or(Refused::NoHost)?;
        if authority.contains('@') {
            return Err(Refused::UserInfo);
        }
        let (host, port) = split_port(authority);
        let host_folded = host.to_ascii_lowercase();
        let bare = host_folded.trim_end_matches('.');
        if bare == "localhost" || bare.ends_with(".localhost") {
            return Err(Refused::Localhost);
        }
        let well_formed = url::Url::parse(text).is_ok_and(|url| url.host_str() == Some(host_folded.as_str()));
        if host.is_empty() || !well_formed || port.is_some_and(|port| !is_port(port)) {
            return Err(Refused::NoHost);
        }
        if scheme_folded == "http" && !LOOPBACK_HOSTS.contains(&host) {
            return Err(Refused::Insecure);
        }
        let only_path = path.split('?').next().unwrap_or_default().replace("%2e", ".").replace("%2E", ".");
        if only_path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(Refused::DotSegment);
        }
        Ok(Self(text.to_owned()))
    }

    /// One that was registered before, from its column.
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// As registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where it leads, as [`RegisteredRedirectUri::destination`] says it.
    pub fn destination(&self) -> &str {
        destination(&self.0)
    }

    /// Whether it is a loopback address that was registered without a port: then the port is free (RFC 8252 §7.3).
    pub fn matches_any_port(&self) -> bool {
        LOOPBACK_HOSTS.iter().any(|host| {
            let rest = self.0.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host));
            rest.is_some_and(|rest| !rest.starts_with(':'))
        })
    }

    /// Whether `requested` is this address: byte for byte, but for the port of a loopback literal that was registered
    /// without one (RFC 8252 §7.3). A hand-written grammar, because parsers disagree about
    /// `http://127.0.0.1:80@evil.example/`.
    pub fn matches(&self, requested: &str) -> bool {
        self.0 == requested
            || LOOPBACK_HOSTS.iter().any(|host| {
                let origin = format!("http://{host}");
                let registered_path = self.0.strip_prefix(&origin).filter(|path| !path.starts_with(':'));
                let requested_rest = requested.strip_prefix(&origin).and_then(|rest| rest.strip_prefix(':'));
                let (Some(path), Some(rest)) = (registered_path, requested_rest) else { return false };
                rest.strip_suffix(path).is_some_and(is_port)
            })
    }
}

fn destination(uri: &str) -> &str {
    match split_scheme(uri) {
        Some(("http" | "https", rest)) => split_authority(rest).map_or(rest, |(authority, _)| authority),
        Some((scheme, _)) => scheme,
        None => uri,
    }
}

/// Finds a request's redirect URI among the registered ones.
pub fn resolve(registered: &[RedirectUri], requested: &str) -> Result<RegisteredRedirectUri, RedirectUriRefused> {
    if registered.iter().any(|uri| uri.matches(requested)) {
        return Ok(RegisteredRedirectUri(requested.to_owned()));
    }
    let insecure = requested.strip_prefix("http://").is_some_and(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !LOOPBACK_HOSTS.contains(&split_port(authority).0)
    }) || requested.split_once("://").is_some_and(|(_, rest)| {
        split_port(rest.split(['/', '?', '#']).next().unwrap_or_default()).0.eq_ignore_ascii_case("localhost")
    });
    if insecure {
        return Err(RedirectUriRefused::Insecure);
    }
    let nearest = registered.iter().min_by_key(|uri| edit_distance(&uri.0, requested));
    Err(RedirectUriRefused::NotRegistered { nearest: nearest.map(|uri| uri.0.clone()) })
}

impl RegisteredRedirectUri {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a person is told about where they return to: the host, or the scheme of an app on their device. It is the
    /// one thing on the consent page that an app cannot make up.
    pub fn destination(&self) -> &str {
        destination(&self.0)
    }

    /// Whether any program on the device could receive what is sent there (RFC 8252 §8.6): a loopback address or a
    /// scheme that is not the web's.
    pub fn is_claimable_by_any_program(&self) -> bool {
        !self.0.starts_with("https://")
    }

    /// Whether it leads to a program and not to a web page.
    pub fn is_private_use_scheme(&self) -> bool {
        !self.0.starts_with("https://") && !self.0.starts_with("http://")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;
    use crate::testing::OTHER_SPELLINGS;
    use proptest::prelude::*;

    fn registered(uris: &[&str]) -> Vec<RedirectUri> {
        let policy = Profile::Spotify.policy();
        uris.iter().map(|uri| RedirectUri::register(uri, &policy).expect("registers")).collect()
    }

    #[test]
    fn nothing_but_the_registered_bytes_matches() {
        let uris = registered(&["https://app.example/cb"]);
        assert!(resolve(&uris, "https://app.example/cb").is_ok());
        for other in OTHER_SPELLINGS.iter().chain(&[""]) {
            let refused = resolve(&uris, other).expect_err(other);
            assert!(matches!(refused, RedirectUriRefused::NotRegistered { .. }), "{other}");
        }
        assert_eq!(resolve(&uris, "http://app.example/cb"), Err(RedirectUriRefused::Insecure));
    }

    #[test]
    fn a_loopback_literal_without_a_port_matches_any_port_and_nothing_else() {
        let uris = registered(&["http://127.0.0.1/cb", "http://[::1]/cb"]);
        for good in
            ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", "http://[::1]:8888/cb"]
        {
            assert!(resolve(&uris, good).is_ok(), "{good}");
        }
        for bad in [
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:123456/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1:8888/other",
            "http://127.0.0.1:8888/cb?x=1",
            "https://127.0.0.1:8888/cb",
            "http://localhost:8888/cb",
            "http://127.1:8888/cb",
            "http://2130706433/cb",
            "http://0x7f000001/cb",
            "http://127.0.0.2:8888/cb",
            "http://[::ffff:127.0.0.1]:8888/cb",
            "http://127.0.0.1:+80/cb",
            "http://127.0.0.1:8888/x/cb",
            "http://127.0.0.1:8888",
        ] {
            assert!(resolve(&uris, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_loopback_literal_with_a_port_matches_only_that_port() {
        let uris = registered(&["http://127.0.0.1:8888/cb"]);
        assert!(resolve(&uris, "http://127.0.0.1:8888/cb").is_ok());
        assert!(resolve(&uris, "http://127.0.0.1:8889/cb").is_err());
        assert!(resolve(&uris, "http://127.0.0.1/cb").is_err());
    }

    #[test]
    fn http_elsewhere_and_localhost_are_called_insecure() {
        let uris = registered(&["https://app.example/cb"]);
        for insecure in
            ["http://app.example/cb", "http://localhost:3000/cb", "https://localhost/cb", "http://192.168.1.2/"]
        {
            assert_eq!(resolve(&uris, insecure), Err(RedirectUriRefused::Insecure), "{insecure}");
        }
    }

    #[test]
    fn what_may_be_registered() {
        use RegistrationRefused as Refused;
        let policy = Profile::Spotify.policy();
        for good in [
            "https://app.example/cb",
            "https://app.example",
            "https://app.example:8443/cb?x=1",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:8888/callback",
            "http://[::1]:3000/cb",
            "myapp://callback",
            "com.example.app:/oauth",
        ] {
            assert!(RedirectUri::register(good, &policy).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://localhost:8888/cb", Refused::Localhost),
            ("https://localhost/cb", Refused::Localhost),
            ("http://app.example/cb", Refused::Insecure),
            ("http://192.168.1.2/cb", Refused::Insecure),
            ("http://127.1/cb", Refused::NoHost),
            ("app.example/cb", Refused::NoScheme),
            ("/cb", Refused::NoScheme),
            ("https://app.example/cb ", Refused::StrayCharacter),
            ("`https://app.example/cb`", Refused::StrayCharacter),
            ("https://app.example/cb\u{200b}", Refused::StrayCharacter),
            ("https://\u{430}pp.example/", Refused::StrayCharacter),
            ("https://app.example/cb#x", Refused::Fragment),
            ("https://*.example/cb", Refused::Wildcard),
            ("https://user:pw@app.example/cb", Refused::UserInfo),
            ("https://app.example/a/../cb", Refused::DotSegment),
            ("https://app.example/a/%2e%2e/cb", Refused::DotSegment),
            ("javascript:alert(1)", Refused::DangerousScheme),
            ("JaVaScRiPt:alert(1)", Refused::DangerousScheme),
            ("data:text/html,x", Refused::DangerousScheme),
            ("HTTPS://app.example/cb", Refused::NoScheme),
            ("intent://x/cb", Refused::DangerousScheme),
            ("https:///cb", Refused::NoHost),
            ("https:app.example/cb", Refused::NoHost),
            ("https://app.example:0/cb", Refused::NoHost),
        ] {
            assert_eq!(RedirectUri::register(bad, &policy), Err(why), "{bad}");
        }
        let standard = Profile::Standard.policy();
        assert_eq!(RedirectUri::register("myapp://callback", &standard), Err(Refused::SchemeWithoutDot));
        let long = format!("https://app.example/{}", "a".repeat(2048));
        assert_eq!(RedirectUri::register(&long, &policy), Err(Refused::TooLong));
    }

    proptest! {
        #[test]
        fn a_match_is_equality_or_a_loopback_port(requested in "(http|https)://(127\\.0\\.0\\.1|\\[::1\\]|app\\.example)(:[0-9]{0,6})?(@evil)?/(cb|CB|cb/|x)?") {
            let uris = registered(&["https://app.example/cb", "http://127.0.0.1/cb"]);
            let port = requested.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.strip_suffix("/cb"));
            let expected = uris.iter().any(|uri| uri.as_str() == requested)
                || port.is_some_and(|port| port.len() <= 5 && port.parse::<u16>().is_ok_and(|port| port > 0));
            prop_assert_eq!(resolve(&uris, &requested).is_ok(), expected);
        }
    }
}
