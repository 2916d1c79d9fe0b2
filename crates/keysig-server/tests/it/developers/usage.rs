//! Figures of an app: what happened is counted once, and page and file say the same.

use keysig_core::app::{App, ClientType};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::usage;

use crate::actors::{Answer, TestApp, app, user, user_id};

const USAGE: &str = "/dashboard/apps/graces/usage";

async fn with_grace() -> TestApp {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let graces = app("graces", ClientType::Confidential, Profile::Spotify);
    server.add(&App { owner: Some(user_id("grace")), name: "=Peek()".to_owned(), ..graces }).await;
    server
}

async fn log_in(server: &TestApp) {
    let graces = server.client("graces");
    let code = server.signed_in("ada").await.code(&graces.asks("user-read-private")).await;
    graces.exchange(&code).await.assert_status(200);
}

/// The rows of the file's table, as numbers: logins, refusals, active users, token requests, API calls, 429s.
fn rows(file: &Answer) -> Vec<Vec<u64>> {
    file.assert_status(200);
    let all = file.body.lines().skip(1).take_while(|line| !line.starts_with("app,reason"));
    all.map(|line| line.split(',').skip(2).map(|cell| cell.parse().unwrap_or(0)).collect()).collect()
}

#[tokio::test]
async fn what_happened_to_an_app_is_on_its_page_and_in_its_file() {
    let server = with_grace().await;
    let graces = server.client("graces");
    for name in ["ada", "bob", "ada"] {
        let code = server.signed_in(name).await.code(&graces.asks("user-read-private")).await;
        let access = graces.exchange(&code).await.text("access_token");
        server.api("/v1/me", &access).await.assert_status(200);
        server.api("/v1/me/top/artists", &access).await.assert_status(403);
        // A code works once.
        graces.exchange(&code).await.assert_status(400);
    }
    let mut ada = server.signed_in("ada").await;
    ada.open(&graces.request().with("redirect_uri", "https://elsewhere.example/").to_string()).await.assert_status(400);
    usage::flush(&server.server).await;
    usage::flush(&server.server).await;

    let mut grace = server.signed_in("grace").await;
    let day = rows(&grace.get(&format!("{USAGE}.csv?span=7d")).await);
    assert_eq!(day.len(), 7);
    let (today, before) = day.split_last().unwrap();
    assert!(before.iter().flatten().all(|number| *number == 0), "{before:?}");
    // Three codes used twice, three calls of what the token may not do, one wrong redirect URI.
    assert_eq!(today, &[3, 7, 2, 6, 6, 0]);
    let hours = rows(&grace.get(&format!("{USAGE}.csv?span=24h")).await);
    assert_eq!((hours.len(), &hours[23]), (24, &vec![3, 7, 0, 6, 6, 0]));

    let page = grace.get(&format!("{USAGE}?span=7d")).await;
    page.assert_status(200);
    for said in ["Logins: 3 in all", "Refusals: 7 in all", "Active users</h2>", "<code>redirect-uri"] {
        let said = said.replace("Active users</h2>", "Active users: 2</h2>");
        assert!(page.body.contains(&said), "{said}: {}", page.body);
    }
    let file = grace.get(&format!("{USAGE}.csv?span=30d")).await;
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"usage-graces-30d.csv\""));
    assert!(file.body.lines().skip(1).all(|line| !line.starts_with('=')), "no cell is a formula: {}", file.body);
    assert!(grace.get(&format!("{USAGE}?span=nonsense")).await.body.contains("24 hours"));
}

#[tokio::test]
async fn whoever_deletes_their_account_is_no_figure_by_name() {
    let server = with_grace().await;
    log_in(&server).await;
    usage::flush(&server.server).await;
    let people = || async {
        keysig_store::usage::active_users(&server.server.store, crate::actors::app_id("graces"), 0).await.unwrap().1
    };
    assert_eq!(people().await, 1);
    let mut ada = server.signed_in("ada").await;
    let csrf = ada.get("/account/delete").await.field("csrf");
    ada.post("/account/delete", &[("csrf", &csrf), ("email", "ada@example.test")]).await.assert_status(200);
    assert_eq!(people().await, 0);
}

#[tokio::test]
async fn figures_are_forgotten_after_a_month() {
    let server = with_grace().await;
    log_in(&server).await;
    usage::flush(&server.server).await;
    let app = crate::actors::app_id("graces");
    let store = server.server.store.clone();
    let counted = || async { keysig_store::usage::of_app(&store, app, 0).await.unwrap().len() };
    server.clock.advance(32 * 86_400);
    usage::forget_old(&store, server.server.now()).await.unwrap();
    assert!(counted().await > 0);
    server.clock.advance(86_400);
    usage::forget_old(&store, server.server.now()).await.unwrap();
    assert_eq!(counted().await, 0);
}
