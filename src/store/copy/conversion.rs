//! How the database engines of source and target affect the rows of a copy.

use crate::store::connection::Connection;

/// The conversion from one kind of database to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conversion {
    /// Whether source or target is an SQLite file.
    pub(super) touches_file: bool,
    /// Whether source or target is a PostgreSQL server, whose text cannot contain NUL.
    pub(super) touches_server: bool,
    /// Whether the source's positions are invalid in the target.
    pub(super) loses_positions: bool,
}

impl Conversion {
    pub(super) fn of(source: &Connection, target: &Connection) -> Self {
        let (from, to) = (source.session().is_some(), target.session().is_some());
        Self { touches_file: !from || !to, touches_server: from || to, loses_positions: from && !to }
    }
}
