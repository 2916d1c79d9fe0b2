//! Redirect URIs. An input is lines: a profile, addresses that are registered, an empty line, and addresses that are
//! asked for, as are the registered ones.
#![no_main]

use keysig_core::authorize::{Answer, Departure, RedirectReason, ResponseMode, redirect};
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::{RedirectUri, RegisteredRedirectUri, resolve};
use keysig_fuzz::{ISSUER, may_stand_for};
use libfuzzer_sys::fuzz_target;
use url::Url;

/// What a browser makes of an address that we let pass must be what it says.
fn reads_the_same_elsewhere(uri: &str) {
    assert!(uri.is_ascii() && !uri.bytes().any(|byte| byte <= b' ' || b"\\\"<>^`{|}'".contains(&byte)));
    let url = Url::parse(uri);
    let (scheme, rest) = uri.split_once(':').expect("has a scheme");
    if !matches!(scheme, "http" | "https") {
        let folded = scheme.to_ascii_lowercase();
        assert!(!matches!(
            folded.as_str(),
            "javascript" | "data" | "file" | "blob" | "vbscript" | "about" | "http" | "https"
        ));
        assert!(url.is_err() || url.is_ok_and(|url| url.scheme() == folded && url.fragment().is_none()));
        return;
    }
    let url = url.expect("a browser reads it");
    let authority = rest.strip_prefix("//").expect("is absolute").split(['/', '?']).next().unwrap_or_default();
    let host = url.host_str().expect("has a host");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let (written, port) = authority.split_at(host.len());
    assert!(written.eq_ignore_ascii_case(host), "the host is the one that is written");
    match port.strip_prefix(':') {
        Some(digits) => assert_eq!(digits.parse().ok(), url.port_or_known_default()),
        None => assert!(port.is_empty() && url.port().is_none()),
    }
    assert!(scheme == "https" || matches!(written, "127.0.0.1" | "[::1]"));
    assert_ne!(url.port(), Some(0));
    assert!(host.trim_end_matches('.').rsplit('.').next() != Some("localhost"));
}

/// What we append to an address reads back, and leads nowhere else.
fn leads_where_it_says(to: &RegisteredRedirectUri, state: &str) {
    let answer = Answer::Error { reason: &RedirectReason::Denied, described: true };
    let fields = [
        ("error", "access_denied"),
        ("error_description", RedirectReason::Denied.description()),
        ("state", state),
        ("iss", ISSUER),
    ];
    for mode in ResponseMode::ALL {
        let (address, is_form) = match redirect(to, mode, &answer, Some(state), Some(ISSUER)) {
            Departure::Address(address) => (address, false),
            Departure::Form { action, fields: sent } => {
                assert!(sent.iter().map(|(name, value)| (*name, value.as_str())).eq(fields));
                (action, true)
            }
        };
        assert!(address.starts_with(to.as_str()));
        let (Ok(before), Ok(after)) = (Url::parse(to.as_str()), Url::parse(&address)) else { continue };
        assert_eq!((before.scheme(), before.host(), before.port()), (after.scheme(), after.host(), after.port()));
        assert_eq!(before.path(), after.path());
        let carried = if mode == ResponseMode::Query { after.query() } else { after.fragment() };
        let pairs: Vec<_> = url::form_urlencoded::parse(carried.unwrap_or_default().as_bytes()).collect();
        let kept = if mode == ResponseMode::Query { before.query_pairs().count() } else { 0 };
        assert!(is_form || pairs[kept..].iter().map(|(name, value)| (&**name, &**value)).eq(fields));
    }
}

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let profile = if lines.next() == Some("standard") { Profile::Standard } else { Profile::Spotify };
    let lines: Vec<&str> = lines.take(8).collect();
    let end = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    let mut registered = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if let Ok(uri) = RedirectUri::register(line, &profile.policy()) {
            assert_eq!(uri.as_str(), *line);
            reads_the_same_elsewhere(line);
            if number < end {
                registered.push(uri);
            }
        }
    }
    for requested in lines {
        let expected = registered.iter().any(|uri| may_stand_for(uri.as_str(), requested));
        match resolve(&registered, requested) {
            Ok(uri) => {
                assert!(expected && uri.as_str() == requested);
                reads_the_same_elsewhere(requested);
                assert!(requested.contains(uri.destination()));
                leads_where_it_says(&uri, requested);
            }
            Err(_) => assert!(!expected),
        }
    }
});
