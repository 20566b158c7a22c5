//! Finds messages that are in the message database but never arrived at head office.

use crate::domain::PassedMessage;
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::value::values;

impl HeadOffice {
    /// Returns the messages that are neither stored nor rejected here and whose sessions have no
    /// tombstone.
    pub fn never_read(&self, database_id: &str, passed: &[PassedMessage]) -> Result<Vec<PassedMessage>, StoreError> {
        let mut missing = Vec::new();
        for message in passed {
            if self.has_message(&message.message_guid)? {
                continue;
            }
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
