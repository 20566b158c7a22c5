//! Session rows as the transfer loads and saves them.

use crate::domain::{Direction, Fold, LastError, SessionKey, Status, Winner};
use crate::store::StoreError;
use crate::store::connection::{Row, Statement};
use crate::store::dialect::INSERT_ROWS;
use crate::store::head_office::HeadOffice;
use crate::store::row::columns;
use crate::store::value::{Value, placeholders};
use uuid::Uuid;

columns!(mod column:
    direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid, message,
    requested_at, downloaded_at, uploaded_at, applied_at, rows_affected, file_size, row_version, created_at,
    modified_at, last_posted_at, job_name, channel_data_group, distribution_schedule, data_path, rerun_for,
    last_error_round, last_error_status, last_error_try_count, last_error_at, last_error_guid,
    last_error_message, run_id,
);
pub(super) use column::{COUNT as COLUMN_COUNT, LIST as COLUMNS};
const KEY_COLUMN_COUNT: usize = 3;

impl HeadOffice {
    /// Prepares loading one session by its key.
    pub(super) fn prepare_load_session(&self) -> Result<Statement<'_>, StoreError> {
        self.connection.prepare(&format!(
            "select {COLUMNS} from session where direction = $1 and session_number = $2 and channel_database = $3"
        ))
    }

    /// Prepares writing `rows` sessions, overwriting existing ones.
    pub(super) fn prepare_save_sessions(&self, rows: usize) -> Result<Statement<'_>, StoreError> {
        let rows: Vec<_> = (0..rows).map(|row| placeholders(row * COLUMN_COUNT, COLUMN_COUNT)).collect();
        let values = rows.join(", ");
        self.connection.prepare(&format!("{INSERT_ROWS} session ({COLUMNS}) values {values} {}", on_conflict()))
    }
}

/// Overwrites a session that exists already.
pub(super) fn on_conflict() -> String {
    let updates: Vec<_> =
        COLUMNS.split(", ").skip(KEY_COLUMN_COUNT).map(|column| format!("{0} = excluded.{0}", column.trim())).collect();
    format!("on conflict (direction, session_number, channel_database) do update set {}", updates.join(", "))
}

/// Passes a session's values in the order of [`COLUMNS`].
pub(super) fn with_values(key: &SessionKey, fold: &Fold, run_id: i64, take: impl FnOnce(&[Value])) {
    let winner = fold.winner.message_guid.to_string();
    let error = fold.last_error.as_ref().map(|last| last.failure.message_guid.to_string());
    take(&fold_values(key, fold, &winner, error.as_deref(), run_id));
}

/// Loads a session and the run that changed it last; `None` if there is no such row.
pub(super) fn load(statement: &mut Statement, key: &SessionKey) -> Result<Option<(Fold, i64)>, StoreError> {
    statement.first(&key_values(key), |row| Ok((session(row)?.1, row.int(column::run_id)?)))
}

/// Writes sessions, as many as the statement takes, in the caller's transaction.
pub(super) fn save(
    statement: &mut Statement,
    sessions: &[(&SessionKey, &Fold)],
    run_id: i64,
) -> Result<(), StoreError> {
    let guids: Vec<(String, Option<String>)> = sessions
        .iter()
        .map(|(_, fold)| {
            let error = fold.last_error.as_ref().map(|last| last.failure.message_guid.to_string());
            (fold.winner.message_guid.to_string(), error)
        })
        .collect();
    let rows = sessions.iter().zip(&guids);
    let values: Vec<Value> = rows
        .flat_map(|((key, fold), (winner, error))| fold_values(key, fold, winner, error.as_deref(), run_id))
        .collect();
    statement.execute(&values)?;
    Ok(())
}

/// The three values of a key, in the order of the primary key.
pub(super) fn key_values(key: &SessionKey) -> [Value<'_>; KEY_COLUMN_COUNT] {
    [key.direction.number().into(), key.session_number.into(), key.channel_database.as_str().into()]
}

