//! Lists the distribution schedules that messages name, with their newest sessions.

use crate::domain::{Direction, Session, Timestamp};
use crate::filter::{FieldValue, Subject};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::causes::failed_statuses;
use crate::store::head_office::overview::ATTENTION_LIMIT;
use crate::store::head_office::session_filter::SessionFilter;
use crate::store::value::values;
use serde::Serialize;
use std::collections::HashMap;

/// Maximum number of sessions in a line.
const MAX_SESSIONS: i64 = 5;

/// One distribution schedule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScheduleLine {
    /// Its name.
    #[serde(rename = "distribution_schedule")]
    pub name: String,
    /// When its first message arrived, by the message database's clock.
    pub first_seen_at: Timestamp,
    /// When its last message arrived, by the same clock.
    pub last_seen_at: Timestamp,
    /// Sessions in a failed state now; at most [`ATTENTION_LIMIT`] in all schedules together.
    pub open: i64,
    /// Uploads among the open sessions.
    #[serde(skip)]
    pub open_uploads: i64,
    /// Its newest sessions by `modified_at`, newest first.
    #[serde(skip)]
    pub newest: Vec<Session>,
}

impl ScheduleLine {
    /// Returns the number of open sessions of each direction.
    pub fn open_by_direction(&self) -> [(Direction, i64); 2] {
        [(Direction::Download, self.open - self.open_uploads), (Direction::Upload, self.open_uploads)]
    }

    /// Returns the direction whose form shows its sessions: that of its newest session.
    pub fn direction(&self) -> Direction {
        self.newest.first().map_or(Direction::Download, Session::direction)
    }
}

impl Subject for ScheduleLine {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let newest = self.newest.first();
        match field {
            "schedule" => FieldValue::text(Some(&self.name)),
            "open" => FieldValue::Number(self.open),
            "status" => newest.map_or(FieldValue::Empty, |session| FieldValue::Choice(session.status().word())),
            "job" => FieldValue::text(newest.map(|session| session.fold.job_name.as_str())),
            "session" => FieldValue::number(newest.map(|session| session.key.session_number)),
            "last" => FieldValue::Number(self.last_seen_at.0),
            "first" => FieldValue::Number(self.first_seen_at.0),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let jobs = self.newest.iter().map(|session| session.fold.job_name.as_str());
        std::iter::once(self.name.as_str()).chain(jobs).any(is_wanted)
    }
}

impl HeadOffice {
    /// Returns at most `limit` schedules, the one with the latest message first.
    pub fn schedules(&self, limit: i64) -> Result<Vec<ScheduleLine>, StoreError> {
        let failed = failed_statuses("session");
        let uploads = Direction::Upload.number();
        let sql = format!(
            "select distribution_schedule, count(*) as open, count(case when direction = {uploads} then 1 end) as uploads from
                (select distribution_schedule, direction from session where {failed} limit $1) as failed
             where distribution_schedule is not null group by distribution_schedule"
        );
        let open = self.connection.query(&sql, values![ATTENTION_LIMIT], |row| {
            Ok((row.text("distribution_schedule")?, (row.int("open")?, row.int("uploads")?)))
        })?;
        let open: HashMap<_, _> = open.into_iter().collect();
        let sql = "select name, first_seen_at, last_seen_at from distribution_schedule
                   order by last_seen_at desc, name limit $1";
        let mut lines = self.connection.query(sql, values![limit], |row| {
            let name = row.text("name")?;
            let (open, open_uploads) = open.get(&name).copied().unwrap_or_default();
            Ok(ScheduleLine {
                open,
                open_uploads,
                name,
                first_seen_at: row.time("first_seen_at")?,
                last_seen_at: row.time("last_seen_at")?,
                newest: Vec::new(),
            })
        })?;
        for line in &mut lines {
            for direction in Direction::ALL {
                let filter = SessionFilter {
                    schedule: Some(line.name.clone()),
                    no_data: true,
                    limit: MAX_SESSIONS,
                    ..SessionFilter::new(direction)
                };
                line.newest.extend(self.sessions(&filter)?);
            }
            line.newest.sort_by_key(|session| std::cmp::Reverse(session.fold.modified_at));
            line.newest.truncate(usize::try_from(MAX_SESSIONS).unwrap_or(usize::MAX));
        }
        Ok(lines)
    }
}
