//! `keysig dev`: a playground on loopback, seeded, with the sample app beside it.

use std::io::{ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keysig_core::rng::random;
use keysig_core::seal::MasterKey;
use keysig_core::secret::Secret;
use keysig_store::EngineConfig;
use tokio::net::TcpListener;

use crate::ambient::{OsRng, SystemClock};
use crate::data_dir::{DataDir, Kind, TemporaryDir};
use crate::failure::Failure;
use crate::inspector::asked;
use crate::language::Lang;
use crate::register;
use crate::register::app::NewApp;
use crate::sample_app::{self, SampleAppConfig};
use crate::seed::{self, Seed};
use crate::settings::{Settings, SignUp};
use crate::start::{self, Front, Fronts, Ground, Instance, Signals};

const DEFAULT_PORT: u16 = 8080;
const DEFAULT_APP_PORT: u16 = 8081;
/// How far a default port slides.
const PORTS_TO_TRY: u16 = 50;
/// Where the sample app is sent back to, on any port.
const SAMPLE_CALLBACK: &str = "http://127.0.0.1/callback";

/// What `keysig dev` is told.
#[derive(clap::Args, Debug)]
pub struct DevArgs {
    /// Where to listen for accounts and API; loopback only [default: 127.0.0.1:8080 or the next free port]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where the sample app listens; 127.0.0.1 only [default: 127.0.0.1:8081 or the next free port]
    #[arg(long, value_name = "ADDR")]
    app_listen: Option<SocketAddr>,
    /// Be http://localhost:PORT instead of http://127.0.0.1:PORT: browsers have passkeys for names only
    #[arg(long)]
    localhost: bool,
    /// Keep the data in this directory; without it all is thrown away at exit
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// People and apps to start with, instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Write {"issuer","api","app","pid"} here once everything answers
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Where the data is, for as long as this process runs.
enum Place {
    Kept(PathBuf),
    Temporary(TemporaryDir),
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(dir) => dir.path(),
        }
    }
}

/// Starts, and runs until a signal.
pub async fn run(args: DevArgs) -> Result<(), Failure> {
    refuse_beyond_loopback(&args)?;
    let signals = Signals::heed()?;
    let seed = Seed::read(args.seed.as_deref())?;
    let listener = bind(args.listen, DEFAULT_PORT).await?;
    let address = start::address_of(&listener)?;
    // Held until the temporary directory has been left.
    let place = match &args.data {
        Some(path) => Place::Kept(path.clone()),
        None => Place::Temporary(TemporaryDir::new()?),
    };
    let is_kept = matches!(place, Place::Kept(_));
    let data = DataDir::prepare(place.path(), Kind::Test)?;
    // Meanwhile, on another core: the first random number alone takes longer than this.
    let catalogue = data.catalogue();
    let catalogue = tokio::task::spawn_blocking(move || seed::sow_catalogue(&catalogue));
    let master_key = match is_kept {
        true => data.master_key(&data.default_key_file(), Kind::Test, &OsRng)?,
        false => MasterKey::new(random(&OsRng), 0, true),
    };
    let issuer = match args.localhost {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    };
    let client = seed.apps.iter().find(|app| app.redirect_uris.iter().any(|uri| uri == SAMPLE_CALLBACK));
    let (sample_front, sample_url) = match client {
        Some(client) => {
            sample_app(args.app_listen, client, &issuer).await.map(|(front, url)| (Some(front), Some(url)))?
        }
        None => (None, None),
    };
    let mut settings = Settings { test_mode: true, sample_app: sample_url.clone(), ..Settings::new(issuer.clone()) };
    settings.defaults.sign_up = SignUp::Open;
    let ground = Ground {
        settings,
        engine: EngineConfig::Sqlite { path: data.database(), cache_bytes: EngineConfig::DEFAULT_CACHE_BYTES },
        data,
        master_key,
        scopes: start::scopes(None, &Lang::ALL)?,
        apis: register::api::catalogue(&issuer, &seed.apis)
            .map_err(|wrong| Failure::setup(format!("seed: {wrong}")))?,
    };
    let store = start::open_store(&ground).await?;
    catalogue.await.map_err(|error| Failure::failed(error.to_string()))??;
    let instance = Instance::new(ground, store)?;
    instance.follow_settings().await?;
    seed.sow(&instance.server, &instance.catalogue.get()).await?;
    if let Some(client_id) = seed.apps.first().and_then(|app| app.client_id.as_deref()) {
        let example = asked::example(&instance.server, client_id).await;
        example.map_err(|error| Failure::failed(format!("seed: {error}")))?;
    }

    let mut listeners = vec![Front { listener, router: instance.router(), certificates: None }];
    listeners.extend(sample_front);
    let brand = instance.server.live().brand.clone();
    let fronts = Fronts { listeners, certificates: None, has_control_socket: is_kept, drain_delay: Duration::ZERO };
    let announce = || {
        let kept = args.data.as_deref();
        let mut out = std::io::stdout();
        // Nobody has to read it: a closed pipe is no reason to stop.
        let _ = out.write_all(welcome(&brand, kept, &issuer, sample_url.as_deref(), &seed).as_bytes());
        let _ = out.flush();
        match &args.ready_file {
            Some(file) => start::write_ready_file(file, &issuer, sample_url.as_deref()),
            None => Ok(()),
        }
    };
    instance.run(fronts, signals, announce).await
}

