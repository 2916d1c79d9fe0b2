//! `keysig doctor`: what is wrong with this server, and what mends it. It changes nothing: no directory, key or table is made, and
//! no schema is brought up to date. What a running server, or the opened store, knows of itself is [`crate::health`].

mod network;
mod place;
mod tls;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::{self, Config};
use crate::control::Desk;
use crate::data_dir::{DataDir, Kind};
use crate::failure::Failure;
use crate::health::{Check, Verdict, check, worst};
use crate::start::{self, Ground};

/// What `keysig doctor` is told.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    which: Which,
    /// Look at this app, too
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Look at this authorization address, too: why it would be refused
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Answer with JSON: {"verdict","checks":[{"name","verdict","found","fix"}]}
    #[arg(long)]
    json: bool,
}

/// Which server.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Which {
    /// The configuration of a server
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory of a running server or of `keysig dev`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What was found, in order.
#[derive(Serialize, Deserialize)]
struct Found {
    verdict: Verdict,
    checks: Vec<Check>,
}

/// Looks, and fails where something is broken.
pub async fn run(args: DoctorArgs) -> Result<(), Failure> {
    let mut checks = Vec::new();
    match (&args.which.config, &args.which.data) {
        (Some(file), _) => all(file, &args, &mut checks).await,
        (None, data) => {
            let data = data.as_deref().unwrap_or(Path::new("."));
            checks.extend(place::directory(data, DataDir::kind_of(data)));
            beside(DataDir::socket_in(data), &args, &mut checks).await;
        }
    }
    let found = Found { verdict: worst(&checks), checks };
    let text = match args.json {
        true => format!("{}\n", json!(found)),
        false => found.checks.iter().map(line).collect(),
    };
    crate::cli::say(&text)?;
    let broken = found.checks.iter().filter(|check| check.verdict == Verdict::Broken).count();
    match broken {
        0 => Ok(()),
        1 => Err(Failure::failed("one thing is broken")),
        more => Err(Failure::failed(format!("{more} things are broken"))),
    }
}

/// The checks of an answer as people read them.
pub fn in_words(done: &Value) -> String {
    let found = serde_json::from_value::<Found>(done.clone());
    found.map(|found| found.checks.iter().map(line).collect()).unwrap_or_default()
}

/// A check as people read it.
fn line(check: &Check) -> String {
    let verdict = match check.verdict {
        Verdict::Ok => "OK    ",
        Verdict::Look => "Look  ",
        Verdict::Broken => "Broken",
    };
    let found: String = check.found.chars().filter(|char| !char.is_control()).collect();
    let mut line = format!("{verdict}  {}: {found}\n", check.name);
    if let Some(fix) = &check.fix {
        let _ = writeln!(line, "        → {fix}");
    }
    line
}

/// What is broken, in short, where `keysig serve` did not start; what it said itself is not said again. Nobody is asked over the
/// network.
pub async fn after(file: &Path, listen: Option<SocketAddr>, failure: &Failure) -> Vec<String> {
    let mut checks = Vec::new();
    if let Some(config) = read(file, &mut checks)
        && let Some(ground) = here(config, listen, &mut checks).await
    {
        drop(ground);
    }
    let said = failure.to_string();
    let is_new = |check: &&Check| !said.contains(&check.found) && !check.found.contains(&said);
    checks.iter().filter(|check| check.verdict == Verdict::Broken).filter(is_new).map(line).collect()
}

fn read(file: &Path, checks: &mut Vec<Check>) -> Option<Config> {
    let config = match Config::load(file, config::environment()) {
        Ok(config) => config,
        Err(failure) => {
            let fix = "docs/configuration.md says what each key takes";
            checks.push(check("configuration", Verdict::Broken, failure.to_string(), fix));
            return None;
        }
    };
    checks.push(check("configuration", Verdict::Ok, file.display().to_string(), ""));
    for variable in &config.ignored_variables {
        let found = format!("{variable} is no key of the configuration and is ignored");
        checks.push(check("environment", Verdict::Look, found, format!("unset {variable}, or mend its name")));
    }
    if let Err(failure) = start::scopes(config.scopes.as_deref(), &config.settings.languages) {
        checks.push(check("scopes-file", Verdict::Broken, failure.to_string(), "mend the file that `scopes` names"));
    }
    Some(config)
}

