//! `[[upstream]]`: the providers people may sign in by, checked before anything starts.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use keysig_core::secret::Secret;
use keysig_core::upstream::Fields;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::data_dir::read_secret_file;
use crate::upstream::{Kind, OAuth2, Provider};

/// More would be no choice but a list.
const MAX_PROVIDERS: usize = 12;
const MAX_NAME_CHARS: usize = 40;

/// One provider, as written.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListedUpstream {
    id: Option<String>,
    name: Option<String>,
    kind: Option<String>,
    preset: Option<String>,
    issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    user_endpoint: Option<String>,
    emails_endpoint: Option<String>,
    subject_field: Option<String>,
    name_field: Option<String>,
    email_field: Option<String>,
    email_verified_field: Option<String>,
    client_auth: Option<String>,
    client_id: Option<String>,
    #[serde(deserialize_with = "secret")]
    client_secret: Option<Secret>,
    client_secret_file: Option<PathBuf>,
    scopes: Option<Vec<String>>,
    sign_up: Option<bool>,
    trust_email: Option<bool>,
    keep_tokens: Option<bool>,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    Option::<String>::deserialize(from).map(|text| text.map(Secret::new))
}

fn or(value: &mut Option<String>, preset: &str) {
    value.get_or_insert_with(|| preset.to_owned());
}

impl ListedUpstream {
    /// Whether its secret stands in the file.
    pub fn has_secret(&self) -> bool {
        self.client_secret.is_some()
    }

    /// Fills in what is known of a provider, where the file says nothing else.
    fn fill_in(&mut self) -> Result<(), String> {
        match self.preset.as_deref() {
            None => return Ok(()),
            Some("spotify") => {
                or(&mut self.name, "Spotify");
                or(&mut self.authorization_endpoint, "https://accounts.spotify.com/authorize");
                or(&mut self.token_endpoint, "https://accounts.spotify.com/api/token");
                or(&mut self.user_endpoint, "https://api.spotify.com/v1/me");
                or(&mut self.subject_field, "id");
                or(&mut self.name_field, "display_name");
                or(&mut self.email_field, "email");
                or(&mut self.client_auth, "header");
                self.scopes.get_or_insert_with(|| vec!["user-read-private".into(), "user-read-email".into()]);
            }
            Some("github") => {
                or(&mut self.name, "GitHub");
                or(&mut self.authorization_endpoint, "https://github.com/login/oauth/authorize");
                or(&mut self.token_endpoint, "https://github.com/login/oauth/access_token");
                or(&mut self.user_endpoint, "https://api.github.com/user");
                or(&mut self.emails_endpoint, "https://api.github.com/user/emails");
                or(&mut self.subject_field, "id");
                or(&mut self.name_field, "login");
                or(&mut self.client_auth, "form");
                self.scopes.get_or_insert_with(|| vec!["read:user".into(), "user:email".into()]);
            }
            Some(other) => {
                return Err(format!("`preset` is \"{other}\", but can only be \"spotify\" or \"github\""));
            }
        }
        match self.kind.as_deref() {
            None | Some("oauth2") => or(&mut self.kind, "oauth2"),
            Some(_) => return Err("with a `preset` the `kind` is \"oauth2\"".to_owned()),
        }
        Ok(())
    }

    fn kind(&self) -> Result<Kind, String> {
        let oauth2_only = [
            ("authorization_endpoint", &self.authorization_endpoint),
            ("token_endpoint", &self.token_endpoint),
            ("user_endpoint", &self.user_endpoint),
            ("emails_endpoint", &self.emails_endpoint),
            ("subject_field", &self.subject_field),
            ("name_field", &self.name_field),
            ("email_field", &self.email_field),
            ("email_verified_field", &self.email_verified_field),
            ("client_auth", &self.client_auth),
        ];
        let issuer = self.issuer.as_deref().map(|issuer| address("issuer", issuer)).transpose()?;
        match self.kind.as_deref() {
            Some("openid") => {
                if let Some((key, _)) = oauth2_only.iter().find(|(_, value)| value.is_some()) {
                    return Err(format!("`{key}` is for `kind = \"oauth2\"`: an OpenID provider says it by itself"));
                }
                let issuer =
                    issuer.ok_or("`issuer` is missing: the provider's address, letter for letter as it says it")?;
                Ok(Kind::OpenId { issuer })
            }
            Some("oauth2") => {
                let needed = |key: &str, value: &Option<String>| {
                    let value = value.as_deref().ok_or_else(|| format!("`{key}` is missing"))?;
                    address(key, value)
                };
                let field = |key: &str, value: &Option<String>| match value.as_deref() {
                    Some("" | "/") => Err(format!("`{key}` is empty")),
                    _ => Ok(value.clone()),
                };
                Ok(Kind::OAuth2(Box::new(OAuth2 {
                    issuer,
                    authorization_endpoint: needed("authorization_endpoint", &self.authorization_endpoint)?,
                    token_endpoint: needed("token_endpoint", &self.token_endpoint)?,
                    user_endpoint: needed("user_endpoint", &self.user_endpoint)?,
                    emails_endpoint: self
                        .emails_endpoint
                        .as_deref()
                        .map(|value| address("emails_endpoint", value))
                        .transpose()?,
                    fields: Fields {
                        subject: field("subject_field", &self.subject_field)?
                            .ok_or("`subject_field` is missing: the field of what never changes about a person")?,
                        name: field("name_field", &self.name_field)?,
                        email: field("email_field", &self.email_field)?,
                        email_verified: field("email_verified_field", &self.email_verified_field)?,
                    },
                    secret_in_form: match self.client_auth.as_deref() {
                        None | Some("header") => false,
                        Some("form") => true,
                        Some(_) => return Err("`client_auth` can only be \"header\" or \"form\"".to_owned()),
                    },
                })))
            }
            Some(other) => Err(format!("`kind` is \"{other}\", but can only be \"openid\" or \"oauth2\"")),
            None => Err("`kind` is missing: \"openid\" or \"oauth2\"".to_owned()),
        }
    }

