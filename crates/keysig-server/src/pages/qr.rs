//! A QR code as a picture, so that a phone need not type the address a device shows (RFC 8628 §3.3.1).

use std::fmt::Write;

use askama::filters::{Html, escape};
use qrcodegen::{QrCode, QrCodeEcc};

/// Readers need four light modules on each side (ISO/IEC 18004 §6.3.8).
const QUIET_ZONE: i32 = 4;

/// An SVG document, one unit a module: dark on light in either colour scheme, for not every reader knows the reverse.
/// `None` if the text is longer than a code of level M holds (2331 bytes).
#[must_use]
pub fn qr_svg(text: &str) -> Option<String> {
    labelled_qr_svg(text, &format!("QR code for {text}"))
}

/// The same under another name for those who cannot see it: where the text is a secret, or in another language.
#[must_use]
pub fn labelled_qr_svg(text: &str, label: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size() + 2 * QUIET_ZONE;
    let title = escape(label, Html).ok()?;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
         <title>{title}</title><rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{}\"/></svg>\n",
        dark_modules(&code)?
    ))
}

/// One bar for each run of dark modules in a row.
fn dark_modules(code: &QrCode) -> Option<String> {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            if run > 0 {
                write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET_ZONE, y + QUIET_ZONE).ok()?;
            }
            x += i32::try_from(run).ok()? + 1;
        }
    }
    Some(path)
}
