//! News of changes at head office, told by the database itself where the engine can.

use crate::store::postgres::{Listening, listen};
use crate::store::{Location, StoreError};
use std::time::Duration;

/// What writers of batch jobs, servers, alerts and ends of runs tell; see migration 4 of PostgreSQL's head office.
const CHANNEL: &str = "cdx_head_office";

/// A connection of its own that hears of what others commit. Not through a pooler that hands sessions on: it hears nothing there.
pub struct Changes(Listening);

impl Changes {
    /// Begins to listen; `None` where the engine tells nothing and must be asked. What was committed before is not told.
    pub fn open(location: &Location) -> Result<Option<Self>, StoreError> {
        match location {
            Location::Sqlite(_) => Ok(None),
            Location::Postgres(server) => listen(server, location, CHANNEL).map(|listening| Some(Self(listening))),
        }
    }

    /// Waits until something is told, `at_most` so long; whether it was.
    pub fn wait(&mut self, at_most: Duration) -> Result<bool, StoreError> {
        self.0.wait(at_most)
    }
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Changes")
    }
}
