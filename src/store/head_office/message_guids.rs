//! The GUIDs of the messages in a head office file, in a table of their own.
//!
//! A chunk either looks each GUID up before it stores the message, or collects them and adds all at
//! its end, sorted, so that many random GUIDs share a visit of an index page. A collected GUID that
//! exists already is noticed only at the end; the chunk is then rolled back and run again with
//! look-ups.

use crate::domain::read_guid;
use crate::store::StoreError;
use crate::store::connection::{Connection, Statement};
use crate::store::dialect::INSERT_ROWS;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::message_row::NewHere;
use crate::store::value::{Value, placeholders, values};

/// The table.
pub(in crate::store) const TABLE: &str = "message_guid";

/// How a chunk finds messages that head office has already. At PostgreSQL always [`Self::Each`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindRepeated {
    /// Looks each GUID up and counts repeated messages.
    Each,
    /// Detects a repetition at the end of the chunk, which then cannot be committed; much faster.
    AnyAtEnd,
}

/// GUIDs that one statement adds.
const GUIDS_PER_STATEMENT: usize = 64;

/// The GUIDs of a chunk.
pub(super) struct ChunkGuids<'c> {
    find: FindRepeated,
    /// GUIDs to be added to the table at the end of the chunk; as numbers, which are sorted
    /// faster than bytes.
    collected: Vec<u128>,
    add: Statement<'c>,
    add_group: Statement<'c>,
}

impl<'c> ChunkGuids<'c> {
    pub(super) fn of(connection: &'c Connection, find: FindRepeated) -> Result<Self, StoreError> {
        let add = |guids: usize| {
            let rows: Vec<_> = (0..guids).map(|before| placeholders(before, 1)).collect();
            let sql = format!("{INSERT_ROWS} message_guid (guid) values {} on conflict do nothing", rows.join(", "));
            connection.prepare(&sql)
        };
        Ok(Self { find, collected: Vec::new(), add: add(1)?, add_group: add(GUIDS_PER_STATEMENT)? })
    }

    /// Registers the GUIDs; returns for each whether it is new. `AnyAtEnd` returns true for all.
    pub(super) fn register(&mut self, messages: &[NewHere]) -> Result<Vec<bool>, StoreError> {
        let guids = messages.iter().map(|new| new.message.message_guid);
        match self.find {
            FindRepeated::Each => {
                guids.map(|guid| Ok(self.add.execute(&[Value::Blob(guid.as_bytes())])? > 0)).collect()
            }
            FindRepeated::AnyAtEnd => {
                self.collected.extend(guids.map(|guid| guid.as_u128()));
                Ok(vec![true; messages.len()])
            }
        }
    }

    /// Adds the collected GUIDs; returns false if one was here already or occurs twice.
    pub(super) fn add_collected(&mut self) -> Result<bool, StoreError> {
        self.collected.sort_unstable();
        let collected = std::mem::take(&mut self.collected);
        let mut groups = collected.chunks_exact(GUIDS_PER_STATEMENT);
        for group in groups.by_ref() {
            let guids: Vec<_> = group.iter().map(|guid| guid.to_be_bytes()).collect();
            let values: Vec<_> = guids.iter().map(|guid| Value::Blob(guid)).collect();
            if self.add_group.execute(&values)? < GUIDS_PER_STATEMENT {
                return Ok(false);
            }
        }
        for guid in groups.remainder() {
            if self.add.execute(&[Value::Blob(&guid.to_be_bytes())])? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl HeadOffice {
    /// Whether a message is stored here; `guid` in any spelling.
    pub(super) fn has_message(&self, guid: &str) -> Result<bool, StoreError> {
        let Some(guid) = read_guid(guid.as_bytes()) else { return Ok(false) };
        if self.connection.session().is_some() {
            let sql = "select 1 from status_message where message_guid = $1";
            return self.connection.exists(sql, values![&guid.to_string()]);
        }
        self.connection.exists("select 1 from message_guid where guid = $1", &[Value::Blob(guid.as_bytes())])
    }
}

/// Fills the table after a copy, which brings only the messages.
pub(in crate::store) fn rebuild(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_script(
        "delete from message_guid;
         insert into message_guid (guid) select unhex(message_guid, '-') from status_message order by 1;",
    )
}
