//! Somebody with a browser: a cookie jar, a password, and "Allow".

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::app::form;
use crate::connection::{Answer, Connection};
use crate::html::{Form, Page};

/// Nobody walks through more pages for one login.
const MAX_PAGES: usize = 10;

fn lost(error: std::io::Error) -> String {
    format!("the server was lost: {error}")
}

/// A person in front of a browser.
#[derive(Clone, Debug)]
pub struct Person {
    address: SocketAddr,
    identifier: String,
    password: String,
    cookies: BTreeMap<String, String>,
}

impl Person {
    /// Not signed in yet.
    pub fn new(address: SocketAddr, identifier: &str, password: &str) -> Self {
        let (identifier, password) = (identifier.to_owned(), password.to_owned());
        Self { address, identifier, password, cookies: BTreeMap::new() }
    }

    /// The value of the `Cookie` header.
    pub fn cookies(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Opens an authorization request, signs in and allows as asked, and gives the address the browser leaves for.
    ///
    /// # Errors
    /// Why there was no way on, with the page that said so.
    pub async fn authorize(&mut self, path: &str) -> Result<String, String> {
        let mut connection = Connection::open(self.address).await.map_err(lost)?;
        let mut request = self.get(path);
        for _ in 0..MAX_PAGES {
            let answer = connection.exchange(&request).await.map_err(lost)?;
            self.keep_cookies(&answer);
            let page = Page::parse(&answer.text());
            match (answer.header("location"), &page.continue_to) {
                (Some(ours), _) if ours.starts_with('/') => request = self.get(ours),
                (Some(elsewhere), _) => return Ok(elsewhere.to_owned()),
                (None, Some(elsewhere)) => return Ok(elsewhere.clone()),
                (None, None) => {
                    let filled_in = page.forms.iter().find_map(|form| self.fill_in(form));
                    request = filled_in
                        .ok_or_else(|| format!("no way on from this page ({}):\n{}", answer.status, answer.text()))?;
                }
            }
        }
        Err(format!("{MAX_PAGES} pages, and still not back at the app"))
    }

    /// Opens a page of ours.
    ///
    /// # Errors
    /// What came instead of a page.
    pub async fn open(&mut self, connection: &mut Connection, path: &str) -> Result<Page, String> {
        let answer = connection.exchange(&self.get(path)).await.map_err(lost)?;
        self.keep_cookies(&answer);
        match answer.status {
            200 => Ok(Page::parse(&answer.text())),
            status => Err(format!("{path} is answered with {status}: {}", answer.text())),
        }
    }

    /// The request of a browser whose user presses the button of a form: its hidden inputs, and what was typed.
    pub fn press(&self, form: &Form, typed: &[(&str, &str)]) -> String {
        let mut fields: Vec<(&str, &str)> =
            form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend(typed);
        self.post(&form.action, &fields)
    }

    fn get(&self, path: &str) -> String {
        let (host, cookies) = (self.address, self.cookies());
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nCookie: {cookies}\r\n\r\n")
    }

    /// Posts a form as a browser does, or nothing if it is not about signing in or allowing.
    fn fill_in(&self, page: &Form) -> Option<String> {
        let asks_for = |name: &str| page.names.iter().any(|known| known == name);
        if asks_for("identifier") && asks_for("password") {
            Some(self.press(page, &[("identifier", &self.identifier), ("password", &self.password)]))
        } else if asks_for("decision") {
            Some(self.press(page, &[("decision", "allow")]))
        } else {
            None
        }
    }

    fn post(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let (host, cookies, body) = (self.address, self.cookies(), form(fields));
        // Pages are sent with `Referrer-Policy: no-referrer`, so a browser posts their forms with a null origin.
        format!(
            "POST {action} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nCookie: {cookies}\r\nOrigin: null\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            match pair.split_once('=') {
                Some((name, "")) => drop(self.cookies.remove(name)),
                Some((name, value)) => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
                None => {}
            }
        }
    }
}
