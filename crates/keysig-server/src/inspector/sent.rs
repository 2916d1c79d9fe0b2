//! A request as it is kept: values only of parameters that can hold no secret, by a list of their names. Of codes, tokens,
//! verifiers and secrets a short fingerprint under a key of this server stays, enough to tell whether two are the same.

use keysig_core::encoding::{base64_encode, hex};
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::pkce::CodeChallenge;
use keysig_core::seal::sha256;
use keysig_core::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::server::Server;

/// Parameters whose values are kept as they came.
const TELLING: [&str; 19] = [
    "acr_values",
    "claims",
    "client_id",
    "code_challenge_method",
    "grant_type",
    "include_granted_scopes",
    "max_age",
    "prompt",
    "redirect_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "show_dialog",
    "token_type_hint",
    "ui_locales",
    "display",
    "access_type",
    "client_assertion_type",
];
/// Parameters that hold what proves something.
const SECRET: [&str; 10] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_challenge",
    "code_verifier",
    "device_code",
    "id_token_hint",
    "refresh_token",
    "token",
];
/// Parts of an address that are secrets when somebody sends a whole callback as `redirect_uri`.
const SECRET_IN_ADDRESS: [&str; 9] = [
    "code",
    "state",
    "access_token",
    "id_token",
    "refresh_token",
    "token",
    "client_secret",
    "code_verifier",
    "password",
];
/// Longer values and names are cut.
const MOST_BYTES: usize = 2048;
const MOST_NAME_BYTES: usize = 64;
/// No value of a telling parameter has a word this long, but addresses and JSON: it is a token at the wrong place.
const LONGEST_WORD: usize = 64;

/// A value as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Kept {
    /// As it came.
    Text(String),
    /// Something else than the value.
    Withheld(Withheld),
}

/// What is kept of a value that is not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Withheld {
    /// Its length in bytes.
    pub bytes: usize,
    /// Its length as it stands in an address, percent-encoded.
    pub encoded_bytes: usize,
    /// Of what proves something: whether two are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Of a challenge or a hint: whether it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_good: Option<bool>,
    /// How a challenge that is none ends, if by padding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_padded: bool,
}

/// A parameter as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Kept,
    /// It came in the query of a request that has a body.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_query: bool,
}

/// An `Authorization` header as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ShownHeader {
    /// Basic, of this client, with a secret or without.
    Basic {
        /// Who it says it is.
        client_id: String,
        /// What it showed.
        secret: Option<Withheld>,
    },
    /// An access token.
    Bearer(Withheld),
    /// Something that is not read here.
    Other,
}

/// A request as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sent {
    /// Method and path of a call to the Web API; else what the step says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<(String, String)>,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Its `Authorization` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<ShownHeader>,
}

/// A short name for a secret, under a key of this server: whoever reads the store cannot try values against it.
pub fn fingerprint(server: &Server, sha256_of_secret: &[u8; 32]) -> String {
    let mac = server.column_keys.lasting().mac(&[b"inspector", sha256_of_secret]);
    hex(mac.get(..6).unwrap_or_default())
}

fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

impl Withheld {
    fn of(value: &str) -> Self {
        Self { bytes: value.len(), encoded_bytes: percent_encode(value).len(), ..Self::default() }
    }

    fn secret(server: &Server, value: &str) -> Self {
        let fingerprint = fingerprint(server, &sha256(value.as_bytes()));
        Self { fingerprint: Some(fingerprint), ..Self::of(value) }
    }
}

