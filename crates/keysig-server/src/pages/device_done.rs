//! The end of connecting a device (RFC 8628 §3.3): the browser has nowhere to go, the device goes on by itself.

use askama::Template;

use super::{Chrome, screen, unmarked};

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
    fn heading(&self) -> &'static str {
        if self.connected { "Your device is connected" } else { "Not connected" }
    }

    fn page_title(&self) -> String {
        format!("{} – {}", self.heading(), unmarked(&self.chrome.brand))
    }
}
