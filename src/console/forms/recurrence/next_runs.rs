//! The next runs in the rule's zone and the operator's, and what changes of clocks do to them.

use super::super::super::painter::{Painter, cut, wrap};
use super::super::super::theme::Role;
use crate::domain::Timestamp;
use crate::recurrence::{Occurrence, Rule, city};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// How much of each run there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// In the rule's zone alone.
    Own,
    /// And the operator's time of day.
    Operator,
    /// And the operator's day, and UTC.
    All,
}

fn shown(zone: Tz, at: Timestamp, format: &str) -> String {
    DateTime::<Utc>::from_timestamp_millis(at.0)
        .map_or_else(String::new, |at| at.with_timezone(&zone).format(format).to_string())
}

/// The zone's letters at that instant; nothing where it has but an offset.
fn letters(zone: Tz, at: Timestamp) -> String {
    Some(shown(zone, at, "%Z"))
        .filter(|letters| letters.len() <= 4 && !letters.starts_with(['+', '-']))
        .unwrap_or_default()
}

/// Draws heading, runs and notes; the notes keep the last two rows.
pub(super) fn draw(painter: &mut Painter, rule: &Rule, next: &[Occurrence], home: Tz, columns: Columns) {
    let (width, height) = (painter.width(), painter.height());
    let zone = rule.zone();
    // Where both are the same, one column says all.
    let columns = if columns == Columns::Operator && zone == home { Columns::Own } else { columns };
    let letter_cells = next.iter().map(|run| letters(zone, run.at).len()).max().unwrap_or(0).max(3);
    // Four letters take the column that the number can spare.
    let number_cells = 6 - letter_cells;
    let own = 29;
    heading(painter, own, zone, home, columns);
    let room = height.saturating_sub(3);
    for (y, (number, run)) in (1..=room).zip((1..).zip(next)) {
        let mark = if run.note.is_some() { '!' } else { ' ' };
        let text = format!(
            "{number:>number_cells$} {}{mark}{:<letter_cells$}",
            shown(zone, run.at, "%a %Y-%m-%d %H:%M"),
            letters(zone, run.at)
        );
        painter.text(0, y, width, &text, if run.note.is_some() { Role::Warn } else { Role::Text });
        let at = own;
        match columns {
            Columns::Own => {}
            Columns::Operator => drop(painter.text(at, y, 5, &shown(home, run.at, "%H:%M"), Role::Text)),
            Columns::All => {
                for (at, zone) in (at + 2..).step_by(17).zip(others(zone, home)) {
                    painter.text(at, y, 15, &shown(zone, run.at, "%a %m-%d %H:%M"), Role::Text);
                }
            }
        }
    }
    for (y, line) in (height.saturating_sub(2)..height).zip(notes(rule, next, usize::from(width))) {
        painter.text(0, y, width, &line.0, line.1);
    }
}

/// The operator's zone and UTC, each unless it has been shown.
fn others(zone: Tz, home: Tz) -> Vec<Tz> {
    let mut others = vec![home, Tz::UTC];
    others.dedup();
    others.retain(|other| *other != zone);
    others
}

fn heading(painter: &mut Painter, own: u16, zone: Tz, home: Tz, columns: Columns) {
    match columns {
        Columns::Own => painter.right(0, 0, own - 1, &cut(&city(zone), usize::from(own - 1)), Role::Dim),
        Columns::Operator => {
            let operator = cut(&city(home), 10);
            painter.right(own - 6, 0, 11, &operator, Role::Dim);
            let room = own + 5 - u16::try_from(operator.chars().count()).unwrap_or(0) - 2;
            painter.right(0, 0, room.min(own - 1), &cut(&city(zone), usize::from(room.min(own - 1))), Role::Dim);
        }
        Columns::All => {
            painter.right(0, 0, own - 1, &cut(&city(zone), 22), Role::Dim);
            for (at, zone) in (own + 2..).step_by(17).zip(others(zone, home)) {
                painter.right(at, 0, 15, &cut(&city(zone), 15), Role::Dim);
            }
        }
    }
}

/// The first run that a change of clocks touches, or when clocks change next.
fn notes(rule: &Rule, next: &[Occurrence], width: usize) -> Vec<(String, Role)> {
    let touched = (1..).zip(next).find_map(|(number, run)| Some((number, run.note.as_ref()?)));
    let last = next.last().map_or(Timestamp(0), |run| run.at);
    let (text, role) = if let Some((number, note)) = touched {
        (format!("! Run {number}: {note}"), Role::Warn)
    } else {
        match rule.clocks_change_after(last).filter(|_| !next.is_empty()) {
            Some((day, true)) => (format!(" Clocks go forward on {day}."), Role::Dim),
            Some((day, false)) => (format!(" Clocks go back on {day}."), Role::Dim),
            None => return Vec::new(),
        }
    };
    wrap(&text, width).into_iter().map(|line| (line, role)).collect()
}

/// The next runs in one line.
pub(super) fn one_line(rule: &Rule, next: &[Occurrence]) -> String {
    let runs: Vec<_> = next
        .iter()
        .take(3)
        .map(|run| {
            format!("{}{}", shown(rule.zone(), run.at, "%a %m-%d %H:%M"), if run.note.is_some() { "!" } else { "" })
        })
        .collect();
    format!("Next  {}", runs.join(" · "))
}
