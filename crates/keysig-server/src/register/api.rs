//! APIs beside our own, as the configuration and seed files list them (RFC 8707).

use keysig_core::jose::SigningAlgorithm;
use keysig_core::resource::{Api, ApiCatalogue, TokenFormat};
use serde::Deserialize;

/// What the access tokens of an API look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessTokens {
    /// Sealed; the API introspects them.
    #[default]
    Opaque,
    /// JWTs that it verifies by itself.
    Jwt,
}

/// An API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedApi {
    /// The absolute URI that tokens carry.
    pub identifier: String,
    /// What they look like.
    #[serde(default)]
    pub access_tokens: AccessTokens,
    /// How JWTs are signed.
    #[serde(default)]
    pub algorithm: Option<SigningAlgorithm>,
    /// The `client_id`s by which the API introspects.
    #[serde(default)]
    pub introspected_by: Vec<String>,
}

/// The catalogue of an instance with this issuer; what is wrong with the list, otherwise.
pub fn catalogue(issuer: &str, listed: &[ListedApi]) -> Result<ApiCatalogue, String> {
    let api = |listed: &ListedApi| {
        let format = match (listed.access_tokens, listed.algorithm) {
            (AccessTokens::Opaque, None) => TokenFormat::Opaque,
            (AccessTokens::Opaque, Some(_)) => {
                return Err(format!("api `{}`: opaque tokens have no algorithm", listed.identifier));
            }
            (AccessTokens::Jwt, algorithm) => TokenFormat::Jwt(algorithm.unwrap_or(SigningAlgorithm::EdDsa)),
        };
        Ok(Api { identifier: listed.identifier.clone(), format, introspected_by: listed.introspected_by.clone() })
    };
    let apis = listed.iter().map(api).collect::<Result<_, String>>()?;
    ApiCatalogue::new(issuer, apis).map_err(|refused| refused.to_string())
}
