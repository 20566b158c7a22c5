//! The columns of Batch jobs.

use crate::batch::BatchJob;
use crate::console::protocol::batch_query::RunProgress;
use crate::console::protocol::run_progress::Measured;
use crate::console::protocol::time::{short_span, took};
use crate::console::screens::arrangement::{Rank, SortOrder, Table, words};
use crate::console::screens::batch::glyphs::{outcome_glyph, status_glyph};
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::Timestamp;
use crate::recurrence::Rule;

/// A job, with its progress while it executes.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// As head office has it.
    pub job: BatchJob,
    /// The progress of its run; `None` if it is not executing.
    pub progress: Option<RunProgress>,
    /// Whether its claim is held by a running process.
    pub is_held: bool,
}

impl Keyed for JobRow {
    type Key = i64;
    fn key(&self) -> i64 {
        self.job.job_id
    }
}

impl JobRow {
    /// The texts that plain words of the filter search.
    pub fn texts(&self) -> Vec<String> {
        self.job.texts()
    }
}

/// The columns, and what they can be sorted by.
pub static TABLE: Table<JobRow> = Table {
    columns: &COLUMNS,
    orders: &ORDERS,
    default_order: ("Next start, jobs without one last", "Next start", true),
};

/// An instant as a sort key; jobs without one are the last of an ascending order.
fn instant(at: Option<Timestamp>) -> Rank {
    Rank::Number(at.map_or(i64::MAX, |at| at.0))
}

static ORDERS: [SortOrder<JobRow>; 8] = [
    ("Status", |row| words(&row.job.status.to_string())),
    ("Job description", |row| words(&row.job.settings.description)),
    ("Group", |row| words(&row.job.settings.batch_group)),
    ("By", |row| words(&row.job.created_by)),
    ("Next start", |row| instant(row.job.next_start)),
    ("Due", |row| instant(row.job.due())),
    ("Last run", |row| Rank::Number(row.job.last.map_or(-1, |last| last.took_ms))),
    ("Recurrence", |row| words(&row.job.settings.recurrence.as_ref().map_or_else(String::new, Rule::words_with_end))),
];

/// The columns, left to right.
static COLUMNS: [Column<JobRow>; 8] = [
    column("Status", 12).cell(|row, _| {
        let (shape, role) = status_glyph(row.job.status);
        (format!("{shape} {}", row.job.status), role)
    }),
    column("Job description", 16).up_to(40).cell(|row, _| plain(&*row.job.settings.description)),
    column("Group", 5).up_to(9).drop(2).cut_in_middle().cell(|row, _| plain(&*row.job.settings.batch_group)),
    column("By", 8).up_to(10).drop(5).cell(|row, _| plain(&*row.job.created_by)),
    column("Next start", 11).cell(|row, view| match row.job.next_start {
        Some(at) => plain(view.zone.short(at, view.now)),
        None => plain(row.job.no_start()),
    }),
    column("Due", 9).align_right().cell(|row, view| match (&row.progress, row.job.status.is_executing()) {
        (_, true) if !row.is_held => ("silent".to_owned(), Role::Warn),
        (Some(progress), true) if progress.total > 0 => plain(format!("{} %", Measured::from(progress).percent())),
        (_, true) => plain("runs"),
        _ => time_to_start(&row.job, view.now),
    }),
    column("Last run", 8).up_to(12).drop(3).cell(|row, _| match &row.job.last {
        None => plain(""),
        Some(last) => {
            let (shape, role) = outcome_glyph(last.outcome);
            (format!("{shape} {}", took(last.took_ms)), role)
        }
    }),
    column("Recurrence", 14).drop(4).cell(|row, _| match &row.job.settings.recurrence {
        Some(rule) => plain(rule.words_with_end()),
        None => plain("–"),
    }),
];

/// The time until a job's start, such as `in 4 h` or `18 m late`; empty if none is scheduled.
fn time_to_start(job: &BatchJob, now: Timestamp) -> (String, Role) {
    match job.due() {
        None => (String::new(), Role::Text),
        Some(at) if at > now => (format!("in {}", short_span(at.since(now))), Role::Text),
        Some(at) if now.since(at) < 2_000 => ("now".to_owned(), Role::Text),
        Some(at) => (format!("{} late", short_span(now.since(at))), Role::Warn),
    }
}
