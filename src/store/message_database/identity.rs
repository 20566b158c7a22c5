//! A server's database that was restored, upgraded or moved: its transactions are numbered from the
//! start, so earlier positions are not valid.

use crate::store::StoreError;
use crate::store::message_database::MessageDatabase;
use crate::store::message_database::purge::StillMine;
use crate::store::value::values;

const CLUSTER: &str = "(select cast(system_identifier as text) from pg_control_system())";

impl MessageDatabase {
    /// Whether the transaction numbers of its messages are of another cluster: the database
    /// recorded another one, or has a message of a transaction that has not begun here yet and
    /// would not be read before that. Records the cluster if none is recorded.
    pub fn has_moved(&self) -> Result<bool, StoreError> {
        if self.connection.session().is_none() {
            return Ok(false);
        }
        let sql = format!(
            "select case when system_identifier <> {CLUSTER} then 1 when exists (select 1 from status_message
                where origin_tx >= cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint)) then 1
             else 0 end from exchange"
        );
        if self.connection.integer(&sql, &[])? != 0 {
            return Ok(true);
        }
        let noted = "select count(*) from exchange where system_identifier is not null";
        if self.connection.integer(noted, &[])? > 0 {
            return Ok(false);
        }
        let note = format!("update exchange set system_identifier = {CLUSTER} where system_identifier is null");
        match self.connection.execute(&note, &[]) {
            // A login without the right to write does without it.
            Ok(_) | Err(StoreError::Denied { .. } | StoreError::ReadOnly { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts all present messages before all future ones and gives the database a new identity, so
    /// that head office reads it from the start. Durable when it returns; false if positions cannot
    /// become invalid, and nothing was done.
    pub fn renew(&self, still_mine: StillMine) -> Result<bool, StoreError> {
        if self.connection.session().is_none() {
            return Ok(false);
        }
        let transaction = self.connection.begin()?;
        self.lock_exchange()?;
        still_mine()?;
        self.connection.execute("update status_message set origin_tx = 0 where origin_tx <> 0", &[])?;
        let sql = format!(
            "update exchange set database_id = cast(gen_random_uuid() as text), system_identifier = {CLUSTER},
             purged_through_tx = $1, purged_through_id = $1"
        );
        self.connection.execute(&sql, values![0])?;
        transaction.commit()?;
        Ok(true)
    }

    /// Locks the row of `exchange` until the transaction ends; in SQLite the transaction itself
    /// does.
    pub(super) fn lock_exchange(&self) -> Result<(), StoreError> {
        if self.connection.session().is_some() {
            self.connection.query("select 1 from exchange for update", &[], |_| Ok(()))?;
        }
        Ok(())
    }
}
