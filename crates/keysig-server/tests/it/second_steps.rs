//! Who has a second step, and shows it.

use keysig_core::account_event::AccountEvent;
use keysig_core::id::EventId;
use keysig_core::testing::SeededRng;
use keysig_store::account_events::Happened;
use keysig_store::second_factors;

use crate::actors::{Answer, Browser, PASSWORD, TestApp, user_id};

pub const SEED: &[u8] = b"12345678901234567890";

/// Recovery codes of everybody who has a second step in tests.
pub const RECOVERY: [&str; 2] = ["abcd-efgh-jkmn", "pqrs-tuvw-xyz2"];

/// Gives somebody an authenticator app and two recovery codes.
pub async fn set_up(app: &TestApp, name: &str) {
    let (server, user) = (&app.server, user_id(name));
    let seed = server.second_steps.seal_seed(user, SEED, &SeededRng::new(3));
    let macs = RECOVERY.map(|code| server.second_steps.recovery_code_mac(user, code));
    let happened = Happened {
        id: EventId::generate(server.now(), &SeededRng::new(9)),
        event: AccountEvent::SecondStepAdded,
        about: String::new(),
        address: String::new(),
        user_agent: String::new(),
    };
    second_factors::set_up(&server.store, user, &seed, 0, &macs, server.now(), &happened).await.unwrap();
}

/// The code that an app shows `later` seconds from now.
pub fn code_of(app: &TestApp, seed: &[u8], later: i64) -> String {
    let totp = totp_rs::Builder::new().with_secret(seed.to_vec()).build_noncompliant();
    totp.generate(u64::try_from(app.server.now().unix_seconds() + later).unwrap()).to_string()
}

/// The code that the app of [`set_up`] shows now.
pub fn code(app: &TestApp) -> String {
    code_of(app, SEED, 0)
}

impl Browser {
    /// Shows a right password; the page that comes then.
    pub async fn first_step(&mut self, name: &str) -> Answer {
        let page = self.open("/login").await;
        self.fill_in(&page, &format!("{name}@example.test"), PASSWORD).await
    }

    /// Fills in the second step at hand.
    pub async fn second_step(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let (csrf, step) = (page.field("csrf"), page.field("step"));
        let mut all = vec![("csrf", csrf.as_str()), ("step", step.as_str())];
        all.extend(fields);
        self.post("/login/second-step", &all).await
    }
}
