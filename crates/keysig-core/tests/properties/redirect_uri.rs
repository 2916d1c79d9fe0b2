//! Redirect URIs (RFC 6749 §3.1.2, RFC 8252 §7.3).

use keysig_core::profile::Profile;
use keysig_core::redirect_uri::{RedirectUri, RedirectUriRefused, resolve};
use proptest::prelude::*;

use crate::instance::{any_change, changed};

fn register(text: &str) -> Option<RedirectUri> {
    RedirectUri::register(text, &Profile::Spotify.policy()).ok()
}

fn any_good() -> impl Strategy<Value = String> {
    let authority = "([a-z][a-z0-9]{0,9}\\.){1,3}[a-z]{2,5}(:[1-9][0-9]{0,3})?";
    let rest = "(/[A-Za-z0-9._~-]{1,8}x){0,3}/?(\\?[a-z]=[A-Za-z0-9]{0,5})?";
    (authority, rest).prop_map(|(authority, rest)| format!("https://{authority}{rest}"))
}

/// Pieces of addresses in an order that nobody would write.
fn any_odd() -> impl Strategy<Value = String> {
    let pieces = vec![
        "https",
        "http",
        "HTTPS",
        ":",
        "//",
        "/",
        "\\",
        "@",
        "?",
        "#",
        "app.example",
        "127.0.0.1",
        "[::1]",
        "localhost",
        "evil.example",
        ":80",
        ":0",
        ":65536",
        ":+80",
        "cb",
        "..",
        ".",
        "%2e",
        "%2F",
        "%00",
        "*",
        "\u{200b}",
        "xn--",
        " ",
        "javascript",
        "0x7f.1",
        "[",
        "]",
        ";",
        "&",
    ];
    proptest::collection::vec(prop::sample::select(pieces), 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_registered_address_matches_itself_and_none_that_differs(uri in any_good(), change in any_change()) {
        let uris = [register(&uri).unwrap()];
        let found = resolve(&uris, &uri).unwrap();
        prop_assert_eq!(found.as_str(), &uri);
        prop_assert!(resolve(&uris, &changed(&uri, change)).is_err());
        prop_assert!(resolve(&uris, &uri.to_uppercase()).is_err());
    }

    #[test]
    fn of_odd_addresses_those_that_register_lead_where_a_browser_goes(odd in any_odd()) {
        let Some(uri) = register(&odd) else { return Ok(()) };
        prop_assert_eq!(uri.as_str(), &odd);
        if let Some(rest) = odd.strip_prefix("https://").or_else(|| odd.strip_prefix("http://")) {
            let url = url::Url::parse(&odd).unwrap();
            let host = url.host_str().unwrap();
            prop_assert!(rest.starts_with(host), "{} is not the host of {}", host, odd);
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
            prop_assert!(url.scheme() == "https" || ["127.0.0.1", "[::1]"].contains(&host));
            prop_assert!(!host.ends_with("localhost"));
            let path = rest.split_once('/').map_or("", |(_, path)| path).split('?').next().unwrap();
            prop_assert_eq!(url.path(), format!("/{path}"), "no browser shortens it");
        } else {
            let scheme = odd.split(':').next().unwrap().to_ascii_lowercase();
            prop_assert!(!["http", "https", "javascript", "data", "file"].contains(&scheme.as_str()));
        }
    }

    #[test]
    fn of_odd_addresses_only_a_registered_one_resolves(uri in any_good(), odd in any_odd()) {
        let uris = [register(&uri).unwrap(), register("http://127.0.0.1/cb").unwrap()];
        if let Ok(found) = resolve(&uris, &odd) {
            let port = odd.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.strip_suffix("/cb"));
            let is_port = port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
            prop_assert!(odd == uri || odd == "http://127.0.0.1/cb" || is_port, "{}", odd);
            prop_assert_eq!(found.as_str(), &odd);
        }
    }

    #[test]
    fn a_loopback_literal_takes_any_port_if_it_names_none(
        host in "127\\.0\\.0\\.1|\\[::1\\]",
        path in "(/[a-z]{1,6}){0,2}",
        port in prop_oneof![0..70_000u32, 0..3u32, 65_533..65_538u32],
        registered in proptest::option::of(1..65_536u32),
    ) {
        let own = registered.map(|port| format!(":{port}")).unwrap_or_default();
        let uris = [register(&format!("http://{host}{own}{path}")).unwrap()];
        let found = resolve(&uris, &format!("http://{host}:{port}{path}")).is_ok();
        let free = registered.is_none() && (1..=65_535).contains(&port);
        prop_assert_eq!(found, free || registered == Some(port));
        for other in ["127.0.0.2", "localhost", "[::2]", "127.0.0.1.evil.example", "0.0.0.0"] {
            let elsewhere = format!("http://{other}:{port}{path}");
            prop_assert!(resolve(&uris, &elsewhere).is_err());
        }
    }

    #[test]
    fn the_nearest_address_is_told_and_the_order_of_registration_means_nothing(
        uris in proptest::collection::vec(any_good(), 1..5).prop_shuffle(),
        odd in any_good(),
    ) {
        prop_assume!(!uris.contains(&odd));
        let all: Vec<_> = uris.iter().filter_map(|uri| register(uri)).collect();
        let turned: Vec<_> = all.iter().rev().cloned().collect();
        match (resolve(&all, &odd), resolve(&turned, &odd)) {
            (
                Err(RedirectUriRefused::NotRegistered { nearest: one }),
                Err(RedirectUriRefused::NotRegistered { nearest: two }),
            ) => {
                prop_assert!(one.is_some_and(|one| uris.contains(&one)) && two.is_some_and(|two| uris.contains(&two)));
            }
            other => prop_assert!(false, "{other:?}"),
        }
        for uri in &uris {
            prop_assert_eq!(resolve(&all, uri), resolve(&turned, uri));
        }
    }
}
