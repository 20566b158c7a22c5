//! What the engines at the two ends of a copy mean for its rows.

use crate::store::connection::Connection;

/// From which kind of database to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conversion {
    /// One of the two is a file.
    pub(super) touches_file: bool,
    /// One of the two is a server, whose text holds no NUL.
    pub(super) touches_server: bool,
    /// Positions of the source mean nothing in the target.
    pub(super) loses_positions: bool,
}

impl Conversion {
    pub(super) fn of(source: &Connection, target: &Connection) -> Self {
        let (from, to) = (source.session().is_some(), target.session().is_some());
        Self { touches_file: !from || !to, touches_server: from || to, loses_positions: from && !to }
    }
}
