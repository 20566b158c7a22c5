//! A server's database that was restored, upgraded or moved: its transactions are numbered from the
//! start, so earlier positions are not valid.

use crate::domain::hex;
use crate::store::StoreError;
use crate::store::message_database::purge::StillMine;
use crate::store::message_database::{Exchange, MessageDatabase};
use crate::store::value::values;
use sha2::{Digest, Sha256};

const CLUSTER: &str = "(select cast(system_identifier as text) from pg_control_system())";

impl Exchange {
    /// Whether [`MessageDatabase::renew`] gave it this identity in place of `former`.
    pub fn succeeds(&self, former: &str) -> bool {
        self.database_id.ends_with(&successor_half(former))
    }
}

/// The second half of the UUID of a database that succeeds `former`. The first is random: a backup
/// that is restored twice has two successors.
fn successor_half(former: &str) -> String {
    let digest = hex(&Sha256::digest(former.as_bytes()));
    format!("-{}-{}", &digest[..4], &digest[4..16])
}

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
        let half = successor_half(&self.exchange()?.database_id);
        self.connection.execute("update status_message set origin_tx = 0 where origin_tx <> 0", &[])?;
        let sql = format!(
            "update exchange set database_id = left(cast(gen_random_uuid() as text), 18) || $2,
             system_identifier = {CLUSTER}, purged_through_tx = $1, purged_through_id = $1"
        );
        self.connection.execute(&sql, values![0, &half])?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Position;
    use crate::store::{Access, Location};

    #[test]
    fn a_successor_has_the_form_of_a_uuid_and_succeeds_one_database_only() {
        let former = "0b1f1f9c-3a3e-4f0e-8a52-6d8f1c2b3a4d";
        let database_id = "9c0f6b1e-77aa-4d21".to_owned() + &successor_half(former);
        let lengths: Vec<_> = database_id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        let exchange = Exchange { database_id, head_office_id: None, purged_through: Position::default() };
        assert!(exchange.succeeds(former));
        assert!(!exchange.succeeds(&exchange.database_id) && !exchange.succeeds("another"));
    }

    #[test]
    fn a_run_that_lost_the_lease_claims_no_message_database() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("message.db"));
        let messages = MessageDatabase::open(&location, Access::Create).expect("a message database");
        let lost = || Err(StoreError::Fenced { mine: 1, now: 2 });
        assert!(matches!(messages.claim("late", &lost), Err(StoreError::Fenced { .. })));
        assert_eq!(messages.claim("mine", &|| Ok(())).expect("it is free"), "mine");
        assert_eq!(messages.claim("late", &lost).expect("it is known"), "mine");
    }
}
