//! A chunk's rows at a server in bulk: row by row, each would be a round trip.
//!
//! Messages are copied straight into their table. If one exists already, the rows go through a
//! staging table, which skips known ones; the rest of the chunk then does the same.

use crate::domain::{Expired, Fold, Presence, SessionKey};
use crate::store::connection::Row;
use crate::store::head_office::chunk_rows::{
    Found, LEAVE_TOMBSTONE, PurgeMark, PurgedSession, SAVE_PRESENCE, expired, presence,
};
use crate::store::head_office::message_row::{self, NewHere};
use crate::store::head_office::sessions::{self, key_values, session};
use crate::store::postgres::{CopyRows, Session, text};
use crate::store::row::{At, qualified};
use crate::store::value::Value;
use crate::store::{Location, StoreError};
use ::postgres::types::ToSql;
use std::collections::HashSet;
use uuid::Uuid;

/// Forces index scans for a chunk's queries. Tables grow from nothing within one run; a plan made
/// for a few rows, without statistics, would scan the whole table, or all rows of one direction,
/// for each later query.
pub(super) const BY_INDEX: &str = "set local plan_cache_mode = force_custom_plan; set local enable_seqscan = off;
    set local enable_hashjoin = off; set local enable_mergejoin = off";

/// Writes the values of a message.
pub(super) type Put<'a> = &'a dyn Fn(&mut CopyRows, &NewHere);

/// Stores messages; returns for each whether its GUID is new.
pub(super) fn insert(
    session: &Session,
    messages: &[NewHere],
    staged: &mut bool,
    put: Put,
) -> Result<Vec<bool>, StoreError> {
    let columns = message_row::COLUMNS;
    if !*staged {
        if copy_new(session, &format!("status_message ({columns})"), messages, |lines, new| put(lines, new))? {
            return Ok(vec![true; messages.len()]);
        }
        stage(session, "pg_temp.staged_message", columns, "status_message")?;
        *staged = true;
    }
    session.copy(&format!("pg_temp.staged_message ({columns})"), messages, |lines, new| put(lines, new))?;
    let sql = format!(
        "with staged as (delete from pg_temp.staged_message returning *)
         insert into status_message ({columns}) select {columns} from staged
         on conflict (message_guid) do nothing returning message_guid"
    );
    let mut new = HashSet::with_capacity(messages.len());
    session.each(&sql, &[], &mut |row| {
        new.extend(text(row, 0).ok().flatten().and_then(|guid| Uuid::try_parse_ascii(guid).ok()));
        Ok(true)
    })?;
    Ok(messages.iter().map(|here| new.contains(&here.message.message_guid)).collect())
}

/// Copies rows straight into their table; returns false, without effect, if one exists already.
fn copy_new<T>(
    session: &Session,
    target: &str,
    rows: impl IntoIterator<Item = T>,
    put: impl FnMut(&mut CopyRows, T),
) -> Result<bool, StoreError> {
    session.script("savepoint copied")?;
    let copied = session.copy(target, rows, put)?.is_some();
    session.script(if copied { "release copied" } else { "rollback to copied" })?;
    Ok(copied)
}

/// Stores sessions, each key once; `new` ones did not exist when they were looked up.
pub(super) fn save(
    session: &Session,
    new: &[(&SessionKey, &Fold)],
    known: &[(&SessionKey, &Fold)],
    run_id: i64,
) -> Result<(), StoreError> {
    let columns = sessions::COLUMNS;
    let put = |lines: &mut CopyRows, (key, fold): &(&SessionKey, &Fold)| {
        sessions::with_values(key, fold, run_id, |values| lines.row(values));
    };
    if !new.is_empty() && !copy_new(session, &format!("session ({columns})"), new, put)? {
        // A writer without the writers' lock inserted one meanwhile.
        save(session, &[], new, run_id)?;
    }
    if known.is_empty() {
        return Ok(());
    }
    stage(session, "pg_temp.staged_session", columns, "session")?;
    session.copy(&format!("pg_temp.staged_session ({columns})"), known, put)?;
    let sql = format!(
        "with staged as (delete from pg_temp.staged_session returning *)
         insert into session ({columns}) select {columns} from staged {}",
        sessions::on_conflict()
    );
    session.execute(&sql, &[]).map(|_| ())
}

