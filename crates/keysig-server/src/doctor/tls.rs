//! The certificate: whether it can be used, whose it is, and until when.

use keysig_core::time::{Clock, Timestamp};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use url::Url;
use x509_cert::der::Decode;

use crate::ambient::SystemClock;
use crate::config::TlsFiles;
use crate::data_dir::refuse_if_world_readable;
use crate::health::{Check, Verdict, check};
use crate::net::tls::Certificates;

const NAME: &str = "certificate";
/// A certificate that ends sooner should have been followed by another, in seconds.
const SOON_SECONDS: i64 = 14 * 86_400;

/// The certificate of `[tls]`.
pub fn certificate(files: &TlsFiles, public_url: &str) -> Check {
    if let Err(failure) = refuse_if_world_readable(&files.key_file) {
        let fix = format!("chmod 600 {}", files.key_file.display());
        return check(NAME, Verdict::Broken, failure.to_string(), fix);
    }
    if let Err(error) = Certificates::load(&files.cert_file, &files.key_file) {
        return check(NAME, Verdict::Broken, error.to_string(), "mend the files that [tls] names");
    }
    let renew = format!("renew it, then: kill -HUP the server ({})", files.cert_file.display());
    let Some((leaf, ends_at)) = leaf(files) else {
        return check(NAME, Verdict::Broken, "it cannot be read", renew);
    };
    let host = Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let is_named = ServerName::try_from(host.as_str()).is_ok_and(|name| {
        ParsedCertificate::try_from(&leaf).is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok())
    });
    if !is_named {
        return check(NAME, Verdict::Broken, format!("it is not for {host}"), renew);
    }
    let now = SystemClock.now();
    let days = ends_at.millis_since(now) / 86_400_000;
    if ends_at <= now {
        return check(NAME, Verdict::Broken, "it has ended: browsers refuse it", renew);
    }
    if ends_at <= now.plus_seconds(SOON_SECONDS) {
        return check(NAME, Verdict::Look, format!("it ends in {days} days"), renew);
    }
    check(NAME, Verdict::Ok, format!("for {host}, {days} days more"), "")
}

/// The server's own certificate, and when it ends.
fn leaf(files: &TlsFiles) -> Option<(CertificateDer<'static>, Timestamp)> {
    let leaf = CertificateDer::pem_file_iter(&files.cert_file).ok()?.next()?.ok()?;
    let parsed = x509_cert::Certificate::from_der(&leaf).ok()?;
    let ends_at = parsed.tbs_certificate().validity().not_after.to_unix_duration();
    let millis = i64::try_from(ends_at.as_millis()).ok()?;
    Some((leaf, Timestamp::from_unix_millis(millis)))
}
