//! The brand: seen before it is saved, on every page after, and never unreadable.

use keysig_core::user::Role;

use super::{at_work, submit};
use crate::actors::TestApp;

#[tokio::test]
async fn an_accent_that_cannot_be_read_is_refused_with_one_that_can() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let page = submit(&mut olga, "/admin/brand", &[("brand", "Loud Music"), ("accent", "#ffcc00")]).await;
    page.assert_status(422);
    assert!(page.body.contains("value=\"Loud Music\"") && page.body.contains("value=\"#ffcc00\""), "{}", page.body);
    let suggested = page.body.split("name=\"take\" value=\"").nth(1).unwrap()[..7].to_owned();
    assert_eq!(app.server.live().accent, None);
    let fields = [("brand", "Loud Music"), ("accent", "#ffcc00"), ("take", suggested.as_str())];
    submit(&mut olga, "/admin/brand", &fields).await.assert_status(303);
    assert_eq!(app.server.live().accent.unwrap().to_string(), suggested);
}

#[tokio::test]
async fn every_page_wears_the_brand_in_one_style_sheet_and_no_style_of_its_own() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let fields = [("brand", "Teal Music"), ("accent", "#006b6b"), ("privacy_url", "https://teal.example/privacy")];
    submit(&mut olga, "/admin/brand", &fields).await.assert_status(303);
    let page = app.browser().get("/login").await;
    assert!(page.body.contains("Teal Music") && !page.body.contains("style="), "{}", page.body);
    assert!(page.body.contains("href=\"https://teal.example/privacy\""), "{}", page.body);
    let style = page.body.split("<link rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(page.body.matches("rel=\"stylesheet\"").count(), 1);
    let css = app.browser().get(style).await;
    assert!(css.assert_status(200).body.contains("--accent:light-dark(#006b6b,"), "{style}");
    assert!(css.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn a_preview_is_the_page_itself_and_saves_nothing() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let csrf = olga.get("/admin/brand").await.field("csrf");
    for (show, theme, said) in [
        ("login-light", "light", "name=\"password\""),
        ("consent-dark", "dark", "Let <bdi>Playlist Peek</bdi> use your account?"),
        ("mail-dark", "dark", "ada@example.com"),
    ] {
        let fields = [("csrf", csrf.as_str()), ("brand", "Teal Music"), ("accent", "#006b6b"), ("show", show)];
        let page = olga.post("/admin/brand/preview", &fields).await;
        let body = &page.assert_status(200).body;
        assert!(body.contains("Teal Music") && body.contains("-006b6b/keysig.css"), "{show}: {body}");
        assert!(body.contains(&format!("data-theme=\"{theme}\"")) && body.contains(said), "{show}: {body}");
    }
    assert_eq!(app.server.live().accent, None);
    assert_eq!(app.server.live().brand, "Demo Music");
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_than_a_web_page_is_refused() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    for odd in ["javascript:alert(1)", "http://teal.example", "//teal.example", "https://us@teal.example"] {
        submit(&mut olga, "/admin/brand", &[("help_url", odd)]).await.assert_status(422);
    }
    assert_eq!(app.server.live().help_url, None);
}
