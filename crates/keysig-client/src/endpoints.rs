//! Where a server answers.

use url::{Host, Url};

use crate::error::Error;

/// The addresses of one authorization server and the API behind it.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// The `iss` the server names itself by, where it does (RFC 9207).
    pub(crate) issuer: String,
    pub(crate) authorize: Url,
    pub(crate) token: Url,
    /// RFC 7009; Spotify offers none to third parties.
    pub(crate) revoke: Option<Url>,
    /// Ends with a slash.
    pub(crate) api_base: Url,
}

impl Endpoints {
    /// Spotify's own hosts.
    pub fn spotify() -> Result<Self, Error> {
        let accounts = "https://accounts.spotify.com";
        Ok(Self {
            issuer: accounts.to_owned(),
            authorize: parse(&format!("{accounts}/authorize"))?,
            token: parse(&format!("{accounts}/api/token"))?,
            revoke: None,
            api_base: parse("https://api.spotify.com/v1/")?,
        })
    }

    /// A Keysig server by its public address, for instance `http://127.0.0.1:8080`.
    ///
    /// Plain http is accepted on this machine and for names that exist only in tests; elsewhere the client secret and
    /// every token would travel in the clear.
    pub fn custom(base: &str) -> Result<Self, Error> {
        let base = base.trim_end_matches('/');
        Ok(Self {
            issuer: base.to_owned(),
            authorize: parse(&format!("{base}/authorize"))?,
            token: parse(&format!("{base}/api/token"))?,
            revoke: Some(parse(&format!("{base}/oauth2/revoke/v1"))?),
            api_base: parse(&format!("{base}/v1/"))?,
        })
    }

    /// The same server with its API at another address, for instance `https://api.example/v1`.
    pub fn with_api_base(mut self, api_base: &str) -> Result<Self, Error> {
        self.api_base = parse(&format!("{}/", api_base.trim_end_matches('/')))?;
        Ok(self)
    }

    /// Whether any of the addresses is https.
    pub(crate) fn use_tls(&self) -> bool {
        [&self.token, &self.api_base].into_iter().chain(&self.revoke).any(|url| url.scheme() == "https")
    }

    /// The address of an API call: a path below the API base, or an absolute address as paging objects hold it.
    ///
    /// Refused unless it lies below the API base: a `next` that names another host would be handed the access token.
    pub(crate) fn api_url(&self, path: &str) -> Result<Url, Error> {
        let absolute = path.contains("://");
        let text =
            if absolute { path.to_owned() } else { format!("{}{}", self.api_base, path.trim_start_matches('/')) };
        let below = |url: &Url| {
            url.origin() == self.api_base.origin()
                && url.path().starts_with(self.api_base.path())
                && url.username().is_empty()
                && url.password().is_none()
        };
        Url::parse(&text).ok().filter(below).ok_or(Error::ForeignUrl)
    }
}

fn parse(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|_| {
        Error::Configuration(format!("\"{text}\" is not a web address. Write it with https:// in front."))
    })?;
    let local = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // RFC 6761 §6.2 and §6.3: these names never leave the machine or the test.
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost") || name.ends_with(".test"),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if local => Ok(url),
        _ => Err(Error::Configuration(format!(
            "{text} would carry secrets unprotected. Use https; only 127.0.0.1, [::1] and test names may use http."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_gives_every_endpoint_with_or_without_its_last_slash() {
        for base in ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"] {
            let endpoints = Endpoints::custom(base).unwrap();
            assert_eq!(endpoints.issuer, "http://127.0.0.1:8080");
            assert_eq!(endpoints.authorize.as_str(), "http://127.0.0.1:8080/authorize");
            assert_eq!(endpoints.token.as_str(), "http://127.0.0.1:8080/api/token");
            assert_eq!(endpoints.api_base.as_str(), "http://127.0.0.1:8080/v1/");
        }
    }

    #[test]
    fn plain_http_is_refused_beyond_this_machine() {
        for base in ["http://login.example", "http://192.168.1.2:8080", "ftp://127.0.0.1", "login.example"] {
            assert!(matches!(Endpoints::custom(base), Err(Error::Configuration(_))), "{base}");
        }
    }

    #[test]
    fn a_call_stays_below_the_api_base() {
        let endpoints = Endpoints::custom("https://login.example").unwrap();
        assert_eq!(endpoints.api_url("/me").unwrap().as_str(), "https://login.example/v1/me");
        assert!(endpoints.api_url("https://login.example/v1/me/playlists?offset=50").is_ok());
        for foreign in [
            "https://evil.example/v1/me",
            "http://login.example/v1/me",
            "https://login.example.evil.example/v1/me",
            "https://login.example@evil.example/v1/me",
            "https://me@login.example/v1/me",
            "../admin",
            "https://login.example/account",
        ] {
            assert!(matches!(endpoints.api_url(foreign), Err(Error::ForeignUrl)), "{foreign}");
        }
        assert_eq!(endpoints.api_url("//evil.example/x").unwrap().host_str(), Some("login.example"));
    }
}
