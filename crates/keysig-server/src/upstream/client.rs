//! Talking to a provider: where to send people, and what their code is worth (RFC 6749 §4.1, OpenID Connect Core §3.1).

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use keysig_core::encoding::base64url;
use keysig_core::seal::sha256;
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;
use keysig_core::upstream::{Expected, Fields, Person, ProviderKeys, check_id_token, is_from_issuer};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::{Begun, Fetched, Kind, Learned, OAuth2, Provider, Returned, Tokens, Upstreams};
use crate::outbound::{Outbound, OutboundError};

/// How long what a provider says of itself is used, in seconds.
const LEARNED_SECONDS: i64 = 3600;
/// A key that we do not know is asked for no more often, in seconds: unknown names are free to make.
const ASK_KEYS_EVERY_SECONDS: i64 = 60;
/// Everything that is asked for one person takes no longer; a handler has ten seconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why nobody was signed in. Texts are for the log; no token or secret is in one.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// It does not answer, or not now.
    #[error("the provider does not answer: {0}")]
    Down(String),
    /// What it answered is not believed.
    #[error("the provider's answer is not taken: {0}")]
    Refused(String),
}

impl From<OutboundError> for UpstreamError {
    fn from(error: OutboundError) -> Self {
        if error.may_pass() { Self::Down(error.to_string()) } else { Self::Refused(error.to_string()) }
    }
}

fn refused(reason: &str) -> UpstreamError {
    UpstreamError::Refused(reason.to_owned())
}

/// A provider's addresses.
#[derive(Clone)]
pub(super) struct Endpoints {
    authorization: String,
    token: String,
    keys: String,
    userinfo: Option<String>,
    secret_in_form: bool,
    names_itself: bool,
}

/// As much of a discovery document as is used (OpenID Connect Discovery §3).
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// A token endpoint's answer; some providers send errors with status 200.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    token_type: Option<String>,
    error: Option<String>,
}

fn object(body: &[u8]) -> Result<Map<String, Value>, UpstreamError> {
    serde_json::from_slice(body).map_err(|_| refused("not a JSON object"))
}

impl Upstreams {
    fn outbound(&self) -> Result<&Outbound, UpstreamError> {
        self.outbound.as_ref().ok_or_else(|| UpstreamError::Down("no client could be made".to_owned()))
    }

    /// The address at a provider to which a browser is sent. PKCE always, so that a code is worth nothing to who sees it.
    pub async fn authorization_url(
        &self,
        provider: &Provider,
        begun: &Begun,
        state: &str,
        sign_in_again: bool,
        now: Timestamp,
    ) -> Result<String, UpstreamError> {
        let (endpoint, is_openid) = match &provider.kind {
            Kind::OpenId { issuer } => (self.learned_of(issuer, now).await?.endpoints.authorization.clone(), true),
            Kind::OAuth2(oauth2) => (oauth2.authorization_endpoint.clone(), false),
        };
        let mut url = Url::parse(&endpoint).map_err(|_| refused("its authorization endpoint is no address"))?;
        if !self.outbound()?.allows(&url) {
            return Err(refused("its authorization endpoint is no public https address"));
        }
        let challenge = base64url(&sha256(begun.verifier.as_bytes()));
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", &self.redirect_uri(provider))
            .append_pair("scope", &provider.scope)
            .append_pair("state", state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if is_openid {
            query.append_pair("nonce", &begun.nonce);
            if sign_in_again {
                query.append_pair("prompt", "login");
            }
        }
        drop(query);
        Ok(url.into())
    }

    /// Whether an answer is from the provider that was asked, as far as it says (RFC 9207).
    pub async fn is_from(&self, provider: &Provider, iss: Option<&str>, now: Timestamp) -> Result<bool, UpstreamError> {
        Ok(match &provider.kind {
            Kind::OpenId { issuer } => {
                let promised = self.learned_of(issuer, now).await?.endpoints.names_itself;
                is_from_issuer(issuer, promised, iss)
            }
            Kind::OAuth2(oauth2) => oauth2.issuer.as_ref().is_none_or(|issuer| is_from_issuer(issuer, false, iss)),
        })
    }

    /// Who came back with `code`.
    pub async fn person(
        &self,
        provider: &Provider,
        begun: &Begun,
        code: &str,
        now: Timestamp,
    ) -> Result<Returned, UpstreamError> {
        let _place =
            self.room.try_acquire().map_err(|_| UpstreamError::Down("too many wait for answers".to_owned()))?;
        let asking = async {
            match &provider.kind {
                Kind::OpenId { issuer } => self.openid_person(provider, issuer, begun, code, now).await,
                Kind::OAuth2(oauth2) => self.oauth2_person(provider, oauth2, begun, code).await,
            }
        };
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(returned) => returned,
            Err(_) => Err(UpstreamError::Down("it takes too long".to_owned())),
        }
    }

    async fn openid_person(
        &self,
        provider: &Provider,
        issuer: &str,
        begun: &Begun,
        code: &str,
        now: Timestamp,
    ) -> Result<Returned, UpstreamError> {
        let learned = self.learned_of(issuer, now).await?;
        let endpoints = &learned.endpoints;
        let (tokens, id_token) = self.redeem(provider, &endpoints.token, endpoints.secret_in_form, begun, code).await?;
        let id_token = id_token.ok_or_else(|| refused("no ID token"))?;
        let keys = self.keys_for(&learned, &id_token, now).await?;
        let expected = Expected {
            issuer,
            client_id: &provider.client_id,
            nonce: &begun.nonce,
            access_token: &tokens.access_token,
            now,
        };
        let claims =
            check_id_token(&keys, &id_token, expected).map_err(|why| UpstreamError::Refused(why.to_string()))?;
        let fields = Fields::openid();
        let mut person = Person::read(&claims, &fields).ok_or_else(|| refused("the ID token names nobody"))?;
        if (person.email.is_none() || person.name.is_empty())
            && let Some(userinfo) = &endpoints.userinfo
        {
            let token = Secret::new(tokens.access_token.clone());
            let said = Person::read(&object(&self.outbound()?.get(userinfo, Some(&token)).await?)?, &fields);
            // Whoever else's claims these are, they are not this person's (OpenID Connect Core §5.3.2).
            let said = said.filter(|said| said.subject == person.subject);
            let said = said.ok_or_else(|| refused("userinfo is about somebody else"))?;
            if person.email.is_none() {
                (person.email, person.email_verified) = (said.email, said.email_verified);
            }
            if person.name.is_empty() {
                person.name = said.name;
            }
        }
        Ok(Returned { person, tokens })
    }

