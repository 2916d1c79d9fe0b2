//! The commands that add something to a store, whether or not a server runs on it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::password::{HashingMemory, PasswordHash, is_acceptable_password};
use keysig_core::scope::ScopeCatalogue;
use keysig_core::seal::Keyring;
use keysig_core::secret::Secret;
use keysig_core::time::Clock;
use keysig_core::user::{Product, Role};
use keysig_store::EngineConfig;
use keysig_store::catalogue::Catalogue;
use keysig_store::library::LibrarySpec;
use serde_json::Value;

use super::app::{self, AppAct};
use super::say::{report, say, text};
use super::user::{self, UserAct};
use crate::ambient::{OsRng, SystemClock};
use crate::catalogue_import::{self, Format};
use crate::config::{self, Config};
use crate::control::{self, Desk, Request};
use crate::data_dir::{DataDir, Kind};
use crate::failure::Failure;
use crate::language::Lang;
use crate::register::app::{Kind as AppKind, NewApp, ProfileName, Stage};
use crate::register::invitation::Invitation;
use crate::register::user::{NewUser, email, usual_country};
use crate::settings::{Settings, SignUp};
use crate::start::{self, Ground};

/// Which store.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct Target {
    /// The data directory of a server or of `keysig dev`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The configuration of a server
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A store that exists or is about to.
struct Place {
    data: DataDir,
    engine: EngineConfig,
    scopes: ScopeCatalogue,
    /// What is known of the server's configuration.
    settings: Settings,
}

impl Target {
    /// Where operators act.
    pub(super) async fn desk(&self) -> Result<Desk, Failure> {
        if let Some(file) = &self.config {
            return Desk::open(Ground::of(Config::load(file, config::environment())?)?).await;
        }
        let data = self.data.as_deref().unwrap_or(Path::new("."));
        Desk::beside(DataDir::prepare(data, DataDir::kind_of(data))?.socket()).await
    }

    /// Finds the store. For an empty directory its master key is made now, as a server would at its first start.
    fn find(&self) -> Result<Place, Failure> {
        if let Some(file) = &self.config {
            let config = Config::load(file, config::environment())?;
            let data = DataDir::prepare(&config.data, Kind::Real)?;
            config.master_key(&data, &OsRng)?;
            let scopes = start::scopes(config.scopes.as_deref(), &config.settings.languages)?;
            return Ok(Place { engine: config.engine(&data), scopes, settings: config.settings, data });
        }
        let path = self.data.as_deref().unwrap_or(Path::new("."));
        let kind = DataDir::kind_of(path);
        let data = DataDir::prepare(path, kind)?;
        if !data.has_database() {
            data.master_key(&data.default_key_file(), kind, &OsRng)?;
        }
        let engine = EngineConfig::Sqlite { path: data.database(), cache_bytes: EngineConfig::DEFAULT_CACHE_BYTES };
        let mut settings = Settings::new(String::new());
        // What nobody told us is like no app's name.
        settings.defaults.brand = String::new();
        Ok(Place { data, engine, scopes: start::scopes(None, &Lang::ALL)?, settings })
    }
}

/// `keysig user`.
#[derive(Subcommand, Debug)]
pub enum UserCommand {
    /// Add a person
    Add(UserAdd),
    /// Make a link with which a person signs up, once, within 7 days
    Invite(UserInvite),
    #[command(flatten)]
    Act(UserAct),
}

/// What `keysig user invite` is told.
#[derive(Args, Debug)]
pub struct UserInvite {
    /// Their e-mail address
    #[arg(long)]
    email: String,
    /// What else they may do
    #[arg(long, value_enum, default_value_t = RoleName::User)]
    role: RoleName,
    /// The configuration of the server
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Answer with JSON: {"email","link"}
    #[arg(long)]
    json: bool,
}

