//! Draws the matrix: blocks of stores, a symbol for each job, and the current cell in words.

use crate::console::protocol::time::age;
use crate::console::screens::matrix::Matrix;
use crate::console::screens::no_match;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::{Role, Surface, status_glyph};
use crate::domain::{Direction, counted, grouped};
use crate::text::{cut_middle, shown};
use std::fmt::Write as _;

/// Cells of a store's name at most.
const MAX_NAME_CELLS: usize = 16;
/// Cells between two blocks.
const GAP_CELLS: usize = 2;
/// Rows above the blocks: the rule and the symbols of the jobs.
const ROWS_ABOVE: u16 = 2;

impl Matrix {
    /// Draws all of it.
    pub(super) fn draw_all(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        painter.list_rule(0, "Status by store and job", self.filter.typed(), &self.remark(), true);
        if let Some(fault) = &self.fault {
            painter.text(2, 1, width, &format!("! {fault}"), Role::Bad);
            return;
        }
        if !self.is_loaded {
            painter.text(2, 1, width, "reading …", Role::Dim);
            return;
        }
        if self.grid.stores().is_empty() && !self.filter.is_empty() {
            let counted = self.filter.no_match(self.grid.length(), |filter| self.grid.count(filter));
            let mut part = painter.part(0, 1, width, height.saturating_sub(1));
            return no_match::draw(&mut part, Some(&counted), self.filter.is_preview(), view);
        }
        if self.grid.jobs() == 0 && self.filter.is_empty() {
            painter.text(2, 1, width, "No session of a store is at head office.", Role::Dim);
            return;
        }
        let lines = self.below(usize::from(width.saturating_sub(2)), usize::from(height / 5).max(2), view);
        let below = u16::try_from(lines.len() + 1).unwrap_or(u16::MAX).min(height.saturating_sub(ROWS_ABOVE + 3));
        let rows = height.saturating_sub(ROWS_ABOVE + below).max(1);
        self.draw_blocks(painter, rows);
        let top = ROWS_ABOVE + rows;
        painter.rule(top, &self.title(), "", false);
        for (y, (text, role)) in (top + 1..height).zip(&lines) {
            painter.text(1, y, width, text, *role);
        }
    }

    fn remark(&self) -> String {
        let shown = self.grid.stores().len();
        let stores = counted(self.grid.length(), "store");
        let stores = if self.filter.is_empty() { counted(shown, "store") } else { format!("{shown} of {stores}") };
        let failed = match self.grid.failed() {
            0 => String::new(),
            failed => format!("{} failed · ", grouped(failed)),
        };
        let reading = if self.is_reading { " · reading …" } else { "" };
        format!("{failed}{stores}{reading}")
    }

    /// Draws the page of the cursor: stores by name, down and then across.
    fn draw_blocks(&mut self, painter: &mut Painter, rows: u16) {
        let width = usize::from(painter.width());
        let stores = self.grid.stores();
        let name = stores.iter().map(|store| cells(store)).max().unwrap_or(0).min(MAX_NAME_CELLS);
        let wide = name + 1 + self.grid.jobs();
        let blocks = ((width.saturating_sub(1) + GAP_CELLS) / (wide + GAP_CELLS)).max(1);
        self.block = usize::from(rows);
        self.page = self.block * blocks;
        let first = self.store / self.page * self.page;
        for block in 0..blocks {
            let from = first + block * self.block;
            if from >= stores.len() {
                break;
            }
            let x = u16::try_from(1 + block * (wide + GAP_CELLS)).unwrap_or(u16::MAX);
            let left = x + u16::try_from(name + 1).unwrap_or(0);
            for job in 0..self.grid.jobs() {
                let Some((symbol, _)) = self.grid.job_at(job) else { continue };
                let role = if job == self.job { Role::Title } else { Role::Dim };
                painter.text(left + u16::try_from(job).unwrap_or(0), 1, 1, &symbol.to_string(), role);
            }
            for (y, store) in (ROWS_ABOVE..ROWS_ABOVE + rows).zip(from..stores.len()) {
                self.draw_store(painter, (x, left, y), store, name);
            }
        }
    }