/// An address without what would be a secret in it.
fn address(value: &str) -> String {
    let value = match (value.find("://"), value.find('@')) {
        (Some(scheme), Some(at)) if value.get(scheme + 3..at).is_some_and(|user| !user.contains(['/', '?', '#'])) => {
            let (before, after) = (value.get(..scheme + 3), value.get(at..));
            format!("{}…{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => value.to_owned(),
    };
    let mut kept = String::new();
    for part in value.split_inclusive(['?', '&', '#']) {
        match part.split_once('=') {
            Some((name, rest)) if SECRET_IN_ADDRESS.contains(&name) => {
                let end = rest.chars().last().filter(|end| "?&#".contains(*end));
                kept.push_str(&format!("{name}=…{}", end.map(String::from).unwrap_or_default()));
            }
            _ => kept.push_str(part),
        }
    }
    kept
}

fn kept(server: &Server, client_id: &str, name: &str, value: &str) -> Kept {
    let withheld = Withheld::of(value);
    match name {
        _ if value.is_empty() => Kept::Text(String::new()),
        "redirect_uri" => Kept::Text(cut(&address(value), MOST_BYTES).to_owned()),
        "code_challenge" => {
            let is_good = CodeChallenge::parse(Some(value), Some("S256")).is_ok();
            let is_padded = value.ends_with('=');
            Kept::Withheld(Withheld { is_good: Some(is_good), is_padded, ..Withheld::secret(server, value) })
        }
        "id_token_hint" => {
            let is_good = server.look_up(|lookup| {
                keysig_core::openid::id_token::read_hint(lookup.keys, lookup.issuer, Some(client_id), value).is_ok()
            });
            Kept::Withheld(Withheld { is_good: Some(is_good), ..Withheld::secret(server, value) })
        }
        _ if SECRET.contains(&name) => Kept::Withheld(Withheld::secret(server, value)),
        "claims" if value.len() <= MOST_BYTES => Kept::Text(value.to_owned()),
        _ if TELLING.contains(&name)
            && value.split(' ').all(|word| word.len() <= LONGEST_WORD || name == "resource") =>
        {
            Kept::Text(cut(value, MOST_BYTES).to_owned())
        }
        _ => Kept::Withheld(withheld),
    }
}

impl Sent {
    /// A request as far as its parameters go. `client_id` is the app that it turned out to be of.
    pub fn of<'a>(server: &Server, client_id: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let parameter = |(name, value)| Parameter {
            name: cut(name, MOST_NAME_BYTES).to_owned(),
            value: kept(server, client_id, name, value),
            in_query: false,
        };
        Self { parameters: pairs.map(parameter).collect(), ..Self::default() }
    }

    /// With these of its query.
    pub fn and_query<'a>(
        mut self,
        server: &Server,
        client_id: &str,
        pairs: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let query = Self::of(server, client_id, pairs).parameters;
        self.parameters.extend(query.into_iter().map(|parameter| Parameter { in_query: true, ..parameter }));
        self
    }

    /// With its `Authorization` header, read as the token endpoint reads it.
    pub fn and_basic(mut self, server: &Server, header: Option<&Secret>) -> Self {
        self.header = header.map(|header| {
            let alone = keysig_core::client_authentication::present(Some(header.expose()), &Parameters::default());
            match alone {
                Ok(shown) => ShownHeader::Basic {
                    client_id: cut(&shown.client_id, MOST_NAME_BYTES).to_owned(),
                    secret: match &shown.credential {
                        keysig_core::client_authentication::Credential::Nothing => None,
                        keysig_core::client_authentication::Credential::Secret(secret) => {
                            Some(Withheld::secret(server, secret.expose()))
                        }
                    },
                },
                Err(_) => ShownHeader::Other,
            }
        });
        self
    }

    /// With the access token it brought.
    pub fn and_bearer(mut self, server: &Server, token: &str) -> Self {
        self.header = Some(ShownHeader::Bearer(Withheld::secret(server, token)));
        self
    }

    /// What was kept of a parameter, the first of that name.
    pub fn get(&self, name: &str) -> Option<&Kept> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| &parameter.value)
    }

    /// The value of a parameter, if it was kept.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Kept::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The fingerprint of the client secret that was shown, wherever.
    pub fn secret(&self) -> Option<&Withheld> {
        if let Some(ShownHeader::Basic { secret: Some(secret), .. }) = &self.header {
            return Some(secret);
        }
        match self.get("client_secret") {
            Some(Kept::Withheld(secret)) => Some(secret),
            _ => None,
        }
    }

    /// Its parameters with something in place of each value that was not kept, which fares alike in every rule that looks
    /// at no more than its form.
    pub fn stand_ins(&self, in_query: bool) -> Parameters {
        let pair = |parameter: &Parameter| {
            let value = match &parameter.value {
                Kept::Text(text) => text.clone(),
                Kept::Withheld(withheld) => withheld.stand_in(&parameter.name),
            };
            format!("{}={}", percent_encode(&parameter.name), percent_encode(&value))
        };
        // A hint that was good cannot be shown again.
        let is_shown = |parameter: &&Parameter| {
            let good_hint = parameter.name == "id_token_hint"
                && matches!(&parameter.value, Kept::Withheld(Withheld { is_good: Some(true), .. }));
            parameter.in_query == in_query && !good_hint
        };
        let query = self.parameters.iter().filter(is_shown).map(pair).collect::<Vec<_>>().join("&");
        Parameters::parse(query.as_bytes()).unwrap_or_default()
    }

    /// Its `Authorization` header with something in place of the secret.
    pub fn stand_in_header(&self) -> Option<String> {
        match self.header.as_ref()? {
            ShownHeader::Basic { client_id, secret } => {
                let secret = if secret.is_some() { "x" } else { "" };
                let pair = format!("{}:{secret}", percent_encode(client_id));
                Some(format!("Basic {}", base64_encode(pair.as_bytes())))
            }
            ShownHeader::Bearer(_) | ShownHeader::Other => Some(String::new()),
        }
    }
}

impl Withheld {
    /// Something of the same length, encoded or not, and of the same form.
    fn stand_in(&self, name: &str) -> String {
        if name == "code_challenge" {
            return match self.is_good {
                Some(true) => "A".repeat(43),
                _ if self.bytes == 43 => "!".repeat(43),
                _ => "A".repeat(self.bytes),
            };
        }
        // Each byte is one character of an address, or three.
        let of_three = (self.encoded_bytes.saturating_sub(self.bytes) / 2).min(self.bytes);
        "x".repeat(self.bytes - of_three) + &"*".repeat(of_three)
    }
}
