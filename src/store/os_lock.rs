//! An operating-system lock on a file beside the database: gone the instant its holder dies, whatever kills it.

use crate::store::StoreError;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
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
        match File::open(path) {
            Ok(file) => file.try_lock_shared().is_err(),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }
}

/// Opens the file of the lock. A new one belongs to whom the database belongs to and may be used by whoever may use that, as SQLite's own
/// companions may. One of another user's is good to be locked even where it may only be read.
fn open(path: &Path, database: &Path) -> Result<File, StoreError> {
    let told = |source| failed("open", path, source);
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => {
            if let Ok(of_database) = database.metadata() {
                // Where the file system knows no rights, there are none to share; and only root may give a file away.
                let _ = fchown(&file, Some(of_database.uid()), Some(of_database.gid()));
                let _ = file.set_permissions(Permissions::from_mode(of_database.permissions().mode() & 0o666));
            }
            Ok(file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match OpenOptions::new().write(true).open(path) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(path).map_err(told),
            opened => opened.map_err(told),
        },
        Err(error) => Err(told(error)),
    }
}

fn failed(attempted: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    let path = crate::domain::clean_line(&path.to_string_lossy()).into_owned();
    StoreError::File { attempted, path, source }
}
