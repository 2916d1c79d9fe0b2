//! Requests that this server makes of others, and the guard around them: whoever registers an address must not be able
//! to make us talk to machines that only we can reach (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use keysig_core::parameters::percent_encode;
use keysig_core::secret::Secret;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use url::{Host, Url};

const TIMEOUT: Duration = Duration::from_secs(3);
/// Apps may do something before they answer a webhook.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(5);
/// So much of the answer to a webhook is kept for its developer; the rest is not read.
const SHOWN_ANSWER_BYTES: usize = 512;
/// No answer that is read is longer.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// Some APIs answer nobody without a name.
const USER_AGENT: &str = "Keysig";

/// Whether an address belongs to a machine anybody can reach. Addresses that only wrap another are judged by that one.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// The registry of special-purpose addresses (RFC 6890), as far as it is not for everybody.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let wrapped = |high: u16, low: u16| {
        let [w, x] = high.to_be_bytes();
        let [y, z] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(w, x, y, z))
    };
    match (a, b, c, d, e, f) {
        // IPv4-mapped, and NAT64 (RFC 6052 §2.1).
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => wrapped(g, h),
        // 6to4 (RFC 3056) carries its address further in front.
        (0x2002, ..) => wrapped(b, c),
        // Only 2000::/3 is given out, less Teredo, documentation and other special blocks (RFC 6890).
        _ => {
            (0x2000..0x4000).contains(&a) && !(a == 0x2001 && b < 0x200) && !(a == 0x2001 && b == 0xdb8) && a != 0x3fff
        }
    }
}

/// Resolves names to public addresses only, and the connection goes to what was resolved: a second answer of the name
/// server is never asked for (DNS rebinding).
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Why a request was not made, or not answered as hoped.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// Not https, or to an address that is not public.
    #[error("this address is not one to send to")]
    Forbidden,
    /// Nobody answered.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// An answer that is no success.
    #[error("answered with status {0}")]
    Status(u16),
    /// An answer longer than anybody needs.
    #[error("the answer is too long")]
    TooLong,
}

impl OutboundError {
    /// Whether another try could end better.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Forbidden | Self::TooLong => false,
            Self::NoAnswer(_) => true,
            Self::Status(status) => *status >= 500 || matches!(*status, 408 | 429),
        }
    }
}

/// The one client for requests to others: https, no redirects, no proxy, public addresses.
pub struct Outbound {
    client: Client,
    /// Test instances may also talk to this machine, without TLS.
    loopback: bool,
}

impl Outbound {
    /// `loopback` is for test instances.
    pub fn new(loopback: bool) -> Result<Self, OutboundError> {
        let mut builder = Client::builder().redirect(Policy::none()).no_proxy().timeout(TIMEOUT).user_agent(USER_AGENT);
        if !loopback {
            builder = builder.https_only(true).dns_resolver(Arc::new(PublicOnly));
        }
        let client = builder.build().map_err(|error| OutboundError::NoAnswer(error.to_string()))?;
        Ok(Self { client, loopback })
    }

    /// The one in `kept`, made at the first call.
    pub fn kept(kept: &mut Option<Arc<Self>>, loopback: bool) -> Result<Arc<Self>, OutboundError> {
        match kept {
            Some(client) => Ok(client.clone()),
            None => Ok(kept.insert(Arc::new(Self::new(loopback)?)).clone()),
        }
    }

    /// Whether this address may be sent to, as far as it can be told before its name is looked up. An address written as
    /// one is never looked up, so it is judged here.
    pub fn allows(&self, url: &Url) -> bool {
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            Some(Host::Domain(_)) => None,
            None => return false,
        };
        if self.loopback {
            return matches!(url.scheme(), "http" | "https") && literal.is_some_and(|address| address.is_loopback());
        }
        url.scheme() == "https" && url.username().is_empty() && literal.is_none_or(is_public)
    }

    fn allowed(&self, address: &str) -> Result<Url, OutboundError> {
        let url = Url::parse(address).map_err(|_| OutboundError::Forbidden)?;
        if self.allows(&url) { Ok(url) } else { Err(OutboundError::Forbidden) }
    }

    /// Gets JSON, with an access token if there is one (RFC 6750 §2.1).
    pub async fn get(&self, address: &str, access_token: Option<&Secret>) -> Result<Vec<u8>, OutboundError> {
        let mut request = self.client.get(self.allowed(address)?);
        if let Some(token) = access_token {
            request = request.bearer_auth(token.expose());
        }
        match answer(request).await? {
            (200, body) => Ok(body),
            (status, _) => Err(OutboundError::Status(status)),
        }
    }

    /// Posts a form to a token endpoint and gives its answer with its status: errors have bodies too (RFC 6749 §5.2).
    pub async fn ask_for_token(
        &self,
        address: &str,
        fields: &[(&str, &str)],
        basic: Option<(&str, &Secret)>,
    ) -> Result<(u16, Vec<u8>), OutboundError> {
        let mut request = self.client.post(self.allowed(address)?).form(fields);
        if let Some((client_id, secret)) = basic {
            // Both are form-encoded first (RFC 6749 §2.3.1).
            request = request.basic_auth(percent_encode(client_id), Some(percent_encode(secret.expose())));
        }
        answer(request).await
    }

    /// Posts a webhook with its headers, and gives the status with the beginning of the answer.
    pub async fn post_webhook(
        &self,
        address: &str,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<(u16, Vec<u8>), OutboundError> {
        let mut request = self.client.post(self.allowed(address)?).timeout(WEBHOOK_TIMEOUT);
        request = request.header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.body(body).send().await.map_err(no_answer)?;
        let mut answer = Vec::new();
        // An answer that breaks off was an answer: its status says what it was.
        while answer.len() < SHOWN_ANSWER_BYTES
            && let Ok(Some(piece)) = response.chunk().await
        {
            answer.extend_from_slice(&piece);
        }
        answer.truncate(SHOWN_ANSWER_BYTES);
        Ok((response.status().as_u16(), answer))
    }

    /// Posts a form; its answer's body is not read.
    pub async fn post_form(&self, address: &str, fields: &[(&str, &str)]) -> Result<(), OutboundError> {
        let url = self.allowed(address)?;
        // Our own client forwards what we were asked; what is said about it stays in the log.
        let sent = self.client.post(url).form(fields).send().await;
        let status = sent.map_err(no_answer)?.status();
        match status {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
            other => Err(OutboundError::Status(other.as_u16())),
        }
    }
}

