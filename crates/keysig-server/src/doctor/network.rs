//! The address people reach the server at, the port it listens on, and the mail server.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::net::{TcpListener, UnixStream};

use crate::config::Config;
use crate::health::{Check, Verdict, check};
use crate::mail::MailSettings;

/// Who answers later than this does not answer.
const WAIT: Duration = Duration::from_secs(5);

/// Whether the address and what ends TLS fit together.
pub fn public_url(config: &Config) -> Check {
    let url = &config.settings.public_url;
    let found = match (url.starts_with("https://"), &config.tls) {
        (true, Some(_)) => format!("{url}, with a certificate of its own"),
        (true, None) => format!("{url}: something before this server ends TLS"),
        (false, _) => format!("{url}: for this machine alone"),
    };
    let is_bare = url.starts_with("https://") && config.tls.is_none() && !config.listen.ip().is_loopback();
    if is_bare {
        let fix = "listen on 127.0.0.1, or set [tls]";
        let found = format!("{url}, but {} is open to the network without TLS", config.listen);
        return check("public-url", Verdict::Look, found, fix);
    }
    check("public-url", Verdict::Ok, found, "")
}

/// Whether the port is free, or ours.
pub async fn port(address: SocketAddr, socket: &Path) -> Check {
    const NAME: &str = "port";
    let error = match TcpListener::bind(address).await {
        Ok(_) => return check(NAME, Verdict::Ok, format!("{address} is free"), ""),
        Err(error) => error,
    };
    let is_ours = UnixStream::connect(socket).await.is_ok();
    match error.kind() {
        ErrorKind::AddrInUse if is_ours => check(NAME, Verdict::Ok, format!("this server listens on {address}"), ""),
        ErrorKind::AddrInUse => {
            let fix = format!("see what it is: ss -ltnp 'sport = :{}'; stop it or change `listen`", address.port());
            check(NAME, Verdict::Broken, format!("something else listens on {address}"), fix)
        }
        _ => check(NAME, Verdict::Broken, format!("{address}: {error}"), "change `listen`"),
    }
}

/// Whether whoever asks at the public address reaches this server.
pub async fn reached(public_url: &str) -> Check {
    const NAME: &str = "reached";
    let url = format!("{public_url}/.well-known/openid-configuration");
    let answered = async {
        let client = reqwest::Client::builder().timeout(WAIT).build()?;
        client.get(&url).send().await?.error_for_status()?.json::<Value>().await
    };
    match answered.await {
        Ok(said) if said.get("issuer").and_then(Value::as_str) == Some(public_url) => {
            check(NAME, Verdict::Ok, format!("{public_url} leads here"), "")
        }
        Ok(_) => {
            let found = format!("{public_url} leads to another server");
            check(
                NAME,
                Verdict::Broken,
                found,
                "mend `public_url`, the name's address, or what stands before this server",
            )
        }
        Err(error) => {
            let found = format!("{public_url} is not reached from this machine: {}", error.without_url());
            check(
                NAME,
                Verdict::Look,
                found,
                "look from elsewhere; mend the name's address, TLS, or what stands before it",
            )
        }
    }
}

/// Whether the mail server lets us in.
pub async fn mail_server(mail: &MailSettings) -> Check {
    const NAME: &str = "mail-server";
    match tokio::time::timeout(WAIT, mail.try_server()).await {
        Ok(Ok(())) => check(NAME, Verdict::Ok, "lets us in", ""),
        Ok(Err(problem)) => check(NAME, Verdict::Broken, problem, "mend [mail] in the configuration"),
        Err(_) => check(NAME, Verdict::Broken, "does not answer", "mend [mail] in the configuration"),
    }
}
