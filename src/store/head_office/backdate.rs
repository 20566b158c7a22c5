//! A history that did not all happen just now, for demonstrations: what this database's clock wrote is moved into the past.

use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::value::values;

impl HeadOffice {
    /// Moves every instant that head office itself has noted back by so many milliseconds: runs, transfers, rejections, how fresh the
    /// status is, batch jobs, the journal. What stores reported keeps its time. Only for an exchange that was made up; durable when it
    /// returns.
    pub fn backdate(&self, milliseconds: i64) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        for sql in [
            "update run set started_at = started_at - $1, ended_at = ended_at - $1",
            "update transfer_cursor set as_of = as_of - $1",
            "update status_message set transferred_at = transferred_at - $1",
            "update rejected_message set rejected_at = rejected_at - $1",
            "update batch_job set created_at = created_at - $1, changed_at = changed_at - $1, withheld_at = withheld_at - $1",
            "update operator_journal set at = at - $1",
        ] {
            self.connection.execute(sql, values![milliseconds])?;
        }
        transaction.commit()
    }
}
