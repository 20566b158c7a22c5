//! Draws Batch jobs: the list, below it the reasons, and on a wide terminal the job and its last
//! runs beside them. With `w`, the reasons fill the screen, or on a wide terminal a pane beside the
//! list.

use crate::batch::BatchJob;
use crate::console::protocol::batch_query::JobFacts;
use crate::console::protocol::route::JobScope;
use crate::console::screens::batch::jobs::columns::TABLE;
use crate::console::screens::batch::jobs::job_pane::{draw_job, zoomed_facts};
use crate::console::screens::batch::jobs::{BatchJobs, Pane};
use crate::console::screens::no_match;
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{self, TWO_COLUMNS, within};
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::pane::{self, PaneWindow};
use crate::console::view::theme::Role;
use crate::console::widgets::list::newer_words;
use crate::console::widgets::table;
use crate::domain::grouped;
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
        let total = grouped(length);
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
        if let Some(panes) = &beside {
            panes.draw_lines(painter);
        }
        let mut part = within(painter, why);
        part.hit_pane(1);
        self.draw_why(&mut part, &job, &reasons, view);
        if self.runs_are_beside {
            let facts = self.facts_of(&job);
            let mut part = painter.part(split, why.y, width - split, lower);
            part.hit_pane(2);
            draw_job(&mut part, &job, facts, (self.pane == Pane::Runs).then_some(self.pane_cursors[1]), view);
        }
    }

    /// The facts of a job, once they are loaded.
    fn facts_of(&self, job: &BatchJob) -> Option<&JobFacts> {
        self.facts.as_ref().filter(|(job_id, _)| *job_id == job.job_id).map(|(_, facts)| facts)
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
            lines.extend(zoomed_facts(job, self.facts_of(job), width, view));
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
        let question = if job.status.is_executing() { "What it does" } else { "Why is it not running?" };
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
}

/// Rows of the lower part: on a wide, high screen half of it.
fn lower_height(wanted: u16, wide: bool, height: u16) -> u16 {
    let wanted = if wide && height >= 30 { wanted.max(height * 3 / 4) } else { wanted };
    wanted.min(height.saturating_sub(6)).max(4)
}
