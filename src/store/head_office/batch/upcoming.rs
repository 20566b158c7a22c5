//! The next start and the shortest interval of transfers, for the line that every screen shows.

use crate::batch::BatchStatus;
use crate::domain::Timestamp;
use crate::recurrence::Rule;
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::value::values;

/// A batch job that would start if it were not withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// Its description.
    pub description: String,
    /// The operator who withheld it.
    pub by: String,
    /// When it was withheld, by head office's clock.
    pub at: Timestamp,
}

impl HeadOffice {
    /// When the next waiting job for a server is due or has been due longest, and the job with a
    /// start that was withheld last; private jobs do not count.
    pub fn next_start(&self) -> Result<(Option<Timestamp>, Option<Withheld>), StoreError> {
        let sql = "select min(due_at) from batch_job where status = $1 and private = 0";
        let waiting = self.connection.scalar::<Option<Timestamp>>(sql, values![BatchStatus::Waiting.number()])?;
        let sql = "select description, changed_by, changed_at from batch_job
            where status = $1 and private = 0 and due_at is not null and interactive = 0 order by changed_at desc limit 1";
        let withheld = self.connection.first(sql, values![BatchStatus::Withhold.number()], |row| {
            Ok(Withheld {
                description: row.text("description")?,
                by: row.text("changed_by")?,
                at: row.time("changed_at")?,
            })
        })?;
        Ok((waiting.flatten(), withheld))
    }

    /// How often the status is updated, in milliseconds: the shortest time between two starts of a
    /// waiting or executing job that transfers; `None` if there is none. Reads the jobs that start
    /// first.
    pub fn shortest_interval(&self) -> Result<Option<i64>, StoreError> {
        let sql = "select recurrence, next_start from batch_job
            where status in (1, 2, 7) and private = 0 and transfer = 1 and recurrence is not null and next_start is not null
            order by next_start limit 50";
        let jobs = self.connection.query(sql, &[], |row| Ok((row.text("recurrence")?, row.time("next_start")?)))?;
        let gaps = jobs.iter().filter_map(|(rule, start)| {
            let rule = Rule::parse_json(rule).ok()?;
            Some(rule.next_after(*start)?.since(*start))
        });
        Ok(gaps.min())
    }
}
