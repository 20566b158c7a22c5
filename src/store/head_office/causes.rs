//! Errors grouped by cause: counts, places, dates, and open sessions.

use crate::domain::{Direction, Status, Timestamp, as_text};
use crate::store::StoreError;
use crate::store::head_office::cause_json::muted;
pub(super) use crate::store::head_office::cause_sql::{
    cause_is_like, cause_of_session, cause_of_state, failed_statuses,
};
use crate::store::head_office::cause_takings::{Taking, taking};
use crate::store::head_office::edits::{Edit, EditError, EditedObject};
use crate::store::head_office::journal::Change;
use crate::store::head_office::message_row::IS_WINNER;
use crate::store::head_office::{HeadOffice, Undo};
use crate::store::row::Row;
use crate::store::value::values;
use serde::Serialize;

/// Days for which a cause counts as new.
const NEW_DAYS: i64 = 1;
/// The most channel databases and jobs of a cause that are counted.
const MAX_COUNTED_NAMES: i64 = 100;

/// One cause and its errors since an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CauseLine {
    /// The key of the cause.
    #[serde(serialize_with = "as_text")]
    pub digest: i64,
    /// The masked text.
    #[serde(rename = "cause")]
    pub masked: String,
    /// Failed messages.
    pub errors: i64,
    /// Sessions that are in a failed state because of this cause now.
    pub open: i64,
    /// Uploads among them.
    #[serde(skip)]
    pub open_uploads: i64,
    /// Channel databases that reported it.
    pub channel_databases: i64,
    /// The first of these errors.
    pub first_at: Timestamp,
    /// The last of these errors.
    pub last_at: Timestamp,
    /// When the cause was first seen; kept when the messages are purged.
    pub first_seen_at: Timestamp,
    /// An operator's note.
    pub note: Option<String>,
    /// The number of the last edit of its note or mute; 0 before the first.
    pub version: i64,
    /// Until when it is muted, and by whom; `None` if it is not muted.
    #[serde(flatten, serialize_with = "muted")]
    pub muted: Option<(Timestamp, String)>,
    /// The operator who has taken it; `None` if it is not taken.
    pub taken: Option<Taking>,
    /// The error text of the last one.
    pub last_message: Option<String>,
    /// The direction of its session.
    #[serde(skip)]
    pub last_direction: Direction,
    /// The failed status; `None` if this program does not know it.
    #[serde(skip)]
    pub last_status: Option<Status>,
    /// Its channel database.
    pub last_channel_database: String,
    /// Its scheduler job.
    pub last_job_name: String,
}

/// The channel databases and jobs of a cause, most first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CauseFacts {
    /// Channel databases with the number of their sessions that are in a failed state because of it
    /// now.
    pub stores: Vec<(String, i64)>,
    /// Jobs with the number of their failures.
    pub jobs: Vec<(String, i64)>,
}

/// What operators set on a cause.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CauseRemarks {
    /// The note.
    pub note: Option<String>,
    /// Until when it is muted; also an instant in the past.
    pub muted_until: Option<Timestamp>,
    /// Who works on it; also until an instant in the past.
    pub taken: Option<Taking>,
    /// The number of their last edit; 0 before the first.
    pub version: i64,
}

impl HeadOffice {
    /// What operators set on a cause; `None` if head office does not know the cause.
    pub fn cause_remarks(&self, cause: i64) -> Result<Option<CauseRemarks>, StoreError> {
        let sql = "select note, muted_until, edit_version as version, taken_by, taken_until, taken_remark
                   from cause where digest = $1";
        self.connection.first(sql, values![cause], |row| {
            let (note, muted_until) = (row.opt_text("note")?, row.opt_time("muted_until")?);
            Ok(CauseRemarks { note, muted_until, taken: taking(row)?, version: row.int("version")? })
        })
    }

