//! Errors grouped by cause: how often, where, since when, and how many sessions are still open because of it.

use crate::domain::{Direction, Status, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::edits::{Edit, EditError, Edited};
use crate::store::head_office::{HeadOffice, Undo};
use crate::store::row::Row;
use crate::store::value::values;

/// How many days a cause counts as new.
const NEW_DAYS: i64 = 1;
/// Channel databases and jobs of a cause that are counted.
const FACTS: i64 = 100;

/// One cause and what is known of its errors since an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseLine {
    /// The key of the cause.
    pub digest: i64,
    /// The masked text.
    pub masked: String,
    /// Failed messages.
    pub errors: i64,
    /// Sessions whose last error is of this cause's newest text's kind and whose state is failed now.
    pub open: i64,
    /// Uploads among them.
    pub open_uploads: i64,
    /// Channel databases that reported it.
    pub channel_databases: i64,
    /// The first of these errors.
    pub first_at: Timestamp,
    /// The last of these errors.
    pub last_at: Timestamp,
    /// When the cause was first seen at all; survives the messages.
    pub first_seen_at: Timestamp,
    /// What an operator wrote about it.
    pub note: Option<String>,
    /// Grows with every edit of its note or mute; 0 before the first.
    pub version: i64,
    /// Until when it is muted, and by whom; `None` if it never was or no longer is.
    pub muted: Option<(Timestamp, String)>,
    /// The whole text of the last one.
    pub last_message: Option<String>,
    /// Which way its session went.
    pub last_direction: Direction,
    /// In which status it failed; `None` if this program does not know it.
    pub last_status: Option<Status>,
    /// Where that was.
    pub last_channel_database: String,
    /// Which job.
    pub last_job_name: String,
}

/// Where a cause is open and who met it, most first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CauseFacts {
    /// Channel databases with the number of their sessions that are in a failure of it now.
    pub stores: Vec<(String, i64)>,
    /// Jobs with the number of their failures.
    pub jobs: Vec<(String, i64)>,
}

impl HeadOffice {
    /// Causes with errors at or after `since` (by the reporter's clock): the one that failed last first, those muted at `now` after all
    /// others.
    pub fn causes(&self, since: Timestamp, now: Timestamp, limit: i64) -> Result<Vec<CauseLine>, StoreError> {
        self.list_causes(since, now, limit, "and 1 = 0")
    }

