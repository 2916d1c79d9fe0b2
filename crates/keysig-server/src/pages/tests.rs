//! What holds on every page, whatever people and developers type.

use std::{fs, path::Path};

use askama::Template;

use super::{samples::*, *};

mod devices;
mod qr;
mod signing_out;
mod ways_back;

/// Undoes the escaping of attribute values and text.
fn unescaped(html: &str) -> String {
    let named = html.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    named
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

/// The values of an attribute, unescaped, in page order.
fn values(html: &str, attribute: &str) -> Vec<String> {
    let start = format!(" {attribute}=\"");
    html.split(&start).skip(1).map(|rest| unescaped(rest.split('"').next().unwrap())).collect()
}

fn title(html: &str) -> String {
    unescaped(html.split("<title>").nth(1).unwrap().split("</title>").next().unwrap())
}

fn without_fingerprints(html: &str) -> String {
    ["keysig.css", "dashboard.css", "form-post.js", "passkey.js", "permissions.js", "favicon.svg"]
        .into_iter()
        .fold(html.to_owned(), |html, name| html.replace(&asset_url(name), name))
}

/// The page that may have a script of ours, and a form that leaves our origin.
const FORM_POST: &str = "form-post";

/// Every page, with each of these words.
fn all_and_work(words: &[Untrusted]) -> Vec<(&'static str, String)> {
    words.iter().flat_map(|words| [all(Theme::System, *words), work(Theme::System, *words)].concat()).collect()
}

/// Also leaves the pages in `target/pages`, for people and the browser's tests to look at.
#[test]
fn every_page_keeps_the_rules_of_pages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pages");
    fs::create_dir_all(&folder).unwrap();
    // Pages that are no more would be looked at, too.
    for old in fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
        if old.extension().is_some_and(|extension| extension == "html") {
            fs::remove_file(old).unwrap();
        }
    }
    // Without the script, so that the page that it would leave can be looked at.
    for file in ["keysig.css", "dashboard.css", "favicon.svg"] {
        fs::write(folder.join(file), asset(file).unwrap().bytes).unwrap();
    }
    for (lang, theme) in Lang::ALL.into_iter().flat_map(|lang| Theme::ALL.map(|theme| (lang, theme))) {
        let work = if lang == Lang::En { work(theme, FRIENDLY) } else { Vec::new() };
        for (name, html) in [all_in(lang, theme, FRIENDLY), work].concat() {
            let file = format!("{name}.{}.{}.html", lang.tag(), theme.as_str());
            fs::write(folder.join(file), without_fingerprints(&html)).unwrap();
            let name = format!("{name} in {}", lang.tag());
            let failed = match lang {
                Lang::En => "Error: ",
                Lang::De => "Fehler: ",
                Lang::Ar => "خطأ: ",
            };
            assert!(!html.contains('⟦'), "{name}: a sentence that is not there");
            assert_eq!(html.matches("<h1").count(), 1, "{name}: one h1");
            assert_eq!(html.matches("<main ").count(), 1, "{name}: one main");
            assert!(title(&html).ends_with(" – Demo Music"), "{name}: {}", title(&html));
            assert_eq!(
                title(&html).starts_with(failed),
                html.contains("role=\"alert\""),
                "{name}: a failed form says so in the title"
            );
            assert!(
                html.contains(&format!("<html lang=\"{}\" dir=\"{}\"", lang.tag(), lang.dir())),
                "{name}: language"
            );
            let forced = values(&html, "data-theme");
            assert_eq!(forced, theme.forced().into_iter().collect::<Vec<_>>(), "{name}: theme");
            let ids = values(&html, "id");
            for (n, id) in ids.iter().enumerate() {
                assert!(!ids[..n].contains(id), "{name}: id {id} twice");
            }
            for references in [values(&html, "for"), values(&html, "aria-describedby")].concat() {
                for id in references.split(' ') {
                    assert!(ids.iter().any(|there| there == id), "{name}: no id {id}");
                }
            }
            for form in html.split("<form ").skip(1) {
                let action = &values(&format!(" {form}"), "action")[0];
                let ours = action.starts_with('/') && !action.starts_with("//");
                assert_eq!(ours, !name.starts_with(FORM_POST), "{name}: form-action 'self', {action}");
                let ticket = form.split("</form>").next().unwrap().contains("name=\"csrf\"");
                // A form that only asks changes nothing, and its address is what people share.
                let asks = form.split('>').next().unwrap().contains("method=\"get\"");
                assert_eq!(
                    ticket,
                    ours && !asks && !["/theme", "/language"].contains(&action.as_str()),
                    "{name}: {action} carries its ticket, to us alone"
                );
            }
        }
    }
}

