//! The end of connecting a device (RFC 8628 §3.3): the browser has nowhere to go, the device goes on by itself.

use askama::Template;

use super::{Chrome, Sentence, screen};

/// The answer to the consent form of a device.
#[derive(Template)]
#[template(path = "device_done.html")]
pub struct DeviceDonePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The app on the device.
    pub app_name: String,
    /// Whether the person allowed it.
    pub connected: bool,
}

screen!(DeviceDonePage, "device-done");

impl DeviceDonePage {
    fn heading(&self) -> Sentence {
        self.say(if self.connected { "connected" } else { "not-connected" })
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}
