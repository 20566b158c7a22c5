//! The columns of Batch job history.

use crate::batch::HistoryOutcome;
use crate::console::protocol::batch_query::{HistoryPlace, HistoryRow, StartCounts};
use crate::console::protocol::time::{age, took};
use crate::console::screens::arrangement::{Rank, SortOrder, words};
use crate::console::screens::batch::glyphs::{late_by, outcome_words};
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::grouped;

impl Keyed for HistoryRow {
    type Key = HistoryPlace;
    fn key(&self) -> HistoryPlace {
        (self.scheduled_at, self.history_id)
    }
}

fn count(row: &HistoryRow, of: fn(&StartCounts) -> i64) -> (String, Role) {
    plain(row.counts.map(|counts| grouped(of(&counts))).unwrap_or_default())
}

/// How the start went: how late, in how many tries, and the reason or the figures of its run.
fn explanation(row: &HistoryRow) -> String {
    let mut parts = Vec::new();
    parts.extend(late_by(row).map(|late| format!("{} late", age(late))));
    if row.tries > 1 {
        parts.push(format!("{} tries", row.tries));
    }
    // Other columns have the number and the end of its run.
    let figures = row.counts.filter(|_| row.outcome == HistoryOutcome::Ended).map(|counts| counts.figures());
    let detail = figures.or_else(|| row.reason.clone()).filter(|detail| !detail.is_empty());
    parts.extend(detail);
    parts.join("; ")
}

const SCHEDULED: Column<HistoryRow> =
    column("Scheduled", 11).cell(|row, view| plain(view.zone.short(row.scheduled_at, view.now)));
const STARTED: Column<HistoryRow> = column("Started", 11)
    .drop(4)
    .cell(|row, view| plain(row.started_at.map(|at| view.zone.short(at, view.now)).unwrap_or_default()));
const TOOK: Column<HistoryRow> =
    column("Took", 6).up_to(8).align_right().drop(3).cell(|row, _| {
        plain(row.started_at.zip(row.ended_at).map(|(from, to)| took(to.since(from))).unwrap_or_default())
    });
const OUTCOME: Column<HistoryRow> = column("Outcome", 13).up_to(19).cell(|row, _| outcome_words(row));
const JOB: Column<HistoryRow> = column("Job", 23).up_to(24).cell(|row, _| plain(&*row.description));
const SERVER: Column<HistoryRow> =
    column("Server", 6).up_to(10).drop(5).cell(|row, _| plain(row.server.clone().unwrap_or_default()));
const READ: Column<HistoryRow> =
    column("Read", 7).up_to(10).align_right().drop(6).cell(|row, _| count(row, |counts| counts.read));
const REJECTED: Column<HistoryRow> =
    column("Rejected", 8).align_right().drop(7).cell(|row, _| count(row, |counts| counts.rejected));
const TRIES: Column<HistoryRow> = column("Tries", 5)
    .align_right()
    .drop(9)
    .cell(|row, _| plain(if row.tries > 0 { row.tries.to_string() } else { String::new() }));
const REPEATED: Column<HistoryRow> =
    column("Repeated", 8).up_to(10).align_right().drop(10).cell(|row, _| count(row, |counts| counts.repeated));
const PURGED: Column<HistoryRow> =
    column("Purged", 7).up_to(10).align_right().drop(8).cell(|row, _| count(row, |counts| counts.purged_rows));
const WHAT: Column<HistoryRow> = column("What happened", 12).up_to(30).cell(|row, _| plain(explanation(row)));

/// The columns of the history of one job.
pub static COLUMNS_OF_A_JOB: [Column<HistoryRow>; 11] =
    [SCHEDULED, STARTED, TOOK, OUTCOME, SERVER, TRIES, READ, REJECTED, REPEATED, PURGED, WHAT];
/// The columns of the history of all jobs; without those that would leave no room for the job.
pub static COLUMNS_OF_ALL_JOBS: [Column<HistoryRow>; 9] =
    [SCHEDULED, STARTED, TOOK, OUTCOME, JOB, SERVER, READ, PURGED, WHAT];

/// What rows are sorted by in memory.
pub static RANKS: [SortOrder<HistoryRow>; 12] = [
    ("Scheduled", |row| Rank::Number(row.scheduled_at.0)),
    ("Started", |row| Rank::optional(row.started_at.map(|at| at.0))),
    ("Took", |row| Rank::optional(row.started_at.zip(row.ended_at).map(|(from, to)| to.since(from)))),
    ("Outcome", |row| words(row.outcome.label())),
    ("Job", |row| words(&row.description)),
    ("Server", |row| words(row.server.as_deref().unwrap_or(""))),
    ("Tries", |row| Rank::Number(row.tries)),
    ("Read", |row| Rank::optional(row.counts.map(|counts| counts.read))),
    ("Rejected", |row| Rank::optional(row.counts.map(|counts| counts.rejected))),
    ("Repeated", |row| Rank::optional(row.counts.map(|counts| counts.repeated))),
    ("Purged", |row| Rank::optional(row.counts.map(|counts| counts.purged_rows))),
    ("What happened", |row| words(&explanation(row))),
];