async fn invite(args: UserInvite) -> Result<(), Failure> {
    let config = Config::load(&args.config, config::environment())?;
    if config.settings.defaults.sign_up == SignUp::Off {
        return Err(Failure::setup("`signup` is \"off\": nobody can sign up, invited or not"));
    }
    let data = DataDir::prepare(&config.data, Kind::Real)?;
    let master_key = Arc::new(config.master_key(&data, &OsRng)?);
    let keys = Keyring::new(master_key, "mail", &config.settings.public_url, 1);
    let made = Invitation::new(&keys, &args.email, role(args.role), SystemClock.now(), &OsRng);
    let (invitation, link) = made.map_err(|refused| Failure::setup(refused.to_string()))?;
    let (engine, scopes) = (config.engine(&data), start::scopes(config.scopes.as_deref(), &config.settings.languages)?);
    let request = Request::UserInvite(invitation);
    let known = (&scopes, &config.settings);
    let mut done = control::carry_out(engine, &data.socket(), known, &request).await?;
    let link = format!("{}/signup?invite={}", config.settings.public_url, link.expose());
    if let Some(done) = done.as_object_mut() {
        done.insert("link".to_owned(), link.into());
    }
    report(&done, args.json, |done| {
        format!("For {}, once, within 7 days:\n{}\n", text(done, "email"), text(done, "link"))
    })
}

pub(super) fn role(name: RoleName) -> Role {
    match name {
        RoleName::User => Role::User,
        RoleName::Developer => Role::Developer,
        RoleName::Viewer => Role::Viewer,
        RoleName::Support => Role::Support,
        RoleName::Operator => Role::Operator,
    }
}

