use keysig_core::secret::Secret;
use lettre::message::Mailbox;

use super::smtp::message;
use super::*;
use crate::actions::review::Verdict;

const PUBLIC: &str = "https://accounts.example.com";
const HOSTILE_NAME: &str = "Peek\r\nBcc: all@example.com\u{202e}";

fn every_letter() -> Vec<Letter<'static>> {
    let secret = || Secret::new("0123.SECRET".to_owned());
    let digits = || Secret::new("012345".to_owned());
    vec![
        Letter::SignUp { proof: secret(), digits: digits() },
        Letter::AlreadyHere,
        Letter::Invited { proof: secret() },
        Letter::TestInvited { app: "Peek\r\nBcc: all@example.com\u{202e}" },
        Letter::Recover { proof: secret(), digits: digits() },
        Letter::PasswordChanged,
        Letter::NewAddress { proof: secret(), digits: digits() },
        Letter::ConfirmAddress { proof: secret(), digits: digits() },
        Letter::AddressTaken,
        Letter::AddressChanged,
        Letter::AppConnected {
            app: HOSTILE_NAME,
            permissions: &["Your private playlists", "What is playing now"],
            browser: "Firefox on Linux",
            at: "14:05 UTC",
        },
        Letter::AppPaused { app: "Playlist Peek", why: "It copies playlists that nobody asked it to." },
        Letter::AppOffered { app: "Playlist Peek", owner: "Grace H." },
        Letter::PasskeyAdded { name: "Blue key" },
        Letter::PasskeyRemoved { name: "Blue key" },
        Letter::SecondStepAdded,
        Letter::SecondStepRemoved,
        Letter::RecoveryCodeUsed { left: 1 },
        Letter::UpstreamLinked { provider: "GitHub" },
        Letter::UpstreamUnlinked { provider: "GitHub" },
        Letter::Reviewed { app: HOSTILE_NAME, client_id: "graces", verdict: Verdict::Ask },
        Letter::Reviewed { app: HOSTILE_NAME, client_id: "graces", verdict: Verdict::Approve },
        Letter::Reviewed { app: HOSTILE_NAME, client_id: "graces", verdict: Verdict::Refuse },
        Letter::Deleted,
    ]
}

fn settings() -> Letterhead {
    Letterhead { brand: "Demo Music".to_owned(), public_url: PUBLIC.to_owned() }
}

fn sent(post: &Post) -> String {
    let from: Mailbox = "Demo Müsic <no-reply@example.com>".parse().unwrap();
    let id = MailId::from_bytes([1; 16]);
    let message = message(&from, id, "ada@example.test", post).unwrap();
    String::from_utf8(message.formatted()).unwrap()
}

#[test]
fn every_letter_is_whole_in_every_language_and_leads_to_us_alone() {
    for lang in Lang::ALL {
        for letter in every_letter() {
            let (subject, text) = letter.write(&settings(), lang);
            assert!(!subject.contains('⟦') && !text.contains('⟦'), "{subject}\n{text}");
            assert!(!subject.chars().any(char::is_control), "{subject:?}");
            for link in text.split_whitespace().filter(|word| word.contains("://")) {
                assert!(link == PUBLIC || link.starts_with(&format!("{PUBLIC}/")), "{link}");
            }
            assert!(text.contains("Demo Music"));
        }
    }
    let (english, german) =
        (Letter::Deleted.write(&settings(), Lang::En), Letter::Deleted.write(&settings(), Lang::De));
    assert_ne!(english, german);
}

#[test]
fn a_link_and_its_code_stand_on_lines_of_their_own() {
    let letter = Letter::SignUp { proof: Secret::new("id.SECRET".into()), digits: Secret::new("012345".into()) };
    let (subject, text) = letter.write(&settings(), Lang::En);
    assert_eq!(subject, "Confirm your email for Demo Music");
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines.contains(&"https://accounts.example.com/signup/confirm?proof=id.SECRET") && lines.contains(&"012345")
    );
}

#[test]
fn no_name_and_no_subject_adds_a_header() {
    // RFC 5322 §2.2: a line break that a stranger chose would begin a header of theirs.
    let name = "Peek\r\nBcc: all@example.com";
    let app = Letter::AppConnected { app: name, permissions: &[], browser: "x\r\n.\r\n", at: "" };
    let (subject, text) = app.write(&settings(), Lang::En);
    let mut post = Post { to: None, subject, text, lang: "en".into() };
    for _ in 0..2 {
        let raw = sent(&post);
        let (head, _) = raw.split_once("\r\n\r\n").unwrap();
        let headers: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with(' ')).collect();
        let names: Vec<&str> = headers.iter().map(|line| line.split(':').next().unwrap()).collect();
        assert!(!names.contains(&"Bcc"), "{head}");
        // Even where no letter had taken the line break out.
        post.subject = format!("A\r\nBcc: all@example.com\r\n\r\nbody {name}");
    }
    let lang = Post { lang: "en\r\nBcc: all@example.com".into(), ..post };
    assert!(!sent(&lang).contains("\r\nBcc:"));
}

#[test]
fn what_goes_out_is_plain_text_with_a_date_and_an_id() {
    let post = Post { to: None, subject: "Grüße".into(), text: "مرحبًا\n.\nEnde\n".into(), lang: "ar".into() };
    let raw = sent(&post);
    for header in [
        "Message-ID: <01010101010101010101010101010101@example.com>\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Content-Language: ar\r\n",
        "To: ada@example.test\r\n",
        "Date: ",
        "MIME-Version: 1.0\r\n",
    ] {
        assert!(raw.contains(header), "{header} in {raw}");
    }
    assert!(raw.is_ascii());
}

#[test]
fn mail_servers_are_spoken_to_in_cipher_beyond_this_machine() {
    let new = |url: &str| MailSettings::new(Secret::new(url.to_owned()), "A <a@example.com>").map(|_| ());
    for good in [
        "smtps://user:pass@mail.example.com:465",
        "smtps://mail.example.com",
        "smtp://user:pass@mail.example.com:587?tls=required",
        "smtp://127.0.0.1:2525",
        "smtp://localhost:2525",
        "smtp://[::1]:2525",
    ] {
        assert_eq!(new(good), Ok(()), "{good}");
    }
    for clear in [
        "smtp://mail.example.com",
        "smtp://mail.example.com:587?tls=opportunistic",
        "smtp://127.0.0.1.example.com",
        "smtp://localhost.example.com",
        "smtp://10.0.0.1",
    ] {
        assert_eq!(new(clear), Err(MailRefused::InClear), "{clear}");
    }
    for no in ["", "mail.example.com", "https://mail.example.com", "smtps:user@host", "smtps://h?tls=none", "smtps://"]
    {
        assert_eq!(new(no), Err(MailRefused::NotAnAddress), "{no}");
    }
    let from = |text: &str| MailSettings::new(Secret::new("smtps://h".to_owned()), text).map(|_| ());
    assert_eq!(from("no-reply@example.com"), Ok(()));
    for bad in ["", "Example", "A <a@example.com>\r\nBcc: b@example.com", "a@"] {
        assert_eq!(from(bad), Err(MailRefused::From(bad.to_owned())), "{bad:?}");
    }
}
