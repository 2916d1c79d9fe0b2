//! The music catalogue: artists, albums and tracks that everybody shares, in a read-only SQLite file of its own beside
//! either engine (design §8, ruling 9). It is never changed in place: an import builds a new file and renames it over
//! the old one, so that a reader always sees one whole catalogue.

mod build;
mod data;
mod read;
mod search;
mod shared;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

pub use data::{
    Album, AlbumBrief, AlbumData, AlbumKind, Artist, ArtistData, ArtistRef, CatalogueData, Copyright, Image, Precision,
    ReleaseDate, Track, TrackData,
};
pub use read::{AlbumGroup, Kind, MAX_BATCH, Page};
pub(crate) use search::folded;
pub use search::{MAX_REACHABLE, SearchQuery};
pub use shared::SharedCatalogue;

/// Raised with every change of the file's tables; a file of another version is refused.
const FILE_VERSION: i64 = 1;

/// Connections per open file. All are opened at once: one opened after the file was replaced would read another
/// catalogue than its siblings.
const READERS: usize = 4;

/// Why the catalogue could not be read or built.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// SQLite refused.
    #[error("catalogue: {0}")]
    Engine(#[from] rusqlite::Error),
    /// The file could not be written or renamed.
    #[error("catalogue: {0}")]
    Io(#[from] std::io::Error),
    /// The file is no catalogue of this version; import it again.
    #[error("the catalogue file is of another version ({found}); import it again")]
    OtherVersion {
        /// What the file says.
        found: i64,
    },
    /// An album or track names something that is not in the data.
    #[error("{of} names {missing}, which is not in the catalogue")]
    Missing {
        /// Who names it.
        of: String,
        /// The id that nothing has.
        missing: String,
    },
}

/// One catalogue file, open for reading. Any number of threads may read at once.
pub struct Catalogue {
    readers: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Catalogue {
    /// Opens the file at `path`.
    pub fn open(path: &Path) -> Result<Self, CatalogueError> {
        let mut readers = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let reader = Connection::open_with_flags(path, flags)?;
            reader.set_prepared_statement_cache_capacity(32);
            let found = reader.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if found != FILE_VERSION {
                return Err(CatalogueError::OtherVersion { found });
            }
            readers.push(Mutex::new(reader));
        }
        Ok(Self { readers, next: AtomicUsize::new(0) })
    }

    /// Writes `data` to a temporary file beside `path` and renames it to `path`. Whoever has the old file open keeps
    /// reading the old one; whatever goes wrong leaves the old one in place.
    pub fn build(path: &Path, data: &CatalogueData) -> Result<(), CatalogueError> {
        build::build(path, data)
    }

    /// Lends a connection to `read`: a free one if there is one, else the next in turn.
    fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>) -> Result<T, CatalogueError> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        let reader = match free {
            Some(reader) => Some(reader),
            None => {
                let turn = self.next.fetch_add(1, Ordering::Relaxed) % READERS;
                self.readers.get(turn).map(|reader| reader.lock().unwrap_or_else(PoisonError::into_inner))
            }
        };
        match reader {
            Some(reader) => Ok(read(&reader)?),
            None => Err(rusqlite::Error::InvalidQuery.into()),
        }
    }
}

#[cfg(test)]
mod tests;
