//! Channel databases and distribution schedules as the messages name them; kept up to date within each chunk.

use crate::domain::{Presence, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Statement;
use crate::store::head_office::chunk_rows::SAVE_PRESENCE;
use crate::store::head_office::clocks::FAST;
use crate::store::head_office::edits::{Edit, EditError, Edited};
use crate::store::head_office::{HeadOffice, Undo, bulk};
use crate::store::value::values;

/// The statements of a chunk.
pub(super) struct Presences<'c> {
    office: &'c HeadOffice,
    load: Statement<'c>,
    save: Statement<'c>,
    schedule: Statement<'c>,
}

impl HeadOffice {
    pub(super) fn prepare_presences(&self) -> Result<Presences<'_>, StoreError> {
        Ok(Presences {
            load: self
                .connection
                .prepare("select first_seen_at, last_seen_at, usual_gap from channel_database where name = $1")?,
            save: self
                .connection
                .prepare(&format!("{} values ($1, $2, $3, $4) {}", SAVE_PRESENCE.0, SAVE_PRESENCE.1))?,
            office: self,
            schedule: self.connection.prepare(
                "insert into distribution_schedule (name, first_seen_at, last_seen_at) values ($1, $2, $3)
                 on conflict (name) do update set
                    first_seen_at = case when excluded.first_seen_at < distribution_schedule.first_seen_at
                        then excluded.first_seen_at else distribution_schedule.first_seen_at end,
                    last_seen_at = case when excluded.last_seen_at > distribution_schedule.last_seen_at
                        then excluded.last_seen_at else distribution_schedule.last_seen_at end",
            )?,
        })
    }
}

impl Presences<'_> {
    pub(super) fn load(&mut self, names: &[&str]) -> Result<Vec<(String, Presence)>, StoreError> {
        if let Some(server) = self.office.connection.session() {
            return bulk::presences(server, self.office.location(), names);
        }
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            let known = self.load.first(values![*name], |row| {
                let (first_seen_at, last_seen_at) = (row.time(0)?, row.time(1)?);
                Ok(Presence { first_seen_at, last_seen_at, usual_gap: row.opt_int(2)? })
            })?;
            found.extend(known.map(|presence| ((*name).to_owned(), presence)));
        }
        Ok(found)
    }

    pub(super) fn save(&mut self, presences: &[(&str, Presence)]) -> Result<(), StoreError> {
        if let Some(server) = self.office.connection.session() {
            return bulk::save_presences(server, presences);
        }
        for (name, presence) in presences {
            let Presence { first_seen_at, last_seen_at, usual_gap } = *presence;
            self.save.execute(values![*name, first_seen_at, last_seen_at, usual_gap])?;
        }
        Ok(())
    }

    pub(super) fn save_schedule(&mut self, name: &str, first: Timestamp, last: Timestamp) -> Result<(), StoreError> {
        self.schedule.execute(values![name, first, last])?;
        Ok(())
    }
}

/// A channel database and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelDatabase {
    /// Its name.
    pub name: String,
    /// When it was heard of, and how often that is usual.
    pub presence: Presence,
    /// Its store's zone, where somebody has said so.
    pub zone: Option<String>,
    /// What an operator wrote about it.
    pub note: Option<String>,
    /// Grows with every edit of its note or zone; 0 before the first.
    pub version: i64,
    /// By how many milliseconds its clock runs ahead; `None` if it does not.
    pub clock_ahead_ms: Option<i64>,
}

impl HeadOffice {
    /// The channel databases by name, `limit` at the most.
    pub fn channel_databases(&self, limit: i64) -> Result<Vec<ChannelDatabase>, StoreError> {
        let sql = format!(
            "select name, first_seen_at, last_seen_at, usual_gap, zone, note, edit_version,
                case when {FAST} then clock_ahead_ms end
             from channel_database order by name limit $1"
        );
        self.connection.query(&sql, values![limit], |row| {
            let (first_seen_at, last_seen_at) = (row.time(1)?, row.time(2)?);
            let presence = Presence { first_seen_at, last_seen_at, usual_gap: row.opt_int(3)? };
            Ok(ChannelDatabase {
                name: row.text(0)?,
                presence,
                zone: row.opt_text(4)?,
                note: row.opt_text(5)?,
                version: row.int(6)?,
                clock_ahead_ms: row.opt_int(7)?,
            })
        })
    }

    /// Writes what an operator has to say about a channel database, empty for nothing; durable when it returns.
    pub fn set_database_note<'a>(&self, name: &str, note: &str, edit: impl Into<Edit<'a>>) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select note from channel_database where name = $1";
        if let Some(before) = self.connection.first(sql, values![name], |row| row.opt_text(0))? {
            let note = (!note.is_empty()).then_some(note);
            self.connection.execute("update channel_database set note = $2 where name = $1", values![name, note])?;
            let (undo, note) = (Undo::DatabaseNote(before), note.unwrap_or(""));
            let entry_id = self.note_in_journal(edit.operator, "note on channel database", name, note, Some(&undo))?;
            self.new_version(Edited::ChannelDatabase(name), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Says in which IANA zone a channel database's store lies, or that nobody knows; durable when it returns. A console can show its times.
    pub fn set_database_zone<'a>(
        &self,
        name: &str,
        zone: Option<&str>,
        edit: impl Into<Edit<'a>>,
    ) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select zone from channel_database where name = $1";
        if let Some(before) = self.connection.first(sql, values![name], |row| row.opt_text(0))? {
            self.connection.execute("update channel_database set zone = $2 where name = $1", values![name, zone])?;
            let (undo, zone) = (Undo::DatabaseZone(before), zone.unwrap_or(""));
            let entry_id = self.note_in_journal(edit.operator, "zone of channel database", name, zone, Some(&undo))?;
            self.new_version(Edited::ChannelDatabase(name), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The IANA zone of a channel database's store; `None` if nobody has said.
    pub fn database_zone(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "select zone from channel_database where name = $1";
        Ok(self.connection.first(sql, values![name], |row| row.opt_text(0))?.flatten())
    }
}
