use crate::actors::{Browser, TestApp, parameters};

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_where_it_leads() {
    let app = TestApp::new().await;
    let page = app.signed_in("ada").await.open(&app.client("web").request().to_string()).await;
    for words in [
        "Peek web",
        "Grace H.",
        "127.0.0.1:8888",
        "ada@example.test",
        "Your email address",
        "Your country and plan",
        "Not you?",
    ] {
        assert!(page.body.contains(words), "{words} is not in {}", page.body);
    }
    assert!(!page.body.contains("user-read-email"), "no raw scope is shown to people");
    let (deny, allow) = (page.body.find("value=\"deny\"").unwrap(), page.body.find("value=\"allow\"").unwrap());
    assert!(deny < allow, "Enter can only decline");
}

#[tokio::test]
async fn an_app_that_may_do_everything_makes_one_promise() {
    let app = TestApp::new().await;
    let of_openid = ["openid", "profile", "email", "offline_access"];
    let catalogue = app.server.scopes();
    let names = catalogue.entries().map(|(_, entry)| entry.name.clone());
    let names = names.filter(|name| !of_openid.contains(&name.as_str()));
    let scopes = names.collect::<Vec<_>>().join(" ");
    let request = app.client("web").request().with("scope", &scopes);
    let page = app.signed_in("ada").await.open(&request.to_string()).await;
    let promises = page.assert_status(200).body.split("<h2>It will not</h2>").nth(1).unwrap();
    let promises = promises.split("</ul>").next().unwrap();
    assert!(promises.contains("<p>See your password or payment details</p>"), "{promises}");
    assert_eq!(promises.matches("<li>").count(), 1, "{promises}");
}

#[tokio::test]
async fn a_larger_request_shows_what_is_new_and_declining_keeps_the_old_tokens() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = web.log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    let more = web.request().with("scope", "user-read-private user-read-email user-top-read");
    let page = ada.open(&more.to_string()).await;
    assert!(page.body.contains("asks for 1 more permission"), "{}", page.body);
    let declined = ada.decide(&page, "deny").await.destination();
    assert_eq!(parameters(&declined)["error"], "access_denied");
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    web.refresh(&tokens.refresh).await.assert_status(200);
}

#[tokio::test]
async fn a_smaller_request_later_gets_no_more_than_it_asks_for() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let web = app.client("web");
    ada.allow(&web.request()).await;
    let code = ada.code(&web.request().with("scope", "user-read-email")).await;
    assert_eq!(web.exchange(&code).await.text("scope"), "user-read-email");
}

#[tokio::test]
async fn a_new_name_or_host_asks_again() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let web = app.client("web");
    ada.allow(&web.request()).await;
    let elsewhere = web.request().with("redirect_uri", "https://peek.example/cb");
    assert!(ada.open(&elsewhere.to_string()).await.body.contains("name=\"decision\""));
    ada.allow(&elsewhere).await;
    ada.get(&elsewhere.to_string()).await.assert_status(302);
    ada.get(&web.request().to_string()).await.assert_status(302);
}

#[tokio::test]
async fn a_double_click_is_harmless_and_gives_the_same_code() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&app.client("web").request().to_string()).await;
    let first = ada.decide(&page, "allow").await.destination();
    let second = ada.decide(&page, "allow").await.destination();
    assert_eq!(first, second);
    app.clock.advance(11);
    let late = ada.decide(&page, "allow").await;
    late.assert_status(400);
    assert!(late.body.contains("already answered"), "{}", late.body);
    let changed = ada.decide(&page, "deny").await;
    changed.assert_status(400);
}

#[tokio::test]
async fn another_browser_cannot_answer_even_with_the_same_person() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&app.client("web").request().to_string()).await;
    let mut elsewhere = app.signed_in("ada").await;
    let csrf = elsewhere.get("/account").await.field("csrf");
    let tx = page.field("tx");
    let answer = elsewhere.post("/consent", &[("tx", &tx), ("csrf", &csrf), ("decision", "allow")]).await;
    answer.assert_status(400);
    assert!(!answer.body.contains("code="));
}

#[tokio::test]
async fn a_forged_or_odd_form_decides_nothing() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&app.client("web").request().to_string()).await;
    let (tx, csrf) = (page.field("tx"), page.field("csrf"));
    for fields in [
        vec![("tx", tx.as_str()), ("csrf", "forged"), ("decision", "allow")],
        vec![("tx", tx.as_str()), ("decision", "allow")],
        vec![("tx", tx.as_str()), ("csrf", csrf.as_str())],
        vec![("tx", tx.as_str()), ("csrf", csrf.as_str()), ("decision", "maybe")],
        vec![("tx", "nonsense"), ("csrf", csrf.as_str()), ("decision", "allow")],
        vec![],
    ] {
        let answer = ada.post("/consent", &fields).await;
        assert!(answer.status.is_client_error(), "{fields:?}");
        assert!(!answer.body.contains("code="));
    }
    assert!(parameters(&ada.decide(&page, "allow").await.destination()).contains_key("code"));
}

#[tokio::test]
async fn the_request_expires_after_an_hour() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&app.client("web").request().to_string()).await;
    app.clock.advance(3600);
    let late = ada.decide(&page, "allow").await;
    late.assert_status(400);
    assert!(late.body.contains("took too long"), "{}", late.body);
    assert!(late.body.contains("href=\"https://peek.example/\""), "there is a way on: {}", late.body);
}

#[tokio::test]
async fn not_you_keeps_the_request() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&app.client("web").request().to_string()).await;
    let tx = page.field("tx");
    let chooser = ada.get(&format!("/login/choose?tx={tx}")).await;
    assert!(chooser.body.contains("ada@example.test") && page.body.contains(&format!("/login/choose?tx={tx}")));
    let sign_in = ada.open(&format!("/login?account=new&tx={tx}")).await;
    let consent = ada.fill_in(&sign_in, "bob@example.test", "demo-password").await;
    assert!(consent.body.contains("bob@example.test"));
    let code = parameters(&ada.decide(&consent, "allow").await.destination()).remove("code").unwrap();
    let tokens = crate::actors::Tokens::of(&app.client("web").exchange(&code).await);
    assert!(app.api("/v1/me", &tokens.access).await.body.contains("bob"));
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let app = TestApp::new().await;
    let mut browser: Browser = app.browser();
    let one = browser.open(&app.client("web").request().to_string()).await;
    let two = browser.open(&app.client("other").request().to_string()).await;
    let consent_two = browser.fill_in(&two, "ada@example.test", "demo-password").await;
    let consent_one = browser.fill_in(&one, "ada@example.test", "demo-password").await;
    assert!(consent_one.body.contains("Peek web") && consent_two.body.contains("Peek other"));
    let fresh_two = browser.open(&format!("/consent?tx={}", consent_two.field("tx"))).await;
    assert!(parameters(&browser.decide(&fresh_two, "allow").await.destination()).contains_key("code"));
    assert!(parameters(&browser.decide(&consent_one, "allow").await.destination()).contains_key("code"));
}

#[tokio::test]
async fn scripts_are_told_where_to_go_in_json() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    ada.allow(&app.client("web").request()).await;
    let cookies = ada.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let request = http::Request::get(app.client("web").request().to_string())
        .header("accept", "application/json")
        .header("cookie", cookies);
    let answer = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert!(answer.text("redirect_to").starts_with("http://127.0.0.1:8888/callback?code="));
}
