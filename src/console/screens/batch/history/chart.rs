//! The chart above Batch job history: the runs of the job under the cursor.

use crate::batch::HistoryOutcome;
use crate::console::protocol::batch_query::HistoryRow;
use crate::console::screens::batch::glyphs::outcome_glyph;
use crate::console::screens::run_charts::RunSeries;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::run_chart::RunBar;
use std::cmp::Reverse;

/// The chart of the runs of the job under the cursor; `None` without any.
pub(super) fn of_starts<'r>(
    rows: impl Iterator<Item = &'r HistoryRow>,
    current: Option<&HistoryRow>,
) -> Option<RunSeries> {
    let current = current?;
    let starts = rows.filter(|row| row.job_id == current.job_id && row.outcome.is_run());
    let mut starts: Vec<&HistoryRow> = starts.collect();
    starts.sort_by_key(|row| Reverse(row.key()));
    let lasted = |row: &HistoryRow| Some(row.ended_at?.since(row.started_at?).max(0));
    let carried = |row: &HistoryRow| row.counts.map(|counts| counts.read.saturating_add(counts.purged_rows));
    let is_well = |row: &HistoryRow| row.outcome == HistoryOutcome::Ended;
    let bar = |row: &&HistoryRow| RunBar {
        took: lasted(row),
        rows: carried(row),
        mark: (!is_well(row)).then(|| outcome_glyph(row.outcome)),
        is_current: row.history_id == current.history_id,
    };
    let ended = || starts.iter().filter(|row| is_well(row));
    let usual = [ended().filter_map(|row| lasted(row)).collect(), ended().filter_map(|row| carried(row)).collect()];
    let name = match current.run_id {
        Some(run_id) => format!("run {run_id}"),
        None => "no run".to_owned(),
    };
    let bars: Vec<_> = starts.iter().map(bar).collect();
    let title = format!("Durations and rows of job {}", current.job_id);
    (!bars.is_empty()).then_some(RunSeries { title, bars, usual, name })
}
