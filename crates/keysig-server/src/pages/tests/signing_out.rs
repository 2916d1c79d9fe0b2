//! Signing out, also where an app asks for it.

use super::*;

#[test]
fn what_an_app_sent_with_its_wish_is_posted_back_as_found() {
    let pages = all(Theme::System, ATTACK);
    let (_, html) = pages.iter().find(|(name, _)| *name == "sign-out-asked").unwrap();
    let form = html.split("<form method=\"post\" action=\"/logout\"").nth(1).unwrap().split("</form>").next().unwrap();
    assert_eq!(values(form, "name"), ["csrf", "client_id", "state"]);
    assert_eq!(values(form, "value"), ["ticket", HOSTILE, HOSTILE]);
}

#[test]
fn an_app_that_asks_is_named_and_nobody_else_is() {
    let asks = "<strong><bdi>Playlist Peek</bdi></strong> asks to sign you out of Demo Music on this browser.";
    for (name, html) in all(Theme::System, FRIENDLY) {
        assert_eq!(html.contains(asks), name == "sign-out-asked", "{name}");
    }
}

#[test]
fn the_way_on_is_taken_at_once_but_gives_the_frames_their_time() {
    let refresh = |frames, url| values(&signed_out(Theme::System, FRIENDLY, frames, url).render().unwrap(), "content");
    let onward = Some("https://peek.example/bye?state=a%26b");
    assert!(refresh(&[], onward).contains(&"0;url=https://peek.example/bye?state=a%26b".to_owned()));
    assert!(refresh(FRAMES, onward).contains(&"0;url=https://peek.example/bye?state=a%26b".to_owned()));
    // Nothing to load is nothing to wait for.
    assert!(
        refresh(&["javascript:alert(1)"], onward).contains(&"0;url=https://peek.example/bye?state=a%26b".to_owned())
    );
    for tapped in [refresh(FRAMES, None), refresh(FRAMES, Some("peek-app://signed-out"))] {
        assert!(!tapped.iter().any(|content| content.contains("url=")), "{tapped:?}");
    }
}

#[test]
fn the_link_on_carries_the_address_unchanged() {
    for url in ["https://peek.example/bye?state=\"'><script>alert(1)</script>", "peek-app://signed-out?state=1"] {
        let html = signed_out(Theme::System, ATTACK, &[], Some(url)).render().unwrap();
        assert!(html.contains("<a id=\"continue\" class=\"button primary\""), "{html}");
        assert!(values(&html, "href").contains(&url.to_owned()), "{html}");
    }
}

#[test]
fn only_web_addresses_are_framed_and_they_stay_in_a_sandbox() {
    let page = signed_out(Theme::System, FRIENDLY, FRAMES, None);
    let html = page.render().unwrap();
    assert_eq!(html.matches("<iframe ").count(), 2, "{html}");
    assert_eq!(html.matches(" sandbox=\"allow-scripts allow-same-origin\" ").count(), 2, "{html}");
    assert!(values(&html, "src").iter().all(|src| src.starts_with("https://peek.example/")), "{html}");
    // Loaded, not seen: what is not rendered may not be loaded.
    assert!(!html.contains(" hidden") && !html.contains("loading=\"lazy\""), "{html}");
}

#[test]
fn each_origin_in_a_frame_is_named_once_for_the_policy() {
    let origins = |frames| signed_out(Theme::System, FRIENDLY, frames, None).frame_origins();
    assert_eq!(origins(FRAMES), ["https://peek.example"]);
    assert_eq!(
        origins(&["https://a.example:8443/x", "https://b.example/", "https://a.example:8443/y", "http://127.0.0.1:9/"]),
        ["https://a.example:8443", "https://b.example", "http://127.0.0.1:9"]
    );
    assert_eq!(origins(&[]), Vec::<String>::new());
}

#[test]
fn a_sign_out_link_that_leads_nowhere_promises_nothing_and_offers_ours() {
    let known = KnownApp { name: "Playlist Peek".into(), home: WebAddress::parse("https://peek.example/") };
    let page = ErrorPage::post_logout_mismatch(chrome(Theme::System), known, "https://evil.example/");
    let html = page.render().unwrap();
    assert_eq!(page.status, 400);
    assert!(html.contains("You were not signed out.") && !html.contains("Nothing was shared."), "{html}");
    assert!(html.contains("href=\"/logout\">Sign out here</a>"), "{html}");
    assert!(
        !html.contains("href=\"https://evil.example/\"") && html.contains("<bdi>https://evil.example/</bdi>"),
        "{html}"
    );
}
