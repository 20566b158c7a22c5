//! Draws Batch jobs: the list, below it the reasons, and on a wide terminal the job and its last
//! runs beside them. With `w`, the reasons fill the screen, or on a wide terminal a pane beside the
//! list.

use crate::batch::{BatchJob, retry_pause};
use crate::console::protocol::batch_query::{HistoryRow, JobFacts};
use crate::console::protocol::route::JobScope;
use crate::console::protocol::time::age;
use crate::console::screens::batch::glyphs::{outcome_words, took};
use crate::console::screens::batch::jobs::columns::TABLE;
use crate::console::screens::batch::jobs::{BatchJobs, Pane};
use crate::console::screens::batch::why::ConditionLine;
use crate::console::screens::no_match;
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{self, TWO_COLUMNS, within};
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::pane::{self, PaneWindow};
use crate::console::view::theme::Role;
use crate::console::widgets::list::newer_words;
use crate::console::widgets::table;
use crate::domain::{Timestamp, grouped};
use ratatui::layout::Rect;

/// Rows of the lower part at least, unless the operator has changed them.
const MIN_LOWER_ROWS: u16 = 12;

/// A row of the lower pane.
struct ReasonRow {
    /// The line that it is a part of.
    index: usize,
    /// Whether it is the first row of that line.
    is_first: bool,
    text: String,
    role: Role,
}

impl BatchJobs {
    /// What the heading says at its right.
    fn remark(&self) -> String {
        let Some(scheduling) = &self.scheduling else { return "reading …".to_owned() };
        let alive = scheduling.servers.iter().filter(|server| server.is_alive()).count();
        let servers = match alive {
            0 => "no batch server runs".to_owned(),
            1 => "1 server".to_owned(),
            alive => format!("{alive} servers"),
        };
        let length = self.list.known_length().unwrap_or(0);
        let total = grouped(i64::try_from(length).unwrap_or(i64::MAX));
        match self.list.numbers() {
            Some((first, last)) => format!("{servers} · {first}-{last} of {total}"),
            None => format!("{servers} · none"),
        }
    }

    /// What a list without jobs says.
    pub(super) fn no_job(&self, view: &ViewContext) -> String {
        view.keys(match self.scope {
            JobScope::Own => "You have no batch job. {process}, PgDn creates one.",
            JobScope::All => "There is no batch job. {process}, PgDn creates one.",
        })
    }

    pub(super) fn draw_all(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let job = self.list.current().map(|row| row.job.clone());
        if job.is_none() {
            (self.zoomed, self.pane) = (false, Pane::List);
        }
        let beside = layout::beside((width, height)).filter(|_| self.zoomed);
        self.runs_are_beside = width >= TWO_COLUMNS && beside.is_none();
        let split = match &beside {
            Some(panes) => panes.detail.width,
            None if self.runs_are_beside => width / 2 + 1,
            None => width,
        };
        let reasons = job.as_ref().map_or_else(Vec::new, |job| self.reason_rows(job, split, view));
        let needed = u16::try_from(reasons.len() + 1).unwrap_or(u16::MAX);
        let wanted = self.height.unwrap_or_else(|| needed.max(MIN_LOWER_ROWS));
        let lower = match job {
            None => 0,
            Some(_) if self.zoomed => height,
            Some(_) => lower_height(wanted, self.runs_are_beside, height),
        };
        if !self.zoomed && lower > 0 {
            self.drawn_height = lower;
        }
        let (list, why) = match &beside {
            Some(panes) => (panes.list, panes.detail),
            None => (Rect::new(0, 0, width, height - lower), Rect::new(0, height - lower, split, lower)),
        };
        if list.height > 0 {
            self.draw_list(&mut within(painter, list), view);
        }
        let Some(job) = job else { return };
        _ = beside.as_ref().map(|panes| panes.draw_lines(painter));
        let mut part = within(painter, why);
        part.hit_pane(1);
        self.draw_why(&mut part, &job, &reasons, view);
        if self.runs_are_beside {
            let facts = self.facts.as_ref().filter(|(job_id, _)| *job_id == job.job_id).map(|(_, facts)| facts);
            let mut part = painter.part(split, why.y, width - split, lower);
            part.hit_pane(2);
            draw_job(&mut part, &job, facts, (self.pane == Pane::Runs).then_some(self.pane_cursors[1]), view);
        }
    }