fn fold_values<'a>(
    key: &'a SessionKey,
    fold: &'a Fold,
    winner_guid: &'a str,
    error_guid: Option<&'a str>,
    run_id: i64,
) -> [Value<'a>; COLUMN_COUNT] {
    let number = |status: Status| Value::from(status.number(key.direction));
    let error = fold.last_error.as_ref();
    [
        key.direction.number().into(),
        key.session_number.into(),
        key.channel_database.as_str().into(),
        fold.round.into(),
        number(fold.winner.status),
        fold.winner.try_count.into(),
        fold.winner.occurred_at.into(),
        winner_guid.into(),
        (&fold.winner.message).into(),
        fold.requested_at.into(),
        fold.downloaded_at.into(),
        fold.uploaded_at.into(),
        fold.applied_at.into(),
        fold.rows_affected.into(),
        fold.file_size.into(),
        fold.row_version.into(),
        fold.created_at.into(),
        fold.modified_at.into(),
        fold.last_posted_at.into(),
        (&fold.job_name).into(),
        (&fold.channel_data_group).into(),
        (&fold.distribution_schedule).into(),
        (&fold.data_path).into(),
        fold.rerun_for.into(),
        error.map(|last| last.round).into(),
        error.map_or(Value::Null, |last| number(last.failure.status)),
        error.map(|last| last.failure.try_count).into(),
        error.map(|last| last.failure.occurred_at).into(),
        error_guid.into(),
        error.map_or(Value::Null, |last| (&last.failure.message).into()),
        run_id.into(),
    ]
}

/// The session of a row whose first columns are [`COLUMNS`].
pub(super) fn session(row: &Row) -> Result<(SessionKey, Fold), StoreError> {
    let direction = Direction::from_number(row.int(column::direction)?)
        .ok_or_else(|| row.damaged("a session without direction"))?;
    let status = |number: i64| {
        Status::from_number(direction, number)
            .ok_or_else(|| row.damaged(format!("a {direction} session with status {number}")))
    };
    let guid =
        |text: String| Uuid::try_parse(&text).map_err(|_| row.damaged(format!("a session whose message is {text:?}")));
    let last_error = match row.opt_int(column::last_error_round)? {
        None => None,
        Some(round) => Some(LastError {
            round,
            failure: Winner {
                status: status(row.int(column::last_error_status)?)?,
                try_count: row.int(column::last_error_try_count)?,
                occurred_at: row.time(column::last_error_at)?,
                message_guid: guid(row.text(column::last_error_guid)?)?,
                message: row.opt_text(column::last_error_message)?,
            },
        }),
    };
    let fold = Fold {
        direction,
        round: row.int(column::round)?,
        winner: Winner {
            status: status(row.int(column::status)?)?,
            try_count: row.int(column::try_count)?,
            occurred_at: row.time(column::winner_at)?,
            message_guid: guid(row.text(column::winner_guid)?)?,
            message: row.opt_text(column::message)?,
        },
        requested_at: row.opt_time(column::requested_at)?,
        downloaded_at: row.opt_time(column::downloaded_at)?,
        uploaded_at: row.opt_time(column::uploaded_at)?,
        applied_at: row.opt_time(column::applied_at)?,
        rows_affected: row.opt_int(column::rows_affected)?,
        file_size: row.opt_int(column::file_size)?,
        row_version: row.opt_int(column::row_version)?,
        created_at: row.time(column::created_at)?,
        modified_at: row.time(column::modified_at)?,
        last_posted_at: row.time(column::last_posted_at)?,
        job_name: row.text(column::job_name)?,
        channel_data_group: row.opt_text(column::channel_data_group)?,
        distribution_schedule: row.opt_text(column::distribution_schedule)?,
        data_path: row.opt_text(column::data_path)?,
        rerun_for: row.opt_int(column::rerun_for)?,
        last_error,
    };
    let key = SessionKey {
        direction,
        session_number: row.int(column::session_number)?,
        channel_database: row.text(column::channel_database)?,
    };
    Ok((key, fold))
}