#[test]
fn no_page_has_script_or_style_of_its_own_even_under_attack() {
    for (name, mut html) in all_and_work(&[FRIENDLY, ATTACK]) {
        // Those of ours, each where it has something to do: a form that leaves, a passkey to ask for.
        let due = [
            ("form-post.js", name == FORM_POST),
            ("passkey.js", html.contains(" data-passkey=\"")),
            ("permissions.js", html.contains(" id=\"permissions\"")),
        ];
        for (file, is_due) in due {
            let script = format!("<script src=\"{}\" defer></script>\n", asset_url(file));
            assert_eq!(html.matches(&script).count(), usize::from(is_due), "{name}: {file}");
            html = html.replacen(&script, "", 1);
        }
        for forbidden in ["<script", " style=", "<style", " onclick", " onload", " onerror", "\"'>", "srcdoc"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
        for link in [values(&html, "href"), values(&html, "action"), values(&html, "src")].concat() {
            let ours = link.starts_with('/') || link.starts_with('#');
            assert!(
                ours || link.starts_with("https://peek.example/") || link.starts_with("peek-app://"),
                "{name}: {link}"
            );
        }
        assert!(!title(&html).contains('\u{202e}'), "{name}: the title cannot fence a name in");
    }
}

#[test]
fn an_untrusted_name_stands_in_a_bdi_and_nothing_else_does_with_it() {
    let mut shown = 0;
    for (name, html) in all(Theme::System, ATTACK) {
        let body = html.split("</title>").nth(1).unwrap();
        for (at, _) in body.match_indices("script&#62;alert") {
            let before = &body[..at];
            let tag = &before[before.rfind('<').unwrap()..];
            // Inside a tag it is an attribute value; in text the last tag opened is the fence.
            assert!(!tag.contains('>') || tag.starts_with("<bdi"), "{name}: …{tag}");
            shown += 1;
        }
    }
    assert!(shown > 50, "the attack is on the pages: {shown}");
}

#[test]
fn deny_comes_before_allow_and_neither_has_the_focus() {
    for question in [Question::First, Question::More, Question::ContinueAs] {
        let html = consent(Theme::System, FRIENDLY, question, &[], &[]).render().unwrap();
        let at = |needle: &str| html.find(needle).unwrap();
        assert!(at("name=\"decision\" value=\"deny\"") < at("name=\"decision\" value=\"allow\""));
        assert!(!html.contains("autofocus"));
        assert!(!html.contains("type=\"checkbox\""));
    }
}

#[test]
fn an_error_page_keeps_its_legacy_text_and_its_request_id() {
    let mut legacy = Vec::new();
    for (name, page) in errors(Theme::System, FRIENDLY) {
        let html = page.render().unwrap();
        assert!(html.contains(&page.legacy_text) && !page.legacy_text.is_empty(), "{name}");
        assert!(
            html.contains("<summary>Details for developers</summary>") && !html.contains("<details open"),
            "{name}"
        );
        assert!(html.contains("req_7Q2M"), "{name}");
        assert!((400..600).contains(&page.status), "{name}");
        legacy.push(page.legacy_text);
    }
    for known in [
        "INVALID_CLIENT: Invalid client",
        "INVALID_CLIENT: Invalid redirect URI",
        "INVALID_CLIENT: Insecure redirect URI",
        "Illegal scope",
        "response_type must be code",
        "Missing required parameter: client_id",
    ] {
        assert!(legacy.iter().any(|text| text == known), "{known}");
    }
}

#[test]
fn to_a_script_a_legacy_flow_that_is_off_is_a_wrong_response_type() {
    let known = || KnownApp { name: "Playlist Peek".into(), home: None };
    let off = ErrorPage::legacy_flow_off(chrome(Theme::System), known(), "id_token token");
    let wrong = ErrorPage::response_type(chrome(Theme::System), known(), "id_token token");
    assert_eq!((off.status, &off.legacy_text, &off.details), (wrong.status, &wrong.legacy_text, &wrong.details));
    let hint = off.hint.unwrap();
    assert!(
        hint.contains("Use response_type=code with PKCE") && hint.ends_with("switch \"legacy flows\" on."),
        "{hint}"
    );
}

#[test]
fn an_error_page_does_not_grow_with_the_request() {
    let html = ErrorPage::unknown_client(chrome(Theme::System), &"é".repeat(16 << 10)).render().unwrap();
    assert!(html.len() < 8 << 10, "{}", html.len());
}

#[test]
fn a_password_is_never_given_back_and_the_identifier_is() {
    let html = sign_in(Theme::System, FRIENDLY, Some(SignInError::WrongCredentials)).render().unwrap();
    assert!(html.contains("value=\"ada@example.test\""));
    assert!(html.contains("type=\"password\" autocomplete=\"current-password\" required aria-invalid"));
    assert!(html.contains("<a href=\"#identifier\">Email or password is not right. Check both and try again.</a>"));
}

#[test]
fn a_failed_sign_in_has_the_status_of_its_reason() {
    let status = |error| {
        let page = sign_in(Theme::System, FRIENDLY, error);
        (page.status(), page.retry_after_seconds())
    };
    assert_eq!(status(None), (200, None));
    assert_eq!(status(Some(SignInError::WrongCredentials)), (422, None));
    assert_eq!(status(Some(SignInError::Throttled { retry_after_seconds: 30 })), (429, Some(30)));
    assert_eq!(status(Some(SignInError::Busy { retry_after_seconds: 2 })), (503, Some(2)));
}

#[test]
fn the_sensitive_comes_first_in_its_group() {
    let permissions = Permissions::of(&scopes(&[
        "user-read-private",
        "user-follow-modify",
        "user-read-email",
        "playlist-modify-public",
    ]));
    let titles = |lines: &[PermissionLine]| lines.iter().map(|line| line.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&permissions.see), ["Your email address", "Your country and plan"]);
    assert_eq!(titles(&permissions.change), ["Your public playlists", "Who you follow"]);
    assert_eq!((permissions.len(), permissions.control.len()), (4, 0));
    assert!(permissions.change[0].can_delete);
}

