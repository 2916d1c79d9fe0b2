//! An app as people meet it: its name, who stands behind it, and where it will take them.

use keysig_core::app::KeepsData;
use keysig_core::id::LogoId;
use url::Url;

use super::{Sentence, When, Words, initial};

/// Who is asking, on the consent page (ux B1). Name and developer can imitate anyone; the destination cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppIdentity {
    /// The name the developer gave it.
    pub name: String,
    /// The developer's display name.
    pub developer: String,
    /// Its picture; its initial where it has none.
    pub logo: Option<LogoId>,
    /// The app's home page.
    pub home: Option<WebAddress>,
    /// Where the browser goes after the answer.
    pub destination: Destination,
    /// How well the service knows it.
    pub badge: Badge,
}

impl AppIdentity {
    pub(super) fn initial(&self) -> String {
        initial(&self.name)
    }
}

/// How well the service knows an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Badge {
    /// A reviewer looked at it.
    Reviewed,
    /// Nobody did: say how many people use it and since when.
    NotReviewed {
        /// People with a grant.
        users: u64,
        /// First login through it.
        first_seen: When,
    },
    /// The person asked is its developer.
    YourOwn,
    /// It exists only in `dev` or `ci`.
    Test,
}

impl Badge {
    /// The key of its word.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Reviewed => "badge-reviewed",
            Self::NotReviewed { .. } => "badge-not-reviewed",
            Self::YourOwn => "badge-your-own",
            Self::Test => "badge-test",
        }
    }

    /// For an app that nobody reviewed, how well others know it: "Used by 12 people, first seen 2 days ago".
    pub(super) fn known_by(&self, words: Words) -> Option<Sentence> {
        match self {
            Self::NotReviewed { users, first_seen } => {
                let sentence = words.say("badge-known-by").count("n", *users);
                Some(sentence.time("ago", &first_seen.machine(), &first_seen.relative(words)))
            }
            Self::Reviewed | Self::YourOwn | Self::Test => None,
        }
    }

    /// The class of its tag.
    pub(super) fn tone(&self) -> &'static str {
        match self {
            Self::Reviewed => "ok",
            Self::NotReviewed { .. } => "warn",
            Self::YourOwn | Self::Test => "info",
        }
    }
}

/// What an app says it does with the data it copied (ux B7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataKeeping {
    /// Until the person disconnects.
    UntilDisconnected,
    /// For so many days.
    Days(u32),
    /// Not at all.
    NotKept,
    /// The developer has not said.
    NotSaid,
}

impl From<Option<KeepsData>> for DataKeeping {
    fn from(said: Option<KeepsData>) -> Self {
        match said {
            Some(KeepsData::UntilDisconnected) => Self::UntilDisconnected,
            Some(KeepsData::Days(days)) => Self::Days(days),
            Some(KeepsData::NotKept) => Self::NotKept,
            None => Self::NotSaid,
        }
    }
}

/// An absolute `http` or `https` address that a developer typed, safe as a link: other schemes run code (`javascript:`)
/// or open files, and a sign-in part (`https://good.example@evil.example`) hides the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress {
    href: String,
    host: String,
}

impl WebAddress {
    /// `None` if it is no such address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        let host = host_and_port(&url)?;
        plain.then(|| Self { href: url.into(), host })
    }

    /// For `href`.
    #[must_use]
    pub fn href(&self) -> &str {
        &self.href
    }

    /// The host in ASCII (punycode, so that look-alike letters show), with the port unless it is the scheme's own.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// The origin of an address as a source of a `Content-Security-Policy`. Its grammar has no IPv6 literals, and browsers drop
/// a source they cannot read: such a host is written as any host on that port.
pub(super) fn csp_source(url: &Url) -> Option<String> {
    match (url.host()?, url.port_or_known_default()) {
        (url::Host::Ipv6(_), Some(port)) => Some(format!("{}://*:{port}", url.scheme())),
        _ => Some(url.origin().ascii_serialization()),
    }
}

fn host_and_port(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Where the answer goes: with the browser, read from the redirect URI itself, or to a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A web site, by host.
    Web(String),
    /// A program listening on this device, by loopback address and port (RFC 8252 §7.3).
    Loopback(String),
    /// An app that claims a private-use scheme (RFC 8252 §7.1), by scheme.
    Scheme(String),
    /// A device that waits elsewhere (RFC 8628). The browser stays; the code on both screens is all that tells the
    /// person's own device from a stranger's.
    Device {
        /// The code, as the device shows it.
        code: String,
    },
}

impl Destination {
    /// Whether it is a device that waits for a person.
    pub(super) fn is_device(&self) -> bool {
        matches!(self, Self::Device { .. })
    }

    /// Reads a redirect URI. `None` for what no redirect may lead to: text that is no absolute URI, and the schemes that
    /// run code or read files in the browser.
    #[must_use]
    pub fn of(redirect_uri: &str) -> Option<Self> {
        let url = Url::parse(redirect_uri).ok()?;
        match url.scheme() {
            "http" | "https" => {
                let loopback = match url.host()? {
                    url::Host::Domain(_) => false,
                    url::Host::Ipv4(address) => address.is_loopback(),
                    url::Host::Ipv6(address) => address.is_loopback(),
                };
                let host = host_and_port(&url)?;
                Some(if loopback { Self::Loopback(host) } else { Self::Web(host) })
            }
            "javascript" | "data" | "vbscript" | "file" | "blob" | "filesystem" | "about" | "view-source" => None,
            scheme => Some(Self::Scheme(scheme.to_owned())),
        }
    }

    /// The part nobody can imitate: host, loopback address, `scheme:`, or the device's code.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Web(host) | Self::Loopback(host) => host.clone(),
            Self::Scheme(scheme) => format!("{scheme}:"),
            Self::Device { code } => code.clone(),
        }
    }

    /// A phone hands over to another app only after a tap.
    pub(super) fn needs_tap(&self) -> bool {
        matches!(self, Self::Scheme(_))
    }
}
