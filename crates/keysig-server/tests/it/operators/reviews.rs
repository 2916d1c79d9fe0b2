//! What a reviewer sees, asks and decides.

use axum::Router;
use axum::routing::get;
use keysig_core::audit::AuditAction;
use keysig_core::user::Role;
use keysig_server::actions::review::{self, HostCheck};
use keysig_server::actions::{ActionRefused, Actor};
use keysig_store::app_profile::{self, AppProfile};
use keysig_store::audit::{Filter, page};

use super::at_work;
use crate::actors::{Answer, Browser, unescape};
use crate::developers::review::{ask, graces, kept};
use crate::people::letters::letters;

const PATH: &str = "/admin/reviews/graces";

async fn decide(browser: &mut Browser, verdict: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(PATH).await;
    let (csrf, seen) = (page.field("csrf"), page.body.contains("name=\"seen\"").then(|| page.field("seen")));
    let seen = seen.unwrap_or_default();
    let fields = [&[("csrf", csrf.as_str()), ("seen", seen.as_str())], fields].concat();
    browser.post(&format!("{PATH}/{verdict}"), &fields).await
}

#[tokio::test]
async fn each_role_does_what_it_may_and_each_answer_is_recorded() {
    let (app, mut grace) = graces().await;
    for (name, role) in [("vera", Role::Viewer), ("sam", Role::Support), ("olga", Role::Operator)] {
        let mut browser = at_work(&app, name, role).await;
        for (verdict, field, needed) in [
            ("ask", "question", Role::Support),
            ("refuse", "reason", Role::Operator),
            ("approve", "note", Role::Operator),
        ] {
            app.clock.advance(1);
            ask(&mut grace, "Please look at it.").await;
            // Records of one millisecond have no order.
            app.clock.advance(1);
            let answer = decide(&mut browser, verdict, &[(field, "Because.")]).await;
            let expected = if role >= needed { 303 } else { 403 };
            assert_eq!(answer.status.as_u16(), expected, "{name} {verdict}: {}", answer.body);
            if role >= needed {
                let last = page(&app.server.store, &Filter::default(), None, 1).await.unwrap();
                assert_eq!(last[0].record.action, AuditAction::ReviewAnswered, "{name} {verdict}");
            }
        }
    }
    assert!(kept(&app).await.is_reviewed());
    assert_eq!(keysig_store::audit::first_break(&app.server.store).await, Ok(None));
}

#[tokio::test]
async fn a_question_and_a_refusal_say_why() {
    let (app, mut grace) = graces().await;
    ask(&mut grace, "").await.assert_status(303);
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    for (verdict, field) in [("ask", "question"), ("refuse", "reason")] {
        let silent = decide(&mut olga, verdict, &[(field, " ")]).await;
        assert!(silent.assert_status(422).body.contains(&format!("id=\"{field}-error\"")), "{verdict}");
    }
    let long = "x".repeat(2001);
    assert!(decide(&mut olga, "refuse", &[("reason", &long)]).await.assert_status(422).body.contains(&long), "kept");
    assert!(!kept(&app).await.is_reviewed());
}

#[tokio::test]
async fn what_is_approved_is_what_was_looked_at() {
    let (app, mut grace) = graces().await;
    ask(&mut grace, "").await.assert_status(303);
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let seen = olga.get(PATH).await.field("seen");
    let other = AppProfile {
        name: "Demo Bank".to_owned(),
        homepage: None,
        description: None,
        privacy_url: None,
        terms_url: None,
        support_url: None,
        keeps_data: None,
    };
    let record = Actor::command_line().record(&app.server, AuditAction::AppProfileChanged, "name");
    app_profile::save(&app.server.store, kept(&app).await.id, &other, &record).await.unwrap();
    let csrf = olga.get(PATH).await.field("csrf");
    let late = olga.post(&format!("{PATH}/approve"), &[("csrf", &csrf), ("seen", &seen)]).await;
    assert!(late.assert_status(409).body.contains("changed since"), "{}", late.body);
    assert!(!kept(&app).await.is_reviewed());
    decide(&mut olga, "approve", &[]).await.assert_status(303);
    assert!(kept(&app).await.is_reviewed(), "looked at again");
}