#[test]
fn what_an_app_will_not_do_is_never_what_it_may() {
    let catalogue = catalogue();
    for first in &catalogue {
        for second in &catalogue {
            let lines = will_not(&catalogue, &[*first, *second]);
            assert_eq!(lines.len(), 2);
            assert!(
                !lines.contains(&first.will_not.to_owned()) && !lines.contains(&second.will_not.to_owned()),
                "{lines:?}"
            );
            assert!(lines[0] != lines[1], "{lines:?}");
        }
    }
    assert_eq!(will_not(&catalogue, &[]), ["Change or delete your playlists", "Change your saved music"]);
    assert_eq!(will_not(&catalogue, &catalogue), [""; 0]);
}

#[test]
fn a_scope_that_promises_nothing_makes_no_empty_promise() {
    let silent = ScopeText { will_not: "", ..catalogue()[0] };
    assert_eq!(will_not(&[silent], &[]), [""; 0]);
}

#[test]
fn an_app_that_changes_a_thing_is_not_said_to_never_see_it() {
    // Everything riskier is held, so that the personal reads would be next in line.
    let held = scopes(&[
        "playlist-modify-private",
        "user-library-modify",
        "user-follow-modify",
        "ugc-image-upload",
        "streaming",
        "user-read-email",
    ]);
    let lines = will_not(&catalogue(), &held);
    assert_eq!(lines, ["See what you played before", "See playlists you make with others"]);
}

