//! Converts SQLite's errors.

use crate::store::tuning::LOCK_WAIT;
use crate::store::{Location, StoreError, obstacle};
use rusqlite::ErrorCode;

/// Converts SQLite's error into the store's, naming the obstacle in the file system if there is
/// one.
pub(super) fn classify(source: rusqlite::Error, location: &Location) -> StoreError {
    if source.sqlite_error().is_some_and(|error| obstacle::is_full(error.extended_code, location)) {
        return StoreError::Full { location: location.clone() };
    }
    let location = location.clone();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let holder = crate::store::lock_holder::holder(&location);
            StoreError::Locked { location, waited_seconds: LOCK_WAIT.as_secs(), holder }
        }
        Some(ErrorCode::OperationInterrupted) => StoreError::Interrupted { location },
        Some(ErrorCode::DiskFull) => StoreError::Full { location },
        Some(ErrorCode::ReadOnly) => {
            let reason = obstacle::obstacle(&location).unwrap_or_else(|| UNKNOWN_OBSTACLE.to_owned());
            StoreError::ReadOnly { location, reason }
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            let reason = obstacle::obstacle(&location).unwrap_or_else(|| UNKNOWN_OBSTACLE.to_owned());
            StoreError::Open { location, reason }
        }
        _ => match obstacle::obstacle(&location) {
            Some(reason) if source.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) => {
                StoreError::Open { location, reason: format!("{source}; {reason}") }
            }
            _ => StoreError::Engine { location, source },
        },
    }
}

/// Used if no file or folder can be named.
const UNKNOWN_OBSTACLE: &str = "the file, or its folder or file system, may not be read and written; SQLite writes beside the file even to \
                                read it";