/// Test accounts have known passwords: nobody but this machine may reach them.
fn refuse_beyond_loopback(args: &DevArgs) -> Result<(), Failure> {
    let beyond = |address: &Option<SocketAddr>| address.filter(|address| !address.ip().is_loopback());
    if let Some(address) = beyond(&args.listen).or(beyond(&args.app_listen)) {
        return Err(Failure::setup(format!(
            "`keysig dev` listens on loopback only: use 127.0.0.1, not {}",
            address.ip()
        )));
    }
    match args.app_listen {
        Some(address) if address.ip() != IpAddr::V4(Ipv4Addr::LOCALHOST) => {
            Err(Failure::setup(format!("the sample app may only return to 127.0.0.1: use that, not {}", address.ip())))
        }
        _ => Ok(()),
    }
}

/// The given address, or the default port or the next free one.
async fn bind(given: Option<SocketAddr>, default_port: u16) -> Result<TcpListener, Failure> {
    if let Some(address) = given {
        return start::bind(address).await;
    }
    for port in default_port..default_port + PORTS_TO_TRY {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => {
                if port != default_port {
                    eprintln!("keysig: port {default_port} is in use, taking {port} instead");
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(Failure::failed(format!("127.0.0.1:{port} cannot be listened on: {error}"))),
        }
    }
    Err(Failure::failed(format!("ports {default_port} to {} are all in use", default_port + PORTS_TO_TRY - 1)))
}

async fn sample_app(listen: Option<SocketAddr>, client: &NewApp, issuer: &str) -> Result<(Front, String), Failure> {
    let listener = bind(listen, DEFAULT_APP_PORT).await?;
    let public_url = format!("http://{}", start::address_of(&listener)?);
    let config = SampleAppConfig {
        issuer: issuer.to_owned(),
        api_base: format!("{issuer}/v1"),
        client_id: client.client_id.clone().unwrap_or_default(),
        client_secret: client.client_secret.as_ref().map(|secret| secret.expose().into()),
        public_url: public_url.clone(),
    };
    let router = sample_app::router(config, Arc::new(SystemClock), Arc::new(OsRng));
    let router = router.map_err(|error| Failure::failed(format!("the sample app: {error}")))?;
    Ok((Front { listener, router, certificates: None }, public_url))
}

/// Where to click, and what to type.
fn welcome(brand: &str, kept: Option<&Path>, issuer: &str, sample_url: Option<&str>, seed: &Seed) -> String {
    let place = match kept {
        Some(dir) => format!("data in {}", dir.display()),
        None => "thrown away at exit".to_owned(),
    };
    let mut lines = vec![format!("{brand} · TEST MODE · {place}, test keys, loopback only")];
    let mut line = |name: &str, text: String| lines.push(format!("{name:<17} {text}"));
    match sample_url {
        Some(url) => line("Start here", format!("{url}/   a sample app: log in, see playlists")),
        None => line("No sample app", format!("no app of the seed may return to {SAMPLE_CALLBACK}")),
    }
    line("Developers", format!("{issuer}/dashboard   register apps, see why a request failed"));
    line("Operator", format!("{issuer}/admin   people, apps, settings"));
    line("Your account", format!("{issuer}/account"));
    line("Mail to people", format!("{issuer}/dev/mail"));
    line("Point a client at", format!("authorize {issuer}/authorize"));
    line("", format!("token     {issuer}/api/token"));
    line("", format!("API       {issuer}/v1/"));
    line("", format!("issuer    {issuer}   for OpenID Connect libraries"));
    for app in &seed.apps {
        let secret = app.client_secret.as_ref().map_or("no secret: PKCE", Secret::expose);
        let client_id = app.client_id.as_deref().unwrap_or_default();
        let redirect = app.redirect_uris.first().map(String::as_str).unwrap_or_default();
        let any_port = if redirect == SAMPLE_CALLBACK { " (any port)" } else { "" };
        line("Client", format!("{client_id} / {secret}   redirect {redirect}{any_port}"));
    }
    for user in &seed.users {
        let password = user.password.as_ref().map_or("(password not shown)", Secret::expose);
        let second = user.totp.as_ref().map(|key| format!(", second step {}", key.expose())).unwrap_or_default();
        let what = format!("{}, {}{second}", user.product.name(), user.role.name());
        line("Sign in as", format!("{} / {password}   {what}", user.email));
    }
    format!("  {}\n", lines.join("\n  "))
}