    fn check(mut self, id: &str) -> Result<Provider, String> {
        self.fill_in()?;
        let kind = self.kind()?;
        let name = self.name.ok_or("`name` is missing: what the button calls it")?;
        if name.trim().is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(format!("`name` is what the button calls it: 1 to {MAX_NAME_CHARS} characters"));
        }
        let client_id = self.client_id.filter(|client_id| !client_id.is_empty());
        let client_id = client_id.ok_or("`client_id` is missing: what the provider calls this server")?;
        let client_secret = match (self.client_secret, self.client_secret_file) {
            (Some(_), Some(_)) => {
                return Err("`client_secret` and `client_secret_file` are both set: keep one".to_owned());
            }
            (Some(secret), None) => secret,
            (None, Some(file)) => read_secret_file(&file).map_err(|failure| failure.to_string())?,
            (None, None) => return Err("`client_secret_file` is missing: a file with the secret, mode 0600".to_owned()),
        };
        if client_secret.expose().is_empty() {
            return Err("the client secret is empty".to_owned());
        }
        let is_openid = matches!(kind, Kind::OpenId { .. });
        let usual = if is_openid { vec!["openid".into(), "profile".into(), "email".into()] } else { Vec::new() };
        let scopes = self.scopes.unwrap_or(usual);
        let is_scope = |scope: &String| {
            !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
        };
        if let Some(bad) = scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(format!("`scopes` has \"{bad}\", which is no scope"));
        }
        if is_openid && !scopes.iter().any(|scope| scope == "openid") {
            return Err("`scopes` lacks \"openid\", without which there is no ID token".to_owned());
        }
        let says_verified = match &kind {
            Kind::OpenId { .. } => true,
            Kind::OAuth2(oauth2) => oauth2.fields.email_verified.is_some() || oauth2.emails_endpoint.is_some(),
        };
        let (sign_up, trust_email) = (self.sign_up.unwrap_or(false), self.trust_email.unwrap_or(false));
        if trust_email && !says_verified {
            return Err(
                "`trust_email` is true, but nothing says which addresses are confirmed: set `email_verified_field` or \
                 `emails_endpoint`"
                    .to_owned(),
            );
        }
        // An address that nobody confirmed would make an account for whoever types it (pre-hijacking).
        if sign_up && !trust_email {
            return Err("`sign_up` needs `trust_email`: accounts are made for confirmed addresses only".to_owned());
        }
        Ok(Provider {
            id: id.to_owned(),
            name,
            kind,
            client_id,
            client_secret,
            scope: scopes.join(" "),
            sign_up,
            trust_email,
            keep_tokens: self.keep_tokens.unwrap_or(false),
        })
    }
}

/// An address that is asked: https, and nothing that is not sent.
fn address(key: &str, text: &str) -> Result<String, String> {
    let plain = Url::parse(text).ok().filter(|url| {
        url.scheme() == "https"
            && url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    });
    match plain {
        Some(_) => Ok(text.to_owned()),
        None => Err(format!("`{key}` \"{text}\" is no https address")),
    }
}

fn is_id(id: &str) -> bool {
    (1..=32).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// All of them, checked.
pub fn providers(listed: Vec<ListedUpstream>) -> Result<Vec<Arc<Provider>>, String> {
    if listed.len() > MAX_PROVIDERS {
        return Err(format!("there are {} `[[upstream]]`, but at most {MAX_PROVIDERS} fit on a page", listed.len()));
    }
    let (mut providers, mut ids, mut realms) = (Vec::new(), HashSet::new(), HashSet::new());
    for (number, mut listed) in (1..).zip(listed) {
        let id = listed.id.take().filter(|id| is_id(id)).ok_or_else(|| {
            format!("`[[upstream]]` number {number} has no `id` of 1 to 32 lower-case letters, digits and hyphens")
        })?;
        let provider = listed.check(&id).map_err(|wrong| format!("`[[upstream]]` \"{id}\": {wrong}"))?;
        if !realms.insert(provider.realm().to_owned()) {
            return Err(format!("`[[upstream]]` \"{id}\" is listed twice under other names"));
        }
        if !ids.insert(id.clone()) {
            return Err(format!("two `[[upstream]]` have the `id` \"{id}\""));
        }
        providers.push(Arc::new(provider));
    }
    Ok(providers)
}
