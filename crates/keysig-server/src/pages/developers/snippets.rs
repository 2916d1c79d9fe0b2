//! Complete programs that log somebody in to an app, each with the app's own values (screen D3). `tests/quickstart` runs them.

use askama::Template;
use keysig_core::app::{App, ClientType};
use keysig_core::parameters::percent_encode;
use keysig_core::profile::Profile;

/// A tab of the quickstart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// A shell.
    Curl,
    /// Python: spotipy, or the standard library where OpenID Connect is spoken.
    Python,
    /// Node.js.
    JavaScript,
    /// Rust: rspotify or openidconnect.
    Rust,
    /// Go's standard library.
    Go,
    /// Something to press on a web page.
    Button,
}

impl Tab {
    /// In the order of the page.
    pub const ALL: [Self; 6] = [Self::Curl, Self::Python, Self::JavaScript, Self::Rust, Self::Go, Self::Button];

    /// Its name in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Rust => "rust",
            Self::Go => "go",
            Self::Button => "button",
        }
    }

    /// The tab of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.name() == name)
    }
}

/// An address of the developer's own machine.
struct Here {
    redirect_uri: String,
    /// Of a URI: an IPv6 address in brackets.
    host: &'static str,
    port: u16,
    path: String,
}

/// A program listens there where an app has no redirect URI on its developer's own machine, or one for any port.
const USUAL_PORT: u16 = 8888;

impl Here {
    fn usual() -> Self {
        let redirect_uri = format!("http://127.0.0.1:{USUAL_PORT}/callback");
        Self { redirect_uri, host: "127.0.0.1", port: USUAL_PORT, path: "/callback".to_owned() }
    }

    /// The address as it is written, but with a port: redirect URIs are compared character by character.
    fn of(uri: &str) -> Option<Self> {
        let find = |host: &'static str| Some((host, uri.strip_prefix("http://")?.strip_prefix(host)?));
        let (host, rest) = find("127.0.0.1").or_else(|| find("[::1]"))?;
        let (port, rest) = match rest.strip_prefix(':') {
            Some(rest) => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                (rest.get(..digits)?.parse().ok()?, rest.get(digits..)?)
            }
            None => (USUAL_PORT, rest),
        };
        let path = match rest.split('?').next() {
            Some(path) if !path.is_empty() => path.to_owned(),
            _ => "/".to_owned(),
        };
        Some(Self { redirect_uri: format!("http://{host}:{port}{rest}"), host, port, path })
    }
}

/// What the programs are about. None of the values can end a string of any of the languages: client IDs are letters, digits
/// and `._-`, and redirect URIs hold neither blanks nor quotes, backslashes or angle brackets (`RedirectUri::register`).
pub struct Snippets {
    server: String,
    brand: String,
    client_id: String,
    here: Here,
    is_registered: bool,
    has_secret: bool,
    is_openid: bool,
}

/// What the templates fill in.
struct Values<'a> {
    server: &'a str,
    brand: &'a str,
    client_id: &'a str,
    redirect_uri: &'a str,
    redirect_uri_encoded: &'a str,
    origin: &'a str,
    host: &'a str,
    port: u16,
    address: &'a str,
    path: &'a str,
    has_secret: bool,
    scope: &'a str,
    me: &'a str,
    name_field: &'a str,
}

macro_rules! programs {
    ($($name:ident $path:literal $escape:literal)*) => {
        $(
            #[derive(Template)]
            #[template(path = $path, escape = $escape)]
            struct $name<'a> {
                v: &'a Values<'a>,
            }
        )*

        #[derive(Clone, Copy)]
        enum Program { $($name,)* }

        impl Program {
            fn render(self, v: &Values<'_>) -> Result<String, askama::Error> {
                match self {
                    $(Self::$name => $name { v }.render(),)*
                }
            }
        }
    };
}

programs! {
    Shell "developers/snippets/login.sh" "none"
    Spotipy "developers/snippets/spotipy.py" "none"
    Python "developers/snippets/login.py" "none"
    JavaScript "developers/snippets/login.mjs" "none"
    Rspotify "developers/snippets/rspotify.rs" "none"
    OpenIdRust "developers/snippets/openid.rs" "none"
    Go "developers/snippets/login.go" "none"
    Form "developers/snippets/form.html" "html"
    Page "developers/snippets/page.html" "html"
}

impl Snippets {
    /// For an app of this server.
    pub fn of(app: &App, server: &str, brand: &str) -> Self {
        let here = app.redirect_uris.iter().find_map(|uri| Here::of(uri.as_str()));
        Self {
            server: server.to_owned(),
            brand: brand.to_owned(),
            client_id: app.client_id.clone(),
            is_registered: here.is_some(),
            here: here.unwrap_or_else(Here::usual),
            has_secret: app.client_type == ClientType::Confidential,
            is_openid: app.profile == Profile::Standard,
        }
    }

