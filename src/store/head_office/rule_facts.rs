//! What the alert rules compare: known jobs, failures, the messages of an hour, held purges.

use crate::domain::{DAY_MS, Direction, Presence, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::chunk_rows::presence;
use crate::store::value::values;
use serde::Serialize;
use std::collections::HashMap;

/// The newest failures that are searched for the last ones of channel databases.
const MAX_FAILURES: i64 = 20_000;
/// The most batch jobs whose purge is held.
const MAX_HELD_JOBS: i64 = 1_000;
/// The longest run in milliseconds: one that began earlier did not end in the time that is read.
const LONGEST_RUN_MS: i64 = DAY_MS;

/// A job that messages name, and when they arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownJob {
    /// Its name.
    pub name: String,
    /// Its direction.
    pub direction: Direction,
    /// When messages about it arrived.
    pub presence: Presence,
}

/// New messages of runs that began in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NewMessages {
    /// The runs that have ended.
    pub runs: i64,
    /// Their new messages.
    pub messages: i64,
    /// Runs that are active.
    pub active: i64,
}

/// A purge that was held and not made since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldPurge {
    /// The newest run that held it.
    pub run_id: i64,
    /// Since when it has been held.
    pub since: Timestamp,
    /// Since when runs outside of batch jobs have held it.
    pub outside_jobs: Option<Timestamp>,
    /// Why, as that run says it.
    pub why: String,
}

impl HeadOffice {
    /// The jobs that messages name, at most `limit`.
    pub fn known_jobs(&self, limit: i64) -> Result<Vec<KnownJob>, StoreError> {
        let sql = "select name, direction, first_seen_at, last_seen_at, usual_gap from known_job
                   order by last_seen_at desc, name, direction limit $1";
        self.connection.query(sql, values![limit], |row| {
            let number = row.int("direction")?;
            let direction =
                Direction::from_number(number).ok_or_else(|| row.damaged(format!("the direction {number}")))?;
            Ok(KnownJob { name: row.text("name")?, direction, presence: presence(row)? })
        })
    }

    /// The directions in which messages name jobs with these names.
    pub fn directions_of_jobs(&self, names: &[String]) -> Result<Vec<(String, Direction)>, StoreError> {
        let mut found = Vec::new();
        for name in names {
            let sql = "select direction from known_job where name = $1 order by direction";
            let directions = self.connection.query(sql, values![name], |row| row.int("direction"))?;
            found.extend(directions.into_iter().filter_map(Direction::from_number).map(|of| (name.clone(), of)));
        }
        Ok(found)
    }

    /// The last failure of each channel database among the newest failures up to an instant: when
    /// its message arrived, and its cause.
    pub fn last_causes(&self, until: Timestamp) -> Result<HashMap<String, (Timestamp, i64)>, StoreError> {
        let sql = "select channel_database, posted_at, cause from status_message
                   where cause is not null and occurred_at <= $1 order by occurred_at desc limit $2";
        let found = self.connection.query(sql, values![until, MAX_FAILURES], |row| {
            Ok((row.text("channel_database")?, (row.time("posted_at")?, row.int("cause")?)))
        })?;
        let mut last: HashMap<String, (Timestamp, i64)> = HashMap::new();
        for (name, failure) in found {
            let known = last.entry(name).or_insert(failure);
            *known = (*known).max(failure);
        }
        Ok(last)
    }

    /// What runs that began between two instants read that was new.
    pub fn new_messages(&self, from: Timestamp, to: Timestamp) -> Result<NewMessages, StoreError> {
        let sql = "select count(*) as runs, coalesce(sum(inserted + rejected), 0) as messages from run
                   where ended_at >= $1 and ended_at < $2 and started_at >= $1 and started_at < $3";
        let ended = Timestamp(to.0 + LONGEST_RUN_MS);
        let read = self.connection.first(sql, values![from, ended, to], |row| {
            Ok(NewMessages { runs: row.int("runs")?, messages: row.int("messages")?, active: 0 })
        })?;
        let sql = "select count(*) from (select started_at from run where ended_at is null order by run_id desc limit 10) as r
                   where started_at < $1";
        let active = self.connection.integer(sql, values![to])?;
        Ok(NewMessages { active, ..read.unwrap_or_default() })
    }

    /// How long the longest successful run of a batch job took, in milliseconds, of those that were
    /// due between two instants; `None` if there was none.
    pub fn longest_run(&self, job_id: i64, from: Timestamp, to: Timestamp) -> Result<Option<i64>, StoreError> {
        let sql = "select max(ended_at - started_at) from batch_job_history
                   where job_id = $1 and scheduled_at >= $2 and scheduled_at < $3 and outcome = 'ended'";
        Ok(self.connection.scalar::<Option<i64>>(sql, values![job_id, from, to])?.flatten())
    }

    /// The purge that was held since the last one that was made; `None` if none was.
    pub fn held_purge(&self) -> Result<Option<HeldPurge>, StoreError> {
        let sql = "select max(run_id) as newest, min(ended_at) as since, min(case when job_id is null then ended_at end) as by_command
                   from run where purge_held = 1
                   and run_id > coalesce((select max(run_id) from run where purge_finished = 1), 0)";
        let held = self
            .connection
            .first(sql, &[], |row| Ok((row.opt_int("newest")?, row.opt_time("since")?, row.opt_time("by_command")?)))?;
        let Some((Some(run_id), Some(since), outside_jobs)) = held else { return Ok(None) };
        let notices = self.run(run_id)?.map(|run| run.notices).unwrap_or_default();
        let why = notices.into_iter().map(|notice| notice.0).find(|text| text.starts_with("purge held"));
        Ok(Some(HeldPurge { run_id, since, outside_jobs, why: why.unwrap_or_else(|| "purge held".to_owned()) }))
    }

    /// Batch jobs whose purge is held: number, description, and since when.
    pub fn held_purges(&self) -> Result<Vec<(i64, String, Timestamp)>, StoreError> {
        let sql = "select job_id, description, purge_held_since from batch_job
                   where purge_held_since is not null and interactive = 0 order by job_id limit $1";
        self.connection.query(sql, values![MAX_HELD_JOBS], |row| {
            Ok((row.int("job_id")?, row.text("description")?, row.time("purge_held_since")?))
        })
    }
}
