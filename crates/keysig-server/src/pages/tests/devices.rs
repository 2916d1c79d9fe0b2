//! Connecting a device by its code.

use super::*;

#[test]
fn a_code_that_led_nowhere_is_kept_and_its_field_is_marked() {
    let html = pair(Theme::System, FRIENDLY, Some(PairError::Unknown)).render().unwrap();
    let input = html.split("<input class=\"entry\"").nth(1).unwrap().split('>').next().unwrap();
    assert_eq!(values(input, "value"), ["WDJB-MJHT"]);
    assert_eq!(values(input, "aria-invalid"), ["true"]);
    assert_eq!(values(input, "aria-describedby"), ["code-hint code-error"]);
    for attribute in ["dir=\"ltr\"", "autocomplete=\"off\"", "autocapitalize=\"characters\"", "spellcheck=\"false\""] {
        assert!(input.contains(attribute), "{input}");
    }
    let words = "That code is not right or has run out. Check the code on your device, or start again there.";
    assert!(html.contains(&format!("<a href=\"#code\">{words}</a>")), "{html}");
}

#[test]
fn waiting_is_no_fault_of_the_code() {
    let html = pair(Theme::System, FRIENDLY, Some(PairError::Throttled { retry_after_seconds: 30 })).render().unwrap();
    assert!(html.contains("<p>Too many tries. You can try again in 30 seconds.</p>"), "{html}");
    assert!(!html.contains("aria-invalid") && html.contains("value=\"WDJB-MJHT\""), "{html}");
}

#[test]
fn a_code_that_led_nowhere_has_the_status_of_its_reason() {
    let status = |error| {
        let page = pair(Theme::System, FRIENDLY, error);
        (page.status(), page.retry_after_seconds())
    };
    assert_eq!(status(None), (200, None));
    assert_eq!(status(Some(PairError::Empty)), (422, None));
    assert_eq!(status(Some(PairError::Unknown)), (422, None));
    assert_eq!(status(Some(PairError::Throttled { retry_after_seconds: 30 })), (429, Some(30)));
    assert_eq!(status(Some(PairError::CookiesBlocked)), (400, None));
}

/// Remote phishing (RFC 8628 §5.4): a stranger sends the code of their own device.
#[test]
fn whoever_connects_a_device_sees_its_code_and_a_warning_before_the_buttons() {
    for (name, html) in all(Theme::System, FRIENDLY) {
        let device = name.starts_with("consent-device");
        let warning = "Only continue if you started this yourself and your device shows this code.";
        let at = |needle: &str| html.find(needle);
        assert_eq!(at(warning).is_some(), device, "{name}");
        if device {
            let code = at("<p class=\"shown\"><bdi>WDJB-MJHT</bdi></p>").unwrap();
            assert!(code < at(warning).unwrap(), "{name}");
            assert!(at(warning) < at("value=\"deny\"") && at("value=\"deny\"") < at("value=\"allow\""), "{name}");
            assert!(!html.contains("You will return"), "{name}: the browser stays");
        }
    }
}

#[test]
fn a_connected_device_and_one_that_is_not_are_told_apart() {
    let page = |connected| {
        let page = DeviceDonePage { chrome: chrome(Theme::System), app_name: "Playlist Peek".into(), connected };
        page.render().unwrap()
    };
    assert!(page(true).contains("<h1>Your device is connected</h1>"));
    assert!(page(false).contains("<h1>Not connected</h1>"));
    for html in [page(true), page(false)] {
        assert!(html.contains("href=\"/account/apps\"") && html.contains("Go back to "), "{html}");
    }
}

#[test]
fn whose_code_ran_out_is_led_to_a_new_one() {
    let page = ErrorPage::device_gone(chrome(Theme::System));
    let html = page.render().unwrap();
    assert_eq!(page.status, 400);
    assert!(html.contains("href=\"/pair\">Enter a code</a>"), "{html}");
    // If the code was used, something was.
    assert!(!html.contains("Nothing was shared."), "{html}");
}
