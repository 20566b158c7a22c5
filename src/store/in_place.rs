//! Checks that an SQLite file is still the one that was opened, at the same path.

use crate::store::{Location, StoreError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file as it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InPlace {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl InPlace {
    /// Remembers the file of a connection. Refuses what could not be opened again: a database in
    /// memory, a file without a name, anything but a regular file.
    pub(super) fn of(path: &Path, inner: &rusqlite::Connection, location: &Location) -> Result<Self, StoreError> {
        let refused = |reason: &str| StoreError::Open { location: location.clone(), reason: reason.to_owned() };
        let vanishes = "what is written there does not stay; write sqlite: and the path of a file on a disk";
        let resolved = path.canonicalize().map_err(|error| refused(&error.to_string()))?;
        let metadata = resolved.metadata().map_err(|error| refused(&error.to_string()))?;
        // SQLite reports the name only as text.
        let opened = inner.path().map(Path::new);
        if opened != Some(&resolved) && opened != Some(path) && resolved.to_str().is_some() {
            return Err(refused(vanishes));
        }
        if !metadata.is_file() || metadata.nlink() == 0 {
            return Err(refused("it is not a regular file; name a file"));
        }
        Ok(Self { path: path.to_owned(), device: metadata.dev(), inode: metadata.ino() })
    }

    /// Refuses a path with another file, or none: writes would be lost.
    pub(super) fn check(&self, location: &Location) -> Result<(), StoreError> {
        match self.path.metadata() {
            Ok(found) if (found.dev(), found.ino()) == (self.device, self.inode) => Ok(()),
            _ => Err(StoreError::Moved { location: location.clone() }),
        }
    }
}
