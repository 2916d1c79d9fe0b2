//! A throw-away PostgreSQL cluster on loopback.

use std::{
    env, fs,
    io::Read as _,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    process::{Running, program, until},
    steps::Workshop,
    tools,
};

const START_WITHIN: Duration = Duration::from_secs(60);
/// Another program may take the port between our looking and PostgreSQL's binding.
const TRIES: u32 = 3;
/// A data directory is called this and the process id of its owner.
const PREFIX: &str = "keysig-postgres-";

/// A running cluster; dropping it stops the server and removes its data.
#[derive(Debug)]
pub struct Cluster {
    server: Option<Running>,
    directory: PathBuf,
    /// `postgres://…`, with the superuser's password.
    pub url: String,
}

impl Cluster {
    /// Makes a cluster with the programs in `bin` and starts it on a free port.
    pub fn start(workshop: &Workshop, bin: &Path) -> Result<Self, String> {
        // PostgreSQL refuses to run as root (and is right).
        let other_user = tools::is_root().then_some("postgres");
        let directory = data_directory(workshop, other_user)?;
        let mut cluster = Self { server: None, directory, url: String::new() };
        let password = random_hex()?;
        let password_file = cluster.directory.join("password");
        write_for(other_user, &password_file, &password)?;

        let data = cluster.directory.join("data");
        let mut create = as_user(other_user, &bin.join("initdb"));
        create.arg("--pgdata").arg(&data).arg("--pwfile").arg(&password_file);
        create.args(["--username=keysig", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        create.current_dir(&cluster.directory);
        workshop.run(create)?;

        for _ in 0..TRIES {
            let port = free_port()?;
            let mut serve = as_user(other_user, &bin.join("postgres"));
            serve.arg("-D").arg(&data).arg("-p").arg(port.to_string()).current_dir(&cluster.directory);
            for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"] {
                serve.args(["-c", setting]);
            }
            let server = Running::start(serve, &workshop.log).map_err(|error| format!("postgres: {error}"))?;
            let server = cluster.server.insert(server);
            let up = until(START_WITHIN, || match server.ended() {
                Ok(None) => TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok().map(|_| true),
                _ => Some(false),
            });
            if up == Some(true) {
                cluster.url = format!("postgres://keysig:{password}@127.0.0.1:{port}/postgres");
                return Ok(cluster);
            }
        }
        Err("postgres did not start".to_owned())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.take());
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// `setpriv` becomes the program, where `runuser` would stay between it and our signals. QUIT is PostgreSQL's immediate
/// stop: nobody will miss these data.
fn as_user(user: Option<&str>, name: &Path) -> Command {
    match user {
        Some(user) => {
            let mut command = program("setpriv", "QUIT");
            command.args(["--reuid", user, "--regid", user, "--init-groups", "--"]).arg(name).env("HOME", "/");
            command
        }
        None => program(name, "QUIT"),
    }
}

/// A directory under `target/`, or among the temporary files where the other user may not go there.
fn data_directory(workshop: &Workshop, user: Option<&str>) -> Result<PathBuf, String> {
    let name = format!("{PREFIX}{}", std::process::id());
    let mut complaint = String::new();
    for place in [workshop.target("xtask"), env::temp_dir()] {
        remove_orphans(&place);
        let directory = place.join(&name);
        fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        let Some(user) = user else {
            return Ok(directory);
        };
        give(user, &directory)?;
        let mut look = as_user(Some(user), Path::new("test"));
        look.arg("-w").arg(&directory);
        match workshop.run(look) {
            Ok(()) => return Ok(directory),
            Err(refused) => complaint = refused,
        }
        let _ = fs::remove_dir_all(&directory);
    }
    Err(complaint)
}

/// Removes what a run that was killed could not.
fn remove_orphans(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn write_for(user: Option<&str>, path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    user.map_or(Ok(()), |user| give(user, path))
}

fn give(user: &str, path: &Path) -> Result<(), String> {
    let given = Command::new("chown").arg(format!("{user}:")).arg(path).status();
    let given = given.is_ok_and(|status| status.success());
    if given { Ok(()) } else { Err(format!("chown {user} {} failed", path.display())) }
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

/// A password that another user of this machine cannot guess.
fn random_hex() -> Result<String, String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| format!("/dev/urandom: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
