//! The trash: purged sessions with their messages, until they are restored or deleted for good.
//!
//! A purge moves rows here in the transaction that deletes them from their tables, and a restore
//! moves them back in one, so that each row is in exactly one place at any time.

mod empty;
mod list;
mod restore;

pub use empty::{Emptied, Emptying, TrashExtent};
pub use list::{TrashFilter, TrashOfRun, TrashedSession};
pub use restore::{RestorePermit, RestoreRefusal, Restored};

use crate::domain::{SessionKey, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::sessions::key_values;

/// The columns of a mark for rerun.
const MARK: &str = "direction, session_number, channel_database, database_id, request_id, marked_at, repeated_by";

impl HeadOffice {
    /// The number of the last session in the trash; numbers grow in the order of the purges.
    pub(super) fn last_trash_id(&self) -> Result<i64, StoreError> {
        // Not by `max`: a server keeps the plan that it made for an empty trash, which reads all
        // of a full one.
        self.connection.integer("select trash_id from trash_session order by trash_id desc limit 1", &[])
    }

    /// Puts the mark of a session into the trash, in the caller's transaction, which removes it.
    pub(super) fn trash_mark(&self, key: &SessionKey, trash_id: i64) -> Result<(), StoreError> {
        let sql = format!(
            "insert into trash_session_rerun (trash_id, {MARK}) select $4, {MARK} from session_rerun
             where direction = $1 and session_number = $2 and channel_database = $3"
        );
        let [direction, number, store] = key_values(key);
        self.connection.execute(&sql, &[direction, number, store, trash_id.into()])?;
        Ok(())
    }

    /// When a session was restored; `None` if it was not.
    pub fn restored_at(&self, key: &SessionKey) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select restored_at from session
                   where direction = $1 and session_number = $2 and channel_database = $3";
        Ok(self.connection.scalar::<Option<Timestamp>>(sql, &key_values(key))?.flatten())
    }

    /// Whether anything is in the trash.
    pub fn has_trash(&self) -> Result<bool, StoreError> {
        self.connection.exists("select 1 from trash_session limit 1", &[])
    }
}
