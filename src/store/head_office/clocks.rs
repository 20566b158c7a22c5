//! Channel databases whose clock runs ahead, as their messages show.

use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::head_office::{ChunkWriter, HeadOffice};
use crate::store::value::values;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

/// What a chunk's messages show about a channel database's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockNote {
    /// When the newest message dated in the future arrived, and by how many milliseconds it was
    /// ahead.
    pub ahead: Option<(Timestamp, i64)>,
    /// When the newest correctly dated message arrived.
    pub right: Option<Timestamp>,
}

/// A channel database whose clock runs ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FastClock {
    /// Its name.
    pub name: String,
    /// How far its clock is ahead, in milliseconds.
    pub ahead_ms: i64,
    /// When the message that shows it arrived.
    pub at: Timestamp,
}

/// No correctly dated message has arrived since.
pub(super) const FAST: &str =
    "clock_ahead_at is not null and clock_ahead_at >= coalesce(clock_right_at, clock_ahead_at)";

impl ChunkWriter<'_> {
    /// Stores what messages show about clocks; nothing for a clock that was never ahead.
    pub fn save_clocks(&mut self, clocks: &HashMap<String, ClockNote, impl BuildHasher>) -> Result<(), StoreError> {
        let connection = &self.office.connection;
        for (name, note) in clocks {
            let Some((at, ahead)) = note.ahead else { continue };
            let sql = "update channel_database set clock_ahead_at = $2, clock_ahead_ms = $3
                       where name = $1 and coalesce(clock_ahead_at, $2) <= $2";
            connection.execute(sql, values![name, at, ahead])?;
        }
        let known = "select name from channel_database where clock_ahead_at is not null";
        let known: HashSet<String> = connection.scalars::<String>(known, &[])?.into_iter().collect();
        for (name, note) in clocks.iter().filter(|(name, _)| known.contains(*name)) {
            let Some(at) = note.right else { continue };
            let sql = "update channel_database set clock_right_at = $2
                       where name = $1 and coalesce(clock_right_at, $2) <= $2";
            connection.execute(sql, values![name, at])?;
        }
        Ok(())
    }
}

impl HeadOffice {
    /// Channel databases whose clock runs ahead, the farthest first, at most `limit`, and their
    /// total number.
    pub fn fast_clocks(&self, limit: i64) -> Result<(Vec<FastClock>, i64), StoreError> {
        let sql = format!(
            "select name, clock_ahead_ms, clock_ahead_at from channel_database where {FAST}
             order by clock_ahead_ms desc, name limit $1"
        );
        let found = self.connection.query(&sql, values![limit], |row| {
            Ok(FastClock {
                name: row.text("name")?,
                ahead_ms: row.int("clock_ahead_ms")?,
                at: row.time("clock_ahead_at")?,
            })
        })?;
        let total = self.connection.integer(&format!("select count(*) from channel_database where {FAST}"), &[])?;
        Ok((found, total))
    }
}