/// Creates the staging table, which belongs to this session and is empty after every transaction.
fn stage(session: &Session, name: &str, columns: &str, table: &str) -> Result<(), StoreError> {
    session.once(&format!(
        "create temporary table if not exists {name} on commit delete rows as select {columns} from {table} with no data"
    ))
}

/// The presences of known channel databases.
pub(super) fn presences(
    server: &Session,
    location: &Location,
    names: &[&str],
) -> Result<Vec<(String, Presence)>, StoreError> {
    let sql = "select name, first_seen_at, last_seen_at, usual_gap from channel_database where name = any ($1::text[])";
    let mut found = Vec::with_capacity(names.len());
    server.query_arrays(sql, &[&names], &mut |row| {
        let row = Row::postgres(row, location);
        found.push((row.text("name")?, presence(&row)?));
        Ok(())
    })?;
    Ok(found)
}

/// Stores presences, each name once.
pub(super) fn save_presences(server: &Session, presences: &[(&str, Presence)]) -> Result<(), StoreError> {
    if presences.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&Presence) -> Option<i64>| presences.iter().map(|(_, it)| of(it)).collect::<Vec<_>>();
    let names: Vec<_> = presences.iter().map(|(name, _)| *name).collect();
    let sql = format!(
        "{} select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) {}",
        SAVE_PRESENCE.0, SAVE_PRESENCE.1
    );
    let (first, last) = (column(|it| Some(it.first_seen_at.0)), column(|it| Some(it.last_seen_at.0)));
    server.execute_arrays(&sql, &[&names, &first, &last, &column(|it| it.usual_gap)]).map(|_| ())
}

/// Keys as the arrays `$1`, `$2`, `$3`.
struct Keys {
    directions: Vec<i64>,
    numbers: Vec<i64>,
    names: Vec<String>,
}

impl Keys {
    fn of<'k>(keys: impl Iterator<Item = &'k SessionKey> + Clone) -> Self {
        Self {
            directions: keys.clone().map(|key| key.direction.number()).collect(),
            numbers: keys.clone().map(|key| key.session_number).collect(),
            names: keys.map(|key| plain(&key_values(key)[2])).collect(),
        }
    }
}

/// The keys as rows, and the join of `found` with them.
const WANTED: &str = "unnest($1::bigint[], $2::bigint[], $3::text[]) with ordinality
    as wanted (direction, session_number, channel_database, place)";
const IS_WANTED: &str = "found.direction = wanted.direction and found.session_number = wanted.session_number
    and found.channel_database = wanted.channel_database collate \"C\"";

/// Deletes sessions with their messages and leaves tombstones with their statuses; returns the
/// deleted rows of messages and of sessions. The rows are moved to the trash if that has a last
/// number, and get the next ones.
pub(super) fn purge(
    server: &Session,
    sessions: &[PurgedSession],
    last_trashed: Option<i64>,
    mark: PurgeMark,
) -> Result<(i64, i64), StoreError> {
    let keys = Keys::of(sessions.iter().map(|going| &going.key));
    let Keys { directions, numbers, names } = &keys;
    let mut deleted = [0; 2];
    if let Some(last) = last_trashed {
        deleted = move_to_trash(server, &keys, last, mark)?;
    } else {
        for (table, deleted) in ["status_message", "session"].iter().zip(&mut deleted) {
            let sql = format!("delete from {table} as found using {WANTED} where {IS_WANTED}");
            *deleted = server.execute_arrays(&sql, &[directions, numbers, names])?;
        }
    }
    let statuses: Vec<Option<i64>> = sessions.iter().map(|going| going.status).collect();
    let sql = format!(
        "{} select *, $5::bigint from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) {}",
        LEAVE_TOMBSTONE.0, LEAVE_TOMBSTONE.1
    );
    server.execute_arrays(&sql, &[directions, numbers, names, &statuses, &mark.now.0])?;
    Ok((deleted[0], deleted[1]))
}

