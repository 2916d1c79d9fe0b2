//! Which language pages speak (docs/languages.md).

use crate::actors::{Browser, PASSWORD, TestApp, location};

const GERMAN: &str = "<html lang=\"de\" dir=\"ltr\"";
const ARABIC: &str = "<html lang=\"ar\" dir=\"rtl\"";
const ENGLISH: &str = "<html lang=\"en\" dir=\"ltr\"";

async fn page(browser: &mut Browser, path: &str, accept_language: &str) -> String {
    browser.get_in(path, accept_language).await.body
}

#[tokio::test]
async fn a_page_speaks_what_the_browser_asks_for_and_english_to_whoever_reads_nothing_of_ours() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    assert!(page(&mut browser, "/", "de-AT, en;q=0.5").await.contains(GERMAN));
    assert!(page(&mut browser, "/", "ar").await.contains(ARABIC));
    assert!(page(&mut browser, "/", "tlh, xx-YY \"><script>").await.contains(ENGLISH));
}

#[tokio::test]
async fn the_picker_wins_over_the_browser_and_leads_back_to_the_page() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let picked = browser.post("/language", &[("lang", "ar"), ("back", "/pair")]).await;
    assert_eq!(location(picked.assert_status(303)).as_deref(), Some("/pair"));
    assert!(page(&mut browser, "/pair", "de").await.contains(ARABIC));
    let nonsense = browser.post("/language", &[("lang", "tlh"), ("back", "/pair")]).await;
    assert_eq!(nonsense.status, 400);
    assert!(page(&mut browser, "/pair", "de").await.contains(ARABIC), "nothing was lost");
    let elsewhere = browser.post("/language", &[("lang", "en"), ("back", "//evil.example")]).await;
    assert_eq!(location(&elsewhere).as_deref(), Some("/"));
}

#[tokio::test]
async fn the_pages_of_a_request_speak_the_language_it_asks_for_until_the_person_picks_another() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    let request = app.client("web").request().with("ui_locales", "xx de");
    let page = ada.open(&request.to_string()).await;
    assert!(page.body.contains(GERMAN), "{}", page.body);
    let consent = ada.fill_in(&page, "ada", PASSWORD).await;
    assert!(consent.body.contains(GERMAN), "{}", consent.body);
    let here = consent.field("back");
    assert!(ada.get("/account").await.body.contains(ENGLISH), "other pages are as they were");
    app.clock.advance(1);
    ada.post("/language", &[("lang", "ar"), ("back", &here)]).await.assert_status(303);
    assert!(ada.get(&here).await.body.contains(ARABIC), "what is chosen on the page is newer");
    app.clock.advance(1);
    let page = ada.open(&request.to_string()).await;
    assert!(page.body.contains(GERMAN), "and the next request is newer than that");
}
