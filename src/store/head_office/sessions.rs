//! Session rows: loaded and saved by the transfer, listed for people and scripts.

use super::HeadOffice;
use crate::domain::{Direction, Fold, LastError, Rerun, Session, SessionKey, Status, Timestamp, Winner};
use crate::store::StoreError;
use crate::store::connection::{INSERT_ROWS, Row, Statement};
use crate::store::value::{Value, placeholders, values};
use uuid::Uuid;

/// The columns in the order that [`fold_values`] and [`session`] use.
const COLUMNS: &str = "direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid, message, \
    requested_at, downloaded_at, uploaded_at, applied_at, rows_affected, file_size, row_version, created_at, modified_at, \
    last_posted_at, job_name, channel_data_group, distribution_schedule, data_path, rerun_for, last_error_round, \
    last_error_status, last_error_try_count, last_error_at, last_error_guid, last_error_message, run_id";
const COLUMN_COUNT: usize = 31;
const RUN_ID: usize = 30;
const KEY_COLUMN_COUNT: usize = 3;

/// Which sessions a list wants.
#[derive(Debug, Clone)]
pub struct SessionFilter {
    /// Which form.
    pub direction: Direction,
    /// Any of these; empty is all.
    pub statuses: Vec<Status>,
    /// Exactly this channel database.
    pub channel_database: Option<String>,
    /// Exactly this job.
    pub job_name: Option<String>,
    /// Changed at or after, by `modified_at`.
    pub since: Option<Timestamp>,
    /// Whether No data is shown; asking for that status shows it anyway.
    pub no_data: bool,
    /// How many at most.
    pub limit: i64,
}

impl HeadOffice {
    /// The newest sessions by `modified_at`, then by key.
    pub fn sessions(&self, filter: &SessionFilter) -> Result<Vec<Session>, StoreError> {
        let mut values: Vec<Value> = vec![filter.direction.number().into()];
        let mut wheres = vec!["direction = $1".to_owned()];
        if !filter.statuses.is_empty() {
            let numbers = filter.statuses.iter().filter_map(|status| status.number(filter.direction));
            let list: Vec<_> = numbers.map(|number| number.to_string()).collect();
            wheres.push(format!("status in ({})", list.join(", ")));
        } else if !filter.no_data
            && let Some(no_data) = Status::NoData.number(filter.direction)
        {
            wheres.push(format!("status <> {no_data}"));
        }
        for (column, value) in [("channel_database", &filter.channel_database), ("job_name", &filter.job_name)] {
            if let Some(value) = value {
                values.push(value.into());
                wheres.push(format!("{column} = ${}", values.len()));
            }
        }
        if let Some(since) = filter.since {
            values.push(since.into());
            wheres.push(format!("modified_at >= ${}", values.len()));
        }
        values.push(filter.limit.into());
        let sql = format!(
            "select {COLUMNS}, exists (select 1 from session as repeat where repeat.rerun_for = session.session_number
                and repeat.channel_database = session.channel_database and repeat.direction = session.direction)
             from session where {} order by modified_at desc, session_number, channel_database limit ${}",
            wheres.join(" and "),
            values.len()
        );
        self.connection.query(&sql, &values, |row| {
            let (key, fold) = session(row)?;
            let rerun = if row.int(COLUMN_COUNT)? != 0 { Rerun::Executed } else { Rerun::None };
            Ok(Session { key, fold, rerun })
        })
    }

    /// How many sessions are in a failed state now.
    pub fn count_open(&self) -> Result<i64, StoreError> {
        Direction::ALL.into_iter().map(|direction| self.count_with(direction, Status::is_failed)).sum()
    }

    fn count_with(&self, direction: Direction, wanted: fn(Status) -> bool) -> Result<i64, StoreError> {
        let numbers: Vec<_> = Status::all(direction)
            .filter(|status| wanted(*status))
            .filter_map(|status| status.number(direction))
            .map(|number| number.to_string())
            .collect();
        let sql = format!("select count(*) from session where direction = $1 and status in ({})", numbers.join(", "));
        self.connection.integer(&sql, values![direction.number()])
    }

    /// The statement that finds one session's state by its key.
    pub(super) fn prepare_load_session(&self) -> Result<Statement<'_>, StoreError> {
        self.connection.prepare(&format!(
            "select {COLUMNS} from session where direction = $1 and session_number = $2 and channel_database = $3"
        ))
    }

    /// The statement that writes the states of `rows` sessions over whatever is there.
    pub(super) fn prepare_save_sessions(&self, rows: usize) -> Result<Statement<'_>, StoreError> {
        let rows: Vec<_> = (0..rows).map(|row| placeholders(row * COLUMN_COUNT, COLUMN_COUNT)).collect();
        let updates: Vec<_> = COLUMNS
            .split(", ")
            .skip(KEY_COLUMN_COUNT)
            .map(|column| format!("{0} = excluded.{0}", column.trim()))
            .collect();
        self.connection.prepare(&format!(
            "{INSERT_ROWS} session ({COLUMNS}) values {} on conflict (direction, session_number, channel_database)
             do update set {}",
            rows.join(", "),
            updates.join(", ")
        ))
    }
}

/// Finds a session's state and the run that changed it last; `None` if there is no such row.
pub(super) fn load(statement: &mut Statement, key: &SessionKey) -> Result<Option<(Fold, i64)>, StoreError> {
    statement.first(&key_values(key), |row| Ok((session(row)?.1, row.int(RUN_ID)?)))
}

/// Writes sessions' states, as many as the statement takes, as part of the caller's transaction.
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

fn session(row: &Row) -> Result<(SessionKey, Fold), StoreError> {
    let direction = Direction::from_number(row.int(0)?).ok_or_else(|| row.damaged("a session without direction"))?;
    let status = |number: i64| {
        Status::from_number(direction, number)
            .ok_or_else(|| row.damaged(format!("a {direction} session with status {number}")))
    };
    let guid =
        |text: String| Uuid::try_parse(&text).map_err(|_| row.damaged(format!("a session whose message is {text:?}")));
    let last_error = match row.opt_int(24)? {
        None => None,
        Some(round) => Some(LastError {
            round,
            failure: Winner {
                status: status(row.int(25)?)?,
                try_count: row.int(26)?,
                occurred_at: row.time(27)?,
                message_guid: guid(row.text(28)?)?,
                message: row.opt_text(29)?,
            },
        }),
    };
    let fold = Fold {
        direction,
        round: row.int(3)?,
        winner: Winner {
            status: status(row.int(4)?)?,
            try_count: row.int(5)?,
            occurred_at: row.time(6)?,
            message_guid: guid(row.text(7)?)?,
            message: row.opt_text(8)?,
        },
        requested_at: row.opt_time(9)?,
        downloaded_at: row.opt_time(10)?,
        uploaded_at: row.opt_time(11)?,
        applied_at: row.opt_time(12)?,
        rows_affected: row.opt_int(13)?,
        file_size: row.opt_int(14)?,
        row_version: row.opt_int(15)?,
        created_at: row.time(16)?,
        modified_at: row.time(17)?,
        last_posted_at: row.time(18)?,
        job_name: row.text(19)?,
        channel_data_group: row.opt_text(20)?,
        distribution_schedule: row.opt_text(21)?,
        data_path: row.opt_text(22)?,
        rerun_for: row.opt_int(23)?,
        last_error,
    };
    let key = SessionKey { direction, session_number: row.int(1)?, channel_database: row.text(2)? };
    Ok((key, fold))
}
