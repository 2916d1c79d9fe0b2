//! Events of an app (screen D11).

use askama::Template;
use keysig_core::audit::AuditAction;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::pages::{Chrome, When};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppEvent {
    /// What was done.
    pub action: AuditAction,
    /// To what.
    pub about: String,
    /// By whom; nobody where it was done on the server's own machine, or their account is gone.
    pub actor: Option<String>,
    /// When.
    pub at: When,
    /// From where.
    pub address: String,
}

/// `/dashboard/apps/{client_id}/events`.
#[derive(Template)]
#[template(path = "developers/events.html")]
pub struct AppEventsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Whose events.
    pub app: AppHead,
    /// The latest first.
    pub events: Vec<AppEvent>,
    /// Where the next page begins, if there is one.
    pub older: Option<String>,
}

screen!(AppEventsPage, "dashboard-events");

impl AppEventsPage {
    fn section(&self) -> &'static str {
        "events"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }

    fn what(&self, event: &AppEvent) -> Sentence {
        self.words().say(format!("action-{}", event.action.name())).strong("about", &event.about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Lang;

    #[test]
    fn each_action_has_its_words() {
        for action in AuditAction::ALL {
            let said = Lang::En.words("dashboard-events").say(format!("action-{}", action.name()));
            assert!(!said.strong("about", "x").plain().contains('⟦'), "{action:?}");
        }
    }
}