/// What `keysig user add` is told.
#[derive(Args, Debug)]
pub struct UserAdd {
    /// Their e-mail address
    #[arg(long)]
    email: String,
    /// Their name, as others see it
    #[arg(long)]
    name: String,
    /// Read the password from the standard input: never from an argument, which everybody on this machine could read
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Nobody vouches that the address is theirs
    #[arg(long)]
    email_unverified: bool,
    /// Their id in the Web API [default: random]
    #[arg(long)]
    id: Option<String>,
    /// Their country, ISO 3166-1 alpha-2
    #[arg(long, default_value_t = usual_country())]
    country: String,
    /// Their plan
    #[arg(long, value_enum, default_value_t = ProductName::Free)]
    product: ProductName,
    /// What else they may do
    #[arg(long, value_enum, default_value_t = RoleName::User)]
    role: RoleName,
    #[command(flatten)]
    target: Target,
    /// Answer with JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProductName {
    Premium,
    Free,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleName {
    User,
    Developer,
    Viewer,
    Support,
    Operator,
}

/// Does it.
pub async fn user(command: UserCommand) -> Result<(), Failure> {
    let args = match command {
        UserCommand::Add(args) => args,
        UserCommand::Invite(args) => return invite(args).await,
        UserCommand::Act(command) => return user::act(command).await,
    };
    let refused = |reason: &dyn std::fmt::Display| Failure::setup(reason.to_string());
    email(&args.email).map_err(|reason| refused(&reason))?;
    let password = read_password()?;
    let place = args.target.find()?;
    let hash = PasswordHash::new(&password, &OsRng, &mut HashingMemory::default());
    let hash = hash.ok_or_else(|| Failure::failed("the password could not be hashed"))?;
    let request = Request::UserAdd(NewUser {
        id: args.id,
        email: args.email,
        email_verified: !args.email_unverified,
        name: args.name,
        country: args.country,
        product: match args.product {
            ProductName::Premium => Product::Premium,
            ProductName::Free => Product::Free,
        },
        role: role(args.role),
        password: None,
        totp: None,
        password_hash: Some(hash.as_phc().to_owned()),
        library: LibrarySpec::default(),
    });
    let done =
        control::carry_out(place.engine, &place.data.socket(), (&place.scopes, &place.settings), &request).await?;
    report(&done, args.json, |done| format!("Added {} (id {}).\n", text(done, "email"), text(done, "id")))
}

/// The first line of the standard input.
fn read_password() -> Result<Secret, Failure> {
    const MOST_BYTES: u64 = 4096;
    let mut typed = String::new();
    let read = std::io::stdin().take(MOST_BYTES).read_to_string(&mut typed);
    let typed = Secret::new(typed);
    read.map_err(|error| Failure::setup(format!("the password cannot be read from the standard input: {error}")))?;
    let password = Secret::new(typed.expose().lines().next().unwrap_or_default().to_owned());
    match is_acceptable_password(&password) {
        true => Ok(password),
        false => Err(Failure::setup("a password has 12 to 128 characters")),
    }
}

/// `keysig app`.
#[derive(Subcommand, Debug)]
pub enum AppCommand {
    /// Register an app
    Add(Box<AppAdd>),
    #[command(flatten)]
    Act(AppAct),
}

/// What `keysig app add` is told.
#[derive(Args, Debug)]
pub struct AppAdd {
    /// Its name, as the consent page shows it
    #[arg(long)]
    name: String,
    /// E-mail address of the user who answers for it
    #[arg(long, value_name = "EMAIL")]
    owner: String,
    /// Where it may be returned to; give it again for each of up to 20
    #[arg(long = "redirect-uri", value_name = "URI", required = true)]
    redirect_uris: Vec<String>,
    /// Its temper: byte-compatible with Spotify, or OAuth 2.1 and OpenID Connect
    #[arg(long, value_enum)]
    profile: ProfileName,
    /// It runs in people's hands and has no secret
    #[arg(long)]
    public: bool,
    /// Its client ID [default: 32 random hexadecimal digits]
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Allow implicit and hybrid response types, for history and conformance: they put tokens into addresses
    #[arg(long)]
    legacy_flows: bool,
    /// A confidential app of the standard profile that sends no PKCE challenge
    #[arg(long)]
    pkce_optional: bool,
    /// How its ID tokens are signed: RS256, ES256 or EdDSA
    #[arg(long, value_name = "ALG", value_parser = algorithm, default_value = "RS256")]
    id_token_algorithm: SigningAlgorithm,
    /// Sign answers of the userinfo endpoint, too
    #[arg(long, value_name = "ALG", value_parser = algorithm)]
    userinfo_algorithm: Option<SigningAlgorithm>,
    /// Give it names for people that no app of another sector knows (pairwise subjects)
    #[arg(long, value_name = "HOST")]
    sector: Option<String>,
    /// Where the browser may go after a sign-out; give it again for each [default: its redirect URIs]
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// Where the end of a session is told, by the server
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// What the browser loads when a session ends
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// Everybody may log in, not only its owner
    #[arg(long)]
    live: bool,
    /// A scope that the app works without, each a person's choice; give it again for each
    #[arg(long = "optional-scope", value_name = "SCOPE")]
    optional_scopes: Vec<String>,
    /// Why it asks for a scope, in one sentence; give it again for each
    #[arg(long = "scope-reason", value_name = "SCOPE=SENTENCE", value_parser = reason)]
    scope_reasons: Vec<(String, String)>,
    /// How long it keeps data: "until disconnected", "not kept" or "30 days"
    #[arg(long, value_name = "HOW LONG")]
    keeps_data: Option<String>,
    /// Its privacy policy
    #[arg(long, value_name = "URL")]
    privacy_url: Option<String>,
    /// You answer for it as if it were yours: people are not asked, and find it among their connected apps
    #[arg(long)]
    trusted: bool,
    /// Its home page
    #[arg(long, value_name = "URL")]
    homepage: Option<String>,
    #[command(flatten)]
    target: Target,
    /// Answer with JSON: {"client_id","client_secret"}
    #[arg(long)]
    json: bool,
}

fn reason(text: &str) -> Result<(String, String), String> {
    let (scope, sentence) = text.split_once('=').ok_or("it is SCOPE=SENTENCE")?;
    Ok((scope.to_owned(), sentence.to_owned()))
}

fn algorithm(text: &str) -> Result<SigningAlgorithm, String> {
    SigningAlgorithm::from_name(text).ok_or_else(|| "it is RS256, ES256 or EdDSA".to_owned())
}

/// Does it.
pub async fn app(command: AppCommand) -> Result<(), Failure> {
    let args = match command {
        AppCommand::Add(args) => args,
        AppCommand::Act(command) => return app::act(command).await,
    };
    let place = args.target.find()?;
    let request = Request::AppAdd(NewApp {
        client_id: args.client_id,
        client_secret: None,
        name: args.name,
        owner: args.owner,
        homepage: args.homepage,
        profile: args.profile,
        kind: if args.public { AppKind::Public } else { AppKind::Confidential },
        redirect_uris: args.redirect_uris,
        scopes: None,
        mode: if args.live { Stage::Live } else { Stage::Development },
        test_users: Vec::new(),
        legacy_flows: args.legacy_flows,
        pkce_optional: args.pkce_optional,
        id_token_algorithm: args.id_token_algorithm,
        userinfo_algorithm: args.userinfo_algorithm,
        sector: args.sector,
        post_logout_redirect_uris: args.post_logout_redirect_uris,
        backchannel_logout_uri: args.backchannel_logout_uri,
        frontchannel_logout_uri: args.frontchannel_logout_uri,
        optional_scopes: args.optional_scopes,
        scope_reasons: args.scope_reasons.into_iter().collect(),
        keeps_data: args.keeps_data,
        privacy_url: args.privacy_url,
        trusted: args.trusted,
    });
    let done =
        control::carry_out(place.engine, &place.data.socket(), (&place.scopes, &place.settings), &request).await?;
    for warning in done.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        eprintln!("keysig: {}", warning.as_str().unwrap_or_default());
    }
    report(&done, args.json, |done| match done.get("client_secret") {
        Some(Value::String(secret)) => {
            format!("Client ID      {}\nClient secret  {secret}   (shown only now)\n", text(done, "client_id"))
        }
        _ => format!("Client ID      {}\nNo secret: a public app uses PKCE.\n", text(done, "client_id")),
    })
}

