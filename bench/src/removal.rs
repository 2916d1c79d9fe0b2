//! Somebody removes an app: how soon its tokens are dead, at rest and while a thousand requests a second arrive.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use keysig_bench::app::{App, NoTokens, Tokens, id_and_email};
use keysig_bench::connection::{Answer, Connection};
use keysig_bench::person::Person;
use serde::Serialize;
use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::watch::Watch;

/// How often an app is removed.
const REMOVALS: usize = 20;
const POLL_EVERY: Duration = Duration::from_millis(5);
/// The tokens are tried for so long before, and so that nothing comes back to life, after the answer.
const TRIED_BEFORE: Duration = Duration::from_millis(50);
const TRIED_AFTER: Duration = Duration::from_millis(300);

/// Removals, one after the other.
#[derive(Debug, Serialize)]
pub struct Removals {
    /// How many.
    pub removals: usize,
    /// How long the answer to the removal took.
    pub post: Spread,
    /// The access token at `/v1/me`.
    pub access: Dying,
    /// The refresh token at `/api/token`.
    pub refresh: Dying,
}

/// How a token died, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Dying {
    /// From sending the removal to the first refusal.
    pub refused_after_sending: Spread,
    /// From the answer to the removal to the first refusal; less than nothing where it came before.
    pub refused_after_answer: Spread,
    /// From the answer to the removal to the last answer that took the token.
    pub last_taken_after_answer: Spread,
    /// How often it was asked after the answer to the removal had arrived, in all.
    pub asked_after_answer: usize,
    /// How often it was taken then.
    pub taken_after_answer: usize,
}

/// Of several durations in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    /// Half of them are no longer.
    pub p50_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Spread {
    /// Of at least one.
    pub fn of(mut ms: Vec<f64>) -> Self {
        ms.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| ms.get(index).copied().unwrap_or(f64::NAN);
        Self { p50_ms: at(ms.len() / 2), max_ms: at(ms.len().saturating_sub(1)) }
    }
}

/// One try of a token, in milliseconds since the removal was sent.
#[derive(Clone, Copy, Debug)]
struct Try {
    asked: f64,
    answered: f64,
    taken: bool,
}

/// What became of one token.
#[derive(Debug)]
struct Death {
    first_refusal: f64,
    last_taken: f64,
    removed: f64,
    asked_after: usize,
    taken_after: usize,
}

impl Death {
    /// `removed` is when the answer to the removal arrived.
    fn of(tries: &[Try], removed: f64) -> Result<Self, String> {
        let refused = |one: &&Try| !one.taken;
        let first_refusal = tries.iter().find(refused).ok_or("an app was removed, and its token lives")?.answered;
        let last_taken = tries.iter().rfind(|one| one.taken).ok_or("a token that never lived")?.answered;
        if tries.last().is_some_and(|one| one.taken) {
            return Err("a token was refused and then taken again".to_owned());
        }
        let after = tries.iter().filter(|one| one.asked > removed);
        let (asked_after, taken_after) = (after.clone().count(), after.filter(|one| one.taken).count());
        Ok(Self { first_refusal, last_taken, removed, asked_after, taken_after })
    }
}

impl Dying {
    fn of(deaths: &[Death]) -> Self {
        let spread = |of: fn(&Death) -> f64| Spread::of(deaths.iter().map(of).collect());
        Self {
            refused_after_sending: spread(|death| death.first_refusal),
            refused_after_answer: spread(|death| death.first_refusal - death.removed),
            last_taken_after_answer: spread(|death| death.last_taken - death.removed),
            asked_after_answer: deaths.iter().map(|death| death.asked_after).sum(),
            taken_after_answer: deaths.iter().map(|death| death.taken_after).sum(),
        }
    }
}

/// Whether `/v1/me` took the token.
fn api_took(answer: &Answer) -> Result<bool, String> {
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    match answer.status {
        401 if challenge.contains("invalid_token") => Ok(false),
        _ => id_and_email(answer).map(|_| true),
    }
}

/// The tokens, or that the token was refused.
fn refreshed(answer: &Answer) -> Result<Option<Tokens>, String> {
    match Tokens::of(answer) {
        Ok(tokens) => Ok(Some(tokens)),
        // The login is dead; or its app is, while it is paused.
        Err(NoTokens::Refused { error, .. }) if matches!(error.as_str(), "invalid_grant" | "invalid_client") => {
            Ok(None)
        }
        Err(other) => Err(format!("{other:?}")),
    }
}

