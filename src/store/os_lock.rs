//! A lock of the operating system on a file beside the database: released the instant its holder
//! exits, for whatever reason.

use crate::store::{StoreError, careful_file, obstacle};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// A check whether the lock is held takes it for a moment; acquiring is retried this often at this
/// interval.
const TRIES: u32 = 50;
const TRY_INTERVAL: Duration = Duration::from_millis(4);

/// The lock, held until dropped. The file remains; only the lock on it matters.
#[derive(Debug)]
pub struct OsLock {
    _file: File,
}

impl OsLock {
    /// Takes the lock; `None` if another process holds it. `database` is the file that the lock
    /// file is beside.
    pub fn try_acquire(path: &Path, database: &Path) -> Result<Option<Self>, StoreError> {
        let file = open(path, database)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::WouldBlock) => std::thread::sleep(TRY_INTERVAL),
                Err(TryLockError::Error(source)) => return Err(failed("lock", path, source)),
            }
        }
        Ok(None)
    }

    /// Takes the lock, waiting while another process holds it. `database` is the file that the lock
    /// file is beside.
    pub fn acquire(path: &Path, database: &Path) -> Result<Self, StoreError> {
        let file = open(path, database)?;
        file.lock().map_err(|source| failed("lock", path, source))?;
        Ok(Self { _file: file })
    }

    /// Whether a process holds the lock now; false if there is no file. If that cannot be checked,
    /// the lock counts as held: a running process must not be taken for crashed.
    pub fn is_held(path: &Path) -> bool {
        match careful_file::open(path, OpenOptions::new().read(true)) {
            Ok(file) => file.try_lock_shared().is_err(),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }
}

/// Opens the lock file. A new one gets the owner and permissions of the database, as SQLite's own
/// files do. Another user's file can be locked even if it is read-only. Refuses anything but a
/// regular file.
fn open(path: &Path, database: &Path) -> Result<File, StoreError> {
    let named = |source| failed("lock", path, source);
    match careful_file::create_like(path, database, 0o666) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            match careful_file::open(path, OpenOptions::new().write(true)) {
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    careful_file::open(path, OpenOptions::new().read(true)).map_err(named)
                }
                opened => opened.map_err(named),
            }
        }
        made => made.map_err(named),
    }
}

fn failed(attempted: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    let source = if source.kind() == ErrorKind::PermissionDenied {
        let at_fault = if path.exists() { Some(path) } else { path.parent() };
        let shown = |path: &Path| crate::domain::clean_line(&path.to_string_lossy()).into_owned();
        let rights = at_fault.map(|path| format!("{}{}", shown(path), obstacle::rights_of(path))).unwrap_or_default();
        std::io::Error::new(source.kind(), format!("{source}: {rights}"))
    } else {
        source
    };
    let path = crate::domain::clean_line(&path.to_string_lossy()).into_owned();
    StoreError::File { attempted, path, source }
}
