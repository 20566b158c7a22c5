//! Counts of messages over time, for histograms and trends: read along indexes, and bounded.

use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
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

impl HeadOffice {
    /// Counts columns of `width` milliseconds each, from `from` on, by the reporters' clocks.
    pub fn message_counts(
        &self,
        from: Timestamp,
        width: i64,
        columns: usize,
    ) -> Result<Vec<MessageCounts>, StoreError> {
        let count = |condition: &str| {
            self.connection.prepare(&format!(
                "select count(*) from (select 1 from status_message
                 where occurred_at >= $1 and occurred_at < $2 {condition} limit $3) as counted"
            ))
        };
        let (mut all, mut failed) = (count("")?, count("and cause is not null")?);
        let mut busy = Vec::with_capacity(columns);
        let mut start = from.0;
        for _ in 0..columns {
            let end = start.saturating_add(width);
            let values = values![start, end, column_limit(columns)];
            let messages = all.scalar::<i64>(values)?.unwrap_or(0);
            // An interval without messages has no failures.
            let errors = if messages == 0 { 0 } else { failed.scalar::<i64>(values)?.unwrap_or(0) };
            busy.push(MessageCounts { messages, errors });
            start = end;
        }
        Ok(busy)
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
