//! `cargo xtask bench`: a release build of `keysig` and a bare server, measured in one run on one machine.

mod actors;
mod arrivals;
mod bare;
mod disk;
mod flood;
mod load;
mod process;
mod removal;
mod report;
mod rotation;
mod startup;
mod watch;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use clap::Parser;
use keysig_bench::app::App;
use keysig_bench::person::Person;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use tokio::time::sleep;

use crate::actors::{Bare, ClientCredentials, Login, Me, Refresh};
use crate::load::{Figures, measure};
use crate::process::Server;
use crate::report::{Line, Operation, Part, Removal, Report, Rotation};
use crate::startup::mib;
use crate::watch::Watch;

const SEED: &str = include_str!("../seed.toml");
/// Of the seed; each signs in once, as hashing passwords is not what is measured.
const PEOPLE: [&str; 2] = ["ada", "bob"];
const SCOPE: &str = "user-read-private user-read-email";
/// Owns both apps.
const OWNER: &str = "ada";
/// Removes apps.
const LEAVES: &str = "cyd";
/// Arrive while apps are removed (a target of its own).
const MEANWHILE_PER_SECOND: u32 = 1000;
/// The server gives the memory of its password hashes back after ten seconds without any.
const HASHING_MEMORY_IS_KEPT: Duration = Duration::from_secs(11);

