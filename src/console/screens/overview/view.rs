//! How the Overview looks: as many of its panes as fit, never without the to-do list.

use crate::console::protocol::time::age;
use crate::console::screens::overview::histogram;
use crate::console::screens::overview::{Overview, Pane};
use crate::console::view::context::ViewContext;
use crate::console::view::freshness;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::{Role, Surface, outcome_glyph};
use crate::domain::{Run, Trigger, grouped};

/// Rows of the run's pane, its rule included.
const RUNS: u16 = 4;

impl Overview {
    /// Everything, in one column or two.
    pub fn draw_all(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let is_wide = width >= 110 && height >= 30;
        let rows = if is_wide { 3 } else { 2 };
        let bars = if height >= 18 { rows + 3 } else { 0 };
        let above = height - bars;
        self.shows_bars = bars > 0;
        if is_wide {
            let left = width / 2;
            let used = self.draw_items(&mut painter.part(0, 0, left, above), view);
            self.draw_runs(&mut painter.part(0, used, left, above.saturating_sub(used)), view);
            let mut right = painter.part(left, 0, width - left, above);
            let causes = 10.min(above);
            self.draw_causes(&mut right.part(1, 0, width - left - 1, causes), view);
            self.draw_newest(&mut right.part(1, causes, width - left - 1, above - causes));
            for y in 0..above {
                right.text(0, y, 1, "│", Role::Dim);
            }
        } else {
            let used = self.draw_items(&mut painter.part(0, 0, width, above), view);
            let left = above.saturating_sub(used);
            let runs = if left >= RUNS + 4 { RUNS } else { 2.min(left) };
            let causes = left - runs;
            self.draw_causes(&mut painter.part(0, used, width, causes), view);
            self.draw_runs(&mut painter.part(0, used + causes, width, runs), view);
        }
        if bars > 0 {
            let mut part = painter.part(0, above, width, bars);
            let chosen = (self.pane == Pane::Bars).then_some(self.column);
            if let Some((from, busy)) = &self.busy {
                histogram::draw(&mut part, (*from, busy), (rows, "messages"), chosen, view);
            } else {
                let remark = if self.fault.is_some() { "not read" } else { "reading …" };
                part.rule(0, "Last 24 hours, 20 minutes a column", remark, chosen.is_some());
            }
        }
    }

    fn draw_items(&self, painter: &mut Painter, view: &ViewContext) -> u16 {
        let items = self.items(view);
        let focused = self.pane == Pane::Items;
        let remark =
            if items.is_empty() { String::new() } else { format!("{} · {}", items.len(), view.keys("{open} opens")) };
        painter.rule(0, "Needs attention", &remark, focused);
        let width = painter.width();
        if let Some(fault) = &self.fault {
            return Self::draw_fault(painter, fault, view);
        }
        if items.is_empty() {
            let is_known = view.freshness.is_some() && self.attention.is_some();
            let text = if is_known { "Nothing needs attention." } else { "reading …" };
            painter.text(1, 1, width, text, Role::Text);
        }
        for (y, (index, item)) in (1..).zip(items.iter().enumerate()) {
            painter.text(1, y, 1, &item.shape.to_string(), item.role);
            painter.text(3, y, 20, item.what, Role::Text);
            painter.text(23, y, width.saturating_sub(24), &item.detail, Role::Text);
            if index == self.cursor.min(items.len() - 1) {
                painter.cursor_row(0, y, width, focused);
            }
        }
        u16::try_from(items.len().max(1)).unwrap_or(8) + 1
    }

    /// Why nothing is known, whole, and what a first start needs.
    fn draw_fault(painter: &mut Painter, fault: &str, view: &ViewContext) -> u16 {
        let width = painter.width();
        let room = usize::from(width.saturating_sub(4));
        let mut lines: Vec<_> =
            wrap(&format!("! {fault}"), room).into_iter().take(4).map(|line| (line, Role::Bad)).collect();
        if view.freshness.is_none() {
            let hint = "A first start? p and Enter make head office and bring what agents have posted; \
                        :rsp says where the databases are; cdx demo makes an exchange to try things on.";
            lines.extend(wrap(hint, room).into_iter().map(|line| (line, Role::Text)));
        }
        for (y, (line, role)) in (1..).zip(&lines) {
            painter.text(1, y, width, line, *role);
        }
        u16::try_from(lines.len()).unwrap_or(8) + 1
    }

