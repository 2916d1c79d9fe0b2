//! Leaving for the app: by a link, by a form.

use super::*;

#[test]
fn links_that_run_code_or_hide_their_host_are_refused() {
    for text in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " \tjava\nscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://peek.example/1",
        "/relative",
        "",
    ] {
        assert_eq!(WebAddress::parse(text), None, "{text}");
        assert_eq!(Destination::of(text), None, "{text}");
        assert!(LeavingPage::new(chrome(Theme::System), "App".into(), text.into()).is_none(), "{text}");
        assert!(form_post(Theme::System, FRIENDLY, text).is_none(), "{text}");
        assert_eq!(Onward::new("App".into(), text.into()), None, "{text}");
    }
    assert_eq!(WebAddress::parse("https://good.example@evil.example/"), None);
    assert_eq!(WebAddress::parse("peek-app://callback"), None);
}

#[test]
fn the_destination_is_read_from_the_redirect_uri() {
    for (uri, destination) in [
        ("https://peek.example/cb?x=1", Destination::Web("peek.example".into())),
        ("https://good.example@evil.example:8443/", Destination::Web("evil.example:8443".into())),
        ("https://p\u{435}ek.example/", Destination::Web("xn--pek-rdd.example".into())),
        ("http://127.0.0.1:8888/callback", Destination::Loopback("127.0.0.1:8888".into())),
        ("http://[::1]/callback", Destination::Loopback("[::1]".into())),
        ("com.example.peek:/cb", Destination::Scheme("com.example.peek".into())),
    ] {
        assert_eq!(Destination::of(uri), Some(destination), "{uri}");
    }
}

#[test]
fn the_leaving_page_carries_the_url_unchanged() {
    for url in [FRIENDLY.url, ATTACK.url, "https://peek.example/?a=1;url=https://evil.example&state=%22;b"] {
        let html = LeavingPage::new(chrome(Theme::System), "App".into(), url.into()).unwrap().render().unwrap();
        assert!(html.contains("<a id=\"continue\""));
        assert!(values(&html, "href").contains(&url.to_owned()), "{html}");
        assert!(values(&html, "content").contains(&format!("0;url={url}")), "{html}");
        assert!(!html.contains("/theme"), "a theme switch would lose the answer");
    }
}

#[test]
fn an_app_on_the_device_is_opened_by_a_tap() {
    let html =
        LeavingPage::new(chrome(Theme::System), "App".into(), "peek-app://cb?code=1".into()).unwrap().render().unwrap();
    assert!(!html.contains("http-equiv"));
    assert!(html.contains("<a id=\"continue\" class=\"button primary\" href=\"peek-app://cb?code=1\""));
}

#[test]
fn a_hostile_state_is_posted_unchanged_and_marks_up_nothing() {
    let html = form_post(Theme::System, ATTACK, "https://peek.example/callback").unwrap().render().unwrap();
    let form = html.split("<form ").nth(1).unwrap().split("</form>").next().unwrap();
    assert_eq!(values(form, "name"), ["code", "state"]);
    assert_eq!(values(form, "value"), ["AQB0", HOSTILE]);
    assert_eq!(form.matches('<').count(), 2 + "<button><bdi></bdi></button>".matches('<').count(), "{form}");
    assert_eq!(html.matches("<form ").count(), 1, "a theme switch would lose the answer");
}

#[test]
fn without_javascript_the_answer_is_posted_by_a_button() {
    let html = form_post(Theme::System, FRIENDLY, "https://peek.example/callback?a=1&b=2").unwrap().render().unwrap();
    assert!(html.contains("<form id=\"answer\" class=\"buttons\" method=\"post\" action="), "{html}");
    assert_eq!(values(&html, "action"), ["https://peek.example/callback?a=1&b=2"]);
    assert!(
        html.contains("<button id=\"continue\" class=\"primary\">Continue to <bdi>peek.example</bdi></button>"),
        "{html}"
    );
}

#[test]
fn a_form_is_posted_to_the_web_only_and_its_origin_is_named_for_the_policy() {
    let origin = |action| form_post(Theme::System, FRIENDLY, action).map(|page| page.post_origin().to_owned());
    for (action, named) in [
        ("https://peek.example/callback?x=1", "https://peek.example"),
        ("https://peek.example:443/", "https://peek.example"),
        ("https://good.example@evil.example:8443/", "https://evil.example:8443"),
        ("http://127.0.0.1:8888/callback", "http://127.0.0.1:8888"),
        // A policy cannot name an IPv6 address.
        ("http://[::1]:8888/callback", "http://*:8888"),
        ("http://[::1]/callback", "http://*:80"),
    ] {
        assert_eq!(origin(action).as_deref(), Some(named), "{action}");
    }
    for action in ["peek-app://callback", "com.example.peek:/callback", "mailto:ada@example.test"] {
        assert_eq!(origin(action), None, "{action}");
    }
}