    async fn oauth2_person(
        &self,
        provider: &Provider,
        oauth2: &OAuth2,
        begun: &Begun,
        code: &str,
    ) -> Result<Returned, UpstreamError> {
        let (tokens, _) = self.redeem(provider, &oauth2.token_endpoint, oauth2.secret_in_form, begun, code).await?;
        let token = Secret::new(tokens.access_token.clone());
        let outbound = self.outbound()?;
        let answer = object(&outbound.get(&oauth2.user_endpoint, Some(&token)).await?)?;
        let mut person =
            Person::read(&answer, &oauth2.fields).ok_or_else(|| refused("its user endpoint names nobody"))?;
        if let Some(emails) = oauth2.emails_endpoint.as_ref().filter(|_| !person.email_verified) {
            let list = outbound.get(emails, Some(&token)).await?;
            person.take_email(&serde_json::from_slice(&list).map_err(|_| refused("its list of addresses is no JSON"))?);
        }
        Ok(Returned { person, tokens })
    }

    async fn redeem(
        &self,
        provider: &Provider,
        endpoint: &str,
        secret_in_form: bool,
        begun: &Begun,
        code: &str,
    ) -> Result<(Tokens, Option<String>), UpstreamError> {
        let redirect_uri = self.redirect_uri(provider);
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", &begun.verifier),
        ];
        let mut basic = Some((provider.client_id.as_str(), &provider.client_secret));
        if secret_in_form {
            fields.extend([("client_id", &*provider.client_id), ("client_secret", provider.client_secret.expose())]);
            basic = None;
        }
        let (status, body) = self.outbound()?.ask_for_token(endpoint, &fields, basic).await?;
        if status >= 500 || status == 429 {
            return Err(UpstreamError::Down(format!("its token endpoint answered with status {status}")));
        }
        let answer: TokenAnswer = serde_json::from_slice(&body)
            .map_err(|_| UpstreamError::Refused(format!("its token endpoint answered {status} without JSON")))?;
        let token = answer.access_token.filter(|token| status == 200 && answer.error.is_none() && !token.is_empty());
        let is_bearer = answer.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        match token.filter(|_| is_bearer) {
            Some(access_token) => Ok((Tokens { access_token, refresh_token: answer.refresh_token }, answer.id_token)),
            // The name of an error is one of a list; its description may repeat what was sent.
            None => {
                let known =
                    answer.error.filter(|error| error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
                let named = known.unwrap_or_else(|| "no error named".to_owned());
                Err(UpstreamError::Refused(format!("its token endpoint answered {status}: {named}")))
            }
        }
    }

    /// What an OpenID provider says of itself, asked for once an hour. An old answer is better than none.
    async fn learned_of(&self, issuer: &str, now: Timestamp) -> Result<Arc<Learned>, UpstreamError> {
        let before = self.learned(issuer);
        if let Some(learned) = &before
            && now < learned.at.plus_seconds(LEARNED_SECONDS)
        {
            return Ok(learned.clone());
        }
        match self.discover(issuer).await {
            Ok(endpoints) => Ok(self.learn(issuer, Learned { endpoints, at: now, keys: std::sync::RwLock::new(None) })),
            Err(error) => before.ok_or(error),
        }
    }

    async fn discover(&self, issuer: &str) -> Result<Endpoints, UpstreamError> {
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = self.outbound()?.get(&address, None).await?;
        let found: Discovered =
            serde_json::from_slice(&document).map_err(|_| refused("its discovery document lacks what is needed"))?;
        // Whoever answers for another issuer would have its people (OpenID Connect Discovery §4.3).
        if found.issuer != issuer {
            return Err(refused("its discovery document is another issuer's"));
        }
        let methods = found.token_endpoint_auth_methods_supported;
        let basic = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        Ok(Endpoints {
            authorization: found.authorization_endpoint,
            token: found.token_endpoint,
            keys: found.jwks_uri,
            userinfo: found.userinfo_endpoint,
            secret_in_form: !basic,
            names_itself: found.authorization_response_iss_parameter_supported,
        })
    }

    /// The keys to verify `id_token` with: fetched anew where it names one that we do not know, now and then.
    async fn keys_for(
        &self,
        learned: &Learned,
        id_token: &str,
        now: Timestamp,
    ) -> Result<Arc<ProviderKeys>, UpstreamError> {
        let fetched = learned.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(fetched) = fetched
            && (fetched.keys.knows(id_token) || now < fetched.at.plus_seconds(ASK_KEYS_EVERY_SECONDS))
        {
            return Ok(fetched.keys);
        }
        let set = self.outbound()?.get(&learned.endpoints.keys, None).await?;
        let keys = ProviderKeys::parse(&set).ok_or_else(|| refused("its keys are no JWK Set"))?;
        let keys = Arc::new(keys);
        *learned.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Fetched { keys: keys.clone(), at: now });
        Ok(keys)
    }
}
