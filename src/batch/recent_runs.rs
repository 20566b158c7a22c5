//! How long a batch job usually takes.

/// How long the recent successful runs took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecentRuns {
    /// The number of runs.
    pub count: i64,
    /// The shortest of them.
    pub shortest_ms: i64,
    /// The longest of them.
    pub longest_ms: i64,
}
