//! Devices: seeing and ending sessions, and what the account's owner is told.

use crate::actors::{Answer, Browser, TestApp};

async fn act(browser: &mut Browser, path: &str) -> Answer {
    let csrf = browser.get("/account").await.field("csrf");
    browser.post(path, &[("csrf", &csrf)]).await
}

fn ids(page: &Answer) -> Vec<String> {
    let parts = page.body.split("/account/devices/").skip(1);
    parts
        .filter_map(|rest| rest.split_once("/sign-out\"").map(|(id, _)| id.to_owned()))
        .filter(|id| id.len() == 32)
        .collect()
}

#[tokio::test]
async fn a_device_is_signed_out_from_another_and_apps_keep_working() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let mut lost = app.signed_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.get("/account/devices").await;
    assert_eq!(page.assert_status(200).body.matches("This device").count(), 1);
    let all = ids(&page);
    assert_eq!(all.len(), 2, "that of the login, and the lost one: {}", page.body);
    for id in &all {
        let answer = act(&mut ada, &format!("/account/devices/{id}/sign-out")).await;
        assert!(ada.open(&answer.destination()).await.body.contains("Signed out there"));
    }
    lost.get("/account").await.assert_status(303);
    ada.get("/account").await.assert_status(200);
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    assert!(ada.get("/account/events").await.body.contains("Signed out on another device"));
}

#[tokio::test]
async fn all_others_are_signed_out_and_this_one_stays() {
    let app = TestApp::new().await;
    let mut others = [app.signed_in("ada").await, app.signed_in("ada").await];
    let mut bob = app.signed_in("bob").await;
    let mut ada = app.signed_in("ada").await;
    let answer = act(&mut ada, "/account/devices/sign-out-others").await;
    let page = ada.open(&answer.destination()).await;
    assert!(page.body.contains("Signed out everywhere else"), "{}", page.body);
    for other in &mut others {
        other.get("/account").await.assert_status(303);
    }
    bob.get("/account").await.assert_status(200);
}

#[tokio::test]
async fn nobody_ends_another_person_s_session() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let mut elsewhere = app.signed_in("ada").await;
    let id = ids(&ada.get("/account/devices").await).remove(0);
    let mut bob = app.signed_in("bob").await;
    act(&mut bob, &format!("/account/devices/{id}/sign-out")).await.assert_status(404);
    act(&mut bob, "/account/devices/x/sign-out").await.assert_status(404);
    elsewhere.get("/account").await.assert_status(200);
    let forged = ada.post(&format!("/account/devices/{id}/sign-out"), &[]).await;
    assert!([400, 403].contains(&forged.status.as_u16()));
    elsewhere.get("/account").await.assert_status(200);
}

#[tokio::test]
async fn who_signs_in_again_in_one_browser_is_one_device_and_idle_ones_are_none() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    ada.sign_in("ada").await;
    assert_eq!(ids(&ada.get("/account/devices").await).len(), 0);
    let _idle = app.signed_in("ada").await;
    assert_eq!(ids(&ada.get("/account/devices").await).len(), 1);
    app.clock.advance(31 * 86_400);
    let mut ada = app.signed_in("ada").await;
    assert_eq!(ids(&ada.get("/account/devices").await).len(), 0);
}

#[tokio::test]
async fn the_own_row_leads_to_signing_out() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let mut other = app.signed_in("ada").await;
    let own = ids(&other.get("/account/devices").await).remove(0);
    let answer = act(&mut ada, &format!("/account/devices/{own}/sign-out")).await;
    assert_eq!(answer.assert_status(303).destination(), "/logout");
}