#[derive(Parser, Debug)]
#[command(name = "keysig-bench", about = "Measures a release build of keysig beside a bare server")]
struct Arguments {
    /// The binary to measure
    #[arg(long, value_name = "FILE", default_value = "target/release/keysig")]
    keysig: PathBuf,
    /// Where the data is kept meanwhile: on the disk whose fdatasync counts
    #[arg(long, value_name = "DIR", default_value = "target")]
    directory: PathBuf,
    /// How long each operation is measured
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=300))]
    seconds: u64,
    /// Measured with one connection, and with so many
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    connections: u16,
    /// Measure only these; operations beside the bare server
    #[arg(long, value_name = "PART", value_enum)]
    only: Vec<Part>,
    /// Write the figures there too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Be the bare server, until SIGTERM
    #[arg(long, hide = true)]
    bare: bool,
    /// Of the bare server
    #[arg(long, hide = true, default_value = "bare.json")]
    ready_file: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = if arguments.bare {
        // The runtime of `keysig`.
        let runtime = Builder::new_multi_thread().enable_all().build();
        runtime.map_err(|error| error.to_string()).and_then(|it| it.block_on(bare::run(&arguments.ready_file)))
    } else {
        // One thread: a load generator on all cores would leave none to the server.
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string()).and_then(|it| it.block_on(LocalSet::new().run_until(run(arguments))))
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("bench: {complaint}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let directory = tempfile::Builder::new().prefix("bench.").tempdir_in(&arguments.directory);
    let directory = directory.map_err(|error| format!("{}: {error}", arguments.directory.display()))?;
    let report = Bench::new(&arguments, directory.path())?.run().await?;
    print!("{}", report.table());
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        std::fs::write(file, json + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

/// One run.
struct Bench<'a> {
    arguments: &'a Arguments,
    directory: &'a Path,
    ready_file: PathBuf,
    data: String,
    seed: String,
}

impl<'a> Bench<'a> {
    fn new(arguments: &'a Arguments, directory: &'a Path) -> Result<Self, String> {
        let path = |name: &str| directory.join(name).display().to_string();
        std::fs::write(directory.join("seed.toml"), SEED).map_err(|error| error.to_string())?;
        Ok(Self {
            arguments,
            directory,
            ready_file: directory.join("ready.json"),
            data: path("data"),
            seed: path("seed.toml"),
        })
    }

    async fn run(&self) -> Result<Report, String> {
        let keysig = &self.arguments.keysig;
        let binary = std::fs::metadata(keysig).map_err(|error| format!("{}: {error}", keysig.display()))?;
        eprintln!("the disk …");
        let disk = disk::measure(self.directory)?;
        let dev = ["dev", "--listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0"];
        let with_data = [&dev[..], &["--data", &self.data, "--seed", &self.seed]].concat();
        eprintln!("starts …");
        let start_throw_away = startup::measure(keysig, &dev, &self.ready_file).await?;
        // The first makes the data that the others find.
        Server::start(keysig, &with_data, &self.ready_file, "/health").await?.stop().await?;
        let start_existing_data = startup::measure(keysig, &with_data, &self.ready_file).await?;

        let bare = self.start_bare().await?;
        let server = Server::start(keysig, &with_data, &self.ready_file, "/health").await?;
        let crowd = Crowd::sign_in(&server).await?;
        let since_sign_in = Watch::start();
        let mut lines = Vec::new();
        let many = usize::from(self.arguments.connections);
        let only = &self.arguments.only;
        let is_chosen = |part: Part| only.is_empty() || only.contains(&part);
        for connections in if many == 1 { vec![1] } else { vec![1, many] } {
            let chosen = |operation: &Operation| match operation {
                Operation::Bare => Operation::ALL.into_iter().any(|any| is_chosen(Part::Operation(any))),
                other => is_chosen(Part::Operation(*other)),
            };
            for operation in Operation::ALL.into_iter().filter(chosen) {
                eprintln!("{operation:?} on {connections} …");
                let figures = self.load(operation, connections, &server, &bare, &crowd).await;
                let figures = figures.map_err(|wrong| format!("{operation:?} on {connections}: {wrong}"))?;
                lines.push(Line { operation, figures });
            }
        }
        sleep(HASHING_MEMORY_IS_KEPT.saturating_sub(since_sign_in.elapsed())).await;
        let (rss, peak) = (server.memory_kib("VmRSS")?, server.memory_kib("VmHWM")?);
        let removal = if is_chosen(Part::Removal) { Some(self.removal(&server, &crowd).await?) } else { None };
        let pause = if is_chosen(Part::Pause) { Some(self.pause(&server, &crowd).await?) } else { None };
        // The last: after it nobody but its developer knows the secret.
        let rotation = if is_chosen(Part::Rotation) { Some(self.rotation(&server, &crowd).await?) } else { None };
        server.stop().await?;
        bare.stop().await?;
        let mut sign_ins = None;
        if is_chosen(Part::Flood) {
            eprintln!("a flood of sign-ins …");
            // A new process: what it used at most is then of the flood alone.
            let server = Server::start(keysig, &with_data, &self.ready_file, "/health").await?;
            sign_ins = Some(flood::measure(&server, HASHING_MEMORY_IS_KEPT).await?);
            server.stop().await?;
        }
        Ok(Report {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            binary_mib: mib(binary.len() / 1024),
            disk,
            start_throw_away,
            start_existing_data,
            rss_after_load_mib: mib(rss),
            rss_peak_mib: mib(peak),
            lines,
            removal,
            pause,
            rotation,
            flood: sign_ins,
        })
    }

    /// Removals at rest, and under load from people who are not concerned.
    async fn removal(&self, server: &Server, crowd: &Crowd) -> Result<Removal, String> {
        eprintln!("removing apps …");
        let failed = |wrong: String| format!("removing apps: {wrong}");
        let mut person = Person::new(server.address, &format!("{LEAVES}@example.test"), "demo-password");
        let apps = [crowd.echo.app.clone(), crowd.rotating.app.clone()];
        let at_rest = removal::measure(&mut person, &apps).await.map_err(failed)?;
        let mut actors = Vec::new();
        for n in 0..usize::from(self.arguments.connections) {
            // Two people, and for each of them two apps.
            let audience = if n % 4 < 2 { &crowd.echo } else { &crowd.rotating };
            actors.push(Me::new(audience.login(n).await?, audience.person(n).0).await?);
        }
        let arriving = arrivals::start(actors, MEANWHILE_PER_SECOND);
        let under_load = removal::measure(&mut person, &apps).await.map_err(failed)?;
        let load = arriving.stop().await.map_err(failed)?;
        Ok(Removal { at_rest, under_load, load })
    }

    /// The owner of an app pauses it, at rest and while people of another arrive.
    async fn pause(&self, server: &Server, crowd: &Crowd) -> Result<Removal, String> {
        eprintln!("pausing an app …");
        let failed = |wrong: String| format!("pausing an app: {wrong}");
        let mut owner = Person::new(server.address, &format!("{OWNER}@example.test"), "demo-password");
        let mut person = Person::new(server.address, &format!("{LEAVES}@example.test"), "demo-password");
        let app = &crowd.rotating.app;
        let at_rest = removal::pauses(&mut owner, &mut person, app).await.map_err(failed)?;
        let mut actors = Vec::new();
        for n in 0..usize::from(self.arguments.connections) {
            actors.push(Me::new(crowd.echo.login(n).await?, crowd.echo.person(n).0).await?);
        }
        let arriving = arrivals::start(actors, MEANWHILE_PER_SECOND);
        let under_load = removal::pauses(&mut owner, &mut person, app).await.map_err(failed)?;
        let load = arriving.stop().await.map_err(failed)?;
        Ok(Removal { at_rest, under_load, load })
    }

    /// Secrets are exchanged while their app asks for tokens on all connections, as fast as it is answered.
    async fn rotation(&self, server: &Server, crowd: &Crowd) -> Result<Rotation, String> {
        eprintln!("exchanging secrets …");
        let failed = |wrong: String| format!("exchanging secrets: {wrong}");
        let mut owner = Person::new(server.address, &format!("{OWNER}@example.test"), "demo-password");
        owner.authorize(&crowd.echo.app.authorize_path("owner")).await?;
        let current = Rc::new(RefCell::new(crowd.echo.app.clone()));
        let mut clients = Vec::new();
        for n in 0..usize::from(self.arguments.connections) {
            let tokens = crowd.echo.login(n).await?.log_in().await?;
            let refresh_token = tokens.refresh_token.ok_or("a login without a refresh token")?;
            clients.push(rotation::Client::new(&current, refresh_token).await?);
        }
        // No pace: each asks again as soon as it is answered.
        let arriving = arrivals::start(clients, u32::MAX);
        let rotations = rotation::rotate(&mut owner, &current).await.map_err(failed)?;
        let load = arriving.stop().await.map_err(failed)?;
        Ok(Rotation { rotations, connections: self.arguments.connections, load })
    }

    async fn start_bare(&self) -> Result<Server, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        Server::start(&own, &["--bare"], &self.directory.join("bare.json"), "/").await
    }

    async fn load(
        &self,
        operation: Operation,
        connections: usize,
        server: &Server,
        bare: &Server,
        crowd: &Crowd,
    ) -> Result<Figures, String> {
        let measure_for = Duration::from_secs(self.arguments.seconds);
        macro_rules! actors {
            ($number:ident => $actor:expr) => {{
                let mut actors = Vec::with_capacity(connections);
                for $number in 0..connections {
                    actors.push($actor);
                }
                actors
            }};
        }
        match operation {
            Operation::Bare => measure(actors!(_n => Bare::new(bare.address).await?), bare, measure_for).await,
            Operation::ClientCredentials => {
                measure(actors!(_n => ClientCredentials::new(&crowd.echo.app).await?), server, measure_for).await
            }
            Operation::RefreshEcho => {
                let actors = actors!(n => Refresh::new(crowd.echo.login(n).await?, false).await?);
                measure(actors, server, measure_for).await
            }
            Operation::RefreshRotating => {
                let actors = actors!(n => Refresh::new(crowd.rotating.login(n).await?, true).await?);
                measure(actors, server, measure_for).await
            }
            Operation::Me => {
                let actors = actors!(n => Me::new(crowd.echo.login(n).await?, crowd.echo.person(n).0).await?);
                measure(actors, server, measure_for).await
            }
            Operation::Login => measure(actors!(n => crowd.echo.login(n).await?), server, measure_for).await,
        }
    }
}

