//! Moves what this database's clock wrote into the past, for demonstrations.

use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::journal::chain_rows;
use crate::store::value::values;

impl HeadOffice {
    /// Moves every instant that head office itself recorded back by this many milliseconds: runs,
    /// transfers, rejections, the age of the status, batch jobs, the journal. Instants reported by
    /// stores are kept. Only for generated exchanges; durable when it returns.
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
        chain_rows(&self.connection)?;
        transaction.commit()
    }
}
