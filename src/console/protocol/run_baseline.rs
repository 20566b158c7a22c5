//! The usual figures of a batch job's runs, to compare one run with.

use crate::store::head_office::HistoryRow;

/// Medians of earlier runs, which a single outlier does not shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunBaseline {
    /// The number of runs.
    pub runs: usize,
    /// The median and the longest duration, in milliseconds.
    pub took: (i64, i64),
    /// Medians of messages read, messages rejected, and rows purged.
    pub counts: [i64; 3],
}

impl RunBaseline {
    /// The baseline of these runs; `None` if fewer than three have a duration.
    pub fn of(rows: &[HistoryRow]) -> Option<Self> {
        let took: Vec<i64> = rows.iter().filter_map(|row| Some(row.ended_at?.since(row.started_at?))).collect();
        let longest = took.iter().copied().max().filter(|_| took.len() >= 3)?;
        let count = |at: usize| middle(rows.iter().filter_map(|row| Some(row.counts?[at])).collect());
        Some(Self { runs: took.len(), took: (middle(took), longest), counts: [count(0), count(3), count(5)] })
    }
}

fn middle(mut values: Vec<i64>) -> i64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_odd_run_does_not_shift_what_is_usual() {
        assert_eq!(middle(vec![6, 5, 900, 7, 6]), 6);
        assert_eq!(middle(Vec::new()), 0);
        assert_eq!(RunBaseline::of(&[]), None);
    }
}