/// What failed is said without the address: it may hold secrets.
fn no_answer(error: reqwest::Error) -> OutboundError {
    OutboundError::NoAnswer(error.without_url().to_string())
}

/// Sends, and reads as much of the answer as anybody needs.
async fn answer(request: RequestBuilder) -> Result<(u16, Vec<u8>), OutboundError> {
    let mut response = request.header(ACCEPT, "application/json").send().await.map_err(no_answer)?;
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(no_answer)? {
        if body.len() + piece.len() > MAX_ANSWER_BYTES {
            return Err(OutboundError::TooLong);
        }
        body.extend_from_slice(&piece);
    }
    Ok((response.status().as_u16(), body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(address: &str) -> bool {
        let outbound = Outbound::new(false).unwrap();
        Url::parse(address).is_ok_and(|url| outbound.allows(&url))
    }

    #[test]
    fn only_public_addresses_are_sent_to_however_they_are_spelled() {
        for good in ["https://rp.example/logout", "https://93.184.216.34/", "https://[2606:2800:220:1::1]/x"] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "http://rp.example/",
            "ftp://rp.example/",
            "https://user@rp.example/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0/",
            "https://0.0.0.0/",
            "https://10.0.0.1/",
            "https://100.64.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://172.16.0.1/",
            "https://172.31.255.255/",
            "https://192.0.0.1/",
            "https://192.0.2.1/",
            "https://192.88.99.1/",
            "https://192.168.1.1/",
            "https://198.18.0.1/",
            "https://198.51.100.1/",
            "https://203.0.113.1/",
            "https://224.0.0.1/",
            "https://240.0.0.1/",
            "https://255.255.255.255/",
            "https://[::]/",
            "https://[::1]/",
            "https://[::127.0.0.1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://[64:ff9b:1::1]/",
            "https://[100::1]/",
            "https://[2001::1]/",
            "https://[2001:db8::1]/",
            "https://[2002:7f00:1::]/",
            "https://[2002:a00:1::]/",
            "https://[3fff::1]/",
            "https://[fc00::1]/",
            "https://[fd12::1]/",
            "https://[fe80::1]/",
            "https://[fec0::1]/",
            "https://[ff02::1]/",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }

    #[test]
    fn a_test_instance_talks_to_this_machine_and_nobody_else() {
        let outbound = Outbound::new(true).unwrap();
        let allows = |address: &str| outbound.allows(&Url::parse(address).unwrap());
        assert!(allows("http://127.0.0.1:9/logout") && allows("http://[::1]:9/"));
        assert!(!allows("http://10.0.0.1/") && !allows("https://rp.example/") && !allows("http://localhost/"));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_no_way_in() {
        let resolved = PublicOnly.resolve("localhost".parse().unwrap()).await;
        assert!(resolved.is_err());
        let outbound = Outbound::new(false).unwrap();
        let sent = outbound.post_form("https://localhost:1/", &[]).await;
        assert!(matches!(sent, Err(OutboundError::NoAnswer(_))));
    }

    #[test]
    fn a_refusal_is_final_and_a_fault_may_pass() {
        assert!(OutboundError::Status(503).may_pass() && OutboundError::Status(429).may_pass());
        assert!(!OutboundError::Status(400).may_pass() && !OutboundError::Status(302).may_pass());
        assert!(OutboundError::NoAnswer(String::new()).may_pass() && !OutboundError::Forbidden.may_pass());
    }
}