/// `keysig catalogue`.
#[derive(Subcommand, Debug)]
pub enum CatalogueCommand {
    /// Replace the whole catalogue with a JSON or CSV file (docs/catalogue.md)
    Import(CatalogueImport),
}

/// What `keysig catalogue import` is told.
#[derive(Args, Debug)]
pub struct CatalogueImport {
    /// The file; its name ends in .json or .csv
    file: PathBuf,
    #[command(flatten)]
    target: Target,
}

/// Does it. The store is not needed: a running server notices the new file by itself.
pub fn catalogue(command: CatalogueCommand) -> Result<(), Failure> {
    let CatalogueCommand::Import(args) = command;
    let name = args.file.display();
    let format = Format::of(&args.file)
        .ok_or_else(|| Failure::setup(format!("{name}: a catalogue file's name ends in .json or .csv")))?;
    let file = std::fs::read(&args.file).map_err(|error| Failure::setup(format!("{name}: {error}")))?;
    let catalogue =
        catalogue_import::parse(format, &file).map_err(|mistake| Failure::setup(format!("{name}, {mistake}")))?;
    let place = args.target.find()?;
    Catalogue::build(&place.data.catalogue(), &catalogue)
        .map_err(|error| Failure::failed(format!("{name}: {error}")))?;
    let (tracks, albums, artists) = (catalogue.tracks.len(), catalogue.albums.len(), catalogue.artists.len());
    say(&format!("Imported. Tracks: {tracks}, albums: {albums}, artists: {artists}.\n"))
}
