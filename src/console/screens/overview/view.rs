//! How the Overview looks: as many of its panes as fit, never without the to-do list.

use crate::console::protocol::time::{age, took as duration};
use crate::console::screens::overview::histogram;
use crate::console::screens::overview::{Overview, Pane};
use crate::console::view::context::ViewContext;
use crate::console::view::freshness;
use crate::console::view::hits::Hit;
use crate::console::view::layout::{self, THREE_COLUMNS, TWO_COLUMNS};
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::{Role, Surface, outcome_glyph};
use crate::domain::{Run, Trigger, grouped};

/// Rows of the run's pane at least, its rule included.
const MIN_RUN_PANE_ROWS: u16 = 4;
/// Where the details of an item, and of a run, begin.
const ITEM_DETAIL_AT: u16 = 23;
const RUN_DETAIL_AT: u16 = 11;
/// Lines of a detail or a cause at most.
const MAX_DETAIL_LINES: usize = 8;
/// Where the counts of a cause end.
const CAUSE_COUNTS_END: u16 = 27;
/// The least width with the trend of a cause beside its counts; otherwise it is below them.
const TREND_WIDTH: u16 = 76;

impl Overview {
    /// Everything, in as many columns as there is room for.
    pub fn draw_all(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let is_wide = width >= TWO_COLUMNS && height >= 18;
        let rows = match height {
            _ if !is_wide || height < 30 => 2,
            30..50 => 3,
            _ => 6,
        };
        let histogram = if height >= 18 { rows + 3 } else { 0 };
        let above = height - histogram;
        self.shows_histogram = histogram > 0;
        self.day.fit(width);
        if width >= THREE_COLUMNS && is_wide {
            let third = width / 3;
            self.draw_items(&mut painter.part(0, 0, third, above), view, true);
            layout::line(painter, third, above);
            self.draw_errors(&mut painter.part(third + 1, 0, third, above), view);
            layout::line(painter, 2 * third + 1, above);
            self.draw_runs(&mut painter.part(2 * third + 2, 0, width - 2 * third - 2, above), view);
        } else if is_wide {
            let left = width / 2;
            let used =
                self.draw_items(&mut painter.part(0, 0, left, above.saturating_sub(MIN_RUN_PANE_ROWS)), view, true);
            self.draw_runs(&mut painter.part(0, used, left, above.saturating_sub(used)), view);
            layout::line(painter, left, above);
            self.draw_errors(&mut painter.part(left + 1, 0, width - left - 1, above), view);
        } else {
            let used = self.draw_items(&mut painter.part(0, 0, width, above), view, false);
            let left = above.saturating_sub(used);
            let runs = if left >= MIN_RUN_PANE_ROWS + 4 { MIN_RUN_PANE_ROWS } else { 2.min(left) };
            let causes = left - runs;
            self.draw_causes(&mut painter.part(0, used, width, causes), view);
            self.draw_runs(&mut painter.part(0, used + causes, width, runs), view);
        }
        if histogram > 0 {
            let mut part = painter.part(0, above, width, histogram);
            let waiting = if self.fault.is_some() { "not read" } else { "reading …" };
            self.day.draw(&mut part, (rows, "messages"), (self.pane == Pane::Histogram, waiting), view);
        }
    }

    /// The causes, and below them the text of the newest one.
    fn draw_errors(&self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let text = self.causes.iter().flatten().next().and_then(|cause| cause.last_message.as_deref());
        let text = wrap(text.unwrap_or(""), usize::from(width.saturating_sub(2))).len() + 2;
        let newest = u16::try_from(text).unwrap_or(u16::MAX).min(height / 2);
        let texts: Vec<_> = self.causes.iter().flatten().map(|cause| cause.masked.as_str()).collect();
        let most = height - newest;
        let rows = usize::from(most).saturating_sub(3);
        let room = usize::from(width.saturating_sub(CAUSE_COUNTS_END + 2));
        let whole = fitted(&texts, room, rows);
        let rows = u16::try_from(whole.iter().map(Vec::len).sum::<usize>()).unwrap_or(u16::MAX);
        let causes = rows.saturating_add(3).clamp(10.min(most), most);
        self.draw_causes(&mut painter.part(0, 0, width, causes), view);
        self.draw_newest(&mut painter.part(0, causes, width, height - causes));
    }

