//! Converts errors of the server and the connection.

use crate::domain::NAME_LIMIT;
use crate::store::tuning::LOCK_WAIT;
use crate::store::{Location, StoreError};
use postgres::error::SqlState;

/// Converts an error of an open connection. A broken connection becomes [`StoreError::Lost`].
pub(super) fn classify(error: &postgres::Error, location: &Location) -> StoreError {
    let location = location.clone();
    let reason = words(error);
    if is_lost(error) {
        return StoreError::Lost { location, reason };
    }
    let Some(state) = error.code() else { return StoreError::Server { location, reason } };
    if [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED]
        .contains(state)
    {
        StoreError::Locked { location, waited_seconds: LOCK_WAIT.as_secs(), holder: None }
    } else if *state == SqlState::QUERY_CANCELED {
        StoreError::Interrupted { location }
    } else if *state == SqlState::DISK_FULL {
        StoreError::Full { location }
    } else if *state == SqlState::SEQUENCE_GENERATOR_LIMIT_EXCEEDED {
        StoreError::NumbersUsedUp { location }
    } else if *state == SqlState::READ_ONLY_SQL_TRANSACTION {
        StoreError::ReadOnly { location, reason }
    } else if *state == SqlState::INSUFFICIENT_PRIVILEGE {
        StoreError::Denied { location, reason }
    } else if *state == SqlState::PROGRAM_LIMIT_EXCEEDED {
        // Of all stored values, only names are indexed as a whole.
        let reason = format!("a name is too long; a name has at most {NAME_LIMIT} bytes ({reason})");
        StoreError::Server { location, reason }
    } else {
        StoreError::Server { location, reason }
    }
}

/// Converts an error while connecting.
pub(super) fn classify_connect(error: &postgres::Error, location: &Location) -> StoreError {
    let location = location.clone();
    let reason = words(error);
    let refused = |advice: &str| StoreError::Open { location: location.clone(), reason: format!("{reason}; {advice}") };
    match error.code() {
        Some(state) if *state == SqlState::INVALID_CATALOG_NAME => refused("create it with createdb"),
        Some(state) if [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(state) => {
            refused("see user, password and the server's pg_hba.conf")
        }
        None if reason.contains("password missing") => refused("put it into PGPASSFILE, ~/.pgpass or PGPASSWORD"),
        Some(state) if state.code().starts_with("57") || state.code().starts_with("53") => {
            StoreError::Unreachable { location, reason }
        }
        Some(_) => StoreError::Open { location, reason },
        None => StoreError::Unreachable { location, reason },
    }
}

/// Whether the connection is gone: closed, broken, or ended by the server.
fn is_lost(error: &postgres::Error) -> bool {
    // 57P01 to 57P05 end a session; 25P03 ends an idle transaction; class 08 means the connection.
    let ended = |code: &str| code.starts_with("57P") || code.starts_with("08") || code == "25P03";
    error.is_closed()
        || error.code().is_some_and(|state| ended(state.code()))
        || (error.as_db_error().is_none()
            && std::error::Error::source(error).is_some_and(|source| source.downcast_ref::<std::io::Error>().is_some()))
}

/// The error in one line, with its causes.
fn words(error: &postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        let detail = said.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let text = format!("{}{detail} [{}]", said.message(), said.code().code());
        return crate::domain::clean_line(&text).into_owned();
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    crate::domain::clean_line(&text).into_owned()
}