    fn draw_list(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        painter.hit_pane(0);
        let title = if self.scope == JobScope::Own { "My batch jobs" } else { "Batch jobs" };
        let remark = self.remark();
        let remark = newer_words(&self.list, !self.arrangement.is_default())
            .map_or(remark.clone(), |newer| format!("{newer} · {remark}"));
        let focused = self.pane == Pane::List;
        painter.list_rule(0, title, self.filter.typed(), &remark, focused);
        let mut part = painter.part(0, 1, width, height.saturating_sub(1));
        let highlights = self.filter.highlights();
        let layout = self.arrangement.layout(&TABLE, Some(&highlights));
        table::draw_with(&mut part, &mut self.list, TABLE.columns, focused, view, (layout, |_| ' '));
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if self.no_match.is_some() {
            no_match::draw(
                &mut painter.part(0, 2, width, height.saturating_sub(2)),
                self.no_match.as_ref(),
                self.filter.is_preview(),
                view,
            );
        } else if self.list.is_loaded() && self.list.current().is_none() {
            painter.text(2, 2, width, &self.no_job(view), Role::Dim);
        }
    }

    /// The lines of the lower pane, wrapped to its width.
    fn reason_rows(&self, job: &BatchJob, width: u16, view: &ViewContext) -> Vec<ReasonRow> {
        let mut lines = self.lines(view);
        if self.zoomed && !self.runs_are_beside {
            lines.extend(self.zoomed_facts(job, width, view));
        }
        let mut rows = Vec::new();
        for (index, line) in lines.into_iter().enumerate() {
            if line.text.is_empty() {
                rows.push(ReasonRow { index, is_first: false, text: String::new(), role: Role::Text });
            }
            for (part, text) in wrap(&line.text, usize::from(width.saturating_sub(4))).into_iter().enumerate() {
                let indent = if part > 0 && !line.then.is_empty() { "  " } else { "" };
                rows.push(ReasonRow { index, is_first: part == 0, text: format!("{indent}{text}"), role: line.role });
            }
        }
        rows
    }

    fn draw_why(&self, painter: &mut Painter, job: &BatchJob, rows: &[ReasonRow], view: &ViewContext) {
        let question = if job.status.is_alive() { "What it does" } else { "Why is it not running?" };
        let focused = self.pane == Pane::Why;
        let height = usize::from(painter.height().saturating_sub(1));
        let at = rows.iter().position(|row| row.index == self.pane_cursors[0]).unwrap_or(0);
        let mut top = if focused { (at + 3).saturating_sub(height).min(rows.len().saturating_sub(height)) } else { 0 };
        let (title, key) = (format!("{question} · {}", job.name()), pane::key_to(view, focused));
        let mark = PaneWindow::new(painter, rows.len(), &mut top).mark(&title, painter.width(), key.as_deref());
        painter.list_rule(0, &title, "", &mark, focused);
        for (y, row) in (1..painter.height()).zip(rows.iter().skip(top)) {
            painter.text(1, y, painter.width().saturating_sub(2), &row.text, row.role);
            if row.index == self.pane_cursors[0] && row.is_first {
                painter.cursor_row(0, y, painter.width(), focused);
            }
        }
    }

    /// The job and its last runs, below the reasons where these have the pane to themselves.
    fn zoomed_facts(&self, job: &BatchJob, width: u16, view: &ViewContext) -> Vec<ConditionLine> {
        let facts = self.facts.as_ref().filter(|(job_id, _)| *job_id == job.job_id).map(|(_, facts)| facts);
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
}

/// Rows of the lower part: on a wide, high screen half of it.
fn lower_height(wanted: u16, wide: bool, height: u16) -> u16 {
    let wanted = if wide && height >= 30 { wanted.max(height * 3 / 4) } else { wanted };
    wanted.min(height.saturating_sub(6)).max(4)
}

fn draw_job(
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
