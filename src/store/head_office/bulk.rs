//! A chunk's rows at a server, many at once: each row by itself would be a question and an answer.
//!
//! Messages are copied straight into their table. When one is there already, the same rows go by way of a staging table, which skips
//! what is known; a chunk that met one such stays with that way.

use super::sessions::{self, key_values, session};
use super::transfer::{self, Found};
use crate::domain::{Fold, SessionKey, Timestamp};
use crate::store::connection::Row;
use crate::store::postgres::{CopyRows, Session};
use crate::store::value::Value;
use crate::store::{Location, StoreError};
use std::collections::HashSet;
use std::fmt::Write;

/// Stores messages, their values in the order of the columns, the guid first; says of each whether its guid is new.
pub(super) fn insert(session: &Session, rows: &[Vec<Value>], staged: &mut bool) -> Result<Vec<bool>, StoreError> {
    let copy = || {
        let mut copy = CopyRows::new();
        for row in rows {
            copy.row(row);
        }
        copy
    };
    let columns = transfer::COLUMNS;
    if !*staged {
        session.script("savepoint copied")?;
        if session.copy(&format!("status_message ({columns})"), copy())?.is_some() {
            session.script("release copied")?;
            return Ok(vec![true; rows.len()]);
        }
        session.script("rollback to copied")?;
        stage(session, "staged_message", columns, "status_message")?;
        *staged = true;
    }
    session.copy(&format!("staged_message ({columns})"), copy())?;
    let sql = format!(
        "with staged as (delete from staged_message returning *)
         insert into status_message ({columns}) select {columns} from staged
         on conflict (message_guid) do nothing returning message_guid"
    );
    let mut new = HashSet::with_capacity(rows.len());
    session.each(&sql, &[], &mut |row| {
        new.extend(crate::store::postgres::text(row, 0).ok().flatten().map(<[u8]>::to_vec));
        Ok(true)
    })?;
    let is_new = |row: &Vec<Value>| matches!(row.first(), Some(Value::Text(guid)) if new.contains(guid.as_bytes()));
    Ok(rows.iter().map(is_new).collect())
}

/// Stores the states of sessions over whatever is there, each key once.
pub(super) fn save(session: &Session, folds: &[(&SessionKey, &Fold)], run_id: i64) -> Result<(), StoreError> {
    let columns = sessions::COLUMNS;
    stage(session, "staged_session", columns, "session")?;
    let mut copy = CopyRows::new();
    for (key, fold) in folds {
        sessions::with_values(key, fold, run_id, |values| copy.row(values));
    }
    session.copy(&format!("staged_session ({columns})"), copy)?;
    let sql = format!(
        "with staged as (delete from staged_session returning *)
         insert into session ({columns}) select {columns} from staged {}",
        sessions::on_conflict()
    );
    session.execute(&sql, &[]).map(|_| ())
}

/// Makes the table in which rows stand before they go on; it is this session's own and empty after every transaction.
fn stage(session: &Session, name: &str, columns: &str, table: &str) -> Result<(), StoreError> {
    session.once(&format!(
        "create temporary table if not exists {name} on commit delete rows as select {columns} from {table} with no data"
    ))
}

/// What is known of sessions, in the order of their keys.
pub(super) fn look_up(
    server: &Session,
    location: &Location,
    keys: &[&SessionKey],
    run_id: i64,
) -> Result<Vec<Found>, StoreError> {
    let directions: Vec<i64> = keys.iter().map(|key| key.direction.number()).collect();
    let numbers: Vec<i64> = keys.iter().map(|key| key.session_number).collect();
    let names: Vec<String> = keys.iter().map(|key| plain(&key_values(key)[2])).collect();
    let mut columns = String::new();
    for column in sessions::COLUMNS.split(", ") {
        let _ = write!(columns, "session.{}, ", column.trim());
    }
    let sql = format!(
        "select {columns} wanted.place, tombstone.purged_at, case when session.session_id is null then 0 else 1 end
         from unnest($1::bigint[], $2::bigint[], $3::text[]) with ordinality
            as wanted (direction, session_number, channel_database, place)
         left join session on session.direction = wanted.direction and session.session_number = wanted.session_number
            and session.channel_database = wanted.channel_database collate \"C\"
         left join session_tombstone as tombstone on tombstone.direction = wanted.direction
            and tombstone.session_number = wanted.session_number
            and tombstone.channel_database = wanted.channel_database collate \"C\""
    );
    let mut found: Vec<Found> = Vec::new();
    found.resize_with(keys.len(), || Found::Neither);
    server.query_arrays(&sql, &[&directions, &numbers, &names], &mut |row| {
        let row = Row::postgres(row, location);
        let place = usize::try_from(row.int(sessions::COLUMN_COUNT)? - 1).unwrap_or(usize::MAX);
        let purged_at = row.opt_int(sessions::COLUMN_COUNT + 1)?;
        let Some(found) = found.get_mut(place) else { return Ok(()) };
        if row.int(sessions::COLUMN_COUNT + 2)? != 0 {
            *found = Found::Live(Box::new(session(&row)?.1), row.int(sessions::RUN_ID)? == run_id);
        } else if let Some(at) = purged_at {
            *found = Found::Purged(Timestamp(at));
        }
        Ok(())
    })?;
    Ok(found)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.replace('\0', "\u{FFFD}"),
        Value::Null | Value::Int(_) => String::new(),
    }
}
