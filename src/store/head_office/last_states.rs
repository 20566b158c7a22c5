//! The newest sessions with what a matrix of stores and jobs needs of them.

use crate::domain::{Direction, Seek, Status, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::keyset::Place;
use crate::store::head_office::session_filter::SessionFilter;

/// The state of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionState {
    /// Its place in the list of its direction, the last change first.
    pub place: Place,
    /// Its channel database; empty for a package.
    pub channel_database: String,
    /// Its scheduler job.
    pub job_name: String,
    /// Its number.
    pub session_number: i64,
    /// Its status.
    pub status: Status,
}

impl SessionState {
    /// When it changed last.
    pub fn modified_at(&self) -> Timestamp {
        Timestamp(self.place.0)
    }
}

impl HeadOffice {
    /// Reads the states of at most `rows` sessions of a direction from `seek` on, the last change
    /// first, No data included.
    pub fn session_states(
        &self,
        direction: Direction,
        seek: Seek<Place>,
        rows: usize,
    ) -> Result<Vec<SessionState>, StoreError> {
        let filter = SessionFilter { no_data: true, ..SessionFilter::new(direction) };
        let select = "select modified_at, session_id, channel_database, job_name, session_number, status from session";
        filter.keyset().piece(&self.connection, select, filter.conditions(), (seek, None), rows, |row| {
            let number = row.int("status")?;
            let status = Status::from_number(direction, number)
                .ok_or_else(|| row.damaged(format!("a {direction} session with status {number}")))?;
            Ok(SessionState {
                place: (row.int("modified_at")?, row.int("session_id")?),
                channel_database: row.text("channel_database")?,
                job_name: row.text("job_name")?,
                session_number: row.int("session_number")?,
                status,
            })
        })
    }

    /// The names of channel databases in order, at most `limit`, and how many there are.
    pub fn channel_database_names(&self, limit: i64) -> Result<(Vec<String>, i64), StoreError> {
        let sql = "select name from channel_database where name > '' order by name limit $1";
        let names = self.connection.query(sql, &[limit.into()], |row| row.text("name"))?;
        let total = self.connection.integer("select count(*) from channel_database where name > ''", &[])?;
        Ok((names, total))
    }
}
