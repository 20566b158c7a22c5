//! An operating-system lock on a file beside the database: gone the instant its holder dies, whatever kills it.

use super::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// The lock, held until dropped. The file stays; only the lock on it counts.
#[derive(Debug)]
pub struct OsLock {
    _file: File,
}

impl OsLock {
    /// Takes the lock if nobody holds it; `None` if somebody does.
    pub fn try_acquire(path: &Path) -> Result<Option<Self>, StoreError> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(failed("lock", path, source)),
        }
    }

    /// Takes the lock, waiting as long as another process holds it.
    pub fn acquire(path: &Path) -> Result<Self, StoreError> {
        let file = open(path)?;
        file.lock().map_err(|source| failed("lock", path, source))?;
        Ok(Self { _file: file })
    }

    /// Whether some process holds the lock now; false when the file is not there.
    pub fn is_held(path: &Path) -> bool {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn open(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|source| failed("open", path, source))
}

fn failed(attempted: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    let path = crate::domain::clean_line(&path.to_string_lossy()).into_owned();
    StoreError::File { attempted, path, source }
}
