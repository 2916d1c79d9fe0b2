//! The command line.

mod api_key;
mod app;
mod audit;
mod commands;
mod common;
mod health;
mod inspect;
mod key;
mod review;
mod say;
mod scope;
mod settings;
mod user;

pub(crate) use say::say;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use rustix::fs::Mode;
use tracing_subscriber::EnvFilter;

#[cfg(feature = "dev")]
use crate::dev;
use crate::doctor;
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
    Audit(audit::AuditCommand),
    /// Apps whose makers wait for an answer
    #[command(subcommand)]
    Review(review::ReviewCommand),
    /// What apps can ask for
    #[command(subcommand)]
    Scope(scope::ScopeCommand),
    /// Signing keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// The name, the accent and the links of every page
    #[command(subcommand)]
    Brand(settings::SettingsCommand),
    /// Who may sign up, register apps and log in
    #[command(subcommand)]
    Policy(settings::SettingsCommand),
    /// How much apps may ask for within 30 seconds
    #[command(subcommand)]
    Limits(settings::SettingsCommand),
    /// Keys of the admin API
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// How the server is; exit code 1 if something is broken
    Health(common::Common),
    /// Why an authorization address would be refused
    Inspect(inspect::InspectArgs),
    /// What is wrong with a server and what mends it; exit code 1 if something is broken
    Doctor(doctor::DoctorArgs),
    /// Apps
    #[command(subcommand)]
    App(commands::AppCommand),
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
    let server = match &cli.command {
        Command::Serve(args) => Some(args.place()),
        _ => None,
    };
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("keysig: {failure}");
            if let Some((config, listen)) = server
                && let Ok(runtime) = runtime()
            {
                runtime.block_on(doctor::after(&config, listen, &failure)).iter().for_each(|line| eprint!("{line}"));
            }
            failure.exit_code()
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::failed(format!("threads cannot be started: {error}")))
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
    runtime()?.block_on(async {
        match command {
            #[cfg(feature = "dev")]
            Command::Dev(args) => dev::run(args).await,
            Command::Serve(args) => serve::run(args).await,
            Command::User(command) => commands::user(command).await,
            Command::Audit(command) => audit::act(command).await,
            Command::Review(command) => review::act(command).await,
            Command::Scope(command) => scope::act(command).await,
            Command::Key(command) => key::act(command).await,
            Command::Brand(command) => settings::act("brand", command).await,
            Command::Policy(command) => settings::act("policy", command).await,
            Command::Limits(command) => settings::act("limits", command).await,
            Command::ApiKey(command) => api_key::act(command).await,
            Command::Health(common) => health::act(common).await,
            Command::Inspect(args) => inspect::act(args).await,
            Command::Doctor(args) => doctor::run(args).await,
            Command::App(command) => commands::app(command).await,
            Command::Catalogue(command) => commands::catalogue(command),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;
    use crate::operations::OPERATIONS;

    #[test]
    fn every_operation_is_a_verb_that_can_answer_with_json() {
        for operation in OPERATIONS {
            let mut command = Cli::command();
            for word in operation.name.split('.') {
                command = command.find_subcommand(word).unwrap_or_else(|| panic!("no verb {}", operation.name)).clone();
            }
            assert!(command.get_arguments().any(|argument| argument.get_id() == "json"), "{}", operation.name);
        }
    }
}