    fn draw_store(&self, painter: &mut Painter, (x, left, y): (u16, u16, u16), store: usize, name: usize) {
        let Some(text) = self.grid.stores().get(store) else { return };
        let is_current = store == self.store;
        let width = u16::try_from(name).unwrap_or(0);
        painter.text(x, y, width, &cut_middle(text, name), if is_current { Role::Title } else { Role::Text });
        for job in 0..self.grid.jobs() {
            let at = left + u16::try_from(job).unwrap_or(0);
            let (glyph, role) = match self.grid.cell(store, job) {
                Some(cell) => {
                    let (glyph, role) = status_glyph(cell.status);
                    (glyph, if self.grid.is_fresh(cell) { role } else { Role::Dim })
                }
                None if self.is_reading => ('░', Role::Dim),
                None => (' ', Role::Text),
            };
            painter.text(at, y, 1, &glyph.to_string(), role);
            if is_current && job == self.job {
                painter.cover(at, y, 1, Surface::Cursor);
            }
        }
        if is_current {
            painter.text(x.saturating_sub(1), y, 1, "►", Role::Text);
        }
    }

    fn title(&self) -> String {
        let (Some(store), Some((_, (direction, job)))) = (self.current(), self.grid.job_at(self.job)) else {
            return String::new();
        };
        format!("{store} · {direction} job {job}")
    }

    /// The lines below: the cell in words, what the symbols mean in at most `most` lines, and what
    /// is not shown.
    fn below(&self, width: usize, most: usize, view: &ViewContext) -> Vec<(String, Role)> {
        let mut lines = vec![self.words(view)];
        let symbols: Vec<_> = (0..self.grid.jobs()).filter_map(|at| self.grid.job_at(at)).collect();
        let of = |wanted: Direction, word: &str| {
            let jobs = symbols.iter().filter(|(_, (direction, _))| *direction == wanted);
            let jobs: Vec<_> = jobs.map(|(symbol, (_, job))| format!("{symbol} {}", shown(job))).collect();
            (!jobs.is_empty()).then(|| format!("{word}: {}", jobs.join(", ")))
        };
        let jobs = [of(Direction::Download, "Downloads"), of(Direction::Upload, "Uploads")];
        let mut legend: Vec<_> = jobs.into_iter().flatten().flat_map(|text| wrap(&text, width)).collect();
        if legend.len() > most {
            let current = self.grid.job_at(self.job).map(|(symbol, (direction, job))| {
                format!("{symbol} is {direction} job {}; ← → name the other columns.", shown(job))
            });
            legend = current.map(|text| wrap(&text, width)).unwrap_or_default();
        }
        lines.extend(legend.into_iter().map(|line| (line, Role::Dim)));
        let unseen = self.not_shown(view);
        lines.extend(wrap(&unseen, width).into_iter().map(|line| (line, Role::Dim)));
        lines
    }

    /// The cell under the cursor in words.
    fn words(&self, view: &ViewContext) -> (String, Role) {
        let Some(cell) = self.grid.cell(self.store, self.job) else {
            let text = if self.is_reading { "not found yet" } else { "no session among those examined" };
            return (text.to_owned(), Role::Dim);
        };
        let (glyph, role) = status_glyph(cell.status);
        let (at, ago) = (view.zone.short(cell.modified_at, view.now), age(view.now.since(cell.modified_at)));
        let old = if self.grid.is_fresh(cell) { "" } else { ", as read before" };
        (format!("{glyph} {}, {at}, {ago} ago · session {}{old}", cell.status, cell.session_number), role)
    }

    /// How far the sessions were examined, and what is not shown.
    fn not_shown(&self, view: &ViewContext) -> String {
        let mut parts = Vec::new();
        for searched in &self.searched {
            let what = match searched.direction {
                Direction::Download => "downloads",
                Direction::Upload => "uploads",
            };
            let sessions = grouped(searched.sessions);
            parts.push(match searched.reached {
                Some(at) => format!("newest {sessions} {what}, back to {}", view.zone.short(at, view.now)),
                None => format!("all {sessions} {what}"),
            });
        }
        let mut text = format!("Examined: {}.", parts.join("; "));
        let without = self.grid.without_session();
        if without > 0 && !self.is_reading {
            let stores = counted(without, "store");
            let _ = write!(text, " {stores} without a session among them.");
        }
        let (stores, jobs) = self.grid.hidden();
        if !self.filter.is_empty() {
            return text;
        }
        if stores > 0 {
            let stores = counted(stores, "store");
            let _ = write!(text, " Not shown: {stores} without a failure, the last by name.");
        }
        if jobs > 0 {
            let jobs = counted(jobs, "job");
            let _ = write!(text, " Not shown: {jobs} of the fewest stores.");
        }
        text
    }
}
