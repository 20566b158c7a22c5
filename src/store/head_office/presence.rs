//! Channel databases, jobs, distribution schedules and channel data groups named by messages;
//! updated by each chunk.

use crate::domain::{Direction, Presence, Timestamp};
use crate::guard::{Attempt, Guarded};
use crate::store::StoreError;
use crate::store::connection::{Row, Statement};
use crate::store::head_office::chunk_rows::{SAVE_PRESENCE, presence};
use crate::store::head_office::clocks::FAST;
use crate::store::head_office::edits::{Edit, EditError, EditedObject};
use crate::store::head_office::journal::Change;
use crate::store::head_office::{HeadOffice, Permit, Undo, bulk};
use crate::store::value::values;

/// The statements of a chunk.
pub(super) struct Presences<'c> {
    office: &'c HeadOffice,
    load: Statement<'c>,
    save: Statement<'c>,
    load_job: Statement<'c>,
    save_job: Statement<'c>,
    schedule: Statement<'c>,
    group: Statement<'c>,
}

/// Stores when messages with a name arrived.
fn save_name(table: &str) -> String {
    format!(
        "insert into {table} (name, first_seen_at, last_seen_at) values ($1, $2, $3)
         on conflict (name) do update set
            first_seen_at = case when excluded.first_seen_at < {table}.first_seen_at
                then excluded.first_seen_at else {table}.first_seen_at end,
            last_seen_at = case when excluded.last_seen_at > {table}.last_seen_at
                then excluded.last_seen_at else {table}.last_seen_at end"
    )
}

/// Letters of a text that a name is compared with.
const MAX_COMPARED_CHARS: usize = 60;

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
            load_job: self.connection.prepare(
                "select first_seen_at, last_seen_at, usual_gap from known_job where name = $1 and direction = $2",
            )?,
            save_job: self.connection.prepare(
                "insert into known_job (name, direction, first_seen_at, last_seen_at, usual_gap) values ($1, $2, $3, $4, $5)
                 on conflict (name, direction) do update set first_seen_at = excluded.first_seen_at,
                    last_seen_at = excluded.last_seen_at, usual_gap = excluded.usual_gap",
            )?,
            schedule: self.connection.prepare(&save_name("distribution_schedule"))?,
            group: self.connection.prepare(&save_name("known_group"))?,
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
            let known = self.load.first(values![*name], presence)?;
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

    pub(super) fn save_group(&mut self, name: &str, first: Timestamp, last: Timestamp) -> Result<(), StoreError> {
        self.group.execute(values![name, first, last])?;
        Ok(())
    }

    pub(super) fn load_job(&mut self, direction: Direction, name: &str) -> Result<Option<Presence>, StoreError> {
        self.load_job.first(values![name, direction.number()], presence)
    }

    pub(super) fn save_job(&mut self, direction: Direction, name: &str, seen: Presence) -> Result<(), StoreError> {
        let Presence { first_seen_at, last_seen_at, usual_gap } = seen;
        self.save_job.execute(values![name, direction.number(), first_seen_at, last_seen_at, usual_gap])?;
        Ok(())
    }
}

/// A channel database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelDatabase {
    /// Its name.
    pub name: String,
    /// When it reported, and how often it usually does.
    pub presence: Presence,
    /// Its store's zone, if known.
    pub zone: Option<String>,
    /// An operator's note.
    pub note: Option<String>,
    /// The number of the last edit of its note or zone; 0 before the first.
    pub version: i64,
    /// By how many milliseconds its clock runs ahead; `None` if it does not.
    pub clock_ahead_ms: Option<i64>,
}

/// The columns of a [`ChannelDatabase`].
fn channel_columns() -> String {
    format!(
        "name, first_seen_at, last_seen_at, usual_gap, zone, note, edit_version,
         case when {FAST} then clock_ahead_ms end as fast_by_ms"
    )
}

fn channel_database(row: &Row) -> Result<ChannelDatabase, StoreError> {
    Ok(ChannelDatabase {
        name: row.text("name")?,
        presence: presence(row)?,
        zone: row.opt_text("zone")?,
        note: row.opt_text("note")?,
        version: row.int("edit_version")?,
        clock_ahead_ms: row.opt_int("fast_by_ms")?,
    })
}

impl HeadOffice {
    /// The channel database of this name; `None` if no message has named it.
    pub fn channel_database(&self, name: &str) -> Result<Option<ChannelDatabase>, StoreError> {
        let sql = format!("select {} from channel_database where name = $1", channel_columns());
        self.connection.first(&sql, values![name], channel_database)
    }