#[test]
fn the_catalogue_has_nineteen_scopes_in_a_fixed_order() {
    let names: Vec<_> = named_catalogue().iter().map(|(name, _)| *name).collect();
    let file: toml::Table = include_str!("../../../../seed/scopes.toml").parse().unwrap();
    let ids: Vec<_> = file["scope"].as_array().unwrap().iter().map(|scope| scope["id"].as_integer().unwrap()).collect();
    assert_eq!(ids, (0..19).collect::<Vec<_>>());
    // Sealed tokens carry the number: these may be added to, never changed.
    insta::assert_snapshot!(names.join("\n"));
}

#[test]
fn time_is_relative_and_absolute() {
    let now = 1_795_000_000_000; // 2026-11-18T11:06:40Z
    let at = |ago_ms: i64| When::new(now - ago_ms, now);
    let words = Lang::En.words("common");
    assert_eq!(at(0).full(words).plain(), "just now, 11:06 UTC");
    assert_eq!(at(-5_000).relative(words).plain(), "just now");
    assert_eq!(at(60_000).full(words).plain(), "1 minute ago, 11:05 UTC");
    assert_eq!(at(7_200_000).full(words).plain(), "2 hours ago, 09:06 UTC");
    assert_eq!(at(3 * 86_400_000).full(words).plain(), "3 days ago, 15 November 2026");
    assert_eq!(at(200 * 86_400_000).full(words).plain(), "on 2 May 2026");
    assert_eq!(at(200 * 86_400_000).machine(), "2026-05-02T11:06:40Z");
    assert_eq!(When::new(i64::MAX, 0).relative(words).plain(), "just now");
    assert!(When::new(i64::MIN, i64::MAX).relative(words).plain().starts_with("on "));
}

#[test]
fn waiting_is_said_in_whole_units_and_never_too_early() {
    assert_eq!(
        [0, 1, 30, 119, 121].map(|seconds| wait_in(Lang::En.words("pair"), seconds).plain()),
        ["1 second", "1 second", "30 seconds", "119 seconds", "3 minutes"]
    );
}

#[test]
fn a_static_file_is_kept_for_good_only_under_its_fingerprint() {
    let url = asset_url("keysig.css");
    let path = url.strip_prefix("/static/").unwrap();
    assert!(asset(path).unwrap().cache_control.contains("immutable"));
    assert_eq!(asset("0000000000000000/keysig.css").unwrap().cache_control, "no-cache");
    assert_eq!(asset("keysig.css").unwrap().content_type, "text/css; charset=utf-8");
    assert_eq!(asset("../Cargo.toml"), None);
    assert_eq!(asset("keysig.css/"), None);
}

#[test]
fn the_style_sheet_is_one_small_file() {
    let css = asset("keysig.css").unwrap().bytes;
    assert!(css.len() <= 12_000, "{} bytes", css.len());
    let css = std::str::from_utf8(&css).unwrap();
    assert!(!css.contains("url(") && !css.contains("@import") && !css.contains("@font-face"));
}

#[test]
fn the_passkey_script_is_small_and_asks_nobody_but_the_browser() {
    let script = asset("passkey.js").unwrap().bytes;
    let script = std::str::from_utf8(&script).unwrap();
    assert!(script.len() <= 3_000, "{} bytes", script.len());
    for forbidden in ["fetch(", "XMLHttpRequest", "innerHTML", "eval(", "import", "http"] {
        assert!(!script.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn what_needs_the_passkey_script_is_hidden_until_it_runs() {
    let mut asked = 0;
    for (name, html) in all(Theme::System, FRIENDLY) {
        for part in html.split(" data-passkey=\"").skip(1) {
            let tag = &part[..part.find('>').unwrap()];
            assert!(tag.ends_with("\" hidden"), "{name}: {tag}");
            asked += 1;
        }
    }
    assert!(asked > 5, "{asked}");
}

#[test]
fn pages_look_as_reviewed() {
    let pages = all(Theme::System, FRIENDLY);
    for wanted in [
        "sign-in-wrong",
        "consent-first",
        "consent-more",
        "leaving",
        "form-post",
        "consent-device",
        "pair-unknown",
        "signed-out-onward",
        "passkey-offer",
        "passkey-made",
        "apps",
        "error-redirect-mismatch",
    ] {
        let (_, html) = pages.iter().find(|(name, _)| *name == wanted).unwrap();
        insta::assert_snapshot!(wanted, without_fingerprints(html));
    }
}