    fn draw_items(&self, painter: &mut Painter, view: &ViewContext, in_columns: bool) -> u16 {
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
        let details: Vec<_> = items.iter().map(|item| item.detail.as_str()).collect();
        let rows = if in_columns { usize::from(painter.height()).saturating_sub(1) } else { 0 };
        let whole = fitted(&details, usize::from(width.saturating_sub(ITEM_DETAIL_AT + 1)), rows);
        let mut y = 1;
        for (index, (item, lines)) in items.iter().zip(&whole).enumerate() {
            painter.text(1, y, 1, &item.shape.to_string(), item.role);
            painter.text(3, y, 20, item.what, Role::Text);
            let rows = (y..).zip(lines);
            rows.for_each(|(y, line)| {
                _ = painter.text(ITEM_DETAIL_AT, y, width.saturating_sub(ITEM_DETAIL_AT + 1), line, Role::Text);
            });
            let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).max(1);
            let cursor = self.cursor.min(items.len() - 1);
            if let (true, Ok(at), Ok(cursor)) = (focused, i16::try_from(index), i16::try_from(cursor)) {
                painter.hit((0, y), (width, rows), Hit::Row { below: at - cursor, focused });
            }
            if index == cursor {
                painter.cursor_row(0, y, width, focused);
                if focused {
                    (1..rows).for_each(|row| painter.cover(0, y + row, width, Surface::Cursor));
                }
            }
            y = y.saturating_add(rows);
        }
        y.max(2)
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
        let has_trend = width >= TREND_WIDTH;
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
        let text_at = if has_trend { CAUSE_COUNTS_END + 14 } else { CAUSE_COUNTS_END + 1 };
        let texts: Vec<_> = causes.iter().map(|cause| cause.masked.as_str()).collect();
        let room = width.saturating_sub(text_at + 1);
        let rows = usize::from(painter.height()).saturating_sub(2);
        let from = histogram::start_of_trends(self.loaded_at);
        let whole = fitted(&texts, usize::from(room), rows);
        let mut y = 2;
        for (index, (cause, lines)) in causes.iter().zip(&whole).enumerate().take(usize::from(painter.height())) {
            let counts = self.trends.iter().find(|(digest, _)| *digest == cause.digest);
            let trend = counts.map(|(_, counts)| histogram::trend(counts, from, as_of));
            let trend = format!(" {:12}", trend.unwrap_or_default());
            if !has_trend && lines.len() > 1 && counts.is_some() {
                painter.text(CAUSE_COUNTS_END - 17, y + 1, 17, &format!("24 h{trend}"), Role::Dim);
            }
            let trend = if has_trend { trend.as_str() } else { "" };
            let line = format!(
                "{:>11}{:>5}{:>6}{:>4}{trend}",
                age(view.now.since(cause.last_at)),
                grouped(cause.open),
                grouped(cause.errors),
                grouped(cause.channel_databases),
            );
            painter.text(1, y, width.saturating_sub(2), &line, Role::Text);
            let rows = (y..).zip(lines);
            rows.for_each(|(y, line)| _ = painter.text(text_at, y, room, line, Role::Text));
            if focused && index == self.cause {
                painter.cursor_row(0, y, width, true);
                let rows = u16::try_from(lines.len()).unwrap_or(1);
                (1..rows).for_each(|row| painter.cover(0, y + row, width, Surface::Cursor));
            }
            y = y.saturating_add(u16::try_from(lines.len()).unwrap_or(1).max(1));
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
        let room = usize::from(width.saturating_sub(RUN_DETAIL_AT + 1));
        let height = painter.height();
        let put = |painter: &mut Painter, y: u16, label: &str, text: &str, role: Role| {
            // On a screen of columns a long line continues below; elsewhere each has its row.
            let lines = if height > MIN_RUN_PANE_ROWS { wrap(text, room) } else { vec![text.to_owned()] };
            painter.text(1, y, RUN_DETAIL_AT - 1, label, Role::Dim);
            let rows = (y..height).zip(&lines);
            rows.for_each(|(y, line)| {
                _ = painter.text(RUN_DETAIL_AT, y, width.saturating_sub(RUN_DETAIL_AT + 1), line, role);
            });
            y.saturating_add(u16::try_from(lines.len()).unwrap_or(u16::MAX).max(1))
        };
        let mut y = put(painter, 1, "Last run", &details(last, view), outcome_glyph(last.outcome).1);
        if height >= 3 {
            let counts = last.counts;
            let sum = format!(
                "{} read = {} inserted + {} repeated + {} rejected",
                grouped(counts.read),
                grouped(counts.inserted),
                grouped(counts.repeated),
                grouped(counts.rejected)
            );
            y = put(painter, y, "", &sum, Role::Text);
        }
        y = put(painter, y, "Next run", &freshness::next_run(view), Role::Text) + 1;
        // Where there is room, the runs before.
        for (index, run) in runs.iter().enumerate().skip(1) {
            if y >= height {
                break;
            }
            let label = if index == 1 { "Before" } else { "" };
            y = put(painter, y, label, &details(run, view), outcome_glyph(run.outcome).1);
        }
    }
}

/// Wraps texts to as many lines each as fit into `rows` together, at most eight; at least
/// one. A blank line follows a shorter text.
fn fitted(texts: &[&str], room: usize, rows: usize) -> Vec<Vec<String>> {
    let whole: Vec<_> = texts.iter().map(|text| wrap(text, room)).collect();
    let most = (2..=MAX_DETAIL_LINES)
        .rev()
        .find(|most| whole.iter().map(|lines| (lines.len() + 1).min(*most)).sum::<usize>() <= rows);
    let most = most.unwrap_or(1);
    let first = |mut lines: Vec<String>| {
        // The last line has the rest, which is cut where it is drawn.
        let rest = lines.drain(lines.len().min(most - 1)..).collect::<Vec<_>>().join(" ");
        lines.push(rest);
        lines
    };
    whole.into_iter().map(first).collect()
}

/// `812, command, 21:45:00, took 6 s: Ended, 30,977 purged`.
fn details(run: &Run, view: &ViewContext) -> String {
    let by = match run.trigger {
        Trigger::Command => "command",
        Trigger::Console => "console",
        Trigger::BatchJob => "batch job",
    };
    let took = run.ended_at.map(|at| format!(", took {}", duration(at.since(run.started_at)))).unwrap_or_default();
    let outcome = outcome_glyph(run.outcome).2;
    let (at, purged) = (view.zone.short(run.started_at, view.now), grouped(run.purged.total()));
    format!("{}, {by}, {at}{took}: {outcome}, {purged} purged", run.run_id)
}
