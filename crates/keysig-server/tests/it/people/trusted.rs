//! Apps that the operator answers for (ux B10).

use keysig_core::app::{App, ClientType, ConsentSettings};
use keysig_core::profile::Profile;

use crate::actors::{TestApp, app as app_of, location};

fn trusted() -> ConsentSettings {
    ConsentSettings { trusted: true, ..ConsentSettings::default() }
}

#[tokio::test]
async fn nobody_is_asked_about_a_trusted_app_and_it_is_listed_all_the_same() {
    let app = TestApp::new().await;
    let own = app.with_settings(trusted()).await;
    let mut ada = app.signed_in("ada").await;
    let answer = ada.get(&own.asks("user-read-private").to_string()).await;
    assert_eq!(own.scope_of(&answer.assert_status(302).destination()).await, "user-read-private");
    assert!(ada.get("/account/apps").await.body.contains("Peek choices"));
    // After a sign-in on the way, too.
    let mut bob = app.browser();
    let sign_in = bob.open(&own.asks("user-read-private").to_string()).await;
    let after = bob.fill_in(&sign_in, "bob@example.test", "demo-password").await;
    assert!(after.destination().contains("code="), "{}", after.body);
}

#[tokio::test]
async fn what_is_optional_stays_a_choice_and_insisting_shows_the_page() {
    let app = TestApp::new().await;
    let optional = app.server.scopes().parse("streaming").unwrap();
    let own = app.with_settings(ConsentSettings { optional, ..trusted() }).await;
    let mut ada = app.signed_in("ada").await;
    let request = own.asks("user-read-private streaming");
    let answer = ada.get(&request.to_string()).await;
    assert_eq!(own.scope_of(&answer.destination()).await, "user-read-private");
    let page = ada.open(&request.with("show_dialog", "true").to_string()).await;
    assert!(page.body.contains("name=\"decision\""), "{}", page.body);
}

#[tokio::test]
async fn any_program_could_say_it_is_a_trusted_app_on_the_device() {
    let app = TestApp::new().await;
    app.add(&App { consent: trusted(), ..app_of("own-public", ClientType::Public, Profile::Spotify) }).await;
    let answer = app.signed_in("ada").await.get(&app.client("own-public").request().to_string()).await;
    assert!(location(answer.assert_status(303)).unwrap().starts_with("/consent?tx="));
}
