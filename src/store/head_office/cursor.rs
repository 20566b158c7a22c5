//! Cursors: how far each message database has been read.

use crate::domain::{Cursor, Position, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::{HeadOffice, RunClaim};
use crate::store::row::columns;
use crate::store::value::values;

columns!(mod column:
    source_id, database_id, position_tx, position_id, anchor_guid, reread_until_tx, reread_until_id, as_of,
    purged_seen_tx, purged_seen_id,
);
use column::LIST as COLUMNS;

impl HeadOffice {
    /// The cursor of a message database; `None` if it was never read.
    pub fn cursor(&self, database_id: &str) -> Result<Option<Cursor>, StoreError> {
        let sql = format!("select {COLUMNS} from transfer_cursor where database_id = $1");
        self.connection.first(&sql, values![database_id], cursor)
    }

    /// The cursor of the message database read last; `None` if there is none.
    pub fn last_cursor(&self) -> Result<Option<Cursor>, StoreError> {
        let sql = format!("select {COLUMNS} from transfer_cursor order by last_used_at desc, source_id desc limit 1");
        self.connection.first(&sql, &[], cursor)
    }

    /// The cursors of all message databases that were ever read; there are few.
    pub fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        self.connection.query(&format!("select {COLUMNS} from transfer_cursor order by source_id"), &[], cursor)
    }

    /// Creates a cursor at the start of a new message database. Durable when it returns.
    ///
    /// `reread_until`: messages up to here may have arrived from another message database already;
    /// `purged`: the greatest purged position.
    pub fn create_cursor(
        &self,
        claim: &RunClaim,
        database_id: &str,
        reread_until: Option<Position>,
        purged: Position,
    ) -> Result<Cursor, StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let sql = format!(
            "insert into transfer_cursor (database_id, position_tx, position_id, reread_until_tx, reread_until_id, purged_seen_tx,
                purged_seen_id, last_used_at)
             values ($1, 0, 0, $2, $3, $4, $5, {NOW})"
        );
        let (tx, id) = as_columns(reread_until);
        self.connection.execute(&sql, values![database_id, tx, id, purged.origin_tx, purged.message_id])?;
        transaction.commit()?;
        let created = self.cursor(database_id)?;
        created.ok_or_else(|| StoreError::CursorMoved { location: self.location().clone() })
    }

    /// Records how far the message database is purged, for later checks; durable when it returns.
    pub fn note_purged(&self, claim: &RunClaim, cursor: &Cursor, purged: Position) -> Result<Cursor, StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let sql = "update transfer_cursor set purged_seen_tx = $1, purged_seen_id = $2 where source_id = $3";
        self.connection.execute(sql, values![purged.origin_tx, purged.message_id, cursor.source_id])?;
        transaction.commit()?;
        Ok(Cursor { purged_seen: purged, ..cursor.clone() })
    }

    /// Sets the cursor back to the start, because the message database was restored or replaced.
    /// `purged`: how far it is purged. Durable when it returns.
    pub fn reread(
        &self,
        claim: &RunClaim,
        cursor: &Cursor,
        until: Position,
        purged: Position,
    ) -> Result<Cursor, StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let reread = self.set_to_start(cursor, until, purged)?;
        transaction.commit()?;
        Ok(reread)
    }

    /// Performs [`Self::reread`] in the caller's transaction.
    fn set_to_start(&self, cursor: &Cursor, until: Position, purged: Position) -> Result<Cursor, StoreError> {
        let sql = "update transfer_cursor set position_tx = 0, position_id = 0, anchor_guid = null,
                   reread_until_tx = $1, reread_until_id = $2, purged_seen_tx = $3, purged_seen_id = $4
                   where source_id = $5 and position_tx = $6 and position_id = $7";
        let Position { origin_tx, message_id } = cursor.position;
        let (until_tx, until_id, seen_tx, seen_id) =
            (until.origin_tx, until.message_id, purged.origin_tx, purged.message_id);
        let moved = self
            .connection
            .execute(sql, values![until_tx, until_id, seen_tx, seen_id, cursor.source_id, origin_tx, message_id])?;
        if moved == 0 {
            return Err(StoreError::CursorMoved { location: self.location().clone() });
        }
        Ok(Cursor {
            position: Position::default(),
            anchor_guid: None,
            reread_until: Some(until),
            purged_seen: purged,
            ..cursor.clone()
        })
    }

    /// Records `as_of`, the instant up to which the status is known, after a transfer that could
    /// not read everything yet; durable when it returns. While a new database is read from the
    /// start, `as_of` stays empty until its end is reached; a restored one keeps and updates it
    /// (see `engine/transfer/replay.rs`).
    pub fn note_as_of(&self, claim: &RunClaim, cursor: &Cursor, as_of: Timestamp) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let sql = format!(
            "update transfer_cursor set last_used_at = {NOW},
             as_of = case when reread_until_tx is null or as_of is not null then $1 else as_of end where source_id = $2"
        );
        self.connection.execute(&sql, values![as_of, cursor.source_id])?;
        transaction.commit()
    }

    /// Moves the cursor to the new identity of the same message database and sets it back to the
    /// start; durable when it returns. Earlier positions, also of purges, are not valid there.
    pub fn adopt_identity(
        &self,
        claim: &RunClaim,
        cursor: &Cursor,
        database_id: &str,
        until: Position,
        purged: Position,
    ) -> Result<Cursor, StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        for table in ["rejected_message", "session_rerun", "trash_session_rerun", "transfer_cursor"] {
            let sql = format!("update {table} set database_id = $1 where database_id = $2");
            self.connection.execute(&sql, values![database_id, &cursor.database_id])?;
        }
        let adopted = self.set_to_start(cursor, until, purged)?;
        transaction.commit()?;
        Ok(Cursor { database_id: database_id.to_owned(), ..adopted })
    }

    /// Records that a transfer reached the end, and `as_of`, the instant up to which the status is
    /// known; durable when it returns.
    pub fn note_end_reached(&self, claim: &RunClaim, cursor: &Cursor, as_of: Timestamp) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let sql = format!(
            "update transfer_cursor set as_of = $1, last_used_at = {NOW}, reread_until_tx = null, reread_until_id = null
             where source_id = $2"
        );
        self.connection.execute(&sql, values![as_of, cursor.source_id])?;
        transaction.commit()
    }
}

