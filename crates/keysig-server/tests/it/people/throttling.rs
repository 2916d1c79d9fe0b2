//! Guessing at people's secrets, by all paths together.

use axum::body::Body;
use http::Request;
use http::header::{CONTENT_TYPE, COOKIE};
use keysig_server::net::Peer;

use crate::actors::{Answer, PASSWORD, TestApp, form};
use crate::second_steps::set_up;

/// A wrong password from an address of its own.
async fn guess(app: &TestApp, cookies: &str, csrf: &str, name: &str, from: [u8; 4]) -> Answer {
    let fields = [("csrf", csrf), ("identifier", name), ("password", "wrong-password")];
    let request = Request::post("/login")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(COOKIE, cookies)
        .header("sec-fetch-site", "same-origin")
        .extension(Peer((from, 443).into()));
    app.send(request.body(Body::from(form(&fields))).unwrap()).await
}

#[tokio::test]
async fn of_ten_thousand_guesses_in_a_minute_at_most_ten_are_evaluated() {
    let app = TestApp::new().await;
    let mut thief = app.browser();
    let csrf = thief.open("/login").await.field("csrf");
    let cookies = format!("browser={}", thief.jar["browser"]);
    let mut evaluated = 0;
    for n in 0..10_000_u32 {
        let [_, a, b, c] = n.to_be_bytes();
        let name = ["ada", "ADA@example.test", " ada@example.test"][n as usize % 3];
        let answer = guess(&app, &cookies, &csrf, name, [10, b ^ a, c, 7]).await;
        evaluated += u32::from(answer.status.as_u16() == 422);
        if n % 167 == 166 {
            app.clock.advance(1);
        }
    }
    assert!(evaluated <= 10, "{evaluated}");
}

#[tokio::test]
async fn one_address_and_one_block_of_addresses_have_limits_of_their_own() {
    let app = TestApp::new().await;
    let mut thief = app.browser();
    let csrf = thief.open("/login").await.field("csrf");
    let cookies = format!("browser={}", thief.jar["browser"]);
    let guess = async |name: usize, from| guess(&app, &cookies, &csrf, &format!("p{name}"), from).await.status.as_u16();
    let mut from_one = 0;
    for n in 0..45 {
        from_one += u32::from(guess(n, [192, 0, 2, 1]).await == 422);
    }
    assert_eq!(from_one, 30);
    assert_eq!(guess(100, [192, 0, 2, 2]).await, 422, "its neighbour may");
    let mut from_block = 0;
    for n in 0..60_u8 {
        from_block += u32::from(guess(200 + usize::from(n), [192, 0, 2, 3 + n]).await == 422);
    }
    assert_eq!(from_one + 1 + from_block, 51);
    assert_eq!(guess(300, [198, 51, 100, 1]).await, 422, "others are not concerned");
}

#[tokio::test]
async fn password_code_recovery_code_and_recheck_count_as_one() {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    ada.second_step(&page, &[("code", &crate::second_steps::code(&app))]).await.assert_status(303);
    let csrf = ada.get("/account").await.field("csrf");
    app.clock.advance(600);
    let mut thief = app.browser();
    let page = thief.first_step("ada").await;
    for fields in [[("code", "000000")], [("recovery_code", "xxxx")], [("code", "000001")]] {
        thief.second_step(&page, &fields).await.assert_status(422);
    }
    ada.post("/account/confirm", &[("csrf", &csrf), ("confirm_password", "wrong-password")]).await.assert_status(422);
    let login = thief.open("/login").await;
    for _ in 0..2 {
        thief.fill_in(&login, "ada", "wrong-password").await.assert_status(422);
    }
    thief.second_step(&page, &[("code", "000002")]).await.assert_status(429);
    thief.second_step(&page, &[("recovery_code", crate::second_steps::RECOVERY[0])]).await.assert_status(429);
    thief.fill_in(&login, "ada", PASSWORD).await.assert_status(429);
    ada.post("/account/confirm", &[("csrf", &csrf), ("confirm_password", PASSWORD)]).await.assert_status(429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_sign_ins_is_turned_away_and_the_queue_stays_short() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let csrf = browser.open("/login").await.field("csrf");
    let cookies = format!("browser={}", browser.jar["browser"]);
    let mut flood = tokio::task::JoinSet::new();
    for n in 0..400_u32 {
        let (app, cookies, csrf) = (app.clone(), cookies.clone(), csrf.clone());
        flood.spawn(async move {
            let [.., a, b] = n.to_be_bytes();
            guess(&app, &cookies, &csrf, &format!("flood{n}"), [10, a, b, 1]).await
        });
    }
    let answers = flood.join_all().await;
    let turned_away: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() == 503).collect();
    assert!(!turned_away.is_empty() && answers.iter().any(|answer| answer.status.as_u16() == 422));
    assert!(turned_away.iter().all(|answer| answer.header("retry-after") == "2"));
    assert!(turned_away[0].body.contains("Many people are signing in right now."));
}
