//! Counts of messages over time, for histograms and trends: read along indexes, and bounded.

use crate::domain::{Status, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::keyset::{Conditions, Keyset};
use crate::store::head_office::{HeadOffice, JournalFilter, MessageFilter, SessionFilter};
use crate::store::value::values;

/// The most messages counted in one column; a full column looks the same above it.
pub const COLUMN_LIMIT: i64 = 20_000;
/// The most messages counted in each column of a day that has this many: finer ones count no more
/// in all.
pub fn column_limit(columns: usize) -> i64 {
    COLUMN_LIMIT * 72 / i64::try_from(columns.max(72)).unwrap_or(72)
}

/// The most failures that trends read.
const MAX_TREND_FAILURES: i64 = 100_000;
/// The columns of a trend.
pub const TREND_COLUMNS: usize = 12;

/// Messages in one interval and the failures among them, each up to [`COLUMN_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageCounts {
    /// All.
    pub messages: i64,
    /// Failures.
    pub errors: i64,
}

/// Columns of equal width, one after the other in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeColumns {
    /// When the first one begins.
    pub from: Timestamp,
    /// The milliseconds of one.
    pub width: i64,
    /// Their number.
    pub count: usize,
}

impl HeadOffice {
    /// Counts the messages that match in each column, by the reporters' clocks.
    pub fn message_histogram(
        &self,
        filter: &MessageFilter,
        columns: TimeColumns,
    ) -> Result<Vec<MessageCounts>, StoreError> {
        self.histogram(filter.keyset(), filter.conditions(), "cause is not null", columns)
    }

    /// Counts the sessions that match in each column, by their last change.
    pub fn session_histogram(
        &self,
        filter: &SessionFilter,
        columns: TimeColumns,
    ) -> Result<Vec<MessageCounts>, StoreError> {
        let failed = Status::all(filter.direction).filter(|status| status.is_failed());
        let numbers = failed.filter_map(|status| status.number(filter.direction)).map(|number| number.to_string());
        // The index of statuses has them by time.
        let failed = format!("status in ({})", numbers.collect::<Vec<_>>().join(", "));
        let keyset = Keyset { column: "modified_at", ..filter.keyset() };
        self.histogram(keyset, filter.conditions(), &failed, columns)
    }

    /// Counts the rows of the journal that match in each column; none is a failure.
    pub fn journal_histogram(
        &self,
        filter: &JournalFilter,
        columns: TimeColumns,
    ) -> Result<Vec<MessageCounts>, StoreError> {
        self.histogram(filter.keyset(), filter.conditions(), "1 = 0", columns)
    }

    /// Counts all columns in one statement; each is counted along an index, up to its limit.
    fn histogram(
        &self,
        keyset: Keyset,
        (wheres, mut values): Conditions,
        failed: &str,
        TimeColumns { from, width, count }: TimeColumns,
    ) -> Result<Vec<MessageCounts>, StoreError> {
        values.push(from.into());
        let start = format!("cast(${} as bigint)", values.len());
        let last = width * i64::try_from(count.saturating_sub(1)).unwrap_or(0);
        let Keyset { table, column, .. } = keyset;
        let (wheres, limit) = (wheres.join(" and "), column_limit(count));
        let counted = |condition: &str| {
            format!(
                "(select count(*) from (select 1 from {table}
                  where {wheres} and {column} >= column_start and {column} < column_start + {width} {condition}
                  limit {limit}) as counted)"
            )
        };
        let sql = format!(
            "with recursive time_column (column_start) as (
                 select {start} union all
                 select column_start + {width} from time_column where column_start < {start} + {last})
             select {} as met, {} as failed from time_column order by column_start",
            counted(""),
            counted(&format!("and {failed}"))
        );
        self.connection
            .query(&sql, &values, |row| Ok(MessageCounts { messages: row.int("met")?, errors: row.int("failed")? }))
    }

    /// Counts each cause in [`TREND_COLUMNS`] intervals of `width` milliseconds, from `from` on.
    pub fn trends(&self, from: Timestamp, width: i64) -> Result<Vec<(i64, [i64; TREND_COLUMNS])>, StoreError> {
        let sql = "select cause, (occurred_at - $1) / $2 as stretch, count(*) as met from
                       (select cause, occurred_at from status_message
                        where cause is not null and occurred_at >= $1 order by occurred_at desc limit $3) as recent
                   group by cause, stretch order by cause";
        let mut trends: Vec<(i64, [i64; TREND_COLUMNS])> = Vec::new();
        self.connection.query(sql, values![from, width, MAX_TREND_FAILURES], |row| {
            let (cause, stretch, count) = (row.int("cause")?, row.int("stretch")?, row.int("met")?);
            if trends.last().is_none_or(|(last, _)| *last != cause) {
                trends.push((cause, [0; TREND_COLUMNS]));
            }
            if let (Some((_, trend)), Ok(stretch)) = (trends.last_mut(), usize::try_from(stretch)) {
                // Messages dated in the future count in the last interval.
                trend[stretch.min(TREND_COLUMNS - 1)] += count;
            }
            Ok(())
        })?;
        Ok(trends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Direction, Order};
    use crate::store::{Access, Location};

    #[test]
    fn the_columns_of_a_day_are_counted_in_one_statement_along_an_index() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("head-office.db"));
        let office = HeadOffice::open(&location, Access::Create).expect("head office");
        let columns = TimeColumns { from: Timestamp(0), width: 600_000, count: 144 };
        let failed = MessageFilter { failed: true, ..MessageFilter::default() };
        let sessions = SessionFilter { order: Order::default(), ..SessionFilter::new(Direction::Upload) };
        let reads = |office: &HeadOffice| {
            office.message_histogram(&MessageFilter::default(), columns)?;
            office.message_histogram(&failed, columns)?;
            office.session_histogram(&sessions, columns)?;
            office.journal_histogram(&JournalFilter::default(), columns).map(drop)
        };
        let plans = office.plans_of(reads).expect("explained");
        assert_eq!(plans.len(), 4);
        for (plan, index) in plans.iter().zip(["message_occurred", "message_failed", "session_status", "journal_at"]) {
            assert!(plan.steps.iter().any(|step| step.contains(index)), "{plan:?}");
            assert!(plan.steps.iter().all(|step| !step.contains("TEMP B-TREE FOR GROUP")), "{plan:?}");
        }
        let counts = office.message_histogram(&MessageFilter::default(), columns).expect("counted");
        assert_eq!(counts, vec![MessageCounts::default(); 144]);
    }
}
