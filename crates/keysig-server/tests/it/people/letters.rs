//! The mail of a test instance, and forms that are about it.

use keysig_server::mail::{self, Waiting};

use crate::actors::{Answer, Browser, ISSUER, TestApp};

pub const NEW_PASSWORD: &str = "tumbling pebbles sing";

/// All mail, newest first.
pub async fn letters(app: &TestApp) -> Vec<Waiting> {
    mail::inbox(&app.server).await.unwrap()
}

/// The newest one, and to whom it must be.
#[track_caller]
pub fn newest<'a>(letters: &'a [Waiting], to: &str) -> &'a Waiting {
    let newest = letters.first().expect("there is no mail");
    assert_eq!(newest.to, to);
    newest
}

/// The path of the link that leads to `page`.
#[track_caller]
pub fn link(letter: &Waiting, page: &str) -> String {
    let link = letter.post.text.lines().find(|line| line.starts_with(&format!("{ISSUER}{page}")));
    link.unwrap_or_else(|| panic!("no {page} in {}", letter.post.text))[ISSUER.len()..].to_owned()
}

/// The six digits.
#[track_caller]
pub fn digits(letter: &Waiting) -> String {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    letter.post.text.lines().find(is_code).expect("no digits").to_owned()
}

/// Other digits.
pub fn wrong(digits: &str) -> String {
    format!("{:06}", (digits.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// What a page says but what is its browser's own: tickets and the id of the request.
pub fn without_tickets(answer: &Answer) -> String {
    let mut body = answer.body.replace(answer.header("x-request-id"), "");
    for field in ["csrf", "proof"] {
        if body.contains(&format!("name=\"{field}\"")) {
            body = body.replace(&answer.field(field), "");
        }
    }
    body
}

/// Fills in the sign-up page at `path`; what comes back, not followed.
pub async fn sign_up(browser: &mut Browser, path: &str, email: &str, name: &str, password: &str) -> Answer {
    let page = browser.get(path).await;
    page.assert_status(200);
    let hidden =
        |field: &str| if page.body.contains(&format!("name=\"{field}\"")) { page.field(field) } else { "".into() };
    let (csrf, tx, invite) = (hidden("csrf"), hidden("tx"), hidden("invite"));
    let fields = [
        ("csrf", &*csrf),
        ("tx", &*tx),
        ("invite", &*invite),
        ("email", email),
        ("name", name),
        ("password", password),
    ];
    browser.post("/signup", &fields).await
}

/// Asks for a new password; the page that takes the digits.
pub async fn forget(browser: &mut Browser, email: &str) -> Answer {
    let csrf = browser.get("/recover").await.field("csrf");
    let asked = browser.post("/recover", &[("csrf", &csrf), ("email", email)]).await;
    let check = asked.assert_status(303).header("location").to_owned();
    browser.get(&check).await
}

/// Whether the password signs in.
pub async fn signs_in(app: &TestApp, identifier: &str, password: &str) -> bool {
    let mut browser = app.browser();
    let page = browser.open("/login").await;
    browser.fill_in(&page, identifier, password).await;
    browser.jar.contains_key("sid")
}

/// That ada got a mail with these words.
pub async fn assert_told(app: &TestApp, words: &str) {
    let letters = letters(app).await;
    let told = letters.iter().find(|letter| letter.post.text.contains(words) || letter.post.subject.contains(words));
    assert_eq!(told.map(|letter| &*letter.to), Some("ada@example.test"), "{words}: {letters:#?}");
}
