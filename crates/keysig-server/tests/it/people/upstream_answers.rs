//! Signing in by an account elsewhere: answers that are not taken. Each ends on the sign-in page, with the request.

use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::seal::mac_with_key;
use keysig_store::users;
use serde_json::{Value, json};

use crate::actors::{Answer, Browser, PASSWORD, TestApp};
use crate::provider::{FakeProvider, Sent, with_openid, with_providers};

/// On the sign-in page, told why, with the request intact and nobody signed in.
#[track_caller]
fn is_back(page: &Answer, words: &str, tx: &str) {
    page.assert_status(200);
    assert!(page.body.contains("role=\"alert\"") && page.body.contains(words), "{words}: {}", page.body);
    assert_eq!(page.field("tx"), tx);
}

struct Waits {
    browser: Browser,
    tx: String,
    path: String,
}

/// A browser on the sign-in page, with an app's request.
async fn waits(app: &TestApp) -> Waits {
    let mut browser = app.browser();
    let page = browser.open(&app.client("web").request().to_string()).await;
    let tx = page.field("tx");
    Waits { browser, path: format!("/login?tx={tx}"), tx }
}

async fn account_exists(app: &TestApp) -> bool {
    users::by_identifier(&app.server.store, "new@example.test").await.unwrap().is_some()
}

#[tokio::test]
async fn an_id_token_that_breaks_one_rule_lets_nobody_in() {
    let (app, provider) = with_openid().await;
    let now = app.server.now().unix_seconds();
    let mut waiting = waits(&app).await;
    for (claim, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("another-client")),
        ("aud", json!(["keysig", "another-client"])),
        ("azp", json!("another-client")),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("exp", json!(now - 120)),
        ("iat", json!(now + 3600)),
        ("iat", json!(now - 3600)),
        ("sub", json!("")),
        ("sub", Value::Null),
        ("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")),
    ] {
        provider.set().bend = json!({ claim: value });
        let page = waiting.browser.comes_by(&provider, "example", &waiting.path).await;
        is_back(&page, "sent an answer that we can", &waiting.tx);
        assert!(!waiting.browser.is_signed_in().await, "{claim} {value}");
    }
    let page = waiting.browser.comes_by(&provider, "example", &waiting.path).await;
    assert!(page.body.contains("value=\"sign-up\""), "the right one: {}", page.body);
}

fn forged(id_token: &str, header: &Value, sign: impl Fn(&str) -> String) -> String {
    let body = id_token.split('.').nth(1).unwrap();
    let signed = format!("{}.{body}", base64url(header.to_string().as_bytes()));
    let signature = sign(&signed);
    format!("{signed}.{signature}")
}

#[tokio::test]
async fn an_id_token_that_the_provider_did_not_sign_lets_nobody_in() {
    let (app, provider) = with_openid().await;
    let mut waiting = waits(&app).await;
    type Forgery = fn(&str) -> String;
    let forgeries: [(&str, Forgery); 6] = [
        ("alg none", |it| forged(it, &json!({ "alg": "none", "kid": "k1" }), |_| String::new())),
        ("HS256 with what is public", |it| {
            forged(it, &json!({ "alg": "HS256", "kid": "k1" }), |signed| {
                base64url(&mac_with_key(b"k1", &[signed.as_bytes()]))
            })
        }),
        ("another algorithm", |it| {
            let signature = it.rsplit('.').next().unwrap().to_owned();
            forged(it, &json!({ "alg": "RS256", "kid": "k1" }), |_| signature.clone())
        }),
        ("an unknown key", |it| {
            let signature = it.rsplit('.').next().unwrap().to_owned();
            forged(it, &json!({ "alg": "EdDSA", "kid": "k9" }), |_| signature.clone())
        }),
        ("another person", |it| {
            let mut parts: Vec<String> = it.split('.').map(str::to_owned).collect();
            let mut claims: Value = serde_json::from_slice(&base64url_decode(&parts[1]).unwrap()).unwrap();
            claims["sub"] = json!("somebody-else");
            parts[1] = base64url(claims.to_string().as_bytes());
            parts.join(".")
        }),
        ("nothing", |_| String::new()),
    ];
    for (what, forge) in forgeries {
        provider.set().forge = Some(forge);
        let page = waiting.browser.comes_by(&provider, "example", &waiting.path).await;
        is_back(&page, "sent an answer that we can", &waiting.tx);
        assert!(!waiting.browser.is_signed_in().await, "{what}");
    }
    assert!(!account_exists(&app).await);
}

