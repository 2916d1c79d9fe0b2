//! The catalogue as a running server holds it: swapped whole when an import has renamed a new file into place.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use super::{Catalogue, CatalogueData, CatalogueError};

/// What tells one file at a path from the next.
type Mark = (u64, Option<SystemTime>);

/// The current catalogue and where it came from.
pub struct SharedCatalogue {
    path: PathBuf,
    current: RwLock<(Mark, Arc<Catalogue>)>,
}

impl SharedCatalogue {
    /// Opens the file at `path`; where there is none, an empty catalogue is made first.
    pub fn open(path: &Path) -> Result<Self, CatalogueError> {
        if !path.exists() {
            Catalogue::build(path, &CatalogueData::default())?;
        }
        let current = RwLock::new((mark(path)?, Arc::new(Catalogue::open(path)?)));
        Ok(Self { path: path.to_owned(), current })
    }

    /// The catalogue to use for one request.
    pub fn get(&self) -> Arc<Catalogue> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Opens the file anew if another one has taken its place; says whether it has. A file that cannot be opened
    /// leaves the old catalogue in use.
    pub fn reload_if_replaced(&self) -> Result<bool, CatalogueError> {
        let found = mark(&self.path)?;
        if self.current.read().unwrap_or_else(PoisonError::into_inner).0 == found {
            return Ok(false);
        }
        let opened = Arc::new(Catalogue::open(&self.path)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (found, opened);
        Ok(true)
    }
}

#[cfg(unix)]
fn mark(path: &Path) -> Result<Mark, std::io::Error> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.ino(), metadata.modified().ok()))
}

#[cfg(not(unix))]
fn mark(path: &Path) -> Result<Mark, std::io::Error> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok()))
}
