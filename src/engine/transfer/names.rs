//! Which channel databases and distribution schedules the messages of a chunk name, and when.

use crate::domain::{Presence, StatusMessage, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::ChunkWriter;
use std::collections::HashMap;

/// Names held in memory; beyond, they are written before the chunk goes on. A store's error can make up any number of them.
const HELD: usize = 10_000;

/// The names of a chunk, each written once at its end.
#[derive(Default)]
pub(super) struct Names {
    channel_databases: HashMap<String, Presence>,
    schedules: HashMap<String, (Timestamp, Timestamp)>,
}

impl Names {
    /// Takes the names of a new message.
    pub(super) fn note(&mut self, message: &StatusMessage, writer: &mut ChunkWriter) -> Result<(), StoreError> {
        let at = message.posted_at;
        let name = message.key.channel_database.as_str();
        if let Some(presence) = self.channel_databases.get_mut(name) {
            presence.absorb(at);
        } else if !name.is_empty() {
            let mut presence = writer.load_presence(name)?.unwrap_or_else(|| Presence::of(at));
            presence.absorb(at);
            self.channel_databases.insert(name.to_owned(), presence);
        }
        if let Some(name) = message.distribution_schedule.as_deref().filter(|name| !name.is_empty()) {
            if let Some((first, last)) = self.schedules.get_mut(name) {
                (*first, *last) = ((*first).min(at), (*last).max(at));
            } else {
                self.schedules.insert(name.to_owned(), (at, at));
            }
        }
        if self.channel_databases.len() + self.schedules.len() >= HELD { self.write(writer) } else { Ok(()) }
    }

    /// Writes them and forgets them.
    pub(super) fn write(&mut self, writer: &mut ChunkWriter) -> Result<(), StoreError> {
        for (name, presence) in self.channel_databases.drain() {
            writer.save_presence(&name, &presence)?;
        }
        for (name, (first, last)) in self.schedules.drain() {
            writer.save_schedule(&name, first, last)?;
        }
        Ok(())
    }
}
