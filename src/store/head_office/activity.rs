//! How much happened when, for histograms and trends: along indexes, and bounded however much there is.

use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::value::values;

/// Messages of one column that are counted at the most; a column that full looks as full as any.
pub const COLUMN_LIMIT: i64 = 20_000;
/// Failures that a trend looks at.
const TREND_LIMIT: i64 = 100_000;
/// Columns of a trend.
pub const TREND: usize = 12;

/// Messages that happened in one stretch of time, all and the failures among them; each up to [`COLUMN_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Busy {
    /// All.
    pub messages: i64,
    /// Failures.
    pub errors: i64,
}

impl HeadOffice {
    /// Columns of `width` milliseconds each from `from` on, by the reporters' clocks.
    pub fn busy(&self, from: Timestamp, width: i64, columns: usize) -> Result<Vec<Busy>, StoreError> {
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
            let values = values![start, end, COLUMN_LIMIT];
            let messages = all.first(values, |row| row.int(0))?.unwrap_or(0);
            // A stretch without messages has no failures.
            let errors = if messages == 0 { 0 } else { failed.first(values, |row| row.int(0))?.unwrap_or(0) };
            busy.push(Busy { messages, errors });
            start = end;
        }
        Ok(busy)
    }

    /// How often each cause was met in each of [`TREND`] stretches of `width` milliseconds from `from` on.
    pub fn trends(&self, from: Timestamp, width: i64) -> Result<Vec<(i64, [i64; TREND])>, StoreError> {
        let sql = "select cause, (occurred_at - $1) / $2 as stretch, count(*) from
                       (select cause, occurred_at from status_message
                        where cause is not null and occurred_at >= $1 order by occurred_at desc limit $3) as recent
                   group by cause, stretch order by cause";
        let mut trends: Vec<(i64, [i64; TREND])> = Vec::new();
        self.connection.query(sql, values![from, width, TREND_LIMIT], |row| {
            let (cause, stretch, count) = (row.int(0)?, row.int(1)?, row.int(2)?);
            if trends.last().is_none_or(|(last, _)| *last != cause) {
                trends.push((cause, [0; TREND]));
            }
            if let (Some((_, trend)), Ok(stretch)) = (trends.last_mut(), usize::try_from(stretch)) {
                // What claims to come from the future counts as now.
                trend[stretch.min(TREND - 1)] += count;
            }
            Ok(())
        })?;
        Ok(trends)
    }
}
