//! An operating-system lock on a file beside the database: gone the instant its holder dies, whatever kills it.

use crate::store::{StoreError, careful_file, obstacle};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// Whoever looks whether a lock is held has it for a moment; so often and at such steps it is tried again.
const TRIES: u32 = 50;
const STEP: Duration = Duration::from_millis(4);

/// The lock, held until dropped. The file stays; only the lock on it counts.
#[derive(Debug)]
pub struct OsLock {
    _file: File,
}

impl OsLock {
    /// Takes the lock if nobody holds it; `None` if somebody does. `database` is the file that it stands beside.
    pub fn try_acquire(path: &Path, database: &Path) -> Result<Option<Self>, StoreError> {
        let file = open(path, database)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::WouldBlock) => std::thread::sleep(STEP),
                Err(TryLockError::Error(source)) => return Err(failed("lock", path, source)),
            }
        }
        Ok(None)
    }

    /// Takes the lock, waiting as long as another process holds it. `database` is the file that it stands beside.
    pub fn acquire(path: &Path, database: &Path) -> Result<Self, StoreError> {
        let file = open(path, database)?;
        file.lock().map_err(|source| failed("lock", path, source))?;
        Ok(Self { _file: file })
    }

    /// Whether some process holds the lock now; false when the file is not there. Where that cannot be told, it counts as held: nobody
    /// is to be taken for dead because somebody may not look.
    pub fn is_held(path: &Path) -> bool {
        match careful_file::open(path, OpenOptions::new().read(true)) {
            Ok(file) => file.try_lock_shared().is_err(),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }
}

/// Opens the file of the lock. A new one belongs to whom the database belongs to and may be used by whoever may use that, as SQLite's own
/// companions may. One of another user's is good to be locked even where it may only be read. What is no regular file is refused.
fn open(path: &Path, database: &Path) -> Result<File, StoreError> {
    let told = |source| failed("lock", path, source);
    match careful_file::create_like(path, database, 0o666) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            match careful_file::open(path, OpenOptions::new().write(true)) {
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    careful_file::open(path, OpenOptions::new().read(true)).map_err(told)
                }
                opened => opened.map_err(told),
            }
        }
        made => made.map_err(told),
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