/// What is tried every five milliseconds.
enum Tried {
    /// An access token.
    Access(String),
    /// The newest refresh token, and the access tokens it gave.
    Refresh(String, Vec<String>),
}

/// Tries until it is told to stop; times are by `watch`.
async fn try_on(
    app: App,
    mut tried: Tried,
    watch: Watch,
    stop: Rc<Cell<bool>>,
) -> Result<(Vec<(Duration, Duration, bool)>, Tried), String> {
    let lost = |error: std::io::Error| format!("a connection was lost: {error}");
    let mut connection = Connection::open(app.address).await.map_err(lost)?;
    let mut tries = Vec::new();
    while !stop.get() {
        let request = match &tried {
            Tried::Access(token) => app.me(token),
            Tried::Refresh(token, _) => app.refresh(token),
        };
        let asked = watch.elapsed();
        let answer = connection.exchange(&request).await.map_err(lost)?;
        let answered = watch.elapsed();
        let taken = match &mut tried {
            Tried::Access(_) => api_took(&answer)?,
            Tried::Refresh(token, given) => match refreshed(&answer)? {
                Some(tokens) => {
                    given.push(tokens.access_token);
                    *token = tokens.refresh_token.unwrap_or_else(|| token.clone());
                    true
                }
                None => false,
            },
        };
        tries.push((asked, answered, taken));
        sleep(POLL_EVERY.saturating_sub(watch.elapsed().saturating_sub(asked))).await;
    }
    Ok((tries, tried))
}

/// Logs in to these apps in turn and removes each; nobody else may be connected to `person`.
pub async fn measure(person: &mut Person, apps: &[App]) -> Result<Removals, String> {
    let (mut post, mut access, mut refresh) = (Vec::new(), Vec::new(), Vec::new());
    for (number, app) in apps.iter().cycle().take(REMOVALS).enumerate() {
        let (took, of_access, of_refresh) = remove(person, app, &format!("removal-{number}")).await?;
        post.push(took);
        access.push(of_access);
        refresh.push(of_refresh);
    }
    Ok(Removals {
        removals: post.len(),
        post: Spread::of(post),
        access: Dying::of(&access),
        refresh: Dying::of(&refresh),
    })
}

/// One removal: how long its answer took, and how the access and the refresh token died.
async fn remove(person: &mut Person, app: &App, state: &str) -> Result<(f64, Death, Death), String> {
    let lost = |error: std::io::Error| format!("a connection was lost: {error}");
    let callback = person.authorize(&app.authorize_path(state)).await?;
    let mut connection = Connection::open(app.address).await.map_err(lost)?;
    let answer = connection.exchange(&app.redeem(&app.code(&callback, state)?)).await.map_err(lost)?;
    let tokens = Tokens::of(&answer).map_err(|not| format!("no tokens: {not:?}"))?;
    let refresh_token = tokens.refresh_token.ok_or("a login without a refresh token")?;

    let list = person.open(&mut connection, "/account/apps").await?;
    let of_app = list.form_to("/pause").and_then(|form| form.action.strip_suffix("/pause"));
    let path = format!("{}/remove", of_app.ok_or("no app is connected")?);
    let page = person.open(&mut connection, &path).await?;
    let removal = person.press(page.form_to("/remove").ok_or("no form that removes an app")?, &[]);

    let press = Press { connection: &mut connection, request: removal, leads_to: "/account/apps?done=removed" };
    watch_die(app, tokens.access_token, refresh_token, press).await
}

/// A button that ends tokens.
struct Press<'a> {
    connection: &'a mut Connection,
    request: String,
    leads_to: &'a str,
}

