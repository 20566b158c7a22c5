//! The shapes and short words of batch jobs and their history, the same on every screen.

use crate::batch::{BatchJob, BatchStatus, HistoryOutcome, LATE_AFTER_MS};
use crate::console::protocol::batch_query::HistoryRow;
pub use crate::console::protocol::time::took;
use crate::console::view::theme::Role;
use crate::domain::Timestamp;

/// The shape that goes with a status.
pub fn status_glyph(status: BatchStatus) -> (char, Role) {
    match status {
        BatchStatus::Withhold => ('■', Role::Warn),
        BatchStatus::Waiting | BatchStatus::Ready => ('○', Role::Wait),
        BatchStatus::Executing => ('●', Role::Busy),
        BatchStatus::Error => ('×', Role::Bad),
        BatchStatus::Ended => ('√', Role::Good),
        BatchStatus::DidntRun => ('»', Role::Dim),
        BatchStatus::Canceling => ('◊', Role::Warn),
        BatchStatus::Canceled => ('–', Role::Wait),
    }
}

/// The shape that goes with an outcome.
pub fn outcome_glyph(outcome: HistoryOutcome) -> (char, Role) {
    match outcome {
        HistoryOutcome::Executing => ('●', Role::Busy),
        HistoryOutcome::Ended => ('√', Role::Good),
        HistoryOutcome::PurgeHeld | HistoryOutcome::Interrupted => ('◊', Role::Warn),
        HistoryOutcome::Error => ('×', Role::Bad),
        HistoryOutcome::Canceled => ('–', Role::Wait),
        HistoryOutcome::Skipped | HistoryOutcome::Missed | HistoryOutcome::NotMade => ('»', Role::Warn),
    }
}

/// An outcome as a row of the history says it: `√ Ended, late`, `» 17 not made`.
pub fn outcome_words(row: &HistoryRow) -> (String, Role) {
    let (shape, role) = outcome_glyph(row.outcome);
    let label = row.outcome.label();
    let words = match (row.outcome.is_run(), row.starts) {
        (false, starts) if starts > 1 => format!("{starts} {}", label.to_lowercase()),
        (true, _) if late_by(row).is_some() => format!("{label}, late"),
        _ => label.to_owned(),
    };
    (format!("{shape} {words}"), role)
}

/// How late a run began, in milliseconds, if it did.
pub fn late_by(row: &HistoryRow) -> Option<i64> {
    let late = row.started_at?.since(row.scheduled_at);
    (late > LATE_AFTER_MS).then_some(late)
}

/// A time span in one unit, for columns: `45 s`, `18 m`, `4 h`, `6 d`.
pub fn distance(ms: i64) -> String {
    let seconds = ms.abs() / 1_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} m", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// The time until a job's start, such as `in 4 h` or `18 m late`; empty if none is scheduled.
pub fn time_to_start(job: &BatchJob, now: Timestamp) -> (String, Role) {
    match job.due() {
        None => (String::new(), Role::Text),
        Some(at) if at > now => (format!("in {}", distance(at.since(now))), Role::Text),
        Some(at) if now.since(at) < 2_000 => ("now".to_owned(), Role::Text),
        Some(at) => (format!("{} late", distance(now.since(at))), Role::Warn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!([400, 6_140, 37_000, 1_020_000].map(took), ["0.4 s", "6.1 s", "37 s", "17 min"]);
        assert_eq!([5_000, -1_080_000, 15_000_000, 600_000_000].map(distance), ["5 s", "18 m", "4 h", "6 d"]);
    }
}
