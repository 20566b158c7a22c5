//! Finds messages that are in the message database but never arrived at head office.

use crate::domain::{PassedMessage, read_guid};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::value::{Value, placeholders, values};
use std::collections::HashSet;

impl HeadOffice {
    /// Returns the messages that are neither stored nor rejected here and whose sessions have no
    /// tombstone.
    pub fn never_read(&self, database_id: &str, passed: &[PassedMessage]) -> Result<Vec<PassedMessage>, StoreError> {
        if passed.is_empty() {
            return Ok(Vec::new());
        }
        let spelled = passed.iter().map(|message| canonical(&message.message_guid)).collect::<Vec<_>>();
        let guids: Vec<Value> = spelled.iter().map(|guid| Value::Text(guid)).collect();
        let sql =
            format!("select message_guid from status_message where message_guid in {}", placeholders(0, guids.len()));
        let here: HashSet<String> = self.connection.scalars::<String>(&sql, &guids)?.into_iter().collect();
        let mut missing = Vec::new();
        for (message, _) in passed.iter().zip(&spelled).filter(|(_, guid)| !here.contains(*guid)) {
            let sql =
                "select 1 where exists (select 1 from rejected_message where database_id = $1 and message_id = $2)
                or exists (select 1 from session_tombstone where direction = $3 and session_number = $4
                    and channel_database = $5)";
            let PassedMessage { message_id, direction, session_number, channel_database, .. } = message;
            let values = values![database_id, *message_id, *direction, *session_number, channel_database];
            if !self.connection.exists(sql, values)? {
                missing.push(message.clone());
            }
        }
        Ok(missing)
    }
}

/// Returns a guid in the spelling that head office stores.
fn canonical(guid: &str) -> String {
    read_guid(guid.as_bytes()).map_or_else(|| guid.to_owned(), |guid| guid.to_string())
}
