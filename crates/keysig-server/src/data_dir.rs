//! The data directory: what lies where in it, which kind of instance it belongs to, and the master key that goes with it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use keysig_core::encoding::{hex, hex_decode};
use keysig_core::rng::{Rng, random};
use keysig_core::seal::MasterKey;
use keysig_core::secret::Secret;

use crate::failure::Failure;

/// Which commands a data directory belongs to (design ruling 7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `keysig dev`: known passwords, marked keys.
    Test,
    /// `keysig serve`.
    Real,
}

/// The presence of this file marks a directory as [`Kind::Test`].
const TEST_MARK: &str = "made-by-keysig-dev";
/// In front of a key that was made by `dev`.
const TEST_KEY_PREFIX: &str = "test:";

/// A data directory that exists.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// Makes the directory (0700) if there is none, and refuses one that belongs to another kind of instance: accounts
    /// with known passwords must never face people, and a playground must never write into real data.
    pub fn prepare(path: &Path, kind: Kind) -> Result<Self, Failure> {
        let dir = Self::create(path)?;
        match (kind, dir.kind()) {
            (Kind::Real, Kind::Test) => Err(Failure::setup(format!(
                "{} was made by `keysig dev` and holds test accounts: give `serve` a directory of its own",
                path.display()
            ))),
            (Kind::Test, Kind::Real) if dir.has_database() || dir.default_key_file().exists() => {
                Err(Failure::setup(format!(
                    "{} holds data that `keysig dev` did not make: give `dev` a directory of its own",
                    path.display()
                )))
            }
            (Kind::Test, _) => {
                let mark = dir.0.join(TEST_MARK);
                fs::write(&mark, "Everything here is for tests. `keysig serve` refuses it.\n")
                    .map_err(|error| Failure::of_file(&mark, error))?;
                Ok(dir)
            }
            (Kind::Real, Kind::Real) => Ok(dir),
        }
    }

    fn create(path: &Path) -> Result<Self, Failure> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| Failure::of_file(path, format!("the data directory cannot be made: {error}")))?;
        let mode = fs::metadata(path).map_err(|error| Failure::of_file(path, error))?.permissions().mode();
        if mode & 0o022 != 0 {
            return Err(Failure::setup(format!("others may write into {0}: run `chmod 700 {0}`", path.display())));
        }
        Ok(Self(path.to_owned()))
    }

    /// The directory, if there is one; none is made.
    pub fn existing(path: &Path) -> Option<Self> {
        path.is_dir().then(|| Self(path.to_owned()))
    }

    /// Whose it is; [`Kind::Real`] as long as nothing says otherwise.
    pub fn kind_of(path: &Path) -> Kind {
        if path.join(TEST_MARK).exists() { Kind::Test } else { Kind::Real }
    }

    /// Whose it is.
    pub fn kind(&self) -> Kind {
        Self::kind_of(&self.0)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The SQLite file.
    pub fn database(&self) -> PathBuf {
        self.0.join("keysig.db")
    }

    /// Whether there is data that rests on a master key.
    pub fn has_database(&self) -> bool {
        self.database().exists()
    }

    /// The music catalogue.
    pub fn catalogue(&self) -> PathBuf {
        self.0.join("catalogue.db")
    }

    /// The front door of a running server for commands on this machine.
    pub fn socket(&self) -> PathBuf {
        Self::socket_in(&self.0)
    }

    /// The same of a directory that may not be there.
    pub fn socket_in(path: &Path) -> PathBuf {
        path.join("keysig.sock")
    }

    /// Where the master key is kept unless the configuration says otherwise.
    pub fn default_key_file(&self) -> PathBuf {
        self.0.join("master.key")
    }

    /// The master key in `file`. Without the file a new key is made, but never over data: everything sealed under the
    /// lost key would be dead, and nobody would know why.
    pub fn master_key(&self, file: &Path, kind: Kind, rng: &(impl Rng + ?Sized)) -> Result<MasterKey, Failure> {
        match fs::symlink_metadata(file) {
            Ok(_) => parse_master_key(&read_secret_file(file)?, &file.display().to_string(), kind),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::of_file(file, error)),
            Err(_) if self.has_database() => Err(Failure::setup(format!(
                "the master key {} is missing, but {} holds data made with it: put the key file back",
                file.display(),
                self.0.display()
            ))),
            Err(_) => {
                let bytes = random::<32>(rng);
                let prefix = if kind == Kind::Test { TEST_KEY_PREFIX } else { "" };
                let text = Secret::new(format!("{prefix}{}\n", hex(&bytes)));
                write_new_secret_file(file, text.expose()).map_err(|error| Failure::of_file(file, error))?;
                Ok(MasterKey::new(bytes, 0, kind == Kind::Test))
            }
        }
    }
}

/// A master key as a file or the environment holds it: 64 hexadecimal digits, those of `dev` behind `test:`. `from` is
/// named in errors.
pub fn parse_master_key(text: &Secret, from: &str, kind: Kind) -> Result<MasterKey, Failure> {
    let text = text.expose();
    let digits = text.strip_prefix(TEST_KEY_PREFIX);
    if kind == Kind::Real && digits.is_some() {
        return Err(Failure::setup(format!(
            "{from} holds a test key of `keysig dev`: make a real one with `openssl rand -hex 32`"
        )));
    }
    let Some(bytes) = hex_decode::<32>(digits.unwrap_or(text)) else {
        return Err(Failure::setup(format!(
            "{from} is not a master key, which is 64 hexadecimal digits: make one with `openssl rand -hex 32`"
        )));
    };
    Ok(MasterKey::new(bytes, 0, kind == Kind::Test))
}

/// Refuses a file with a secret in it that everybody on this machine may read.
pub fn refuse_if_world_readable(file: &Path) -> Result<(), Failure> {
    let metadata = fs::metadata(file).map_err(|error| Failure::setup(format!("{}: {error}", file.display())))?;
    if metadata.permissions().mode() & 0o007 != 0 {
        return Err(Failure::setup(format!(
            "everybody on this machine may read {0}, which holds a secret: run `chmod 600 {0}`",
            file.display()
        )));
    }
    Ok(())
}

/// The secret in a file, without the line's end.
pub fn read_secret_file(file: &Path) -> Result<Secret, Failure> {
    refuse_if_world_readable(file)?;
    let text = fs::read_to_string(file).map_err(|error| Failure::setup(format!("{}: {error}", file.display())))?;
    let secret = Secret::new(text);
    Ok(Secret::new(secret.expose().trim().to_owned()))
}

fn write_new_secret_file(file: &Path, text: &str) -> std::io::Result<()> {
    let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    written.write_all(text.as_bytes())?;
    written.sync_all()?;
    // The name must outlive a power failure too: data is about to rest on it.
    match file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// A directory that goes when this is dropped.
pub struct TemporaryDir(PathBuf);

impl TemporaryDir {
    /// Makes one (0700) under the system's directory for temporary files.
    pub fn new() -> Result<Self, Failure> {
        const TRIES: u32 = 1000;
        let parent = std::env::temp_dir();
        for nth in 0..TRIES {
            let path = parent.join(format!("keysig-dev-{}-{nth}", std::process::id()));
            // Fails if the name is taken: nobody can lay a directory of theirs in the way.
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::of_file(&path, error)),
            }
        }
        Err(Failure::of_file(&parent, "no temporary directory can be made"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDir {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "the temporary directory stays behind");
        }
    }
}
