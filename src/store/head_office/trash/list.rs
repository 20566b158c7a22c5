//! The list of sessions in the trash.

use crate::domain::{Direction, SessionKey, Status, Timestamp};
use crate::filter::{FieldValue, Filter, Subject};
use crate::guard::Guarded;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::row::columns;
use crate::store::value::{Value, values};
use serde::Serialize;

/// Sessions that one piece of the trash has.
const PIECE_SESSIONS: i64 = 5_000;

columns!(mod column:
    trash_id, direction, session_number, channel_database, status, job_name, channel_data_group, distribution_schedule,
    message, modified_at, messages, purge_run_id, purged_at,
);

/// A session in the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrashedSession {
    /// Its number in the trash.
    pub trash_id: i64,
    /// Its key.
    #[serde(flatten)]
    pub key: SessionKey,
    /// Its status.
    pub status: Status,
    /// The job.
    pub job_name: String,
    /// The channel data group.
    pub channel_data_group: Option<String>,
    /// The distribution schedule.
    pub distribution_schedule: Option<String>,
    /// The text of its last message.
    pub message: Option<String>,
    /// Its last change.
    pub modified_at: Timestamp,
    /// Rows that a restore brings back: the session and its messages.
    pub rows: i64,
    /// The run that purged it.
    pub purged_by_run: i64,
    /// When it was purged.
    pub purged_at: Timestamp,
    /// After this instant a purge deletes it for good, by the parameter in force.
    pub gone_after: Timestamp,
}

/// What a run put into the trash, as far as it is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TrashOfRun {
    /// The run.
    pub run_id: i64,
    /// Sessions.
    pub sessions: i64,
    /// Their messages.
    pub messages: i64,
    /// When the first of them was purged.
    pub purged_at: Timestamp,
    /// After this instant a purge deletes the first of them for good, by the parameter in force.
    pub gone_after: Timestamp,
}

/// Which sessions of the trash are listed.
#[derive(Debug, Clone, Default)]
pub struct TrashFilter {
    /// Only these session numbers; empty is all.
    pub numbers: Vec<i64>,
    /// Only those that this run purged.
    pub run: Option<i64>,
    /// Only those purged since.
    pub since: Option<Timestamp>,
    /// Only those with a lower number in the trash.
    pub before: Option<i64>,
    /// The most sessions.
    pub limit: i64,
}

impl TrashedSession {
    /// The session as guardrails see it.
    pub fn guarded(&self) -> Guarded {
        Guarded {
            store: self.key.channel_database.clone(),
            job: self.job_name.clone(),
            group: self.channel_data_group.clone().unwrap_or_default(),
            schedule: self.distribution_schedule.clone().unwrap_or_default(),
            direction: self.key.direction.word(),
            ..Guarded::default()
        }
    }
}

impl Subject for TrashedSession {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "session" => FieldValue::Number(self.key.session_number),
            "direction" => FieldValue::Choice(self.key.direction.word()),
            "store" => FieldValue::text(Some(&self.key.channel_database)),
            "job" => FieldValue::text(Some(&self.job_name)),
            "group" => FieldValue::text(self.channel_data_group.as_deref()),
            "schedule" => FieldValue::text(self.distribution_schedule.as_deref()),
            "status" => FieldValue::Choice(self.status.word()),
            "text" => FieldValue::text(self.message.as_deref()),
            "rows" => FieldValue::Number(self.rows),
            "run" => FieldValue::Number(self.purged_by_run),
            "modified" => FieldValue::Number(self.modified_at.0),
            "purged" => FieldValue::Number(self.purged_at.0),
            "gone" => FieldValue::Number(self.gone_after.0),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let texts = [&self.channel_data_group, &self.distribution_schedule, &self.message];
        is_wanted(&self.key.session_number.to_string())
            || is_wanted(&self.key.channel_database)
            || is_wanted(&self.job_name)
            || texts.into_iter().flatten().any(|text| is_wanted(text))
    }
}