    fn draw_causes(&self, painter: &mut Painter, view: &ViewContext) {
        let focused = self.pane == Pane::Causes;
        painter.rule(0, "Recent errors by cause", "newest first · e opens them", focused);
        let width = painter.width();
        let causes = match &self.causes {
            Some(causes) if !causes.is_empty() => causes,
            none => {
                let text = match (none.is_some(), self.fault.is_some()) {
                    (true, _) => "No errors in the last 24 hours.",
                    (false, true) => "Not read.",
                    (false, false) => "reading …",
                };
                painter.text(1, 1, width, text, Role::Text);
                return;
            }
        };
        // The trend is the first to go, and two columns side by side have no room for it.
        let has_trend = width >= 76;
        let trend = if has_trend { " Trend, 24 h " } else { "" };
        painter.text(
            1,
            1,
            width,
            &format!("       Last Open  24 h DBs{trend} Cause, numbers and names masked"),
            Role::Dim,
        );
        painter.cover(0, 1, width, Surface::Band);
        let as_of = view.freshness.and_then(|freshness| freshness.as_of);
        for (y, (index, cause)) in (2..painter.height()).zip(causes.iter().enumerate()) {
            let trend = match self.trends.iter().find(|(digest, _)| *digest == cause.digest) {
                _ if !has_trend => String::new(),
                Some((_, counts)) => {
                    format!(" {}", histogram::trend(counts, histogram::start_of_trends(self.loaded_at), as_of))
                }
                None => " ".repeat(13),
            };
            let line = format!(
                "{:>11}{:>5}{:>6}{:>4}{trend} {}",
                age(view.now.since(cause.last_at)),
                grouped(cause.open),
                grouped(cause.errors),
                grouped(cause.channel_databases),
                cause.masked
            );
            painter.text(1, y, width.saturating_sub(2), &line, Role::Text);
            if focused && index == self.cause {
                painter.cursor_row(0, y, width, true);
            }
        }
    }

    fn draw_newest(&self, painter: &mut Painter) {
        let Some(cause) = self.causes.iter().flatten().next() else { return painter.rule(0, "", "", false) };
        let place = if cause.last_channel_database.is_empty() { "the package" } else { &cause.last_channel_database };
        painter.rule(0, &format!("Newest: on {place}, job {}", cause.last_job_name), "", false);
        let text = cause.last_message.as_deref().unwrap_or("No error text.");
        for (y, line) in (1..painter.height()).zip(wrap(text, usize::from(painter.width().saturating_sub(2)))) {
            painter.text(1, y, painter.width(), &line, Role::Text);
        }
    }

    fn draw_runs(&self, painter: &mut Painter, view: &ViewContext) {
        painter.rule(0, "Process status messages", &view.keys("{process} runs it now"), self.pane == Pane::Runs);
        let width = painter.width();
        let Some(runs) = &self.runs else { return };
        let Some(last) = runs.first() else {
            painter.text(1, 1, width, &view.keys("It never ran. {process} runs it."), Role::Text);
            return;
        };
        painter.text(1, 1, width, "Last run", Role::Dim);
        painter.text(11, 1, width - 12, &details(last, view), outcome_glyph(last.outcome).1);
        if painter.height() >= 3 {
            let counts = last.counts;
            let sum = format!(
                "{} read = {} inserted + {} repeated + {} rejected",
                grouped(counts.read),
                grouped(counts.inserted),
                grouped(counts.repeated),
                grouped(counts.rejected)
            );
            painter.text(11, 2, width - 12, &sum, Role::Text);
        }
        painter.text(1, 3, width, "Next run", Role::Dim);
        painter.text(11, 3, width - 12, &freshness::next_run(view), Role::Text);
        // Where there is room, the runs before.
        for (y, run) in (5..painter.height()).zip(runs.iter().skip(1).take(5)) {
            painter.text(11, y, width - 12, &details(run, view), outcome_glyph(run.outcome).1);
        }
        if painter.height() > 5 && runs.len() > 1 {
            painter.text(1, 5, 9, "Before", Role::Dim);
        }
    }
}

/// `812, command, 21:45:00, took 6 s: Ended, 30,977 purged`.
fn details(run: &Run, view: &ViewContext) -> String {
    let by = match run.trigger {
        Trigger::Command => "command",
        Trigger::Console => "console",
        Trigger::BatchJob => "batch job",
    };
    let took = run.ended_at.map(|at| format!(", took {}", age(at.since(run.started_at)))).unwrap_or_default();
    let outcome = outcome_glyph(run.outcome).2;
    let (at, purged) = (view.zone.short(run.started_at, view.now), grouped(run.purged.total()));
    format!("{}, {by}, {at}{took}: {outcome}, {purged} purged", run.run_id)
}
