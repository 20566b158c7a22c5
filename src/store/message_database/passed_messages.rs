//! Messages below the transfer's position, which it will not read again.

use crate::domain::{PassedMessage, Position};
use crate::store::StoreError;
use crate::store::message_database::MessageDatabase;
use crate::store::value::values;

/// Messages passed to the callback at once.
const MESSAGES_PER_CALL: usize = 500;

impl MessageDatabase {
    /// Passes the `newest` arrivals below `position` to `take`, in portions. The message at the
    /// position itself is the anchor, which is kept longer than its session.
    pub fn each_passed(
        &self,
        position: Position,
        newest: i64,
        mut take: impl FnMut(&[PassedMessage]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "select message_id, message_guid, direction, session_number, channel_database from status_message
             where {} order by posted_at desc limit $3",
            self.order().before
        );
        let mut portion = Vec::with_capacity(MESSAGES_PER_CALL);
        let values = values![position.origin_tx, position.message_id, newest];
        self.connection.prepare(&sql)?.each(values, |row| {
            let text = |column: &str| Ok::<_, StoreError>(String::from_utf8_lossy(row.bytes(column)?).into_owned());
            portion.push(PassedMessage {
                message_id: row.int("message_id")?,
                message_guid: text("message_guid")?,
                direction: row.int("direction")?,
                session_number: row.int("session_number")?,
                channel_database: text("channel_database")?,
            });
            if portion.len() == MESSAGES_PER_CALL {
                take(&portion)?;
                portion.clear();
            }
            Ok(true)
        })?;
        take(&portion)
    }
}
