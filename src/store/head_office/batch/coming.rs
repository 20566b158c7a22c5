//! What is coming by itself, for the line that every screen shows.

use super::super::HeadOffice;
use crate::batch::BatchStatus;
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::value::values;

impl HeadOffice {
    /// When the batch job that waits for a server is due next or has been due longest, and whether any with a start is withheld;
    /// private jobs start by nobody's doing and do not count.
    pub fn next_start(&self) -> Result<(Option<Timestamp>, bool), StoreError> {
        let sql = "select min(due_at) from batch_job where status = $1 and private = 0";
        let waiting = self.connection.first(sql, values![BatchStatus::Waiting.number()], |row| row.opt_time(0))?;
        let sql = "select count(*) from batch_job where status = $1 and private = 0 and due_at is not null and interactive = 0";
        let withheld = self.connection.integer(sql, values![BatchStatus::Withhold.number()])?;
        Ok((waiting.flatten(), withheld > 0))
    }
}