    /// The channel databases by name, at most `limit`.
    pub fn channel_databases(&self, limit: i64) -> Result<Vec<ChannelDatabase>, StoreError> {
        let sql = format!("select {} from channel_database order by name limit $1", channel_columns());
        self.connection.query(&sql, values![limit], channel_database)
    }

    /// The names of channel databases that have these letters in this order, at most `limit`: first
    /// those that begin with the text, then those that contain it, then the others.
    pub fn channel_databases_like(&self, text: &str, limit: i64) -> Result<Vec<String>, StoreError> {
        let escaped = |c: char| if matches!(c, '%' | '_' | '\\') { format!("\\{c}") } else { c.to_string() };
        let all = || text.chars().take(MAX_COMPARED_CHARS);
        let whole: String = all().map(escaped).collect();
        // A blank may stand for any sign: `lon s1` finds LON-S0001.
        let letters: Vec<_> = all().filter(|c| !c.is_whitespace()).map(escaped).collect();
        let (begins, contains, scattered) =
            (format!("{whole}%"), format!("%{whole}%"), format!("%{}%", letters.join("%")));
        let sql = "select name from channel_database where name <> '' and lower(name) like lower($1) escape '\\'
             order by case when lower(name) like lower($2) escape '\\' then 0
                 when lower(name) like lower($3) escape '\\' then 1 else 2 end, name limit $4";
        self.connection.query(sql, values![&scattered, &begins, &contains, limit], |row| row.text("name"))
    }

    /// The channel databases with a note, by name, at most `limit`: name and note.
    pub fn noted_databases(&self, limit: i64) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "select name, note from channel_database where note is not null order by name limit $1";
        self.connection.query(sql, values![limit], |row| Ok((row.text("name")?, row.text("note")?)))
    }

    /// Sets an operator's note on a channel database, empty for none; durable when it returns.
    pub fn set_database_note<'a>(&self, name: &str, note: &str, edit: impl Into<Edit<'a>>) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select note from channel_database where name = $1";
        if let Some(before) = self.connection.scalar::<Option<String>>(sql, values![name])? {
            let note = (!note.is_empty()).then_some(note);
            self.connection.execute("update channel_database set note = $2 where name = $1", values![name, note])?;
            let undo = Undo::DatabaseNote(before.clone());
            let change =
                Change::new(edit.operator, "note on channel database", name).database().detail(note.unwrap_or(""));
            let entry_id = self.append(&change.also(edit.also()).values(before.as_deref(), note).undo(Some(&undo)))?;
            self.new_version(EditedObject::ChannelDatabase(name), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Sets the IANA zone of a channel database's store, or removes it; durable when it returns. A
    /// console can show the store's local time.
    pub fn set_database_zone<'a>(
        &self,
        name: &str,
        zone: Option<&str>,
        edit: impl Into<Edit<'a>>,
    ) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select zone from channel_database where name = $1";
        if let Some(before) = self.connection.scalar::<Option<String>>(sql, values![name])? {
            self.connection.execute("update channel_database set zone = $2 where name = $1", values![name, zone])?;
            let undo = Undo::DatabaseZone(before.clone());
            let change =
                Change::new(edit.operator, "zone of channel database", name).database().detail(zone.unwrap_or(""));
            let entry_id = self.append(&change.also(edit.also()).values(before.as_deref(), zone).undo(Some(&undo)))?;
            self.new_version(EditedObject::ChannelDatabase(name), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Decides about another agent for a channel database.
    pub fn permit_hand_over(&self, name: &str, agent: &str, operator: &str) -> Result<Permit, StoreError> {
        let subjects = [Guarded { store: name.to_owned(), ..Guarded::default() }];
        let attempt = Attempt::new(operator, "hand over channel database", name);
        self.permit(&Attempt { detail: agent, subjects: &subjects, ..attempt })
    }

    /// Records in the journal that another agent serves a channel database; durable when it
    /// returns.
    pub fn note_hand_over(
        &self,
        name: &str,
        before: Option<&str>,
        agent: &str,
        operator: &str,
        permit: &Permit,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        let detail = format!("{} -> {agent}", before.unwrap_or("no agent"));
        let change = Change::new(operator, "hand over channel database", name).detail(&detail).permitted(permit);
        self.append(&change.values(before, Some(agent)))?;
        transaction.commit()
    }

    /// The IANA zone of a channel database's store; `None` if it is not set.
    pub fn database_zone(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "select zone from channel_database where name = $1";
        Ok(self.connection.scalar::<Option<String>>(sql, values![name])?.flatten())
    }
}
