//! The command line.

mod acts;
mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use rustix::fs::Mode;
use tracing_subscriber::EnvFilter;

#[cfg(feature = "dev")]
use crate::dev;
use crate::failure::Failure;
use crate::serve;

/// A login server that speaks OAuth 2 the way Spotify's does.
#[derive(Parser, Debug)]
#[command(name = "keysig", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How logs are written, to the standard error
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Start a playground on this machine: test accounts, a sample app, throw-away data
    #[cfg(feature = "dev")]
    Dev(dev::DevArgs),
    /// Start the server
    Serve(serve::ServeArgs),
    /// People
    #[command(subcommand)]
    User(commands::UserCommand),
    /// What operators did
    #[command(subcommand)]
    Audit(acts::AuditCommand),
    /// Apps
    #[command(subcommand)]
    App(Box<commands::AppCommand>),
    /// Music
    #[command(subcommand)]
    Catalogue(commands::CatalogueCommand),
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // What is made from here on, the store's files included, is for this user alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    start_logging(cli.log_format, &cli.command);
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("keysig: {failure}");
            failure.exit_code()
        }
    }
}

/// `RUST_LOG` chooses what is logged. Nothing logs a query string, a cookie or a token.
fn start_logging(format: LogFormat, command: &Command) {
    let usual = if matches!(command, Command::Serve(_)) { "info" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        LogFormat::Json => builder.json().init(),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("threads cannot be started: {error}")))?;
    runtime.block_on(async {
        match command {
            #[cfg(feature = "dev")]
            Command::Dev(args) => dev::run(args).await,
            Command::Serve(args) => serve::run(args).await,
            Command::User(command) => commands::user(command).await,
            Command::Audit(command) => acts::audit(command).await,
            Command::App(command) => commands::app(*command).await,
            Command::Catalogue(command) => commands::catalogue(command),
        }
    })
}
