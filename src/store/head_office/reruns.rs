//! Uploads marked for rerun: a copy of the requests to agents, updated by every transfer.

use crate::domain::{SessionKey, SessionRequest};
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::{HeadOffice, RunClaim};
use crate::store::value::values;

/// Conditions: a row of `session` is marked for rerun; a newer session repeats it.
pub(super) const MARKED: &str = "exists (select 1 from session_rerun as mark where mark.direction = session.direction
    and mark.session_number = session.session_number and mark.channel_database = session.channel_database)";
pub(super) const REPEATED: &str =
    "(exists (select 1 from session as repeat where repeat.rerun_for = session.session_number
        and repeat.channel_database = session.channel_database and repeat.direction = session.direction
        and repeat.session_number <> session.session_number)
    or exists (select 1 from session_rerun as done where done.direction = session.direction
        and done.session_number = session.session_number and done.channel_database = session.channel_database
        and done.repeated_by is not null))";

impl HeadOffice {
    /// Marks an existing session, in the caller's transaction.
    pub(super) fn mark_for_rerun(
        &self,
        key: &SessionKey,
        database_id: &str,
        request_id: i64,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "insert into session_rerun (direction, session_number, channel_database, database_id, request_id, marked_at)
             select direction, session_number, channel_database, $4, $5, {NOW} from session
             where direction = $1 and session_number = $2 and channel_database = $3
             on conflict (direction, session_number, channel_database) do nothing"
        );
        let (direction, store) = (key.direction.number(), key.channel_database.as_str());
        self.connection.execute(&sql, values![direction, key.session_number, store, database_id, request_id])?;
        Ok(())
    }

    /// Records that a session, which is being purged, repeated another one; in the caller's
    /// transaction.
    pub(super) fn keep_repeated(&self, key: &SessionKey, repeated: i64) -> Result<(), StoreError> {
        let sql = "update session_rerun set repeated_by = $4
                   where direction = $1 and session_number = $2 and channel_database = $3";
        let values = values![key.direction.number(), repeated, &key.channel_database, key.session_number];
        self.connection.execute(sql, values)?;
        self.connection.execute(&sql.replace("session_rerun", "trash_session_rerun"), values)?;
        Ok(())
    }

    /// Removes the mark, in the caller's transaction.
    pub(super) fn unmark(&self, key: &SessionKey) -> Result<(), StoreError> {
        let sql = "delete from session_rerun where direction = $1 and session_number = $2 and channel_database = $3";
        self.connection.execute(sql, values![key.direction.number(), key.session_number, &key.channel_database])?;
        Ok(())
    }

    /// Sets the marks by the requests of a message database, in case a program was killed between
    /// the two databases; durable when it returns.
    pub fn follow_reruns(
        &self,
        claim: &RunClaim,
        database_id: &str,
        requests: &[SessionRequest],
    ) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        for request in requests {
            if request.withdrawn_at.is_none() {
                self.mark_for_rerun(&request.key(), database_id, request.request_id)?;
            } else {
                let sql = "delete from session_rerun where database_id = $1 and request_id = $2";
                self.connection.execute(sql, values![database_id, request.request_id])?;
            }
        }
        transaction.commit()
    }
}
