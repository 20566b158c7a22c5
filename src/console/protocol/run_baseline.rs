//! The usual figures of a batch job's runs, to compare one run with.

use crate::store::head_office::{HistoryRow, StartCounts};

/// Runs below which no range is usual.
const MIN_RUNS: usize = 5;

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
        let median = |of: fn(StartCounts) -> i64| middle(rows.iter().filter_map(|row| row.counts.map(of)).collect());
        let counts =
            [median(|counts| counts.read), median(|counts| counts.rejected), median(|counts| counts.purged_rows)];
        Some(Self { runs: took.len(), took: (middle(took), longest), counts })
    }
}

/// The usual range of a figure: eight of ten runs are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// Nine of ten runs have at least this.
    pub low: i64,
    /// Nine of ten runs have at most this.
    pub high: i64,
    /// The number of runs.
    pub runs: usize,
}

impl Band {
    /// The band of these figures; `None` if there are fewer than five.
    pub fn of(values: impl IntoIterator<Item = i64>) -> Option<Self> {
        let mut values: Vec<i64> = values.into_iter().collect();
        values.sort_unstable();
        let tenth = (values.len() / 10).max(1);
        let high = values.len().checked_sub(1 + tenth).and_then(|at| values.get(at)).copied();
        let band = values.get(tenth).copied().zip(high).filter(|_| values.len() >= MIN_RUNS);
        band.map(|(low, high)| Self { low, high, runs: values.len() })
    }

    /// The range in words.
    pub fn words(self, name: fn(i64) -> String) -> String {
        let (low, high) = (name(self.low), name(self.high));
        if low == high { format!("usual {low}") } else { format!("usual {low} to {high}") }
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
    fn eight_of_ten_runs_are_in_the_band_and_few_runs_have_none() {
        assert_eq!(Band::of([1, 2, 3, 4]), None);
        let band = Band::of((1..=20).chain([9_000])).expect("enough");
        assert_eq!((band.low, band.high, band.runs), (3, 19, 21));
        assert_eq!(band.words(|value| format!("{value} s")), "usual 3 s to 19 s");
        assert_eq!(Band::of([7; 5]).map(|band| band.words(|value| value.to_string())), Some("usual 7".to_owned()));
    }

    #[test]
    fn a_single_odd_run_does_not_shift_what_is_usual() {
        assert_eq!(middle(vec![6, 5, 900, 7, 6]), 6);
        assert_eq!(middle(Vec::new()), 0);
        assert_eq!(RunBaseline::of(&[]), None);
    }
}
