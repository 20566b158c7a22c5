//! The columns of Batch jobs.

use crate::batch::BatchJob;
use crate::console::protocol::batch_query::RunProgress;
use crate::console::protocol::run_progress::Measured;
use crate::console::screens::batch::glyphs::{outcome_glyph, status_glyph, took, when};
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, growing, named, plain};

/// A job, with its progress while it executes.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// The job.
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

/// The columns, left to right.
pub static COLUMNS: [Column<JobRow>; 8] = [
    column("Status", 12, false, 0, |row, _| {
        let (shape, role) = status_glyph(row.job.status);
        (format!("{shape} {}", row.job.status), role)
    }),
    growing("Job description", [16, 40], false, 0, |row, _| plain(&*row.job.settings.description)),
    named(growing("Group", [5, 9], false, 2, |row, _| plain(&*row.job.settings.batch_group))),
    growing("By", [8, 10], false, 5, |row, _| plain(&*row.job.created_by)),
    column("Next start▲", 11, false, 0, |row, view| match row.job.next_start {
        Some(at) => plain(view.zone.short(at, view.now)),
        None => plain(row.job.no_start()),
    }),
    column("", 9, true, 0, |row, view| match (&row.progress, row.job.status.is_alive()) {
        (_, true) if !row.is_held => ("silent".to_owned(), Role::Warn),
        (Some(progress), true) if progress.total > 0 => plain(format!("{} %", Measured::from(progress).percent())),
        (_, true) => plain("runs"),
        _ => when(&row.job, view.now),
    }),
    growing("Last run", [8, 12], false, 3, |row, _| match &row.job.last {
        None => plain(""),
        Some(last) => {
            let (shape, role) = outcome_glyph(last.outcome);
            (format!("{shape} {}", took(last.took_ms)), role)
        }
    }),
    column("Recurrence", 14, false, 4, |row, _| match &row.job.settings.recurrence {
        Some(rule) => plain(rule.words_with_end()),
        None => plain("–"),
    }),
];
