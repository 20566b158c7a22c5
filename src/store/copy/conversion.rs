//! What the two engines of a copy mean for its rows.

use crate::store::connection::Connection;

/// The conversion from one kind of database to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conversion {
    /// Whether one of the two is a file.
    pub(super) touches_file: bool,
    /// Whether one of the two is a server, whose text holds no NUL.
    pub(super) touches_server: bool,
    /// Whether positions of the source are not valid in the target.
    pub(super) loses_positions: bool,
}

impl Conversion {
    pub(super) fn of(source: &Connection, target: &Connection) -> Self {
        let (from, to) = (source.session().is_some(), target.session().is_some());
        Self { touches_file: !from || !to, touches_server: from || to, loses_positions: from && !to }
    }
}
