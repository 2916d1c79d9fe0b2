// Logs you in and prints your name, with openidconnect.
use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::url::Url;
use openidconnect::{
    AuthorizationCode, ClientId, {% if v.has_secret %}ClientSecret, {% endif %}CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    RedirectUrl, Scope, TokenResponse, reqwest,
};

const SERVER: &str = "{{ v.server }}";
const REDIRECT_URI: &str = "{{ v.redirect_uri }}";

/// The address at which the browser comes back from the login.
fn wait_for_browser() -> Result<String, Box<dyn Error>> {
    let listener = TcpListener::bind("{{ v.address }}")?;
    loop {
        let (mut browser, _) = listener.accept()?;
        browser.set_read_timeout(Some(Duration::from_secs(1)))?;
        let mut line = String::new();
        let read = BufReader::new(&browser).read_line(&mut line);
        let path = line.split(' ').nth(1).unwrap_or_default();
        if read.is_ok() && path.starts_with("{{ v.path }}?") {
            browser.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nYou can close this page.")?;
            return Ok(format!("{{ v.origin }}{path}"));
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let provider = CoreProviderMetadata::discover_async(IssuerUrl::new(SERVER.to_owned())?, &http).await?;
{%- if v.has_secret %}
    let secret = Some(ClientSecret::new(std::env::var("CLIENT_SECRET")?));
{%- else %}
    let secret = None;
{%- endif %}
    let client = CoreClient::from_provider_metadata(provider, ClientId::new("{{ v.client_id }}".to_owned()), secret)
        .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned())?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (login, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    println!("Open this address and log in:\n{login}");

    let answer: HashMap<_, _> = Url::parse(&wait_for_browser()?)?.query_pairs().into_owned().collect();
    if answer.get("state") != Some(state.secret()) {
        return Err("This is not the answer to this login.".into());
    }
    let code = answer.get("code").ok_or_else(|| format!("{:?}", answer.get("error")))?;
    let tokens = client
        .exchange_code(AuthorizationCode::new(code.clone()))?
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await?;
    let id_token = tokens.id_token().ok_or("There is no ID token.")?;
    let who = id_token.claims(&client.id_token_verifier(), &nonce)?.subject().clone();
    let me: CoreUserInfoClaims =
        client.user_info(tokens.access_token().clone(), Some(who))?.request_async(&http).await?;
    println!("Hello, {}", me.name().and_then(|name| name.get(None)).map_or("", |name| name.as_str()));
    Ok(())
}
