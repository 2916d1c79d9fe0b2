//! The front door of a running server for commands on the same machine (design ruling 8): a Unix socket (0600) in the data
//! directory that takes one JSON request per connection and answers with JSON. Without a server the command does the same
//! in its own process.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keysig_core::id::{AppId, UserId};
use keysig_core::password::HashingMemory;
use keysig_core::rng::Rng;
use keysig_core::scope::ScopeCatalogue;
use keysig_core::secret::Secret;
use keysig_core::time::{Clock, Timestamp};
use keysig_store::{EngineConfig, Store, StoreConfig, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::actions::Actor;
use crate::ambient::{OsRng, SystemClock};
use crate::failure::Failure;
use crate::live;
use crate::operations::Operation;
use crate::register::app::NewApp;
use crate::register::invitation::Invitation;
use crate::register::user::NewUser;
use crate::register::{self, Refused};
use crate::server::Server;
use crate::settings::Settings;
use crate::start::{Ground, Instance};

/// No request or answer is longer.
const MAX_BYTES: u64 = 256 * 1024;
/// A request is answered within this time or dropped.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// While a server starts or another command runs, the store is held and nobody answers yet.
const RETRY_EVERY: Duration = Duration::from_millis(50);
const RETRIES: u32 = 100;

/// What a command asks for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// `keysig user add`.
    UserAdd(NewUser),
    /// `keysig app add`.
    AppAdd(NewApp),
    /// `keysig user invite`.
    UserInvite(Invitation),
}

/// What comes through the socket.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    /// What operators do.
    Act(Ask),
    #[serde(untagged)]
    Register(Box<Request>),
}

/// One of [`crate::operations::OPERATIONS`].
#[derive(Serialize, Deserialize)]
struct Ask {
    operation: String,
    given: Value,
}

impl Ask {
    async fn carry_out(self, server: &Server) -> Result<Value, String> {
        let unknown = || "the running server is of another version: use its own `keysig`".to_owned();
        let operation = Operation::find(&self.operation).ok_or_else(unknown)?;
        let done = operation.carry_out(server, &Actor::command_line(), self.given).await;
        done.map_err(|refused| refused.to_string())
    }
}

/// The same [`Message`], as a command writes it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Asking<'a> {
    Act(&'a Ask),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Value),
    Refused(String),
}

/// Does what is asked: the same in a server and without one.
async fn execute(
    store: &Store,
    (scopes, brand): (&ScopeCatalogue, &str),
    now: Timestamp,
    rng: &dyn Rng,
    request: &Request,
) -> Result<Value, Refused> {
    match request {
        Request::UserAdd(new) => {
            let hash = new.hash(rng, &mut HashingMemory::default())?;
            let user = register::user::add(store, new, &hash, UserId::generate(rng), now, rng).await?;
            Ok(json!({"id": user.public_id, "email": user.email, "role": user.role.name()}))
        }
        Request::UserInvite(invitation) => register::invitation::add(store, invitation, now, rng).await,
        Request::AppAdd(new) => {
            let app = register::app::add(store, (scopes, brand), new, AppId::generate(rng), now, rng, None).await?;
            let mut done = Map::new();
            done.insert("client_id".to_owned(), app.client_id.into());
            done.insert("client_secret".to_owned(), app.client_secret.as_ref().map(Secret::expose).into());
            if !app.warnings.is_empty() {
                done.insert("warnings".to_owned(), app.warnings.into());
            }
            Ok(done.into())
        }
    }
}

/// Opens the front door. Whoever calls this holds the store, so a socket that is there is left over.
pub fn listen(socket: &Path) -> Result<UnixListener, Failure> {
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(Failure::of_file(socket, error)),
        _ => {}
    }
    let listener = UnixListener::bind(socket).map_err(|error| {
        Failure::failed(format!("{}: {error} (a socket's path has at most 107 bytes)", socket.display()))
    })?;
    let only_owner = std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600));
    only_owner.map_err(|error| Failure::of_file(socket, error))?;
    Ok(listener)
}

/// Answers commands, one after the other.
pub async fn serve(listener: UnixListener, server: Arc<Server>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => match tokio::time::timeout(ANSWER_WITHIN, answer(stream, &server)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a command went away before its answer"),
                Err(_) => tracing::warn!("a command took too long"),
            },
            Err(error) => {
                tracing::warn!(%error, "a command could not connect");
                tokio::time::sleep(RETRY_EVERY).await;
            }
        }
    }
}

async fn answer(mut stream: UnixStream, server: &Server) -> std::io::Result<()> {
    let mut text = Vec::new();
    (&mut stream).take(MAX_BYTES).read_to_end(&mut text).await?;
    // Somebody who only sees whether anybody is here.
    if text.is_empty() {
        return Ok(());
    }
    let answer = match serde_json::from_slice(&text) {
        Ok(Message::Register(request)) => {
            let live = (&*server.scopes(), &*server.live().brand);
            execute(&server.store, live, server.now(), &*server.rng, &request)
                .await
                .map_err(|refused| refused.to_string())
        }
        Ok(Message::Act(ask)) => ask.carry_out(server).await,
        Err(_) => Err("the running server is of another version: use its own `keysig`".to_owned()),
    };
    let answer = answer.map_or_else(Answer::Refused, Answer::Done);
    stream.write_all(&serde_json::to_vec(&answer)?).await?;
    stream.shutdown().await
}

