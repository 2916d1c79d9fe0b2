//! One signing key: parsed once, because parsing a private key costs more than signing with it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use serde::{Deserialize, Serialize};

use super::SigningAlgorithm;
use crate::encoding::base64url;

/// A public key as the JWKS shows it (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PublicKey {
    /// `RSA`, `EC` or `OKP`.
    pub kty: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// The one algorithm it is for.
    pub alg: String,
    /// Its name.
    pub kid: String,
    /// `P-256` or `Ed25519`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// RSA modulus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// RSA exponent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// First coordinate, or the whole key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Second coordinate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A private key, ready to sign.
pub struct SigningKey {
    algorithm: SigningAlgorithm,
    public: PublicKey,
    pair: Pair,
}

impl SigningKey {
    /// Reads a private key (PKCS #8, DER) and calls it `kid`; `None` if it is none of this algorithm.
    pub fn from_pkcs8(algorithm: SigningAlgorithm, kid: &str, der: &[u8]) -> Option<Self> {
        let mut public = PublicKey {
            kty: String::new(),
            usage: "sig".to_owned(),
            alg: algorithm.name().to_owned(),
            kid: kid.to_owned(),
            crv: None,
            n: None,
            e: None,
            x: None,
            y: None,
        };
        let pair = match algorithm {
            SigningAlgorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(der).ok()?;
                "RSA".clone_into(&mut public.kty);
                public.n = Some(base64url(pair.public_key().modulus().big_endian_without_leading_zero()));
                public.e = Some(base64url(pair.public_key().exponent().big_endian_without_leading_zero()));
                Pair::Rsa(pair)
            }
            SigningAlgorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).ok()?;
                // An uncompressed point: 4, then both coordinates.
                let (x, y) = pair.public_key().as_ref().get(1..)?.split_at_checked(32)?;
                "EC".clone_into(&mut public.kty);
                public.crv = Some("P-256".to_owned());
                public.x = Some(base64url(x));
                public.y = Some(base64url(y));
                Pair::P256(pair)
            }
            SigningAlgorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(der).ok()?;
                "OKP".clone_into(&mut public.kty);
                public.crv = Some("Ed25519".to_owned());
                public.x = Some(base64url(pair.public_key().as_ref()));
                Pair::Ed25519(pair)
            }
        };
        Some(Self { algorithm, public, pair })
    }

    /// What it signs by.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// What others verify with.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `claims` as a compact JWS (RFC 7515 §3.1). `typ` keeps one kind of statement from being taken for another
    /// (RFC 8725 §3.11).
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Option<String> {
        let header = format!(r#"{{"alg":"{}","typ":"{typ}","kid":"{}"}}"#, self.algorithm.name(), self.public.kid);
        let claims = serde_json::to_vec(claims).ok()?;
        let mut statement = format!("{}.{}", base64url(header.as_bytes()), base64url(&claims));
        // ECDSA draws its nonce, and RSA its blinding, inside the library: neither can be handed in.
        let chance = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &chance, statement.as_bytes(), &mut signature).ok()?;
                signature
            }
            Pair::P256(pair) => pair.sign(&chance, statement.as_bytes()).ok()?.as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(statement.as_bytes()).as_ref().to_vec(),
        };
        statement.push('.');
        statement.push_str(&base64url(&signature));
        Some(statement)
    }
}