#[tokio::test]
async fn the_waiting_are_counted_and_listed() {
    let (app, mut grace) = graces().await;
    let mut vera = at_work(&app, "vera", Role::Viewer).await;
    let waits = "<a href=\"/admin/reviews\"><bdi>1</bdi></a>";
    assert!(!vera.get("/admin").await.body.contains(waits));
    ask(&mut grace, "").await.assert_status(303);
    assert!(vera.get("/admin").await.body.contains(waits));
    assert!(vera.get("/admin/reviews").await.body.contains(&format!("href=\"{PATH}\"")));
    let mut sam = at_work(&app, "sam", Role::Support).await;
    decide(&mut sam, "ask", &[("question", "Who are you?")]).await.assert_status(303);
    assert!(!vera.get("/admin").await.body.contains(waits));
    assert!(vera.get("/admin/reviews").await.body.contains("Waits for them"));
}

#[tokio::test]
async fn a_reviewer_sees_the_consent_page_itself_and_what_was_used() {
    let (app, _) = graces().await;
    let mut vera = at_work(&app, "vera", Role::Viewer).await;
    let dossier = unescape(&vera.get(PATH).await.assert_status(200).body);
    assert!(dossier.contains("<div class=\"preview\" inert>") && dossier.contains("Used in the last 30 days"));
    let alone = vera.get(&format!("{PATH}/consent")).await;
    let card = |page: &str| page.split("<form method=\"post\" action=\"/consent\"").next().unwrap().len();
    assert!(card(&alone.assert_status(200).body) > 2000 && alone.body.contains("name=\"decision\""));
    assert!(alone.body.contains("name=\"csrf\" value=\"\""), "it holds no ticket");
}

#[tokio::test]
async fn the_owner_is_written_to_where_mail_goes_out() {
    let (app, mut grace) = graces().await;
    ask(&mut grace, "").await.assert_status(303);
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let before = letters(&app).await.len();
    decide(&mut olga, "refuse", &[("reason", "It asks for too much.")]).await.assert_status(303);
    let mail = letters(&app).await;
    assert_eq!((mail.len(), mail[0].to.as_str()), (before + 1, "grace@example.test"));
    assert!(mail[0].post.subject.contains("was not approved"), "{}", mail[0].post.subject);
    assert!(mail[0].post.text.contains("/dashboard/apps/graces/review"));
}

#[tokio::test]
async fn a_host_says_whose_it_is_and_a_failed_check_blocks_nothing() {
    let (app, mut grace) = graces().await;
    let check = async |homepage: Option<String>| {
        let profile = AppProfile {
            name: "Peek".to_owned(),
            homepage,
            description: None,
            privacy_url: None,
            terms_url: None,
            support_url: None,
            keeps_data: None,
        };
        app.clock.advance(1);
        let record = Actor::command_line().record(&app.server, AuditAction::AppProfileChanged, "");
        app_profile::save(&app.server.store, kept(&app).await.id, &profile, &record).await.unwrap();
        review::check_host(&app.server, &Actor::command_line(), "graces").await.unwrap()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let home = format!("http://{}", listener.local_addr().unwrap());
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let others = format!("http://{}", other.local_addr().unwrap());
    let serve = |listener, text: &'static str| {
        let routes = Router::new().route(review::HOST_FILE, get(move || async move { text }));
        tokio::spawn(async move { axum::serve(listener, routes).await })
    };
    serve(listener, "someone-else\ngraces\n");
    serve(other, "graces2");
    assert_eq!(check(None).await, HostCheck::NoHomepage);
    assert_eq!(check(Some(format!("{home}/about?x=1"))).await, HostCheck::Named);
    assert_eq!(check(Some(others)).await, HostCheck::NotNamed);
    for inner in ["http://10.0.0.1/", "http://169.254.169.254/", "https://localhost:1/"] {
        assert!(matches!(check(Some(inner.to_owned())).await, HostCheck::NoFile(_)), "{inner}");
    }
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let page = decide(&mut olga, "host", &[]).await;
    assert!(page.assert_status(200).body.contains("The host did not show the file"), "{}", page.body);
    ask(&mut grace, "").await.assert_status(303);
    decide(&mut olga, "approve", &[]).await.assert_status(303);
    let viewer = Actor { role: Role::Viewer, ..Actor::command_line() };
    let refused = review::check_host(&app.server, &viewer, "graces").await;
    assert!(matches!(refused, Err(ActionRefused::NotAllowed { .. })));
}