/// Moves messages and sessions to the trash, under the numbers after `last`.
fn move_to_trash(server: &Session, keys: &Keys, last: i64, mark: PurgeMark) -> Result<[i64; 2], StoreError> {
    let Keys { directions, numbers, names } = keys;
    let columns = message_row::COLUMNS;
    let sql = format!(
        "with gone as (
            delete from status_message as found using {WANTED} where {IS_WANTED}
            returning $4::bigint + wanted.place as trash_id, found.message_key, {}),
         kept as (
            insert into trash_status_message (trash_id, message_key, {columns}) select * from gone)
         select trash_id, count(*) from gone group by trash_id",
        qualified("found", columns)
    );
    let (mut messages, mut of_session) = (0, vec![0; names.len()]);
    server.query_arrays(&sql, &[directions, numbers, names, &last], &mut |row| {
        let (trash_id, rows): (i64, i64) = (row.get(0), row.get(1));
        messages += rows;
        if let Some(place) = usize::try_from(trash_id - last - 1).ok().and_then(|place| of_session.get_mut(place)) {
            *place = rows;
        }
        Ok(())
    })?;
    let columns = sessions::COLUMNS;
    let sql = format!(
        "with gone as (
            delete from session as found using
                unnest($1::bigint[], $2::bigint[], $3::text[], $5::bigint[]) with ordinality
                as wanted (direction, session_number, channel_database, messages, place) where {IS_WANTED}
            returning $4::bigint + wanted.place, wanted.messages, $6::bigint, $7::bigint, found.session_id, {})
         insert into trash_session (trash_id, messages, purge_run_id, purged_at, session_id, {columns})
         select * from gone",
        qualified("found", columns)
    );
    let mark: [&(dyn ToSql + Sync); 2] = [&mark.run_id, &mark.now.0];
    let arrays: [&(dyn ToSql + Sync); 5] = [directions, numbers, names, &last, &of_session];
    Ok([messages, server.execute_arrays(&sql, &[&arrays[..], &mark].concat())?])
}

/// Counts the messages of sessions.
pub(super) fn count_messages(
    server: &Session,
    location: &Location,
    going: &[PurgedSession],
) -> Result<Expired, StoreError> {
    let Keys { directions, numbers, names } = Keys::of(going.iter().map(|going| &going.key));
    let sql = format!(
        "select count(*) as rows, min(posted_at) as oldest, max(posted_at) as newest
         from {WANTED} join status_message as found on {IS_WANTED}"
    );
    let mut counted = Expired::default();
    server.query_arrays(&sql, &[&directions, &numbers, &names], &mut |row| {
        counted = expired(&Row::postgres(row, location))?;
        Ok(())
    })?;
    Ok(counted)
}

/// Looks sessions up, in the order of their keys; `purged` says whether there can be tombstones.
pub(super) fn look_up(
    server: &Session,
    location: &Location,
    keys: &[&SessionKey],
    run_id: i64,
    purged: bool,
) -> Result<Vec<Found>, StoreError> {
    let arrays = Keys::of(keys.iter().copied());
    let mut all: Vec<Found> = Vec::new();
    all.resize_with(keys.len(), || Found::Absent);
    let mut ask = |table: &str, columns: &str, place: At, found: &dyn Fn(&Row) -> Result<Found, StoreError>| {
        let sql = format!("select {columns}, wanted.place from {WANTED} join {table} as found on {IS_WANTED}");
        server.query_arrays(&sql, &[&arrays.directions, &arrays.numbers, &arrays.names], &mut |row| {
            let row = Row::postgres(row, location);
            if let Some(slot) = usize::try_from(row.int(place)? - 1).ok().and_then(|place| all.get_mut(place)) {
                *slot = found(&row)?;
            }
            Ok(())
        })
    };
    if purged {
        ask("session_tombstone", "found.purged_at", At(1), &|row| Ok(Found::Purged(row.time("purged_at")?)))?;
    }
    // A live row wins over a tombstone.
    ask("session", &qualified("found", sessions::COLUMNS), At(sessions::COLUMN_COUNT), &|row| {
        Ok(Found::Live(Box::new(session(row)?.1), row.int(sessions::column::run_id)? == run_id))
    })?;
    Ok(all)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.replace('\0', "\u{FFFD}"),
        Value::Null | Value::Int(_) | Value::Blob(_) => String::new(),
    }
}