    /// The program of a tab.
    pub fn program(&self, tab: Tab) -> Result<String, askama::Error> {
        let Here { redirect_uri, host, port, path } = &self.here;
        let address = format!("{host}:{port}");
        let (scope, me, name_field) = match self.is_openid {
            true => ("openid profile", "/oidc/userinfo/v1", "name"),
            false => ("user-read-private", "/v1/me", "display_name"),
        };
        let values = Values {
            server: &self.server,
            brand: &self.brand,
            client_id: &self.client_id,
            redirect_uri,
            redirect_uri_encoded: &percent_encode(redirect_uri),
            origin: &format!("http://{address}"),
            // Listeners of Python and Node.js take an IPv6 address without its brackets.
            host: host.trim_matches(['[', ']']),
            port: *port,
            address: &address,
            path,
            has_secret: self.has_secret,
            scope,
            me,
            name_field,
        };
        let program = match (tab, self.is_openid) {
            (Tab::Curl, _) => Program::Shell,
            (Tab::Python, false) => Program::Spotipy,
            (Tab::Python, true) => Program::Python,
            (Tab::JavaScript, _) => Program::JavaScript,
            (Tab::Rust, false) => Program::Rspotify,
            (Tab::Rust, true) => Program::OpenIdRust,
            (Tab::Go, _) => Program::Go,
            (Tab::Button, _) if self.has_secret => Program::Form,
            (Tab::Button, _) => Program::Page,
        };
        program.render(&values)
    }

    /// The file it is saved as.
    pub fn file(&self, tab: Tab) -> &'static str {
        match tab {
            Tab::Curl => "login.sh",
            Tab::Python => "login.py",
            Tab::JavaScript => "login.mjs",
            Tab::Rust => "src/main.rs",
            Tab::Go => "login.go",
            Tab::Button => "login.html",
        }
    }

    /// What is typed to run it, with the secret where it is known; nothing for a page.
    pub fn commands(&self, tab: Tab, secret: Option<&str>) -> Option<String> {
        let (before, run) = match (tab, self.is_openid) {
            (Tab::Curl, _) => ("", "bash login.sh"),
            (Tab::Python, false) => ("pip install spotipy\n", "python3 login.py"),
            (Tab::Python, true) => ("", "python3 login.py"),
            (Tab::JavaScript, _) => ("", "node login.mjs"),
            (Tab::Rust, false) => ("cargo add rspotify\ncargo add tokio --features macros,rt\n", "cargo run"),
            (Tab::Rust, true) => ("cargo add openidconnect\ncargo add tokio --features macros,rt\n", "cargo run"),
            (Tab::Go, _) => ("", "go run login.go"),
            (Tab::Button, _) => return None,
        };
        let secret = secret.unwrap_or("the client secret");
        let set = if self.has_secret { format!("export CLIENT_SECRET='{secret}'\n") } else { String::new() };
        Some(format!("{before}{set}{run}"))
    }

    /// The redirect URI that the programs use.
    pub fn redirect_uri(&self) -> &str {
        &self.here.redirect_uri
    }

    /// Whether the app has it, so that they work at once.
    pub fn is_registered(&self) -> bool {
        self.is_registered
    }

    /// Whether the app proves itself by a secret.
    pub fn has_secret(&self) -> bool {
        self.has_secret
    }

    /// Whether it speaks OpenID Connect.
    pub fn is_openid(&self) -> bool {
        self.is_openid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_listens_at_the_app_s_own_address_and_asks_for_it_as_it_is_written() {
        for (uri, redirect_uri, port, path) in [
            ("http://127.0.0.1:8888/callback", "http://127.0.0.1:8888/callback", 8888, "/callback"),
            ("http://127.0.0.1/callback?a=b", "http://127.0.0.1:8888/callback?a=b", 8888, "/callback"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000", 9000, "/"),
            ("http://[::1]:80/Cb/", "http://[::1]:80/Cb/", 80, "/Cb/"),
        ] {
            let here = Here::of(uri).unwrap();
            assert_eq!(
                (here.redirect_uri.as_str(), here.port, here.path.as_str()),
                (redirect_uri, port, path),
                "{uri}"
            );
        }
        for elsewhere in ["https://peek.example/cb", "com.example.app:/cb", "http://127.0.0.1:x/"] {
            assert!(Here::of(elsewhere).is_none(), "{elsewhere}");
        }
    }
}
