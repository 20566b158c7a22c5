//! Messages below the transfer's position, which it will not read again.

use crate::domain::Position;
use crate::store::StoreError;
use crate::store::message_database::MessageDatabase;
use crate::store::value::values;

/// What tells a message below the position from others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the public table, one for one
pub struct Passed {
    pub message_id: i64,
    pub message_guid: String,
    pub direction: i64,
    pub session_number: i64,
    pub channel_database: String,
}

/// Messages handed on together.
const TOGETHER: usize = 500;

impl MessageDatabase {
    /// Hands the `newest` arrivals below `position` to `take`, in portions. The message at the position itself is the anchor, which
    /// outlives its session.
    pub fn each_passed(
        &self,
        position: Position,
        newest: i64,
        mut take: impl FnMut(&[Passed]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "select message_id, message_guid, direction, session_number, channel_database from status_message
             where {} order by posted_at desc limit $3",
            self.order().before
        );
        let mut portion = Vec::with_capacity(TOGETHER);
        let values = values![position.origin_tx, position.message_id, newest];
        self.connection.prepare(&sql)?.each(values, |row| {
            let text = |column| Ok::<_, StoreError>(String::from_utf8_lossy(row.bytes(column)?).into_owned());
            portion.push(Passed {
                message_id: row.int(0)?,
                message_guid: text(1)?,
                direction: row.int(2)?,
                session_number: row.int(3)?,
                channel_database: text(4)?,
            });
            if portion.len() == TOGETHER {
                take(&portion)?;
                portion.clear();
            }
            Ok(true)
        })?;
        take(&portion)
    }
}
