//! The form's layout: two panes where there is room, else one that scrolls above its buttons.

use crate::console::forms::recurrence::field_id::{self, FieldId, FieldLine};
use crate::console::forms::recurrence::next_runs;
use crate::console::forms::recurrence::{RecurrenceForm, words};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::pane;
use crate::console::view::theme::Role;
use crate::console::widgets::button::{self, Button};
use crate::console::widgets::calendar;
use crate::recurrence::{DraftFault, Occurrence, Rule};
use chrono::{DateTime, NaiveDate, Utc};

/// Columns of the left pane; the line between the panes follows.
const LEFT_WIDTH: u16 = 45;

/// Columns of runs below the fields, which show the rule's zone only.
const NARROW_RUNS_WIDTH: u16 = 33;
/// The row on which the month begins, one below the fields.
const MONTH_ROW: u16 = 17;

/// What one frame computes.
struct FrameValues {
    rule: Result<Rule, Vec<DraftFault>>,
    next: Vec<Occurrence>,
    /// The screen row of each drawn line.
    drawn: Vec<(FieldLine, u16)>,
}

impl FrameValues {
    fn faults(&self) -> &[DraftFault] {
        self.rule.as_ref().err().map_or(&[], Vec::as_slice)
    }
}

impl RecurrenceForm {
    /// Draws the form between freshness and notice.
    pub fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let (width, height) = (painter.width(), painter.height());
        let rule = self.fields.rule();
        let is_wide = width >= 110;
        let next =
            rule.as_ref().map_or_else(|_| Vec::new(), |rule| rule.preview(view.now, if is_wide { 15 } else { 10 }));
        let mut worked = FrameValues { rule, next, drawn: Vec::new() };
        painter.rule(0, &format!("Recurrence of {}", self.title), "", true);
        if width >= 80 && height >= 20 {
            self.two_panes(painter, view, &mut worked);
        } else {
            self.one_pane(painter, view, &mut worked);
        }
        for fault in worked.faults() {
            let line = FieldId::of(fault.field).line();
            if let Some((line, y)) = worked.drawn.iter().find(|(drawn, _)| Some(*drawn) == line) {
                let x = self.end_of(*line);
                let role = Role::Bad;
                // Over the line between the panes: without a rule there are no runs beside it.
                let text = format!("! {:<width$}", fault.fault, width = usize::from(width.saturating_sub(x + 2)));
                painter.text(x, *y, width.saturating_sub(x), &text, role);
            }
        }
        if let Some((list, (_, y))) = self.fields.drop_down(self.ring.focused()).and_then(|list| {
            Some((list, worked.drawn.iter().find(|(line, _)| Some(*line) == self.ring.focused().line())?))
        }) {
            list.draw_list(painter, self.list_column(), *y);
        }
    }

    fn two_panes(&mut self, painter: &mut Painter, view: &ViewContext, worked: &mut FrameValues) {
        let (width, height) = (painter.width(), painter.height());
        let is_tall = height >= 30;
        let words_rows = if is_tall { 3 } else { 2 };
        let bottom = height - words_rows - 2;
        worked.drawn.push((FieldLine::Quick, 1));
        self.line(painter, 1, FieldLine::Quick, view);
        for (y, line) in (2..).zip(field_id::lines(self.fields.unit())) {
            worked.drawn.push((line, y));
            self.line(&mut painter.part(0, 0, LEFT_WIDTH, height), y, line, view);
        }
        for y in 2..bottom {
            let is_head =
                field_id::lines(self.fields.unit()).get(usize::from(y) - 2).is_some_and(|line| is_head(*line));
            let is_rule = is_head || (y == MONTH_ROW && is_tall && !worked.next.is_empty());
            painter.text(
                LEFT_WIDTH,
                y,
                1,
                if y == 2 {
                    "┬"
                } else if is_rule {
                    "┤"
                } else {
                    "│"
                },
                Role::Dim,
            );
        }
        painter.part(LEFT_WIDTH + 1, 2, width, 1).rule(0, "Next runs", "", false);
        painter.rule(bottom, "In words", "", false);
        painter.text(LEFT_WIDTH, bottom, 1, "┴", Role::Dim);
        if let Ok(rule) = &worked.rule {
            let mut pane = painter.part(LEFT_WIDTH + 1, 3, width, bottom - 3);
            next_runs::draw(&mut pane, rule, &worked.next, self.home);
            if is_tall && let Some(first) = worked.next.first() {
                month(&mut painter.part(0, MONTH_ROW, LEFT_WIDTH, calendar::HEIGHT + 1), rule, first);
            }
        }
        if worked.rule.is_err() {
            painter.text(LEFT_WIDTH + 2, 3, width, "no runs: correct the marked field", Role::Dim);
        }
        self.words(&mut painter.part(0, bottom + 1, width, words_rows), worked);
        self.buttons(painter, height.saturating_sub(1));
    }

    fn one_pane(&mut self, painter: &mut Painter, view: &ViewContext, worked: &mut FrameValues) {
        let (width, height) = (painter.width(), painter.height());
        let mut lines = vec![FieldLine::Quick];
        lines.extend(field_id::lines(self.fields.unit()).into_iter().filter(|line| !is_head(*line)));
        let words_rows = 2;
        let room = height.saturating_sub(words_rows + 3).min(u16::try_from(lines.len()).unwrap_or(0));
        let focused =
            lines.iter().position(|line| Some(*line) == self.ring.focused().line()).unwrap_or(lines.len() - 1);
        // The line above a row of days names them.
        let top = (focused + 1).saturating_sub(usize::from(room));
        for (y, line) in (1..=room).zip(lines.iter().skip(top)) {
            worked.drawn.push((*line, y));
            self.line(painter, y, *line, view);
        }
        let all = u16::try_from(lines.len()).unwrap_or(0);
        let top = u16::try_from(top).unwrap_or(0);
        pane::mark_form(&mut painter.part(0, 1, width, room), top, room, all);
        let below = height.saturating_sub(words_rows + 1);
        if let Ok(rule) = &worked.rule {
            let rows = below.saturating_sub(room + 1);
            if rows > 4 {
                let mut pane = painter.part(1, room + 1, NARROW_RUNS_WIDTH, rows.min(8));
                next_runs::draw(&mut pane, rule, &worked.next, self.home);
            } else if rows > 0 {
                painter.text(1, room + 1, width, &next_runs::one_line(rule, &worked.next), Role::Text);
            }
        }
        self.words(&mut painter.part(0, below, width, words_rows), worked);
        self.buttons(painter, height.saturating_sub(1));
    }

    fn words(&self, painter: &mut Painter, worked: &FrameValues) {
        let (width, height) = (painter.width(), painter.height());
        let rule = worked.rule.as_ref().map_err(Vec::as_slice);
        let (sentence, below) = words::lines(rule, &worked.next, self.recent);
        let sentence = wrap(&sentence, usize::from(width.saturating_sub(2)));
        // A long sentence may displace a remark, but not a warning.
        let kept = match &below {
            Some((_, Role::Text)) | None => usize::from(height),
            Some(_) => usize::from(height) - 1,
        };
        let cut_off = sentence.len() > kept;
        let mut y = 0;
        for (index, line) in sentence.into_iter().take(kept).enumerate() {
            let text = if cut_off && index + 1 == kept { format!("{line} …") } else { line };
            painter.text(1, y, width, &text, Role::Text);
            y += 1;
        }
        if let Some((text, role)) = below {
            let x = u16::from(role == Role::Text);
            painter.text(x, y, width, &text, role);
        }
    }

    fn buttons(&self, painter: &mut Painter, y: u16) {
        let focused = self.ring.focused();
        let cancel = painter.width().saturating_sub(button::width("Cancel") + 1);
        let ok = cancel.saturating_sub(button::width("  OK  ") + 3);
        let remove = self.has_rule.then_some((2, FieldId::Remove, Button::new("Remove recurrence")));
        let buttons =
            [(ok, FieldId::Ok, Button::new("  OK  ")), (cancel, FieldId::Cancel, Button::new("Cancel").by_click())];
        for (x, id, button) in remove.into_iter().chain(buttons) {
            let used = button.draw(painter, x, y, focused == id);
            painter.hit_field((x, y), used, &id, &self.order());
        }
    }
}

fn is_head(line: FieldLine) -> bool {
    matches!(line, FieldLine::ZoneHead | FieldLine::RangeHead | FieldLine::PatternHead)
}

/// The month of the first run, with the days marked on which it runs.
fn month(painter: &mut Painter, rule: &Rule, first: &Occurrence) {
    let wall = DateTime::<Utc>::from_timestamp_millis(first.at.0).map(|at| at.with_timezone(&rule.zone()).date_naive());
    let Some(day) = wall else { return };
    let width = painter.width();
    painter.part(0, 0, width, 1).rule(0, &day.format("%B %Y").to_string(), "", false);
    calendar::draw(painter, 4, 1, day, |day: NaiveDate| rule.occurs_on(day));
}