/// Asks the server that holds the store. `None` if nobody is behind the door.
async fn ask_server(socket: &Path, request: &impl Serialize) -> Result<Option<Value>, Failure> {
    let Ok(mut stream) = UnixStream::connect(socket).await else { return Ok(None) };
    let asked = async {
        stream.write_all(&serde_json::to_vec(request)?).await?;
        stream.shutdown().await?;
        let mut text = Vec::new();
        (&mut stream).take(MAX_BYTES).read_to_end(&mut text).await?;
        Ok::<Answer, std::io::Error>(serde_json::from_slice(&text)?)
    };
    match asked.await {
        Ok(Answer::Done(done)) => Ok(Some(done)),
        Ok(Answer::Refused(reason)) => Err(Failure::failed(reason)),
        Err(error) => {
            Err(Failure::failed(format!("the running server did not answer ({error}): see whether it was done")))
        }
    }
}

/// Does what is asked on this store, whether or not a server holds it.
pub async fn carry_out(
    engine: EngineConfig,
    socket: &Path,
    (scopes, settings): (&ScopeCatalogue, &Settings),
    request: &Request,
) -> Result<Value, Failure> {
    let rng: Arc<dyn Rng> = Arc::new(OsRng);
    for _ in 0..RETRIES {
        let now = SystemClock.now();
        match Store::open(StoreConfig { engine: engine.clone() }, now, rng.clone()).await {
            Ok(store) => {
                let done = match live::read(&store, settings, scopes).await {
                    Ok((live, scopes)) => execute(&store, (&scopes, &live.brand), now, &*rng, request).await,
                    Err(error) => Err(error.into()),
                };
                store.close().await;
                return done.map_err(|refused| Failure::failed(refused.to_string()));
            }
            Err(StoreError::AlreadyOpen) => {}
            Err(error) => return Err(Failure::failed(error.to_string())),
        }
        if let Some(done) = ask_server(socket, request).await? {
            return Ok(done);
        }
        tokio::time::sleep(RETRY_EVERY).await;
    }
    Err(Failure::failed(format!("a process holds the store, but nobody answers at {}", socket.display())))
}

/// Where operators act from a shell: on the store, as long as no server holds it, or beside the server that does.
pub enum Desk {
    /// The store was opened here.
    Own(Arc<Server>),
    /// The socket of a running server.
    Beside(PathBuf),
}

impl Desk {
    /// On the store of a configuration, whether or not a server holds it.
    pub async fn open(ground: Ground) -> Result<Self, Failure> {
        let socket = ground.data.socket();
        for _ in 0..RETRIES {
            let config = StoreConfig { engine: ground.engine.clone() };
            match Store::open(config, SystemClock.now(), Arc::new(OsRng)).await {
                Ok(store) => {
                    let server = Instance::new(ground, store)?.server;
                    let followed = server.follow_settings().await;
                    followed.map_err(|error| Failure::failed(format!("what operators set: {error}")))?;
                    return Ok(Self::Own(server));
                }
                Err(StoreError::AlreadyOpen) => {}
                Err(error) => return Err(Failure::failed(error.to_string())),
            }
            if UnixStream::connect(&socket).await.is_ok() {
                return Ok(Self::Beside(socket));
            }
            tokio::time::sleep(RETRY_EVERY).await;
        }
        Err(Failure::failed(format!("a process holds the store, but nobody answers at {}", socket.display())))
    }

    /// Beside the server that runs on a data directory. Without one nothing is done: what it may mail, and to whom its links
    /// lead, is known from its configuration only.
    pub async fn beside(socket: PathBuf) -> Result<Self, Failure> {
        match UnixStream::connect(&socket).await {
            Ok(_) => Ok(Self::Beside(socket)),
            Err(_) => Err(Failure::setup("no server runs on this directory: give its configuration, --config FILE")),
        }
    }

    /// Does one of [`crate::operations::OPERATIONS`].
    pub async fn act(&self, operation: &str, given: Value) -> Result<Value, Failure> {
        let ask = Ask { operation: operation.to_owned(), given };
        match self {
            Self::Own(server) => ask.carry_out(server).await.map_err(Failure::failed),
            Self::Beside(socket) => {
                let done = ask_server(socket, &Asking::Act(&ask)).await?;
                done.ok_or_else(|| Failure::failed("the server stopped meanwhile: see what was done"))
            }
        }
    }

    /// Puts everything back.
    pub async fn close(self) {
        if let Self::Own(server) = self {
            server.store.close().await;
        }
    }
}
