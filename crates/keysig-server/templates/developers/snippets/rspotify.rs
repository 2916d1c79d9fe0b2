// Logs you in and prints your name, with rspotify.
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

use rspotify::prelude::*;
use rspotify::{ {% if v.has_secret %}AuthCodeSpotify{% else %}AuthCodePkceSpotify{% endif %}, Config, Credentials, OAuth, scopes};

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
{%- if v.has_secret %}
    let credentials = Credentials::new("{{ v.client_id }}", &std::env::var("CLIENT_SECRET")?);
{%- else %}
    let credentials = Credentials::new_pkce("{{ v.client_id }}");
{%- endif %}
    let oauth = OAuth { redirect_uri: REDIRECT_URI.to_owned(), scopes: scopes!("{{ v.scope }}"), ..OAuth::default() };
    let config = Config {
        auth_base_url: SERVER.to_owned(),
        api_base_url: format!("{SERVER}/v1/"),
        ..Config::default()
    };
{%- if v.has_secret %}
    let spotify = AuthCodeSpotify::with_config(credentials, oauth, config);
    println!("Open this address and log in:\n{}", spotify.get_authorize_url(false)?);
{%- else %}
    let mut spotify = AuthCodePkceSpotify::with_config(credentials, oauth, config);
    println!("Open this address and log in:\n{}", spotify.get_authorize_url(None)?);
{%- endif %}

    let code = spotify.parse_response_code(&wait_for_browser()?).ok_or("This is not the answer to this login.")?;
    spotify.request_token(&code).await?;
    println!("Hello, {}", spotify.current_user().await?.display_name.unwrap_or_default());
    Ok(())
}
