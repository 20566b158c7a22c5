//! A month as a grid of weeks, with some days marked.

use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use chrono::{Datelike, NaiveDate};

/// Rows of the grid: a heading and six weeks.
pub const HEIGHT: u16 = 7;

/// Draws the month that contains `month`; marked days get a dot.
pub fn draw(painter: &mut Painter, x: u16, y: u16, month: NaiveDate, marked: impl Fn(NaiveDate) -> bool) {
    for (at, name) in (x..).step_by(4).zip(["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]) {
        painter.text(at, y, 2, name, Role::Dim);
    }
    let Some(first) = month.with_day(1) else { return };
    let skip = first.weekday().num_days_from_monday();
    for (place, day) in (skip..).zip(first.iter_days().take_while(|day| day.month() == first.month())) {
        let [column, row] = [place % 7, place / 7].map(|place| u16::try_from(place).unwrap_or(0));
        let (mark, role) = if marked(day) { ("•", Role::Title) } else { ("", Role::Text) };
        painter.text(x + column * 4, y + 1 + row, 4, &format!("{:>2}{mark}", day.day()), role);
    }
}
