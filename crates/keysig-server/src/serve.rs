//! `keysig serve`: an instance that faces people.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{self, Config};
use crate::data_dir::refuse_if_world_readable;
use crate::failure::Failure;
use crate::net::tls::Certificates;
use crate::start::{self, Front, Fronts, Ground, Instance, Signals};

/// What `keysig serve` is told.
#[derive(clap::Args, Debug)]
pub struct ServeArgs {
    /// The configuration (docs/configuration.md)
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where to listen, instead of what the configuration says
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Run as root all the same
    #[arg(long)]
    allow_root: bool,
    /// Write {"issuer","api","app","pid"} here once everything answers
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

impl ServeArgs {
    /// Its configuration, and where it is told to listen.
    pub fn place(&self) -> (PathBuf, Option<SocketAddr>) {
        (self.config.clone(), self.listen)
    }
}

/// Starts, and runs until a signal.
pub async fn run(args: ServeArgs) -> Result<(), Failure> {
    if rustix::process::geteuid().is_root() && !args.allow_root {
        return Err(Failure::setup("`keysig serve` does not run as root: use a user of its own, or --allow-root"));
    }
    let config = Config::load(&args.config, config::environment())?;
    for variable in &config.ignored_variables {
        tracing::warn!(variable, "this variable is no key of the configuration and is ignored");
    }
    let signals = Signals::heed()?;
    let certificates = match &config.tls {
        Some(files) => {
            refuse_if_world_readable(&files.key_file)?;
            let loaded = Certificates::load(&files.cert_file, &files.key_file);
            Some(Arc::new(loaded.map_err(|error| Failure::setup(format!("[tls]: {error}")))?))
        }
        None => None,
    };
    let listener = start::bind(args.listen.unwrap_or(config.listen)).await?;
    let address = start::address_of(&listener)?;
    let drain_delay = Duration::from_secs(config.drain_delay_seconds);
    let ground = Ground::of(config)?;
    let issuer = ground.settings.public_url.clone();
    let store = start::open_store(&ground).await?;
    let instance = Instance::new(ground, store)?;
    let front = Front { listener, router: instance.router(), certificates: certificates.clone() };
    let fronts = Fronts { listeners: vec![front], certificates, has_control_socket: true, drain_delay };
    let announce = || {
        tracing::info!(%address, issuer, "ready");
        args.ready_file.as_deref().map_or(Ok(()), |file| start::write_ready_file(file, &issuer, None))
    };
    instance.run(fronts, signals, announce).await
}
