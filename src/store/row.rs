//! One row of a result, in the program's own terms whatever the engine.

use crate::domain::Timestamp;
use crate::store::sqlite_error::classify;
use crate::store::{Location, StoreError, postgres};
use rusqlite::types::ValueRef;

/// One row of a result; columns count from 0.
pub(super) struct Row<'r> {
    inner: Inner<'r>,
    location: &'r Location,
}

enum Inner<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r ::postgres::Row),
}

impl<'r> Row<'r> {
    pub(super) fn sqlite(row: &'r rusqlite::Row<'r>, location: &'r Location) -> Self {
        Self { inner: Inner::Sqlite(row), location }
    }

    pub(super) fn postgres(row: &'r ::postgres::Row, location: &'r Location) -> Self {
        Self { inner: Inner::Postgres(row), location }
    }
}

impl Row<'_> {
    pub(super) fn int(&self, column: usize) -> Result<i64, StoreError> {
        match &self.inner {
            Inner::Sqlite(row) => row.get(column).map_err(|source| classify(source, self.location)),
            Inner::Postgres(_) => {
                self.opt_int(column)?.ok_or_else(|| self.damaged(format!("no number in column {column} of a row")))
            }
        }
    }

    pub(super) fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match &self.inner {
            Inner::Sqlite(row) => row.get(column).map_err(|source| classify(source, self.location)),
            Inner::Postgres(row) => postgres::integer(row, column).map_err(|error| self.unread(&error)),
        }
    }

    pub(super) fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp)
    }

    pub(super) fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    pub(super) fn text(&self, column: usize) -> Result<String, StoreError> {
        Ok(self.opt_text(column)?.unwrap_or_default())
    }

    /// Text; what is not UTF-8, which only a foreign program can have written, shows as U+FFFD.
    pub(super) fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.opt_bytes(column)?.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }

    /// Text as the bytes it is, borrowed until the next row.
    pub(super) fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        Ok(self.opt_bytes(column)?.unwrap_or_default())
    }

    pub(super) fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match &self.inner {
            Inner::Sqlite(row) => Ok(match row.get_ref(column).map_err(|source| classify(source, self.location))? {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
            }),
            Inner::Postgres(row) => postgres::text(row, column).map_err(|error| self.unread(&error)),
        }
    }

    fn unread(&self, error: &::postgres::Error) -> StoreError {
        StoreError::Server { location: self.location.clone(), reason: format!("a row cannot be read: {error}") }
    }

    /// The error for a value that this program never writes.
    pub(super) fn damaged(&self, what: impl Into<String>) -> StoreError {
        StoreError::Damaged { location: self.location.clone(), what: what.into() }
    }
}