impl HeadOffice {
    /// Sessions in the trash, those purged last first.
    pub fn trash(&self, filter: &TrashFilter) -> Result<Vec<TrashedSession>, StoreError> {
        let hours = self.parameters()?.trash_hours;
        let mut values: Vec<Value> = Vec::new();
        let mut wheres = vec!["1 = 1".to_owned()];
        if !filter.numbers.is_empty() {
            let numbers: Vec<_> = filter.numbers.iter().map(i64::to_string).collect();
            wheres.push(format!("session_number in ({})", numbers.join(", ")));
        }
        if let Some(run) = filter.run {
            values.push(run.into());
            wheres.push(format!("purge_run_id = ${}", values.len()));
        }
        if let Some(since) = filter.since {
            values.push(since.into());
            wheres.push(format!("purged_at >= ${}", values.len()));
        }
        if let Some(before) = filter.before {
            values.push(before.into());
            wheres.push(format!("trash_id < ${}", values.len()));
        }
        values.push(filter.limit.into());
        let sql = format!(
            "select {} from trash_session where {} order by trash_id desc limit ${}",
            column::LIST,
            wheres.join(" and "),
            values.len()
        );
        self.connection.query(&sql, &values, |row| trashed(row, hours))
    }

    /// The sessions in the trash that also match these terms, those purged last first, and whether
    /// there are more than the limit. They are read in pieces.
    pub fn trash_matching(
        &self,
        filter: &TrashFilter,
        terms: &Filter,
    ) -> Result<(Vec<TrashedSession>, bool), StoreError> {
        let most = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let mut piece = TrashFilter { limit: PIECE_SESSIONS, ..filter.clone() };
        let mut found = Vec::new();
        loop {
            let rows = self.trash(&piece)?;
            let is_last = i64::try_from(rows.len()).is_ok_and(|rows| rows < PIECE_SESSIONS);
            piece.before = rows.last().map(|row| row.trash_id);
            found.extend(rows.into_iter().filter(|row| terms.matches(row)));
            if is_last || found.len() > most {
                let is_more = found.len() > most;
                found.truncate(most);
                return Ok((found, is_more));
            }
        }
    }

    /// After this instant a purge deletes the first sessions of the trash for good, by the
    /// parameter in force; `None` if it is empty.
    pub fn trash_gone_after(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select purged_at from trash_session order by purged_at limit 1";
        let first = self.connection.scalar::<Timestamp>(sql, &[])?;
        let hours = self.parameters()?.trash_hours;
        Ok(first.map(|purged_at| purged_at.plus_hours(hours)))
    }

    /// What each run put into the trash, newest first; at most `limit` sessions are counted, the
    /// newest.
    pub fn count_trash_by_run(&self, limit: i64) -> Result<Vec<TrashOfRun>, StoreError> {
        let hours = self.parameters()?.trash_hours;
        let sql = "select purge_run_id, count(*) as sessions, cast(coalesce(sum(messages), 0) as bigint) as messages,
                min(purged_at) as purged_at
            from (select purge_run_id, messages, purged_at from trash_session order by trash_id desc limit $1) as newest
            group by purge_run_id order by purge_run_id desc";
        self.connection.query(sql, values![limit], |row| {
            let purged_at = row.time("purged_at")?;
            Ok(TrashOfRun {
                run_id: row.int("purge_run_id")?,
                sessions: row.int("sessions")?,
                messages: row.int("messages")?,
                purged_at,
                gone_after: purged_at.plus_hours(hours),
            })
        })
    }
}

fn trashed(row: &Row, hours: i64) -> Result<TrashedSession, StoreError> {
    let direction = Direction::from_number(row.int(column::direction)?)
        .ok_or_else(|| row.damaged("a session without direction in the trash"))?;
    let number = row.int(column::status)?;
    let status = Status::from_number(direction, number)
        .ok_or_else(|| row.damaged(format!("a {direction} session with status {number} in the trash")))?;
    let purged_at = row.time(column::purged_at)?;
    Ok(TrashedSession {
        trash_id: row.int(column::trash_id)?,
        key: SessionKey {
            direction,
            session_number: row.int(column::session_number)?,
            channel_database: row.text(column::channel_database)?,
        },
        status,
        job_name: row.text(column::job_name)?,
        channel_data_group: row.opt_text(column::channel_data_group)?,
        distribution_schedule: row.opt_text(column::distribution_schedule)?,
        message: row.opt_text(column::message)?,
        modified_at: row.time(column::modified_at)?,
        rows: row.int(column::messages)? + 1,
        purged_by_run: row.int(column::purge_run_id)?,
        purged_at,
        gone_after: purged_at.plus_hours(hours),
    })
}
