//! The mail server: which one may be named, and how a mail is handed over (RFC 5321, RFC 5322).

use std::time::{Duration, SystemTime};

use keysig_core::id::MailId;
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error as SmtpError};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::{Host, Url};

use super::Post;

/// A mail server that takes longer is tried again later.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Where mail goes out, and as whose.
#[derive(Clone, Debug)]
pub struct MailSettings {
    smtp: Secret,
    from: Mailbox,
}

/// Why mail cannot be set up so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailRefused {
    /// No address of a mail server.
    #[error("`mail.smtp` is not like smtps://user:password@mail.example.com:465")]
    NotAnAddress,
    /// Passwords and links would cross the network in clear, or could be made to (RFC 3207 §6).
    #[error(
        "`mail.smtp` would send mail in clear: write smtps://, or smtp:// with ?tls=required at its end; plain smtp:// is for \
         127.0.0.1, [::1] and localhost only"
    )]
    InClear,
    /// Not an address that mail can come from.
    #[error("`mail.from` is \"{0}\", but must be like \"Example <no-reply@example.com>\"")]
    From(String),
}

impl MailSettings {
    /// Checks what the configuration says. What it says of passwords is in no error.
    pub fn new(smtp: Secret, from: &str) -> Result<Self, MailRefused> {
        let url = Url::parse(smtp.expose()).map_err(|_| MailRefused::NotAnAddress)?;
        let is_loopback = match url.host() {
            // Of a scheme that is not the web's the host is text.
            Some(Host::Domain(name)) => matches!(name, "127.0.0.1" | "localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(MailRefused::NotAnAddress),
        };
        match (url.scheme(), url.query()) {
            ("smtps", None) | ("smtp", Some("tls=required")) => {}
            ("smtp", None) if is_loopback => {}
            ("smtp", _) => return Err(MailRefused::InClear),
            _ => return Err(MailRefused::NotAnAddress),
        }
        let from = from.parse().map_err(|_| MailRefused::From(from.to_owned()))?;
        let settings = Self { smtp, from };
        settings.server().map_err(|_| MailRefused::NotAnAddress)?;
        Ok(settings)
    }

    /// Whether the mail server lets us in; in words why not, and nothing of what it said.
    pub async fn try_server(&self) -> Result<(), String> {
        let server = self.server().map_err(|_| "its address cannot be read".to_owned())?;
        let transport: AsyncSmtpTransport<Tokio1Executor> = server.build();
        match transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("it does not answer as a mail server does".to_owned()),
            Err(error) => Err(match Failed::of(&error) {
                Failed::ForGood(what) | Failed::ForNow(what) => what,
            }),
        }
    }

    fn server(&self) -> Result<AsyncSmtpTransportBuilder, SmtpError> {
        AsyncSmtpTransport::<Tokio1Executor>::from_url(self.smtp.expose())
    }
}

/// No robot answers a mail that says this (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// In which language the text is (RFC 3282).
#[derive(Clone)]
struct ContentLanguage(String);

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// It will not be taken later either.
    ForGood(String),
    /// It may.
    ForNow(String),
}

impl Failed {
    /// For the log: never what the server said, which may name the address (and so may a pooled connection's error).
    fn of(error: &SmtpError) -> Self {
        let Some(code) = error.status() else {
            let what = if error.is_timeout() { "it took too long" } else { "no connection" };
            let what = if error.is_tls() { "its certificate or TLS is not right" } else { what };
            return Self::ForNow(format!("the mail server did not answer: {what}"));
        };
        let text = format!("the mail server answered {code}");
        // 53x is about our own sign-in there (RFC 4954 §6), which the operator can put right.
        if error.is_permanent() && !code.to_string().starts_with("53") {
            Self::ForGood(text)
        } else {
            Self::ForNow(text)
        }
    }
}

/// The connection to the mail server, kept between mails.
pub struct Transport {
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Transport {
    /// Connects with the first mail. Needs the runtime.
    pub fn new(settings: &MailSettings) -> Result<Self, MailRefused> {
        let server = settings.server().map_err(|_| MailRefused::NotAnAddress)?;
        Ok(Self { smtp: server.timeout(Some(TIMEOUT)).build(), from: settings.from.clone() })
    }

    /// Hands a mail over, under the name `sender` where there is one.
    pub async fn send(&self, id: MailId, to: &str, post: &Post, sender: Option<&str>) -> Result<(), Failed> {
        let name = sender.map(str::to_owned).or_else(|| self.from.name.clone());
        let from = Mailbox::new(name, self.from.email.clone());
        let message =
            message(&from, id, to, post).ok_or_else(|| Failed::ForGood("the mail cannot be written".to_owned()))?;
        self.smtp.send(message).await.map(|_| ()).map_err(|error| Failed::of(&error))
    }
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.unix_millis()).unwrap_or(0))
}

/// The message as it goes out. Each header is made by its type, which encodes what is no word of RFC 5322 and breaks no line
/// in two (header injection).
pub(super) fn message(from: &Mailbox, id: MailId, to: &str, post: &Post) -> Option<Message> {
    let address: Address = to.parse().ok()?;
    let host = from.email.domain().to_owned();
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, address))
        .subject(post.subject.clone())
        .date(system_time(id.made_at()))
        // The same at every try: who gets it twice sees it once.
        .message_id(Some(format!("<{id}@{host}>")))
        .header(MIME_VERSION_1_0)
        .header(AutoSubmitted)
        .header(ContentLanguage(post.lang.clone()))
        .header(ContentType::TEXT_PLAIN)
        .body(post.text.clone())
        .ok()
}
