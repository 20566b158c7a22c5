//! Draws the job under the cursor of Batch jobs: its last runs, and what was submitted.

use crate::batch::{BatchJob, retry_pause};
use crate::console::protocol::batch_query::{HistoryRow, JobFacts};
use crate::console::protocol::time::{age, took};
use crate::console::screens::batch::glyphs::outcome_words;
use crate::console::screens::batch::why::ConditionLine;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::Role;
use crate::domain::Timestamp;

/// Draws the pane beside the reasons. `cursor`: the run under the cursor, if the pane has the
/// focus.
pub(super) fn draw_job(
    painter: &mut Painter,
    job: &BatchJob,
    facts: Option<&JobFacts>,
    cursor: Option<usize>,
    view: &ViewContext,
) {
    let (width, height) = (painter.width(), painter.height());
    for y in 1..height {
        painter.text(0, y, 1, "│", Role::Dim);
    }
    let about = job_lines(job, facts);
    let below = u16::try_from(about.len()).unwrap_or(8) + 1;
    let runs_height = height.saturating_sub(below + 1);
    painter.text(0, 0, 1, "┬", Role::Dim);
    painter.part(1, 0, width - 1, 1).rule(0, "Its last runs", "", cursor.is_some());
    let runs = facts.map_or(&[][..], |facts| &facts.runs);
    let layout = RunLayout::of(runs, width.saturating_sub(3), view);
    painter.text(3, 1, width, &layout.heading(), Role::Dim);
    let top = cursor.map_or(0, |at| (at + 2).saturating_sub(usize::from(runs_height)));
    for (y, (index, run)) in (2..runs_height).zip(runs.iter().enumerate().skip(top)) {
        let (text, role) = layout.line(run, view);
        painter.text(3, y, width.saturating_sub(3), &text, role);
        if cursor == Some(index) {
            painter.cursor_row(2, y, width - 2, true);
        }
    }
    if facts.is_some() && runs.is_empty() {
        painter.text(3, 2, width, "It has never started.", Role::Dim);
    }
    painter.part(1, runs_height, width - 1, 1).rule(0, "The job", "", false);
    for (y, line) in (runs_height + 1..height).zip(&about) {
        painter.text(2, y, width.saturating_sub(2), line, Role::Text);
    }
}

/// The job and its last runs, below the reasons where these have the pane to themselves.
pub(super) fn zoomed_facts(
    job: &BatchJob,
    facts: Option<&JobFacts>,
    width: u16,
    view: &ViewContext,
) -> Vec<ConditionLine> {
    let mut lines = vec![ConditionLine::plain(String::new())];
    lines.extend(job_lines(job, facts).into_iter().map(ConditionLine::plain));
    lines.push(ConditionLine::plain(String::new()));
    let runs = facts.map_or(&[][..], |facts| &facts.runs);
    let layout = RunLayout::of(runs, width.saturating_sub(4), view);
    lines.extend(runs.iter().take(10).map(|run| {
        let (text, role) = layout.line(run, view);
        ConditionLine { role, ..ConditionLine::plain(text) }
    }));
    lines
}

/// The columns of a job's last runs.
struct RunLayout {
    /// Whether there is a column of when they started; it makes room for what happened.
    has_start: bool,
    /// The width of the outcome.
    outcome: usize,
}

impl RunLayout {
    /// What fits best into `width` cells.
    fn of(runs: &[HistoryRow], width: u16, view: &ViewContext) -> Self {
        let outcome = runs.iter().map(|run| cells(&outcome_words(run).0)).max().unwrap_or(0).max("Outcome".len());
        let all = Self { has_start: true, outcome };
        let is_cut = runs.iter().any(|run| cells(&all.line(run, view).0) > usize::from(width));
        Self { has_start: !is_cut, outcome }
    }

    fn text(&self, [scheduled, started, took, outcome, what]: [&str; 5]) -> String {
        let started = if self.has_start { format!("{started:<11} ") } else { String::new() };
        format!("{scheduled:<11} {started}{took:<8} {outcome:<width$} {what}", width = self.outcome)
    }

    fn heading(&self) -> String {
        self.text(["Scheduled", "Started", "Took", "Outcome", "What happened"])
    }

    fn line(&self, run: &HistoryRow, view: &ViewContext) -> (String, Role) {
        let (outcome, role) = outcome_words(run);
        let at = |at: Option<Timestamp>| at.map_or_else(String::new, |at| view.zone.short(at, view.now));
        let time = run.started_at.zip(run.ended_at).map_or_else(String::new, |(from, to)| took(to.since(from)));
        let what = run.reason.as_deref().unwrap_or("");
        (self.text([&at(Some(run.scheduled_at)), &at(run.started_at), &time, &outcome, what]), role)
    }
}

/// What was submitted, and how it has been.
fn job_lines(job: &BatchJob, facts: Option<&JobFacts>) -> Vec<String> {
    let settings = &job.settings;
    let steps = [(settings.task.transfer, "transfer"), (settings.task.purge, "purge")];
    let steps: Vec<_> = steps.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
    let retries = match settings.max_retries {
        0 => "none".to_owned(),
        1 => format!("1, after {}", age(settings.retry_pause_ms)),
        more => {
            let then = age(retry_pause(settings.retry_pause_ms, 2));
            format!("{more}, after {}, then {then}", age(settings.retry_pause_ms))
        }
    };
    let recurrence = settings.recurrence.as_ref().map_or_else(|| "once".to_owned(), crate::recurrence::Rule::words);
    let mut lines = vec![
        format!("Task       Process status messages: {}", steps.join(", ")),
        format!("Recurrence {recurrence}"),
        format!("Submitted  by {}{}", job.created_by, if settings.private { ", private" } else { "" }),
        format!("Retries    {retries}"),
        format!("After err. {}; missed: {}", settings.after_error.label(), settings.missed.label()),
        format!("History    {}", settings.save_history.label()),
    ];
    let Some(facts) = facts else { return lines };
    if facts.alerts.is_empty() {
        lines.push("Alerts     none set".to_owned());
    }
    for alert in facts.alerts.iter().take(2) {
        lines.push(format!("Alerts     {}: {}", alert.operator, alert.summary()));
    }
    if let Some(recent) = facts.recent_runs {
        let (shortest, longest) = (took(recent.shortest_ms), took(recent.longest_ms));
        lines.push(match recent.count {
            1 => format!("Its time   its last run took {longest}"),
            count => format!("Its time   the last {count} took {shortest} to {longest}"),
        });
    }
    lines
}
