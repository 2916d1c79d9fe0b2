//! What a developer is told about a redirect URI beyond yes and no: how to mend it, and what to know about it once it is
//! saved (`docs/redirect-uris.md`).

use crate::profile::Policy;
use crate::redirect_uri::{RedirectUri, RegistrationRefused};

/// An address near the refused one that can be registered, where there is one: what a button offers.
pub fn mended(text: &str, policy: &Policy) -> Option<String> {
    let mut text = text.to_owned();
    // Each step mends one thing; an address that is still refused after all of them is beyond mending.
    for _ in 0..8 {
        match RedirectUri::register(&text, policy) {
            Ok(_) => return Some(text),
            Err(refused) => text = mended_once(&text, refused)?,
        }
    }
    None
}

fn mended_once(text: &str, refused: RegistrationRefused) -> Option<String> {
    use RegistrationRefused as Refused;
    let changed = match refused {
        Refused::StrayCharacter => {
            text.chars().filter(|c| c.is_ascii_graphic() && !"\"'<>\\^`{|}".contains(*c)).collect()
        }
        Refused::Localhost => {
            let (_, rest) = text.split_once("://")?;
            let end = rest.find([':', '/', '?', '#']).unwrap_or(rest.len());
            format!("http://127.0.0.1{}", rest.get(end..)?)
        }
        Refused::Insecure => format!("https://{}", text.strip_prefix("http://")?),
        Refused::NoScheme => match text.split_once("://") {
            Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
            None => {
                let host = text.split(['/', '?', ':']).next()?;
                let is_host = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
                is_host.then(|| format!("https://{text}"))?
            }
        },
        Refused::Fragment => text.split('#').next()?.to_owned(),
        Refused::UserInfo => {
            let (scheme, rest) = text.split_once("://")?;
            let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            format!("{scheme}://{}{path}", authority.rsplit('@').next()?)
        }
        Refused::DotSegment => url::Url::parse(text).ok()?.into(),
        Refused::TooLong
        | Refused::DangerousScheme
        | Refused::Wildcard
        | Refused::NoHost
        | Refused::SchemeWithoutDot => return None,
    };
    (changed != text).then_some(changed)
}

/// What to know about an address that is registered, beside the others of its app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Advice {
    /// Another one differs only in its last slash: they count as different addresses.
    TwinBySlash,
    /// Another one differs only in letter case.
    TwinByCase,
    /// It matches any port of a loopback address (RFC 8252 §7.3).
    AnyPort,
    /// Any app on a phone can claim this scheme (RFC 8252 §8.4).
    ClaimableScheme(String),
}

/// The same for one of the `registered` addresses.
pub fn advice(uri: &RedirectUri, registered: &[RedirectUri]) -> Option<Advice> {
    let text = uri.as_str();
    let others = || registered.iter().map(RedirectUri::as_str).filter(|other| *other != text);
    let slashless = |text: &str| text.strip_suffix('/').unwrap_or(text).to_owned();
    if uri.matches_any_port() {
        return Some(Advice::AnyPort);
    }
    if others().any(|other| slashless(other) == slashless(text)) {
        return Some(Advice::TwinBySlash);
    }
    if others().any(|other| other.eq_ignore_ascii_case(text)) {
        return Some(Advice::TwinByCase);
    }
    let scheme = text.split(':').next().unwrap_or_default();
    let is_claimable = !matches!(scheme, "http" | "https") && !scheme.contains('.');
    is_claimable.then(|| Advice::ClaimableScheme(scheme.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;
    use proptest::prelude::*;

    #[test]
    fn what_can_be_mended_is() {
        let policy = Profile::Spotify.policy();
        for (typed, offered) in [
            ("http://localhost:8888/callback", Some("http://127.0.0.1:8888/callback")),
            ("https://localhost/cb", Some("http://127.0.0.1/cb")),
            ("http://peek.example/cb", Some("https://peek.example/cb")),
            ("http://192.168.1.2/cb", Some("https://192.168.1.2/cb")),
            ("peek.example/cb", Some("https://peek.example/cb")),
            ("HTTPS://peek.example/cb", Some("https://peek.example/cb")),
            ("`https://peek.example/cb`", Some("https://peek.example/cb")),
            ("https://peek.example/cb\u{200b} ", Some("https://peek.example/cb")),
            ("https://peek.example/cb#x", Some("https://peek.example/cb")),
            ("https://ada:pw@peek.example/cb", Some("https://peek.example/cb")),
            ("https://peek.example/a/../cb", Some("https://peek.example/cb")),
            ("http://ada@localhost:3000/a/../cb#x ", Some("http://127.0.0.1:3000/cb")),
            ("https://*.peek.example/cb", None),
            ("javascript:alert(1)", None),
            ("/cb", None),
            ("callback", None),
            ("", None),
        ] {
            assert_eq!(mended(typed, &policy).as_deref(), offered, "{typed}");
        }
    }

    #[test]
    fn what_is_saved_is_explained() {
        let policy = Profile::Spotify.policy();
        let uris = ["https://a.example/cb", "https://a.example/cb/", "https://b.example/cb", "https://b.example/CB"]
            .into_iter()
            .chain(["http://127.0.0.1/cb", "http://127.0.0.1:8888/cb", "myapp://cb", "com.example.app:/cb"]);
        let uris: Vec<_> = uris.map(|uri| RedirectUri::register(uri, &policy).unwrap()).collect();
        let said: Vec<_> = uris.iter().map(|uri| advice(uri, &uris)).collect();
        let claimable = Advice::ClaimableScheme("myapp".to_owned());
        let expected = [
            Some(Advice::TwinBySlash),
            Some(Advice::TwinBySlash),
            Some(Advice::TwinByCase),
            Some(Advice::TwinByCase),
            Some(Advice::AnyPort),
            None,
            Some(claimable),
            None,
        ];
        assert_eq!(said, expected);
    }

    proptest! {
        #[test]
        fn what_is_offered_can_be_registered(typed in "(http|https|HTTP|myapp|data)?:?/?/?(user@)?(localhost|127\\.0\\.0\\.1|peek\\.example|\\*|é)(:[0-9]{1,5})?/?[a-z./#` ]{0,8}") {
            let policy = Profile::Spotify.policy();
            if let Some(offered) = mended(&typed, &policy) {
                prop_assert!(RedirectUri::register(&offered, &policy).is_ok(), "{offered}");
            }
        }
    }
}
