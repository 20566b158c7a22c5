//! Draws Batch job history: the rows, below them the log of one, and on a wide terminal its run
//! beside the log. On a wider one the chart is beside the rows, and the run below the chart.

use crate::console::screens::batch::history::log;
use crate::console::screens::batch::history::{History, chart};
use crate::console::screens::no_match;
use crate::console::view::context::ViewContext;
use crate::console::view::layout::{THREE_COLUMNS, TWO_COLUMNS, line};
use crate::console::view::painter::{Painter, wrap_labeled};
use crate::console::view::pane::{self, PaneWindow};
use crate::console::view::theme::Role;
use crate::console::widgets::list::{newer_words, place_words};
use crate::console::widgets::table::{self, Layout};
use crate::filter::Highlights;

/// The width of the pane with the chart beside the rows.
const CHART_WIDTH: u16 = 56;

impl History {
    fn remark(&self) -> String {
        let place = place_words(&self.list, |read| self.count.words(read));
        newer_words(&self.list, self.sort.shown().is_some()).map_or(place.clone(), |newer| format!("{newer} · {place}"))
    }

    fn draw_log(&mut self, painter: &mut Painter, with_facts: bool, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let Some(row) = self.list.current() else { return };
        let split = if with_facts && width >= TWO_COLUMNS { width * 11 / 20 } else { width };
        let run = row.run_id.map_or_else(String::new, |run_id| format!(" of run {run_id}"));
        let tries = if row.tries > 1 { format!("{} tries", row.tries) } else { String::new() };
        let title = format!("Log{run}, {}", view.zone.short(row.scheduled_at, view.now));
        let lines = log::lines(row, self.own_log(), usize::from(split.saturating_sub(3)), view);
        let facts = log::facts(row, self.own_usual(), view);
        let window = PaneWindow::new(painter, lines.len(), &mut self.top);
        let mark = window.mark(&title, width, pane::key_to(view, self.in_log).as_deref());
        let remark = [tries, mark].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        painter.list_rule(0, &title, "", &remark, self.in_log);
        for (y, (text, role)) in (1..height).zip(lines.iter().skip(self.top)) {
            painter.text(1, y, split.saturating_sub(2), text, *role);
        }
        if split < width {
            for (y, text) in (1..height).zip(facts.iter().map(Some).chain(std::iter::repeat(None))) {
                painter.text(split, y, 1, "│", Role::Dim);
                painter.text(split + 2, y, width - split - 2, text.map_or("", String::as_str), Role::Text);
            }
        }
    }

    /// Whether the chart is beside the rows: where all their columns have room there.
    fn has_chart_beside(&mut self, width: u16, view: &ViewContext) -> bool {
        let needed = table::needed(self.table(), &mut self.list, &self.columns, view);
        width >= THREE_COLUMNS && needed.saturating_add(1 + CHART_WIDTH) <= width
    }

    /// Draws all of it.
    pub(super) fn draw_all(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, whole) = (painter.width(), painter.height());
        if self.zoomed && self.list.current().is_some() {
            return self.draw_rows(painter, whole, true, view);
        }
        let is_beside = self.has_chart_beside(width, view);
        let series = || chart::of_starts(self.list.window(), self.list.current());
        if !is_beside {
            let rows = self.chart.draw(painter, series);
            return self.draw_rows(&mut painter.part(0, rows, width, whole - rows), whole, true, view);
        }
        let x = width - CHART_WIDTH;
        let rows = self.chart.draw(&mut painter.part(x, 0, CHART_WIDTH, whole), series);
        if rows == 0 {
            return self.draw_rows(painter, whole, true, view);
        }
        self.draw_rows(&mut painter.part(0, 0, x - 1, whole), whole, false, view);
        line(painter, x - 1, whole);
        painter.text(x - 1, rows, 1, "├", Role::Dim);
        let mut part = painter.part(x, rows, CHART_WIDTH, whole - rows);
        let Some(row) = self.list.current() else { return part.rule(0, "", "", false) };
        part.rule(0, &row.run_id.map_or_else(String::new, |run_id| format!("Run {run_id}")), "", false);
        let room = usize::from(CHART_WIDTH - 2);
        let facts = log::facts(row, self.own_usual(), view);
        let lines =
            facts.iter().flat_map(|fact| if fact.is_empty() { vec![String::new()] } else { wrap_labeled(fact, room) });
        for (y, text) in (1..whole - rows).zip(lines) {
            part.text(1, y, CHART_WIDTH, &text, Role::Text);
        }
    }

    /// Draws the rows and the log below them. `whole`: the rows of the screen.
    fn draw_rows(&mut self, painter: &mut Painter, whole: u16, with_facts: bool, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let wanted = if width >= TWO_COLUMNS && whole >= 30 { height / 2 } else { self.height };
        let is_empty = self.list.is_loaded() && self.list.current().is_none();
        if is_empty {
            (self.zoomed, self.in_log) = (false, false);
        }
        let lower = if is_empty {
            0
        } else if self.zoomed {
            height
        } else {
            wanted.min(height.saturating_sub(6)).max(3)
        };
        let above = height - lower;
        if above > 0 {
            painter.part(0, 0, width, above).hit_pane(0);
            let of = self.filter.job_id.and_then(|_| self.list.current());
            let title = of.map_or_else(
                || "Batch job history".to_owned(),
                |row| format!("Batch job history of {}", row.description),
            );
            painter.list_rule(0, &title, &self.typed, &self.remark(), !self.in_log);
            let columns = self.table();
            let mut part = painter.part(0, 1, width, above.saturating_sub(1));
            let highlights = Highlights::of(&self.filter.terms);
            let layout =
                Layout { columns: Some(&self.columns), sorted: Some(self.sorted_by()), highlights: Some(&highlights) };
            table::draw_with(&mut part, &mut self.list, columns, !self.in_log, view, (layout, |_| ' '));
            if let Some(fault) = &self.fault {
                painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
            } else if self.list.known_length() == Some(0) && !self.typed.is_empty() {
                no_match::draw(
                    &mut painter.part(0, 2, width, above.saturating_sub(2)),
                    self.explanation.for_filter(&self.typed),
                    self.former.is_some(),
                    view,
                );
            } else if self.list.is_loaded() && self.list.current().is_none() {
                painter.text(
                    2,
                    2,
                    width,
                    "No start has ended or been skipped yet; Batch jobs lists what is due.",
                    Role::Dim,
                );
            }
        }
        let mut part = painter.part(0, above, width, lower);
        part.hit_pane(1);
        self.draw_log(&mut part, with_facts, view);
    }
}
