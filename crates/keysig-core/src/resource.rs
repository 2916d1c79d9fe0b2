//! Resource servers (RFC 8707): the APIs that tokens can be asked for, by their identifiers.

use std::collections::HashMap;

use crate::access_token::Audience;
use crate::jose::SigningAlgorithm;
use crate::seal::sha256;

/// What the access tokens of an API look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenFormat {
    /// Sealed; the API asks `/oauth2/introspect/v1` what they mean.
    Opaque,
    /// A signed JWT that the API verifies by itself (RFC 9068).
    Jwt(SigningAlgorithm),
}

/// An API that is guarded by our tokens and is not our own Web API.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Api {
    /// The absolute URI that requests name and tokens carry.
    pub identifier: String,
    /// What its tokens look like.
    pub format: TokenFormat,
    /// The `client_id`s by which it may introspect tokens that name it.
    pub introspected_by: Vec<String>,
}

/// Why an API cannot be listed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ApiRefused {
    /// Not an absolute URI, or one with a fragment (RFC 8707 §2).
    #[error("api `{0}`: an identifier is an absolute URI without a fragment, such as https://api.example.com")]
    Identifier(String),
    /// Listed twice, or our own.
    #[error("api `{0}`: this identifier is taken")]
    Twice(String),
}

/// All APIs.
#[derive(Debug, Default)]
pub struct ApiCatalogue {
    apis: HashMap<[u8; 8], Api>,
    /// Our own Web API: by its address, or by the issuer's.
    own: Vec<String>,
}

fn audience_of(identifier: &str) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = sha256(identifier.as_bytes());
    [a, b, c, d, e, f, g, h]
}

fn is_identifier(text: &str) -> bool {
    let has_blanks = text.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
    text.len() <= 512 && !has_blanks && !text.contains('#') && url::Url::parse(text).is_ok()
}

impl ApiCatalogue {
    /// Checks the list of an instance with this issuer.
    pub fn new(issuer: &str, apis: Vec<Api>) -> Result<Self, ApiRefused> {
        let own = vec![format!("{issuer}/v1"), issuer.to_owned(), format!("{issuer}/v1/"), format!("{issuer}/")];
        let mut catalogue = Self { apis: HashMap::new(), own };
        for api in apis {
            let identifier = api.identifier.clone();
            if !is_identifier(&identifier) {
                return Err(ApiRefused::Identifier(identifier));
            }
            let taken = catalogue.own.contains(&identifier);
            if taken || catalogue.apis.insert(audience_of(&identifier), api).is_some() {
                return Err(ApiRefused::Twice(identifier));
            }
        }
        Ok(catalogue)
    }

    /// The API that a `resource` parameter names; `None` if there is none (RFC 8707 §2 `invalid_target`).
    pub fn resolve(&self, resource: &str) -> Option<Audience> {
        if self.own.iter().any(|own| own == resource) {
            return Some(Audience::OwnApi);
        }
        let key = audience_of(resource);
        self.apis.get(&key).filter(|api| api.identifier == resource).map(|_| Audience::Resource(key))
    }

    /// The one API that all of `resources` name. Two would make a token that either could use at the other
    /// (RFC 8707 §3), so they are two logins here.
    pub fn resolve_all<'a>(&self, resources: impl Iterator<Item = &'a str>) -> Result<Option<Audience>, UnknownTarget> {
        let mut named = None;
        for resource in resources.filter(|resource| !resource.is_empty()) {
            let audience = self.resolve(resource).ok_or(UnknownTarget)?;
            if named.is_some_and(|before| before != audience) {
                return Err(UnknownTarget);
            }
            named = Some(audience);
        }
        Ok(named)
    }

    /// The API behind an audience, if it is another's and still listed.
    pub fn find(&self, audience: Audience) -> Option<&Api> {
        match audience {
            Audience::OwnApi => None,
            Audience::Resource(key) => self.apis.get(&key),
        }
    }

    /// Whether tokens can still be made for an audience: its API may have been taken off the list.
    pub fn lists(&self, audience: Audience) -> bool {
        audience == Audience::OwnApi || self.find(audience).is_some()
    }

    /// How an audience is named on the wire.
    pub fn identifier(&self, audience: Audience) -> Option<&str> {
        match audience {
            Audience::OwnApi => self.own.first().map(String::as_str),
            Audience::Resource(_) => self.find(audience).map(|api| api.identifier.as_str()),
        }
    }
}

/// `resource` names no API, or more than one (RFC 8707 §2 `invalid_target`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownTarget;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn apis() -> ApiCatalogue {
        let api = |identifier: &str, format| Api {
            identifier: identifier.to_owned(),
            format,
            introspected_by: vec!["api".to_owned()],
        };
        let list = vec![
            api("https://opaque.example/api", TokenFormat::Opaque),
            api("https://jwt.example", TokenFormat::Jwt(SigningAlgorithm::EdDsa)),
        ];
        ApiCatalogue::new("http://127.0.0.1:8080", list).unwrap()
    }

    #[test]
    fn an_api_is_found_by_its_identifier_to_the_byte() {
        let apis = apis();
        let audience = apis.resolve("https://jwt.example").unwrap();
        assert_eq!(apis.identifier(audience), Some("https://jwt.example"));
        assert_eq!(apis.resolve("https://jwt.example/"), None);
        assert_eq!(apis.resolve("http://127.0.0.1:8080/v1"), Some(Audience::OwnApi));
        assert_eq!(apis.find(Audience::OwnApi), None);
    }

    #[test]
    fn one_login_is_for_one_api() {
        let apis = apis();
        let all = |list: &[&str]| apis.resolve_all(list.iter().copied());
        assert_eq!(all(&[]), Ok(None));
        assert_eq!(all(&["https://jwt.example", "https://jwt.example"]).map(|it| it.is_some()), Ok(true));
        assert_eq!(all(&["https://jwt.example", "https://opaque.example/api"]), Err(UnknownTarget));
        assert_eq!(all(&["https://unknown.example"]), Err(UnknownTarget));
    }

    #[test]
    fn an_identifier_is_an_absolute_uri_without_a_fragment_and_stands_once() {
        let list = |identifiers: &[&str]| {
            let api = |identifier: &&str| Api {
                identifier: (*identifier).to_owned(),
                format: TokenFormat::Opaque,
                introspected_by: Vec::new(),
            };
            ApiCatalogue::new("https://op.example", identifiers.iter().map(api).collect()).map(|_| ())
        };
        for bad in ["", "api", "/api", "https://a.example/#x", "https://a.example/ b"] {
            assert_eq!(list(&[bad]), Err(ApiRefused::Identifier(bad.to_owned())));
        }
        let twice = "https://a.example";
        assert_eq!(list(&[twice, twice]), Err(ApiRefused::Twice(twice.to_owned())));
        assert!(list(&["https://op.example/v1"]).is_err());
        assert_eq!(list(&["urn:example:api", "https://a.example"]), Ok(()));
    }
}
