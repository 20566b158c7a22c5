//! The glyphs of statuses and outcomes of batch jobs, and an outcome in words.

use crate::batch::{BatchStatus, HistoryOutcome, LATE_AFTER_MS};
use crate::console::protocol::batch_query::HistoryRow;
use crate::console::view::theme::Role;

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
        HistoryOutcome::OverlapSkipped | HistoryOutcome::NoServer | HistoryOutcome::Blocked => ('»', Role::Warn),
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
