//! Who is meant (OpenID Connect Core §8).

use keysig_core::app::{App, OpenIdSettings};

use crate::relying_party::{asks, fetch, granted, provider, relying_party, userinfo, verified};

async fn subjects(server: &crate::actors::TestApp, client_id: &str, person: &str) -> [String; 3] {
    let mut browser = server.signed_in(person).await;
    let page = browser.allow(&asks("code id_token").with("client_id", client_id)).await;
    let received = crate::relying_party::Received::at(&page);
    let front = verified(server, received.text("id_token"), client_id).await;
    let answer = server.client(client_id).exchange(received.text("code")).await;
    let back = verified(server, &answer.text("id_token"), client_id).await;
    let asked = userinfo(server, &answer.text("access_token")).await.text("sub");
    [front["sub"].as_str().unwrap().to_owned(), back["sub"].as_str().unwrap().to_owned(), asked]
}

#[tokio::test]
async fn a_public_subject_is_the_same_to_all_apps_and_everywhere_in_one() {
    let server = provider().await;
    for client_id in ["oidc", "oidc-other"] {
        assert_eq!(subjects(&server, client_id, "ada").await, ["ada", "ada", "ada"]);
    }
}

#[tokio::test]
async fn a_pairwise_subject_is_one_per_sector_and_tells_nothing() {
    let server = provider().await;
    for (client_id, sector) in [("pair-1", "one.example"), ("pair-2", "one.example"), ("pair-3", "two.example")] {
        let openid = OpenIdSettings { sector: Some(sector.to_owned()), ..OpenIdSettings::default() };
        server.add(&App { openid, ..relying_party(client_id) }).await;
    }
    let [front, back, asked] = subjects(&server, "pair-1", "ada").await;
    assert!(front == back && back == asked, "{front} {back} {asked}");
    let neighbour = subjects(&server, "pair-2", "ada").await[0].clone();
    let stranger = subjects(&server, "pair-3", "ada").await[0].clone();
    let bob = subjects(&server, "pair-1", "bob").await[0].clone();
    assert_eq!(front, neighbour, "one sector, one subject");
    assert!(front != stranger && front != bob && stranger != bob);
    assert!(!front.contains("ada") && front.len() >= 22 && front.len() <= 255 && front.is_ascii());
    let again = subjects(&server, "pair-1", "ada").await[0].clone();
    assert_eq!(front, again);
    let server = server.restart().await;
    assert_eq!(subjects(&server, "pair-1", "ada").await[0], front);
}

#[tokio::test]
async fn both_kinds_of_subject_are_advertised() {
    let server = provider().await;
    let metadata = fetch(&server, "/.well-known/openid-configuration").await.json();
    let mut kinds: Vec<_> =
        metadata["subject_types_supported"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["pairwise", "public"]);
}

#[tokio::test]
async fn a_hint_with_a_pairwise_subject_is_understood() {
    let server = provider().await;
    let openid = OpenIdSettings { sector: Some("one.example".to_owned()), ..OpenIdSettings::default() };
    server.add(&App { openid, ..relying_party("pair") }).await;
    let mut ada = server.signed_in("ada").await;
    let request = asks("id_token").with("client_id", "pair");
    let hint = granted(&mut ada, &request).await.text("id_token").to_owned();
    let silent = request.with("prompt", "none").with("id_token_hint", &hint);
    assert!(crate::relying_party::answered_at_once(&mut ada, &silent).await.has("id_token"));
}
