//! Check boxes for the seven days of the week, in one row under their names.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::field::{Field, LocalNow, between};
use crate::recurrence::{WEEK, Weekdays};

/// Columns of each day.
const WIDTH: u16 = 4;

/// The ticked days and the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WeekdayRow {
    /// The ticked days.
    pub days: Weekdays,
    cursor: usize,
}

impl WeekdayRow {
    /// Draws the names of the days.
    pub fn draw_names(painter: &mut Painter, x: u16, y: u16) {
        for (at, name) in (x + 1..).step_by(usize::from(WIDTH)).zip(["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]) {
            painter.text(at, y, WIDTH, name, Role::Dim);
        }
    }

    fn toggle(&mut self, index: usize) {
        if let Some(day) = WEEK.get(index) {
            self.cursor = index;
            self.days = self.days.toggled(*day);
        }
    }
}

impl Field for WeekdayRow {
    fn key(&mut self, key: &Key, _: &LocalNow) -> bool {
        match key {
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = (self.cursor + 1).min(WEEK.len() - 1),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = WEEK.len() - 1,
            Key::Char(' ') => self.toggle(self.cursor),
            Key::Char(digit @ '1'..='7') => self.toggle(*digit as usize - '1' as usize),
            // Pressing w again clears the working days.
            Key::Char('w') if self.days == Weekdays::WORKING => self.days = Weekdays::default(),
            Key::Char('w') => self.days = Weekdays::WORKING,
            _ => return false,
        }
        true
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let boxes = |day| if self.days.contains(day) { "[x]" } else { "[ ]" };
        let mut at = x;
        for day in WEEK {
            painter.text(at + 1, y, WIDTH, boxes(day), Role::Text);
            at += WIDTH;
        }
        if focused {
            let cursor = u16::try_from(self.cursor).unwrap_or(0);
            between(painter, x + cursor * WIDTH, y, true, boxes(WEEK[self.cursor]));
        }
        at - x + 1
    }
}
