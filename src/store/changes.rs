//! Notifications of changes at head office, where the database sends them.

use crate::store::postgres::{Listening, listen};
use crate::store::{Location, StoreError};
use std::time::Duration;

/// The channel that writers of batch jobs, servers, alerts and ends of runs notify; see migration 4
/// of PostgreSQL's head office.
const CHANNEL: &str = "cdx_head_office";

/// A connection of its own that listens for other sessions' commits. Receives nothing through a
/// transaction pooler.
pub struct Changes(Listening);

impl Changes {
    /// Starts to listen; `None` if the engine sends no notifications and must be polled. Earlier
    /// commits are not notified.
    pub fn open(location: &Location) -> Result<Option<Self>, StoreError> {
        match location {
            Location::Sqlite(_) => Ok(None),
            Location::Postgres(server) => listen(server, location, CHANNEL).map(|listening| Some(Self(listening))),
        }
    }

    /// Waits at most `at_most` for a notification; returns whether there was one.
    pub fn wait(&mut self, at_most: Duration) -> Result<bool, StoreError> {
        self.0.wait(at_most)
    }
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Changes")
    }
}