    /// The same and older causes with open sessions, so that every open session is counted in some line.
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
        let uploads = Direction::Upload.number();
        let sql = format!(
            "with recent as (
                 select cause, count(*) as errors, count(distinct channel_database) as channel_databases,
                        min(occurred_at) as first_at, max(occurred_at) as last_at
                 from status_message where cause is not null and occurred_at >= $1 group by cause
             ), still_open as (
                 select message.cause, count(*) as sessions,
                        count(case when session.direction = {uploads} then 1 end) as uploads, min(message.occurred_at) as first_at,
                        max(message.occurred_at) as last_at from session
                 join status_message as message on message.message_guid = session.winner_guid
                 where {failed} and message.cause is not null group by message.cause
             ), listed as (
                 select cause, errors, channel_databases, first_at, last_at from recent
                 union all
                 select cause, 0, 0, first_at, last_at from still_open where cause not in (select cause from recent) {older}
             )
             select listed.cause, coalesce(cause.masked, ''), listed.errors, coalesce(still_open.sessions, 0),
                    listed.channel_databases, listed.first_at, listed.last_at,
                    coalesce(cause.first_seen_at, listed.first_at), cause.note,
                    case when cause.muted_until > $2 then cause.muted_until end, coalesce(cause.muted_by, ''),
                    coalesce(cause.edit_version, 0), coalesce(still_open.uploads, 0)
             from listed left join cause on cause.digest = listed.cause
             left join still_open on still_open.cause = listed.cause
             order by case when cause.muted_until > $2 then 1 else 0 end, listed.last_at desc, listed.cause limit $3"
        );
        let mut lines = self.connection.query(&sql, values![since, now, limit], |row| {
            Ok(CauseLine {
                digest: row.int(0)?,
                masked: row.text(1)?,
                errors: row.int(2)?,
                open: row.int(3)?,
                open_uploads: row.int(12)?,
                channel_databases: row.int(4)?,
                first_at: row.time(5)?,
                last_at: row.time(6)?,
                first_seen_at: row.time(7)?,
                note: row.opt_text(8)?,
                muted: row.opt_time(9)?.zip(row.opt_text(10)?),
                version: row.int(11)?,
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
                line.last_message = row.opt_text(0)?;
                line.last_channel_database = row.text(1)?;
                line.last_job_name = row.text(2)?;
                line.last_direction = Direction::from_number(row.int(3)?).unwrap_or(Direction::Download);
                line.last_status = Status::from_number(line.last_direction, row.int(4)?);
                Ok(())
            })?;
        }
        Ok(lines)
    }

    /// Where a cause is open now, and which jobs met it since an instant; most first.
    pub fn cause_facts(&self, cause: i64, since: Timestamp) -> Result<CauseFacts, StoreError> {
        let failed = failed_statuses("session");
        let stores = format!(
            "select session.channel_database, count(*) from session
             join status_message as message on message.message_guid = session.winner_guid
             where {failed} and message.cause = $1 group by session.channel_database order by 2 desc, 1 limit {FACTS}"
        );
        let jobs = format!(
            "select job_name, count(*) from status_message where cause = $1 and occurred_at >= $2
             group by job_name order by 2 desc, 1 limit {FACTS}"
        );
        let counted = |row: &Row| Ok((row.text(0)?, row.int(1)?));
        Ok(CauseFacts {
            stores: self.connection.query(&stores, values![cause], counted)?,
            jobs: self.connection.query(&jobs, values![cause, since], counted)?,
        })
    }

    /// Writes what an operator has to say about a cause, empty for nothing; durable when it returns. It survives the messages.
    pub fn set_cause_note<'a>(&self, cause: i64, note: &str, edit: impl Into<Edit<'a>>) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select note, masked from cause where digest = $1";
        let before = self.connection.first(sql, values![cause], |row| Ok((row.opt_text(0)?, row.text(1)?)))?;
        let note = (!note.is_empty()).then_some(note);
        if let Some((before, masked)) = before {
            self.connection.execute("update cause set note = $2 where digest = $1", values![cause, note])?;
            let undo = Undo::Note(cause, before);
            let note = note.unwrap_or("");
            let entry_id = self.note_in_journal(edit.operator, "note on cause", &masked, note, Some(&undo))?;
            self.new_version(Edited::Cause(cause, &masked), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Mutes a cause until an instant, or no longer; durable when it returns. A muted cause is listed last and hides nothing else.
    pub fn mute_cause<'a>(
        &self,
        cause: i64,
        until: Option<Timestamp>,
        edit: impl Into<Edit<'a>>,
    ) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select muted_until, masked from cause where digest = $1";
        let before = self.connection.first(sql, values![cause], |row| Ok((row.opt_time(0)?, row.text(1)?)))?;
        if let Some((before, masked)) = before {
            let sql = "update cause set muted_until = $2, muted_by = $3 where digest = $1";
            self.connection.execute(sql, values![cause, until, edit.operator])?;
            let detail = until.map_or_else(|| "no longer".to_owned(), |until| format!("until {}", until.to_rfc3339()));
            let undo = Undo::Mute(cause, before);
            let entry_id = self.note_in_journal(edit.operator, "mute cause", &masked, &detail, Some(&undo))?;
            self.new_version(Edited::Cause(cause, &masked), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// The condition that a row of `table` is in a failed status of its direction.
pub(super) fn failed_statuses(table: &str) -> String {
    let of = |direction: Direction| {
        let numbers: Vec<_> = Status::all(direction)
            .filter(|status| status.is_failed())
            .filter_map(|status| status.number(direction))
            .map(|number| number.to_string())
            .collect();
        format!("({table}.direction = {} and {table}.status in ({}))", direction.number(), numbers.join(", "))
    };
    format!("({})", Direction::ALL.map(of).join(" or "))
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

    /// The line as one JSON object.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "cause": self.masked,
            "errors": self.errors,
            "open": self.open,
            "channel_databases": self.channel_databases,
            "first_at": self.first_at.to_rfc3339(),
            "last_at": self.last_at.to_rfc3339(),
            "first_seen_at": self.first_seen_at.to_rfc3339(),
            "note": self.note,
            "version": self.version,
            "muted_until": self.muted.as_ref().map(|(until, _)| until.to_rfc3339()),
            "last_message": self.last_message,
            "last_channel_database": self.last_channel_database,
            "last_job_name": self.last_job_name,
        })
    }
}