    /// Causes with errors at or after `since` (by the reporter's clock): the one that failed last
    /// first, those muted at `now` at the end.
    pub fn causes(&self, since: Timestamp, now: Timestamp, limit: i64) -> Result<Vec<CauseLine>, StoreError> {
        self.list_causes(since, now, limit, "and 1 = 0")
    }

    /// Like [`Self::causes`], plus older causes with open sessions, so that every open session is
    /// counted in some line.
    pub fn causes_and_open(&self, since: Timestamp, now: Timestamp, limit: i64) -> Result<Vec<CauseLine>, StoreError> {
        self.list_causes(since, now, limit, "")
    }

    fn list_causes(
        &self,
        since: Timestamp,
        now: Timestamp,
        limit: i64,
        older: &str,
    ) -> Result<Vec<CauseLine>, StoreError> {
        let failed = failed_statuses("session");
        let cause = cause_of_state("message");
        let uploads = Direction::Upload.number();
        let sql = format!(
            "with recent as (
                 select cause, count(*) as errors, count(distinct channel_database) as channel_databases,
                        min(occurred_at) as first_at, max(occurred_at) as last_at
                 from status_message where cause is not null and occurred_at >= $1 group by cause
             ), still_open as (
                 select cause, count(*) as sessions, count(case when direction = {uploads} then 1 end) as uploads,
                        min(occurred_at) as first_at, max(occurred_at) as last_at
                 from (select session.direction, message.occurred_at, {cause} as cause from session
                     join status_message as message on {IS_WINNER} where {failed}) as failed
                 where cause is not null group by cause
             ), listed as (
                 select cause, errors, channel_databases, first_at, last_at from recent
                 union all
                 select cause, 0, 0, first_at, last_at from still_open where cause not in (select cause from recent) {older}
             )
             select listed.cause, coalesce(cause.masked, '') as masked, listed.errors, coalesce(still_open.sessions, 0) as open,
                    listed.channel_databases, listed.first_at, listed.last_at,
                    coalesce(cause.first_seen_at, listed.first_at) as first_seen_at, cause.note,
                    case when cause.muted_until > $2 then cause.muted_until end as muted_until,
                    coalesce(cause.muted_by, '') as muted_by,
                    case when cause.taken_until > $2 then cause.taken_until end as taken_until, cause.taken_by, cause.taken_remark,
                    coalesce(cause.edit_version, 0) as version, coalesce(still_open.uploads, 0) as open_uploads
             from listed left join cause on cause.digest = listed.cause
             left join still_open on still_open.cause = listed.cause
             order by case when cause.muted_until > $2 then 1 else 0 end, listed.last_at desc, listed.cause limit $3"
        );
        let mut lines = self.connection.query(&sql, values![since, now, limit], |row| {
            Ok(CauseLine {
                digest: row.int("cause")?,
                masked: row.text("masked")?,
                errors: row.int("errors")?,
                open: row.int("open")?,
                open_uploads: row.int("open_uploads")?,
                channel_databases: row.int("channel_databases")?,
                first_at: row.time("first_at")?,
                last_at: row.time("last_at")?,
                first_seen_at: row.time("first_seen_at")?,
                note: row.opt_text("note")?,
                muted: row.opt_time("muted_until")?.zip(row.opt_text("muted_by")?),
                taken: taking(row)?,
                version: row.int("version")?,
                last_message: None,
                last_status: None,
                last_direction: Direction::Download,
                last_channel_database: String::new(),
                last_job_name: String::new(),
            })
        })?;
        let mut newest = self.connection.prepare(
            "select message, channel_database, job_name, direction, status from status_message
             where cause = $1 and occurred_at = $2 and cause is not null order by message_key desc limit 1",
        )?;
        for line in &mut lines {
            newest.first(values![line.digest, line.last_at], |row| {
                line.last_message = row.opt_text("message")?;
                line.last_channel_database = row.text("channel_database")?;
                line.last_job_name = row.text("job_name")?;
                line.last_direction = Direction::from_number(row.int("direction")?).unwrap_or(Direction::Download);
                line.last_status = Status::from_number(line.last_direction, row.int("status")?);
                Ok(())
            })?;
        }
        Ok(lines)
    }

    /// The channel databases in which a cause is open now, and the jobs with its failures since an
    /// instant; most first.
    pub fn cause_facts(&self, cause: i64, since: Timestamp) -> Result<CauseFacts, StoreError> {
        let (failed, cause_of_state) = (failed_statuses("session"), cause_of_state("message"));
        let stores = format!(
            "select session.channel_database as name, count(*) as met from session
             join status_message as message on {IS_WINNER}
             where {failed} and {cause_of_state} = $1 group by session.channel_database order by 2 desc, 1 limit {MAX_COUNTED_NAMES}"
        );
        let jobs = format!(
            "select job_name as name, count(*) as met from status_message where cause = $1 and occurred_at >= $2
             group by job_name order by 2 desc, 1 limit {MAX_COUNTED_NAMES}"
        );
        let counted = |row: &Row| Ok((row.text("name")?, row.int("met")?));
        Ok(CauseFacts {
            stores: self.connection.query(&stores, values![cause], counted)?,
            jobs: self.connection.query(&jobs, values![cause, since], counted)?,
        })
    }

    /// Sets an operator's note on a cause, empty for none; durable when it returns. It is kept when
    /// the messages are purged.
    pub fn set_cause_note<'a>(&self, cause: i64, note: &str, edit: impl Into<Edit<'a>>) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select note, masked from cause where digest = $1";
        let before =
            self.connection.first(sql, values![cause], |row| Ok((row.opt_text("note")?, row.text("masked")?)))?;
        let note = (!note.is_empty()).then_some(note);
        if let Some((before, masked)) = before {
            self.connection.execute("update cause set note = $2 where digest = $1", values![cause, note])?;
            let undo = Undo::Note(cause, before.clone());
            let change =
                Change::new(edit.operator, "note on cause", &masked).detail(note.unwrap_or("")).also(edit.also());
            let entry_id = self.append(&change.values(before.as_deref(), note).undo(Some(&undo)))?;
            self.new_version(EditedObject::Cause(cause, &masked), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Mutes a cause until an instant, or unmutes it; durable when it returns. A muted cause is
    /// listed last and hides nothing else.
    pub fn mute_cause<'a>(
        &self,
        cause: i64,
        until: Option<Timestamp>,
        edit: impl Into<Edit<'a>>,
    ) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select muted_until, masked from cause where digest = $1";
        let before = self
            .connection
            .first(sql, values![cause], |row| Ok((row.opt_time("muted_until")?, row.text("masked")?)))?;
        if let Some((before, masked)) = before {
            let sql = "update cause set muted_until = $2, muted_by = $3 where digest = $1";
            self.connection.execute(sql, values![cause, until, edit.operator])?;
            let detail = until.map_or_else(|| "no longer".to_owned(), |until| format!("until {}", until.to_rfc3339()));
            let undo = Undo::Mute(cause, before);
            let identity = format!("{masked}: {}", if until.is_some() { "muted" } else { &detail });
            let [before, after] = [before, until].map(|at| at.map(Timestamp::to_rfc3339));
            let change = Change::new(edit.operator, "mute cause", &masked).detail(&detail).also(edit.also());
            let entry_id = self.append(
                &change.values(before.as_deref(), after.as_deref()).undo(Some(&undo)).instant(until, &identity),
            )?;
            self.new_version(EditedObject::Cause(cause, &masked), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

impl CauseLine {
    /// How many of its open sessions are of each direction.
    pub fn open_by_direction(&self) -> [(Direction, i64); 2] {
        [(Direction::Download, self.open - self.open_uploads), (Direction::Upload, self.open_uploads)]
    }

    /// Whether it was first seen within a day of `now`.
    pub fn is_new(&self, now: Timestamp) -> bool {
        self.first_seen_at >= now.minus_days(NEW_DAYS)
    }
}