#[tokio::test]
async fn a_new_key_is_fetched_and_unknown_names_are_no_hammer() {
    let (app, provider) = with_openid().await;
    let mut browser = app.browser();
    let created = |page: &Answer| page.body.contains("value=\"sign-up\"");
    assert!(created(&browser.comes_by(&provider, "example", "/login").await));
    provider.rotate();
    let page = browser.comes_by(&provider, "example", "/login").await;
    assert!(!created(&page), "asked a moment ago: {}", page.body);
    app.clock.advance(61);
    assert!(created(&browser.comes_by(&provider, "example", "/login").await));
    let asked = |path: &str| provider.set().heard.iter().filter(|(heard, ..)| heard == path).count();
    assert_eq!((asked("/jwks"), asked("/.well-known/openid-configuration")), (2, 1));
    app.clock.advance(3600);
    assert!(created(&browser.comes_by(&provider, "example", "/login").await));
    assert_eq!(asked("/.well-known/openid-configuration"), 2);
}

#[tokio::test]
async fn only_the_browser_that_began_comes_back_and_once_and_in_time() {
    let (app, provider) = with_openid().await;
    let mut waiting = waits(&app).await;
    let stale = "took too long or was used already";
    let address = waiting.browser.leaves_for("example", &waiting.path).await;
    let callback = provider.signs_in(&address);

    // Another browser, signed in or not, gets nothing of it (login CSRF), and spends nothing.
    for mut other in [app.browser(), app.signed_in("bob").await] {
        other.get("/login").await;
        let before = other.jar.get("sid").cloned();
        let page = other.get(&callback).await;
        assert!(page.header("location").contains("problem=stale"), "{page:?}");
        assert_eq!(other.jar.get("sid"), before.as_ref());
        other.get("/account/linking").await.assert_status(303);
    }
    for (bent, words) in [
        (callback.replace("state=", "state=A"), stale),
        (callback.replace("&state=", "&stat="), stale),
        (format!("{callback}&state=x"), stale),
    ] {
        let page = waiting.browser.open(&bent).await;
        assert!(page.body.contains(words) && !waiting.browser.is_signed_in().await, "{bent}");
    }
    let page = waiting.browser.open(&callback).await;
    assert!(page.body.contains("value=\"sign-up\""), "{}", page.body);
    let again = waiting.browser.open(&callback).await;
    is_back(&again, stale, &waiting.tx);
    assert_eq!(provider.set().heard.iter().filter(|(path, ..)| path == "/token").count(), 1, "asked once");

    let address = waiting.browser.leaves_for("example", &waiting.path).await;
    let late = provider.signs_in(&address);
    app.clock.advance(600);
    let page = waiting.browser.open(&late).await;
    assert!(page.body.contains(stale) && !account_exists(&app).await, "{}", page.body);
}

#[tokio::test]
async fn an_answer_of_one_provider_is_nothing_at_another_s_address() {
    let app = TestApp::new().await;
    let (honest, evil) = (FakeProvider::start(&app.clock).await, FakeProvider::start(&app.clock).await);
    let other = keysig_server::upstream::Provider { id: "evil".to_owned(), ..evil.openid() };
    let app = with_providers(app, vec![honest.openid(), other]).await;
    let mut waiting = waits(&app).await;
    let address = waiting.browser.leaves_for("evil", &waiting.path).await;
    // The evil one sends people to the honest one, with its own state: the code comes back where it cannot be told (mix-up).
    let callback = evil.signs_in(&address).replace("/upstream/evil/", "/upstream/example/");
    let page = waiting.browser.open(&callback).await;
    is_back(&page, "sent an answer that we can", &waiting.tx);
    assert!(honest.set().heard.iter().all(|(path, ..)| path != "/token"), "no code is shown to it");
    assert!(evil.set().heard.iter().all(|(path, ..)| path != "/token"));

    for iss in ["https://evil.example", ""] {
        let address = waiting.browser.leaves_for("example", &waiting.path).await;
        let callback = honest.signs_in(&address);
        let (before, _) = callback.split_once("&iss=").unwrap();
        let bent = if iss.is_empty() { before.to_owned() } else { format!("{before}&iss={iss}") };
        is_back(&waiting.browser.open(&bent).await, "sent an answer that we can", &waiting.tx);
    }
    assert!(honest.set().heard.iter().all(|(path, ..)| path != "/token"));
}

