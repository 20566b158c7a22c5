//! The next runs in the rule's and the operator's zones, with the effects of daylight saving
//! changes.

use crate::console::view::painter::{Painter, cells, cut, wrap};
use crate::console::view::theme::Role;
use crate::domain::Timestamp;
use crate::recurrence::{Occurrence, Rule, city, is_utc};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Columns of number, day, time and letters in the rule's zone, and a blank.
const RULE_ZONE_WIDTH: u16 = 29;
/// Columns of each other zone with its day.
const OTHER_ZONE_WIDTH: u16 = 17;

fn format_in(zone: Tz, at: Timestamp, format: &str) -> String {
    DateTime::<Utc>::from_timestamp_millis(at.0)
        .map_or_else(String::new, |at| at.with_timezone(&zone).format(format).to_string())
}

/// The zone's abbreviation at that instant; empty if the zone has only a numeric offset.
fn abbreviation(zone: Tz, at: Timestamp) -> String {
    Some(format_in(zone, at, "%Z"))
        .filter(|letters| letters.len() <= 4 && !letters.starts_with(['+', '-']))
        .unwrap_or_default()
}

/// Draws heading, runs and notes; the notes use the last two rows. Other zones are shown where they
/// fit: with their days, or the operator's time of day alone, or not at all.
pub(super) fn draw(painter: &mut Painter, rule: &Rule, next: &[Occurrence], home: Tz) {
    let (width, height) = (painter.width(), painter.height());
    let zone = rule.zone();
    let mut others = other_zones(zone, home);
    others.truncate(usize::from(width.saturating_sub(RULE_ZONE_WIDTH) / OTHER_ZONE_WIDTH));
    let only_time = others.is_empty()
        && zone != home
        && !(is_utc(zone) && is_utc(home))
        && (RULE_ZONE_WIDTH + 5..RULE_ZONE_WIDTH + OTHER_ZONE_WIDTH).contains(&width);
    let operator = if only_time { cut(&city(home), 10) } else { String::new() };
    let letter_cells = next.iter().map(|run| abbreviation(zone, run.at).len()).max().unwrap_or(0).max(3);
    // An abbreviation of four letters takes a column from the number.
    let number_cells = 6 - letter_cells;

    // The operator's city is wider than the time below it, so the rule's heading is cut.
    let room = (RULE_ZONE_WIDTH - 1).min(RULE_ZONE_WIDTH + 3 - u16::try_from(cells(&operator)).unwrap_or(0));
    painter.text_right(0, 0, room, &cut(&city(zone), usize::from(room)), Role::Dim);
    painter.text_right(0, 0, RULE_ZONE_WIDTH + 5, &operator, Role::Dim);
    for (at, other) in (RULE_ZONE_WIDTH + 2..).step_by(usize::from(OTHER_ZONE_WIDTH)).zip(&others) {
        painter.text_right(
            at,
            0,
            OTHER_ZONE_WIDTH - 2,
            &cut(&city(*other), usize::from(OTHER_ZONE_WIDTH - 2)),
            Role::Dim,
        );
    }
    for (y, (number, run)) in (1..height.saturating_sub(2)).zip((1..).zip(next)) {
        let (mark, role) = if run.note.is_some() { ('!', Role::Warn) } else { (' ', Role::Text) };
        let clock = format_in(zone, run.at, "%a %Y-%m-%d %H:%M");
        let text = format!("{number:>number_cells$} {clock}{mark}{}", abbreviation(zone, run.at));
        painter.text(0, y, width, &text, role);
        if only_time {
            painter.text(RULE_ZONE_WIDTH, y, 5, &format_in(home, run.at, "%H:%M"), Role::Text);
        }
        for (at, other) in (RULE_ZONE_WIDTH + 2..).step_by(usize::from(OTHER_ZONE_WIDTH)).zip(&others) {
            painter.text(at, y, OTHER_ZONE_WIDTH - 2, &format_in(*other, run.at, "%a %m-%d %H:%M"), Role::Text);
        }
    }
    for (y, (line, role)) in (height.saturating_sub(2)..height).zip(clock_change_lines(rule, next, usize::from(width)))
    {
        painter.text(0, y, width, &line, role);
    }
}

/// The operator's zone and UTC, without zones already shown.
fn other_zones(zone: Tz, home: Tz) -> Vec<Tz> {
    // UTC has several names.
    let same = |one: Tz, other: Tz| one == other || (is_utc(one) && is_utc(other));
    let mut others = vec![home, Tz::UTC];
    others.dedup_by(|one, other| same(*one, *other));
    others.retain(|other| !same(*other, zone));
    others
}

/// The first run affected by a clock change, or the next clock change.
fn clock_change_lines(rule: &Rule, next: &[Occurrence], width: usize) -> Vec<(String, Role)> {
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
            format!("{}{}", format_in(rule.zone(), run.at, "%a %m-%d %H:%M"), if run.note.is_some() { "!" } else { "" })
        })
        .collect();
    format!("Next  {}", runs.join(" · "))
}
