//! Mail on its way: to a mail server, and to the inbox where there is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keysig_core::secret::Secret;
use keysig_server::mail::{self, MailSettings, Transport};
use keysig_store::mails;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::letters::{NEW_PASSWORD, digits, forget, letters, link, newest, sign_up};
use crate::actors::{ISSUER, TestApp};

/// A mail server on this machine: what it answers to recipients, and the messages it took.
struct MailServer {
    url: String,
    taken: UnboundedReceiver<String>,
}

impl MailServer {
    async fn start(answer_to_rcpt: &'static str, is_ill: Arc<AtomicBool>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (took, taken) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, answer_to_rcpt, is_ill.clone(), took.clone()));
            }
        });
        Self { url, taken }
    }

    fn transport(&self) -> Arc<Transport> {
        let settings = MailSettings::new(Secret::new(self.url.clone()), "Demo Müsic <no-reply@example.test>").unwrap();
        Arc::new(Transport::new(&settings).unwrap())
    }
}

/// RFC 5321, as much of it as a sender needs.
async fn converse(
    stream: TcpStream,
    answer_to_rcpt: &'static str,
    is_ill: Arc<AtomicBool>,
    took: UnboundedSender<String>,
) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.example.test ESMTP\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let answer = match line.split([' ', ':']).next()? {
            _ if is_ill.load(Ordering::SeqCst) => "451 ask again later",
            "EHLO" => "250 mail.example.test",
            "RCPT" => answer_to_rcpt,
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut message = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                    message.push('\n');
                }
                took.send(message).ok()?;
                "250 taken"
            }
            "QUIT" => return None,
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    None
}

#[tokio::test]
async fn a_mail_server_gets_each_mail_once_and_nothing_is_kept_of_it() {
    let app = TestApp::new().await;
    let mut server = MailServer::start("250 ok", Arc::default()).await;
    forget(&mut app.browser(), "ada@example.test").await;
    let code = digits(newest(&letters(&app).await, "ada@example.test"));
    let transport = server.transport();
    assert_eq!(mail::deliver_due(&app.server, &transport).await.unwrap(), 1);
    let message = server.taken.recv().await.unwrap();
    for header in
        ["To: ada@example.test\n", "Subject: Choose a new password for Demo Music\n", "Date: ", "Message-ID: <"]
    {
        assert!(message.contains(header), "{header} in {message}");
    }
    assert!(message.contains("From: =?utf-8?b?") && message.contains("<no-reply@example.test>"));
    assert!(message.contains(&code) && message.contains(&format!("{ISSUER}/recover/confirm?proof")), "{message}");
    assert_eq!(mail::deliver_due(&app.server, &transport).await.unwrap(), 0);
    assert!(mails::newest(&app.server.store, 9).await.unwrap().is_empty());
    assert!(server.taken.try_recv().is_err());
}

#[tokio::test]
async fn a_mail_to_nobody_goes_nowhere() {
    let app = TestApp::new().await;
    let mut server = MailServer::start("250 ok", Arc::default()).await;
    forget(&mut app.browser(), "nobody@example.test").await;
    assert_eq!(mail::deliver_due(&app.server, &server.transport()).await.unwrap(), 1);
    assert!(mails::newest(&app.server.store, 9).await.unwrap().is_empty());
    assert!(server.taken.try_recv().is_err());
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_ever_less_often_and_given_up_after_a_day() {
    let app = TestApp::new().await;
    let is_ill = Arc::new(AtomicBool::new(true));
    let mut server = MailServer::start("250 ok", is_ill.clone()).await;
    let transport = server.transport();
    forget(&mut app.browser(), "ada@example.test").await;
    for wait in [60, 120, 240] {
        assert_eq!(mail::deliver_due(&app.server, &transport).await.unwrap(), 1);
        app.clock.advance(wait - 1);
        assert_eq!(mail::deliver_due(&app.server, &transport).await.unwrap(), 0, "{wait}");
        app.clock.advance(1);
    }
    is_ill.store(false, Ordering::SeqCst);
    assert_eq!(mail::deliver_due(&app.server, &transport).await.unwrap(), 1);
    assert!(server.taken.recv().await.unwrap().contains("Choose a new password"));
    is_ill.store(true, Ordering::SeqCst);
    forget(&mut app.browser(), "ada@example.test").await;
    mail::deliver_due(&app.server, &transport).await.unwrap();
    app.clock.advance(86_399);
    mail::deliver_due(&app.server, &transport).await.unwrap();
    assert_eq!(mails::newest(&app.server.store, 9).await.unwrap().len(), 1);
    app.clock.advance(3600);
    mail::deliver_due(&app.server, &transport).await.unwrap();
    assert!(mails::newest(&app.server.store, 9).await.unwrap().is_empty(), "given up");
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_given_up_at_once() {
    let app = TestApp::new().await;
    let server = MailServer::start("550 no such user", Arc::default()).await;
    forget(&mut app.browser(), "ada@example.test").await;
    mail::deliver_due(&app.server, &server.transport()).await.unwrap();
    assert!(mails::newest(&app.server.store, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mail_survives_a_restart_and_is_sealed_meanwhile() {
    let app = TestApp::new().await;
    forget(&mut app.browser(), "ada@example.test").await;
    let stored = mails::newest(&app.server.store, 9).await.unwrap();
    let raw = String::from_utf8_lossy(&stored[0].message).into_owned();
    assert!(!raw.contains("ada@") && !raw.contains("proof="));
    let app = app.restart().await;
    let link = link(newest(&letters(&app).await, "ada@example.test"), "/recover/confirm");
    app.browser().get(&link).await.assert_status(200);
}

#[tokio::test]
async fn the_inbox_shows_the_newest_first_with_links_that_lead_on() {
    let app = TestApp::new().await;
    let mut eve = app.browser();
    assert!(eve.get("/dev/mail").await.assert_status(200).body.contains("No mail yet"));
    forget(&mut eve, "ada@example.test").await;
    app.clock.advance(1);
    let hostile = "Eve <b>\"'><script>";
    sign_up(&mut eve, "/signup", "eve@example.test", hostile, NEW_PASSWORD).await.assert_status(303);
    let inbox = eve.get("/dev/mail").await.body;
    let (first, second) = (inbox.find("Confirm your email").unwrap(), inbox.find("Choose a new password").unwrap());
    assert!(first < second);
    let path = inbox.split("href=\"/dev/mail/").nth(1).unwrap().split('"').next().unwrap();
    let mail = eve.get(&format!("/dev/mail/{path}")).await;
    let link = mail.body.split("href=\"/signup/confirm").nth(1).unwrap().split('"').next().unwrap();
    eve.get(&format!("/signup/confirm{link}")).await.assert_status(200);
    eve.get("/dev/mail/0").await.assert_status(404);
}

#[tokio::test]
async fn there_is_no_inbox_where_people_are() {
    let app = TestApp::new().await.set_to(|settings| settings.test_mode = false).await;
    app.browser().get("/dev/mail").await.assert_status(404);
    app.browser().get("/dev/mail/0").await.assert_status(404);
    // Nor a promise of mail that nobody sends.
    let page = app.browser().get("/recover").await;
    assert!(
        page.assert_status(200).body.contains("sends no mail")
            && !page.body.contains("<form method=\"post\" action=\"/recover\"")
    );
}