#[tokio::test]
async fn a_provider_that_says_no_or_nothing_is_no_dead_end() {
    let (app, provider) = with_openid().await;
    let mut waiting = waits(&app).await;
    provider.set().down = true;
    let page = waiting.browser.open(&waiting.path).await;
    let fields = [("csrf", page.field("csrf")), ("tx", waiting.tx.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = waiting.browser.post("/login/upstream/example", &fields).await;
    let location = answer.assert_status(303).header("location").to_owned();
    is_back(&waiting.browser.open(&location).await, "does not answer right now", &waiting.tx);
    provider.set().down = false;

    let down = "does not answer right now";
    let refused = "sent an answer that we can";
    for (status, answer, words) in [
        (503, json!({}), down),
        (429, json!({}), down),
        (400, json!({ "error": "invalid_grant", "error_description": "secret of theirs" }), refused),
        (200, json!({ "error": "bad_verification_code" }), refused),
        (200, json!({ "access_token": "x", "token_type": "mac" }), refused),
        (200, json!({ "access_token": "x" }), refused),
        (200, json!("no object"), refused),
        (302, json!({}), refused),
    ] {
        provider.set().token_answer = Some((status, answer));
        let page = waiting.browser.comes_by(&provider, "example", &waiting.path).await;
        is_back(&page, words, &waiting.tx);
        assert!(!page.body.contains("secret of theirs"));
    }
    for (error, words) in [
        ("access_denied", "You are not signed in with"),
        ("server_error", down),
        ("temporarily_unavailable", down),
        ("<script>", "You are not signed in with"),
    ] {
        let address = waiting.browser.leaves_for("example", &waiting.path).await;
        let error = keysig_core::parameters::percent_encode(error);
        let callback =
            provider.signs_in(&address).replace("?code=code", &format!("?error={error}&error_description=x&c"));
        is_back(&waiting.browser.open(&callback).await, words, &waiting.tx);
    }
    let page = waiting.browser.open(&waiting.path).await;
    let after = waiting.browser.fill_in(&page, "ada@example.test", PASSWORD).await;
    assert!(after.body.contains("value=\"allow\""), "the request went through all that: {}", after.body);
}

#[tokio::test]
async fn userinfo_of_somebody_else_is_nobody_s() {
    let (app, provider) = with_openid().await;
    let mut waiting = waits(&app).await;
    provider.set().person = json!({ "sub": "u-2" });
    provider.set().bend = json!({ "sub": "u-1" });
    let page = waiting.browser.comes_by(&provider, "example", &waiting.path).await;
    is_back(&page, "sent an answer that we can", &waiting.tx);
    provider.set().person = json!({ "sub": "u-1", "email": "new@example.test", "email_verified": true });
    provider.set().bend = json!({ "email": null, "email_verified": null });
    let page = waiting.browser.comes_by(&provider, "example", &waiting.path).await;
    assert!(page.body.contains("value=\"sign-up\""), "{}", page.body);
}

#[tokio::test]
async fn a_form_of_another_site_sends_nobody_round() {
    let (app, provider) = with_openid().await;
    let mut browser = app.browser();
    let csrf = browser.open("/login").await.field("csrf");
    let other = app.browser().open("/login").await.field("csrf");
    for bad in ["", "x", other.as_str()] {
        browser.post("/login/upstream/example", &[("csrf", bad)]).await.assert_status(403);
    }
    let answer = browser.post("/login/upstream/example", &[("csrf", &csrf), ("tx", "no-tx")]).await;
    answer.assert_status(400);
    let nobody = browser.post("/login/upstream/nobody", &[("csrf", &csrf)]).await;
    assert_eq!(nobody.assert_status(303).header("location"), "/login");
    assert!(provider.set().heard.is_empty());
}

#[tokio::test]
async fn many_answers_from_one_place_wait() {
    let (app, provider) = with_openid().await;
    let mut browser = app.browser();
    let mut told = String::new();
    for _ in 0..102 {
        let address = browser.leaves_for("example", "/login").await;
        let state = Sent::read(&address).get("state").to_owned();
        told = browser
            .open(&format!("/login/upstream/example/callback?code=guess&state={state}&iss={}", provider.issuer))
            .await
            .body;
    }
    assert!(told.contains("Too many tries"), "{told}");
    assert!(provider.set().heard.iter().filter(|(path, ..)| path == "/token").count() <= 101);
}
