//! What the runs of a batch job are like usually, to compare one with.

use crate::store::head_office::HistoryRow;

/// Of the runs before one: figures in the middle, so that a single odd one does not shift them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunBaseline {
    /// How many runs it is of.
    pub runs: usize,
    /// Milliseconds from start to end in the middle, and at the most.
    pub took: (i64, i64),
    /// Messages read, rejected, and rows purged, in the middle.
    pub counts: [i64; 3],
}

impl RunBaseline {
    /// Of these runs; `None` if fewer than three tell how long they took, which is no usage yet.
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