/// Presses it, and gives how long its answer took, and how the access and the refresh token died.
async fn watch_die(
    app: &App,
    access_token: String,
    refresh_token: String,
    press: Press<'_>,
) -> Result<(f64, Death, Death), String> {
    let lost = |error: std::io::Error| format!("a connection was lost: {error}");
    let Press { connection, request, leads_to } = press;
    let (watch, stop) = (Watch::start(), Rc::new(Cell::new(false)));
    let by_access = try_on(app.clone(), Tried::Access(access_token), watch, stop.clone());
    let by_refresh = try_on(app.clone(), Tried::Refresh(refresh_token, Vec::new()), watch, stop.clone());
    let (by_access, by_refresh) = (spawn_local(by_access), spawn_local(by_refresh));
    sleep(TRIED_BEFORE).await;
    let sent = watch.elapsed();
    let answer = connection.exchange(&request).await.map_err(lost)?;
    let removed = watch.elapsed();
    if !answer.header("location").is_some_and(|to| to.starts_with(leads_to)) {
        return Err(format!("nothing was ended: {} {}", answer.status, answer.text()));
    }
    sleep(TRIED_AFTER).await;
    stop.set(true);
    let (by_access, _) = by_access.await.map_err(|error| error.to_string())??;
    let (by_refresh, last) = by_refresh.await.map_err(|error| error.to_string())??;
    // What the refresh token gave until it died is dead too.
    if let Tried::Refresh(_, given) = last {
        for token in given {
            if api_took(&connection.exchange(&app.me(&token)).await.map_err(lost)?)? {
                return Err("everything was ended, and a token that was refreshed lives".to_owned());
            }
        }
    }
    let ms = |at: Duration| (at.as_secs_f64() - sent.as_secs_f64()) * 1e3;
    let death = |tries: &[(Duration, Duration, bool)]| {
        let tries = tries.iter().map(|(asked, answered, taken)| Try {
            asked: ms(*asked),
            answered: ms(*answered),
            taken: *taken,
        });
        Death::of(&tries.collect::<Vec<_>>(), ms(removed))
    };
    Ok((ms(removed), death(&by_access)?, death(&by_refresh)?))
}

/// Pauses an app over and over: somebody logs in to it, its owner pauses it by the dashboard, and lets it go on.
pub async fn pauses(owner: &mut Person, person: &mut Person, app: &App) -> Result<Removals, String> {
    let lost = |error: std::io::Error| format!("a connection was lost: {error}");
    let path = format!("/dashboard/apps/{}/danger", app.client_id());
    owner.authorize(&app.authorize_path("owner")).await?;
    let mut connection = Connection::open(app.address).await.map_err(lost)?;
    let (mut post, mut access, mut refresh) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..REMOVALS {
        let state = format!("pause-{number}");
        let callback = person.authorize(&app.authorize_path(&state)).await?;
        let answer = connection.exchange(&app.redeem(&app.code(&callback, &state)?)).await.map_err(lost)?;
        let tokens = Tokens::of(&answer).map_err(|not| format!("no tokens: {not:?}"))?;
        let refresh_token = tokens.refresh_token.ok_or("a login without a refresh token")?;
        let page = owner.open(&mut connection, &format!("{path}/pause")).await?;
        let request = owner.press(page.form_to("/pause").ok_or("no form that pauses an app")?, &[]);
        let press = Press { connection: &mut connection, request, leads_to: &path };
        let (took, of_access, of_refresh) = watch_die(app, tokens.access_token, refresh_token, press).await?;
        post.push(took);
        access.push(of_access);
        refresh.push(of_refresh);
        let page = owner.open(&mut connection, &format!("{path}/resume")).await?;
        let resume = owner.press(page.form_to("/resume").ok_or("no form that resumes an app")?, &[]);
        let answer = connection.exchange(&resume).await.map_err(lost)?;
        if answer.status != 303 {
            return Err(format!("the app was not resumed: {} {}", answer.status, answer.text()));
        }
    }
    Ok(Removals {
        removals: post.len(),
        post: Spread::of(post),
        access: Dying::of(&access),
        refresh: Dying::of(&refresh),
    })
}

#[cfg(test)]
mod tests {
    use super::{Death, Spread, Try};

    fn tries(all: &[(f64, bool)]) -> Vec<Try> {
        all.iter().map(|(asked, taken)| Try { asked: *asked, answered: asked + 2.0, taken: *taken }).collect()
    }

    #[test]
    fn a_token_taken_after_the_answer_is_counted() {
        let death = Death::of(&tries(&[(-5.0, true), (0.5, true), (5.0, true), (10.0, false)]), 3.0).unwrap();
        assert_eq!((death.asked_after, death.taken_after), (2, 1));
        assert!((death.first_refusal - 12.0).abs() < 1e-9 && (death.last_taken - 7.0).abs() < 1e-9);
    }

    #[test]
    fn a_token_that_lives_or_comes_back_is_no_figure() {
        for lives in [&[(-5.0, true), (5.0, true)][..], &[(-5.0, true), (5.0, false), (10.0, true)], &[(5.0, false)]] {
            assert!(Death::of(&tries(lives), 3.0).is_err(), "{lives:?}");
        }
    }

    #[test]
    fn the_spread_is_median_and_most() {
        let spread = Spread::of(vec![3.0, -1.0, 2.0]);
        assert!((spread.p50_ms - 2.0).abs() < 1e-9 && (spread.max_ms - 3.0).abs() < 1e-9);
    }
}