fn as_columns(position: Option<Position>) -> (Option<i64>, Option<i64>) {
    (position.map(|p| p.origin_tx), position.map(|p| p.message_id))
}

fn cursor(row: &Row) -> Result<Cursor, StoreError> {
    let until = row.opt_int(column::reread_until_tx)?.zip(row.opt_int(column::reread_until_id)?);
    Ok(Cursor {
        source_id: row.int(column::source_id)?,
        database_id: row.text(column::database_id)?,
        position: Position { origin_tx: row.int(column::position_tx)?, message_id: row.int(column::position_id)? },
        anchor_guid: row.opt_text(column::anchor_guid)?,
        reread_until: until.map(|(origin_tx, message_id)| Position { origin_tx, message_id }),
        as_of: row.opt_time(column::as_of)?,
        purged_seen: Position {
            origin_tx: row.int(column::purged_seen_tx)?,
            message_id: row.int(column::purged_seen_id)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::head_office::{RunStart, RunStartOutcome};
    use crate::store::{Access, Location};

    fn begin(office: &HeadOffice) -> RunClaim {
        let start = RunStart::by_command(office.try_runner_lock().expect("it can be locked"));
        let RunStartOutcome::Granted { claim, .. } = office.begin_run(&start).expect("it answers") else {
            panic!("it is free")
        };
        claim
    }

    #[test]
    fn a_run_that_lost_the_lease_moves_no_cursor_and_no_age() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("head-office.db"));
        let office = HeadOffice::open(&location, Access::Create).expect("head office");
        let late = begin(&office);
        let cursor = office
            .create_cursor(&late, "one", Some(Position { origin_tx: 0, message_id: 9 }), Position::default())
            .expect("a cursor");
        // Dropping the value released the lock, like a crash.
        let mine = begin(&office);
        let until = Position { origin_tx: 0, message_id: 7 };
        let fenced = [
            office.note_end_reached(&late, &cursor, Timestamp(5)),
            office.note_as_of(&late, &cursor, Timestamp(5)),
            office.note_purged(&late, &cursor, until).map(drop),
            office.reread(&late, &cursor, until, until).map(drop),
            office.adopt_identity(&late, &cursor, "two", until, until).map(drop),
            office.create_cursor(&late, "three", None, until).map(drop),
        ];
        assert!(fenced.iter().all(|result| matches!(result, Err(StoreError::Fenced { .. }))), "{fenced:?}");
        assert_eq!(office.cursor("one").expect("it reads"), Some(cursor.clone()));
        assert_eq!(office.cursors().expect("it reads").len(), 1);
        office.note_end_reached(&mine, &cursor, Timestamp(6)).expect("it is mine");
        let ended = Cursor { as_of: Some(Timestamp(6)), reread_until: None, ..cursor };
        assert_eq!(office.cursor("one").expect("it reads"), Some(ended));
    }

    #[test]
    fn a_replacement_has_an_age_only_after_it_was_read_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("head-office.db"));
        let office = HeadOffice::open(&location, Access::Create).expect("head office");
        let claim = begin(&office);
        let until = Position { origin_tx: 0, message_id: 9 };
        let create = |database_id: &str, reread_until| {
            office.create_cursor(&claim, database_id, reread_until, Position::default()).expect("a cursor")
        };
        let (first, replacement) = (create("first", None), create("replacement", Some(until)));
        let age = |cursor: &Cursor| {
            office.note_as_of(&claim, cursor, Timestamp(5)).expect("it is mine");
            office.cursor(&cursor.database_id).expect("it reads").expect("it exists").as_of
        };
        assert_eq!((age(&first), age(&replacement)), (Some(Timestamp(5)), None));
        office.note_end_reached(&claim, &replacement, Timestamp(4)).expect("it is mine");
        let read_again = office.reread(&claim, &replacement, until, Position::default()).expect("it is mine");
        assert_eq!(age(&read_again), Some(Timestamp(5)), "the same database, restored");
    }
}
