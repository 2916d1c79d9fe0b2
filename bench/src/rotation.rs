//! A developer exchanges the secret of an app that is in use: how many token requests fail meanwhile.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use keysig_bench::app::{App, Tokens};
use keysig_bench::connection::Connection;
use keysig_bench::person::Person;
use serde::Serialize;
use tokio::time::sleep;

use crate::load::Actor;
use crate::removal::Spread;
use crate::watch::Watch;

/// How often a secret is exchanged.
pub const ROTATIONS: usize = 10;
/// Whoever asks takes the new secret within this.
const SWITCHED_WITHIN: Duration = Duration::from_millis(200);
/// Nothing changes for so long.
const PAUSE: Duration = Duration::from_millis(300);

/// Exchanges, one after the other.
#[derive(Debug, Serialize)]
pub struct Rotations {
    /// How many.
    pub rotations: usize,
    /// How long it took to add a secret, in milliseconds.
    pub added_ms: Spread,
    /// How long it took to retire the old one.
    pub retired_ms: Spread,
}

/// The app with the secret that works now, as all its servers know it.
pub type Current = Rc<RefCell<App>>;

/// A server of the app: a token of its own, then a refresh, and so on, with the secret of the moment.
pub struct Client {
    connection: Connection,
    current: Current,
    refresh_token: String,
    refreshes: bool,
}

impl Client {
    /// On a new connection.
    ///
    /// # Errors
    /// There is no connection.
    pub async fn new(current: &Current, refresh_token: String) -> Result<Self, String> {
        let address = current.borrow().address;
        let connection = Connection::open(address).await.map_err(|error| format!("no connection: {error}"))?;
        Ok(Self { connection, current: current.clone(), refresh_token, refreshes: false })
    }
}

impl Actor for Client {
    async fn once(&mut self) -> Result<(), String> {
        self.refreshes = !self.refreshes;
        let request = match self.refreshes {
            true => self.current.borrow().refresh(&self.refresh_token),
            false => self.current.borrow().client_credentials(),
        };
        let answer =
            self.connection.exchange(&request).await.map_err(|error| format!("a connection was lost: {error}"))?;
        Tokens::of(&answer).map(|_| ()).map_err(|not| format!("no tokens while a secret was exchanged: {not:?}"))
    }
}

/// Exchanges the secret over and over, by the pages of the dashboard.
///
/// # Errors
/// What no page was answered with.
pub async fn rotate(person: &mut Person, current: &Current) -> Result<Rotations, String> {
    let lost = |error: std::io::Error| format!("a connection was lost: {error}");
    let app = current.borrow().clone();
    let path = format!("/dashboard/apps/{}/secrets", app.client_id());
    let mut connection = Connection::open(app.address).await.map_err(lost)?;
    let (mut added_ms, mut retired_ms) = (Vec::new(), Vec::new());
    for _ in 0..ROTATIONS {
        let page = person.open(&mut connection, &path).await?;
        let old =
            page.links.iter().find_map(|link| link.strip_suffix("/retire")).ok_or("no secret to retire")?.to_owned();
        let add = person.press(page.form_to("/secrets").ok_or("no form that adds a secret")?, &[]);
        let watch = Watch::start();
        let answer = connection.exchange(&add).await.map_err(lost)?;
        added_ms.push(watch.elapsed().as_secs_f64() * 1e3);
        let text = answer.text();
        let new = text.split("id=\"new-secret\">").nth(1).and_then(|rest| rest.split('<').next());
        let new = new.ok_or_else(|| format!("no new secret: {} {text}", answer.status))?;
        *current.borrow_mut() = App::new(app.address, app.client_id(), new, app.scope());
        sleep(SWITCHED_WITHIN).await;
        let page = person.open(&mut connection, &format!("{old}/retire")).await?;
        let retire = person.press(page.form_to("/retire").ok_or("no form that retires a secret")?, &[("when", "now")]);
        let watch = Watch::start();
        let answer = connection.exchange(&retire).await.map_err(lost)?;
        retired_ms.push(watch.elapsed().as_secs_f64() * 1e3);
        if answer.status != 303 {
            return Err(format!("the old secret was not retired: {} {}", answer.status, answer.text()));
        }
        sleep(PAUSE).await;
    }
    Ok(Rotations { rotations: added_ms.len(), added_ms: Spread::of(added_ms), retired_ms: Spread::of(retired_ms) })
}