/// Everything that is seen from this machine without opening the store; what the store would be opened with, if it can be.
async fn here(config: Config, listen: Option<SocketAddr>, checks: &mut Vec<Check>) -> Option<Ground> {
    checks.push(network::public_url(&config));
    if let Some(files) = &config.tls {
        checks.push(tls::certificate(files, &config.settings.public_url));
    }
    let socket = DataDir::socket_in(&config.data);
    checks.push(network::port(listen.unwrap_or(config.listen), &socket).await);
    checks.extend(place::directory(&config.data, Kind::Real));
    // The key of another kind of instance is wrong for no reason of its own.
    if place::could_be_opened(checks) {
        checks.push(place::master_key(&config));
    }
    if !config.data.is_dir() || !place::could_be_opened(checks) {
        return None;
    }
    let (schema, is_current) = place::schema(&config).await;
    checks.push(schema);
    if !is_current {
        return None;
    }
    match Ground::of(config) {
        Ok(ground) => Some(ground),
        Err(failure) => {
            checks.push(check("store", Verdict::Broken, failure.to_string(), "mend what it names"));
            None
        }
    }
}

async fn all(file: &Path, args: &DoctorArgs, checks: &mut Vec<Check>) {
    let Some(config) = read(file, checks) else { return };
    let (mail, public_url) = (config.settings.mail.clone(), config.settings.public_url.clone());
    if let Some(ground) = here(config, None, checks).await {
        match Desk::open(ground).await {
            Ok(desk) => {
                let is_running = matches!(desk, Desk::Beside(_));
                asked(&desk, args, checks).await;
                desk.close().await;
                if is_running {
                    checks.push(network::reached(&public_url).await);
                }
            }
            Err(failure) => {
                checks.push(check("store", Verdict::Broken, failure.to_string(), "see what holds it: fuser"))
            }
        }
    }
    if let Some(mail) = mail {
        checks.push(network::mail_server(&mail).await);
    }
}

async fn beside(socket: PathBuf, args: &DoctorArgs, checks: &mut Vec<Check>) {
    match Desk::beside(socket).await {
        Ok(desk) => asked(&desk, args, checks).await,
        Err(failure) => checks.push(check("server", Verdict::Look, failure.to_string(), "keysig doctor --config FILE")),
    }
}

/// What the server, or the opened store, says of itself.
async fn asked(desk: &Desk, args: &DoctorArgs, checks: &mut Vec<Check>) {
    take(desk.act("health", json!({})).await, ("health", "see the log of the server"), checks);
    if let Some(client_id) = &args.app {
        let done = desk.act("app.check", json!({"client_id": client_id})).await;
        take(done, (&format!("app {client_id}"), "keysig app list --config FILE"), checks);
    }
    if let Some(url) = &args.url {
        checks.extend(match desk.act("inspect", json!({"url": url})).await {
            Ok(done) => pasted(&done),
            Err(failure) => vec![check("url", Verdict::Broken, failure.to_string(), "paste the whole address")],
        });
    }
}

fn take(done: Result<Value, Failure>, (what, fix): (&str, &str), checks: &mut Vec<Check>) {
    let found = done.and_then(|done| {
        serde_json::from_value::<Found>(done).map_err(|error| Failure::failed(format!("no such answer: {error}")))
    });
    match found {
        Ok(found) => {
            let named = |found: Check| match what {
                "health" => found,
                of => Check { name: format!("{of}, {}", found.name), ..found },
            };
            checks.extend(found.checks.into_iter().map(named));
        }
        Err(failure) => checks.push(check(what, Verdict::Broken, failure.to_string(), fix)),
    }
}

/// A pasted address as checks.
fn pasted(done: &Value) -> Vec<Check> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(refused) = done.get("refused").filter(|refused| !refused.is_null()) {
        let found = format!("it would be refused: {}", text(refused, "cause"));
        return vec![check("url", Verdict::Broken, found, text(refused, "fix"))];
    }
    let warnings = done.get("warnings").and_then(Value::as_array).into_iter().flatten();
    let mut checks: Vec<Check> = warnings
        .filter_map(Value::as_str)
        .map(|warning| check("url", Verdict::Look, warning, "mend it in the program that opened it"))
        .collect();
    checks.push(check("url", Verdict::Ok, "it would pass, or lead to a page that asks the person", ""));
    checks
}
