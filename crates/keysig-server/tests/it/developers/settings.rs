//! Settings of an app in the dashboard: each kept, each refused by the rule that registration has.

use keysig_core::app::{App, ClientType};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_store::apps;

use crate::actors::{Answer, Browser, TestApp, app, app_id, user, user_id};

const PATH: &str = "/dashboard/apps/graces/settings";

async fn with_grace() -> (TestApp, Browser) {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let graces = app("graces", ClientType::Confidential, Profile::Spotify);
    server.add(&App { owner: Some(user_id("grace")), ..graces }).await;
    let grace = server.signed_in("grace").await;
    (server, grace)
}

async fn save(grace: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let csrf = grace.get(PATH).await.field("csrf");
    grace.post(PATH, &[&[("csrf", csrf.as_str())], fields].concat()).await
}

#[tokio::test]
async fn what_is_set_holds() {
    let (server, mut grace) = with_grace().await;
    let addresses = "https://peek.example/bye\r\n\r\nhttps://peek.example/out ";
    let fields = [
        ("rotates", "yes"),
        ("algorithm", "ES256"),
        ("post_logout", addresses),
        ("back_channel", "https://peek.example/back"),
        ("front_channel", "http://127.0.0.1:8888/front"),
    ];
    save(&mut grace, &fields).await.assert_status(303);
    let known = apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap();
    assert!(known.rotates && known.openid.id_token_algorithm == SigningAlgorithm::Es256);
    let uris: Vec<&str> = known.openid.post_logout_redirect_uris.iter().map(|uri| uri.as_str()).collect();
    assert_eq!(uris, ["https://peek.example/bye", "https://peek.example/out"]);
    assert_eq!(known.openid.backchannel_logout_uri.as_deref(), Some("https://peek.example/back"));
    assert_eq!(known.openid.frontchannel_logout_uri.as_deref(), Some("http://127.0.0.1:8888/front"));

    save(&mut grace, &[]).await.assert_status(303);
    let known = apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap();
    assert!(!known.rotates && known.openid.post_logout_redirect_uris.is_empty() && !known.openid.wants_to_be_told());
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_and_kept() {
    let (server, mut grace) = with_grace().await;
    for (field, typed) in [
        ("post_logout", "http://peek.example/bye"),
        ("post_logout", "https://peek.example/a\nhttps://peek.example/a"),
        ("back_channel", "javascript:alert(1)"),
        ("back_channel", "com.example.app:/out"),
        ("front_channel", "https://elsewhere.example/front"),
    ] {
        let refused = save(&mut grace, &[("rotates", "yes"), (field, typed)]).await;
        refused.assert_status(422);
        assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{typed}: {}", refused.body);
        assert!(refused.body.contains(typed.lines().last().unwrap()), "{typed} is kept");
    }
    assert!(!apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap().rotates);
}
