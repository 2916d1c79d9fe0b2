//! Webhooks and figures of an app, for the tests and for looking at.

use askama::Template;

use super::*;
use crate::pages::samples::{DAY_MS, NOW_MS, Untrusted, chrome, when};
use crate::pages::{Theme, When};

fn webhooks(theme: Theme, words: Untrusted) -> WebhooksPage {
    let line = |event, state, status: Option<u32>, answer: &str| DeliveryLine {
        id: "0".repeat(32),
        event,
        at: when(1),
        tried_at: status.map(|_| when(0)),
        state,
        tries: 3,
        status,
        answer: answer.into(),
        body: format!("{{\"data\":{{\"user\":\"{}\"}},\"type\":\"{event}\"}}", words.person),
    };
    WebhooksPage {
        chrome: chrome(theme),
        app: samples::head(words),
        csrf: "ticket".into(),
        is_set: true,
        url: words.sent.into(),
        problem: None,
        done: None,
        new_secret: None,
        secrets: vec![
            SecretLine { last_four: "9f/A".into(), made_at: when(0), until: None },
            SecretLine { last_four: "Zk+2".into(), made_at: when(9), until: Some(NOW_MS + DAY_MS) },
        ],
        deliveries: vec![
            line("webhook.test", DeliveryState::Waits, None, ""),
            line("grant.revoked", DeliveryState::Arrived, Some(204), ""),
            line("grant.reduced", DeliveryState::TriedAgain { at_ms: NOW_MS }, Some(500), words.sent),
            line("user.deleted", DeliveryState::GivenUp, None, "no answer"),
        ],
    }
}

fn usage(theme: Theme, words: Untrusted, span: Span, filled: bool) -> UsagePage {
    let row = |n: u64| UsageRow {
        begins: When::new(NOW_MS - (7 - n as i64) * DAY_MS, NOW_MS),
        figures: match filled {
            true => Figures { logins: n, refused: n / 2, token_requests: 3 * n, api_calls: 90 * n, limited: n % 2 },
            false => Figures::default(),
        },
        people: (span != Span::Day).then_some(n),
    };
    UsagePage {
        chrome: chrome(theme),
        app: samples::head(words),
        span,
        rows: (1..=7).map(row).collect(),
        reasons: if filled { vec![("redirect-uri-mismatch".into(), 9), (words.sent.into(), 2)] } else { Vec::new() },
        people: if filled { 12 } else { 0 },
        quotas: vec![
            QuotaLine { key: "quota-calls", used: 42, most: Some(600) },
            QuotaLine { key: "quota-developer", used: 1, most: None },
            QuotaLine { key: "quota-tokens", used: 0, most: Some(1) },
        ],
    }
}

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let page = |change: &dyn Fn(&mut WebhooksPage)| {
        let mut page = webhooks(theme, words);
        change(&mut page);
        page.render().unwrap()
    };
    let empty = |page: &mut WebhooksPage| {
        (page.is_set, page.url) = (false, String::new());
        (page.secrets, page.deliveries) = (Vec::new(), Vec::new());
    };
    let removal = RemoveWebhookPage {
        chrome: chrome(theme),
        app: samples::head(words),
        csrf: "ticket".into(),
        url: words.sent.into(),
    };
    let mut all = vec![
        ("dashboard-webhooks", page(&|page| page.done = WebhooksPage::done("saved"))),
        ("dashboard-webhooks-empty", page(&empty)),
        (
            "dashboard-webhooks-secret",
            page(&|page| page.new_secret = Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into())),
        ),
        ("dashboard-webhooks-remove", removal.render().unwrap()),
        ("dashboard-usage", usage(theme, words, Span::Day, true).render().unwrap()),
        ("dashboard-usage-days", usage(theme, words, Span::Week, true).render().unwrap()),
        ("dashboard-usage-empty", usage(theme, words, Span::Month, false).render().unwrap()),
    ];
    for problem in WebhookUrlProblem::ALL {
        all.push(("dashboard-webhooks-wrong", page(&|page| page.problem = Some(problem))));
    }
    all
}
