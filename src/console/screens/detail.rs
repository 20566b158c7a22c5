//! The pane below a list: everything about the row under the cursor, once that has rested, so that walking a list stays cheap.

use super::super::painter::{Painter, wrap};
use super::super::query::Place;
use super::super::screen::{REST, View};
use super::super::theme::Role;
use crate::domain::Timestamp;

/// What the pane shows.
#[derive(Default)]
pub struct Detail {
    place: Option<Place>,
    moved_at: Option<Timestamp>,
    title: String,
    lines: Vec<(String, Role)>,
}

impl Detail {
    /// Notes that a key was pressed.
    pub fn moved(&mut self, view: &View) {
        self.moved_at = Some(view.now);
    }

    /// Brings the pane up to the row at `place`, if the cursor has rested there; `tell` gives title and lines.
    pub fn follow(
        &mut self,
        place: Option<Place>,
        width: usize,
        view: &View,
        tell: impl FnOnce() -> (String, Vec<(String, Role)>),
    ) {
        let rested = |at: Timestamp| view.now < at || i128::from(view.now.since(at)) >= REST.as_millis().cast_signed();
        if place != self.place && self.place.is_some() && !self.moved_at.is_none_or(rested) {
            return;
        }
        self.place = place;
        let (title, facts) = tell();
        self.title = title;
        let wrapped = |(text, role): (String, Role)| wrap(&text, width).into_iter().map(move |line| (line, role));
        self.lines = facts.into_iter().flat_map(wrapped).collect();
    }

    /// Draws it, scrolled by `top`.
    pub fn draw(&self, painter: &mut Painter, top: &mut usize, focused: bool) {
        painter.rule(0, &self.title, "", focused);
        let height = usize::from(painter.height().saturating_sub(1));
        *top = (*top).min(self.lines.len().saturating_sub(height));
        for (y, (text, role)) in (1..painter.height()).zip(self.lines.iter().skip(*top)) {
            painter.text(1, y, painter.width(), text, *role);
        }
    }
}
