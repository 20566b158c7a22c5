//! The pane of a list: details of the row under the cursor. They follow the cursor after a
//! debounce, so that moving through a list stays cheap.

use crate::console::protocol::query::Place;
use crate::console::screens::screen::DEBOUNCE;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::pane::{self, PaneWindow, WrappedLines};
use crate::console::view::theme::{Role, Surface};
use crate::domain::Timestamp;
use crate::filter::Highlights;

/// Milliseconds after the last key for which the pane keeps its old content while an answer loads.
const KEEP_OLD_MS: i64 = 600;

/// The title again, as a line of a pane whose rule is too narrow for it.
pub fn whole_title(title: &str, width: usize) -> Option<(String, Role)> {
    (cells(title) + RULE_CELLS > width).then(|| (title.to_owned(), Role::Title))
}

/// Cells of a rule that a title leaves free, also for a mark.
const RULE_CELLS: usize = 14;

/// The content of the pane, and the row that it is about.
#[derive(Default)]
pub struct Detail {
    place: Option<Place>,
    moved_at: Option<Timestamp>,
    title: String,
    lines: WrappedLines,
}

impl Detail {
    /// Restarts the debounce: a key was pressed.
    pub fn moved(&mut self, view: &ViewContext) {
        self.moved_at = Some(view.now);
    }

    /// Shows the row at `place` once the cursor has rested for `DEBOUNCE`; `describe` returns title
    /// and lines. Returns whether it is another row than before.
    pub fn follow(
        &mut self,
        place: Option<Place>,
        width: usize,
        view: &ViewContext,
        describe: impl FnOnce() -> (String, Vec<(String, Role)>),
    ) -> bool {
        let rested =
            |at: Timestamp| view.now < at || i128::from(view.now.since(at)) >= DEBOUNCE.as_millis().cast_signed();
        if place != self.place && self.place.is_some() && !self.moved_at.is_none_or(rested) {
            return false;
        }
        let is_other = std::mem::replace(&mut self.place, place) != place;
        let (title, facts) = describe();
        self.lines.wrap(facts, width);
        self.title = title;
        is_other
    }

    /// Whether the pane keeps its old content while the details of the row at `place` are loading.
    pub fn waits(&self, place: Option<Place>, view: &ViewContext) -> bool {
        let soon = |at: Timestamp| (0..KEEP_OLD_MS).contains(&view.now.since(at));
        place != self.place && self.place.is_some() && self.moved_at.is_some_and(soon)
    }

    /// Returns the nearest line after `from` (before it, unless `forward`) that contains `text`,
    /// ignoring case. Without `from`, searches from the first line.
    pub fn find(&self, text: &str, from: Option<usize>, forward: bool) -> Option<usize> {
        let text = text.to_lowercase();
        let hit = |(_, (line, _)): &(usize, &(String, Role))| line.to_lowercase().contains(&text);
        let lines = self.lines.lines().iter().enumerate();
        let found = match (forward, from) {
            (true, None) => lines.into_iter().find(hit),
            (true, Some(from)) => lines.skip(from + 1).find(hit),
            (false, from) => lines.take(from.unwrap_or(0)).rev().find(hit),
        };
        found.map(|(at, _)| at)
    }

    /// Draws the pane, scrolled by `top`, with what a filter matches and the line `hit`
    /// highlighted.
    pub fn draw(
        &self,
        painter: &mut Painter,
        top: &mut usize,
        focused: bool,
        (highlights, hit): (&Highlights, Option<usize>),
        view: &ViewContext,
    ) {
        let lines = self.lines.lines();
        let mark = PaneWindow::new(painter, lines.len(), top).mark(
            &self.title,
            painter.width(),
            pane::key_to(view, focused).as_deref(),
        );
        painter.list_rule(0, &self.title, "", &mark, focused);
        for (y, (text, role)) in (1..painter.height()).zip(lines.iter().skip(*top)) {
            let used = painter.text(1, y, painter.width(), text, *role);
            painter.matches(1, y, text, &highlights.in_line(text));
            if hit == Some(usize::from(y) - 1 + *top) {
                painter.cover(1, y, used, Surface::Cursor);
            }
        }
    }
}