/// People who are signed in and have agreed to both apps.
struct Crowd {
    echo: Audience,
    rotating: Audience,
}

/// An app, and the people who have agreed to it.
struct Audience {
    app: App,
    /// Id and cookies.
    people: Vec<(&'static str, String)>,
}

impl Crowd {
    async fn sign_in(server: &Server) -> Result<Self, String> {
        let app = |client_id| App::new(server.address, client_id, "bench-secret", SCOPE);
        let mut echo = Audience { app: app("bench-echo"), people: Vec::new() };
        let mut rotating = Audience { app: app("bench-rotating"), people: Vec::new() };
        for id in PEOPLE {
            let mut person = Person::new(server.address, &format!("{id}@example.test"), "demo-password");
            for audience in [&mut echo, &mut rotating] {
                let callback = person.authorize(&audience.app.authorize_path("first")).await?;
                audience.app.code(&callback, "first")?;
                audience.people.push((id, person.cookies()));
            }
        }
        Ok(Self { echo, rotating })
    }
}

impl Audience {
    /// One of them after the other.
    fn person(&self, number: usize) -> (&'static str, &str) {
        let chosen = self.people.get(number % self.people.len().max(1));
        chosen.map_or(("", ""), |(id, cookies)| (id, cookies))
    }

    /// Their login, on a connection of its own.
    async fn login(&self, number: usize) -> Result<Login, String> {
        Login::new(&self.app, self.person(number).1, number).await
    }
}
