//! The action menu behind `a`.

use crate::console::overlay::sizing::MIN_TEXT_BOX_WIDTH;
use crate::console::overlay::{OverlayOutcome, sizing};
use crate::console::protocol::effect::Action;
use crate::console::protocol::key::Key;
use crate::console::view::hits::Hit;
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::Role;

/// Actions, with a cursor.
#[derive(Debug)]
pub struct ActionMenu {
    title: String,
    actions: Vec<Action>,
    cursor: usize,
}

impl ActionMenu {
    /// A menu with the cursor on the first action.
    pub fn new(title: String, actions: Vec<Action>) -> Self {
        Self { title, actions, cursor: 0 }
    }

    /// Puts the cursor on an action.
    pub fn focus(&mut self, number: usize) {
        self.cursor = number.min(self.actions.len().saturating_sub(1));
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> OverlayOutcome {
        match key {
            Key::Esc => return OverlayOutcome::Close,
            Key::Up => self.cursor = self.cursor.saturating_sub(1),
            Key::Down => self.cursor = (self.cursor + 1).min(self.actions.len().saturating_sub(1)),
            Key::Enter if self.actions.is_empty() => return OverlayOutcome::Close,
            Key::Enter => return self.choose(self.cursor),
            Key::Char(letter) => {
                let at = self.actions.iter().position(|action| action.key == *letter);
                return at.map_or(OverlayOutcome::Stay, |at| self.choose(at));
            }
            _ => {}
        }
        OverlayOutcome::Stay
    }

    fn choose(&mut self, at: usize) -> OverlayOutcome {
        match self.actions.get_mut(at).filter(|action| action.refused.is_none()) {
            Some(action) => OverlayOutcome::Perform(std::mem::take(&mut action.then)),
            None => OverlayOutcome::Stay,
        }
    }

    /// Draws it over the screen.
    pub fn draw(&self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let widest =
            self.actions.iter().map(|action| LABEL_AT + cells(&action.label) + GAP_CELLS + cells(remark(action))).max();
        let columns = sizing::columns(&self.title, widest.unwrap_or(0), MIN_TEXT_BOX_WIDTH, width.saturating_sub(8));
        let room = usize::from(columns.saturating_sub(4));
        let lines: Vec<_> = self.actions.iter().enumerate().flat_map(|(at, action)| lines(at, action, room)).collect();
        let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(height);
        let mut part = painter.part(6, 2.min(height - rows), columns, rows);
        let mut inside = part.boxed(&self.title);
        let last = lines.iter().rposition(|line| line.action == self.cursor).unwrap_or(0);
        let top = (last + 1).saturating_sub(usize::from(inside.height()).max(1));
        let right = inside.width().saturating_sub(1);
        let first = lines.iter().position(|line| line.action == self.cursor).unwrap_or(0);
        for (y, (at, line)) in (0..inside.height()).zip(lines.iter().enumerate().skip(top)) {
            let is_refused = self.actions[line.action].refused.is_some();
            inside.text(2, y, right, &line.label, if is_refused { Role::Dim } else { Role::Text });
            if at == first {
                inside.text(1, y, 1, "►", Role::Text);
            }
            inside.text_right(1, y, right.saturating_sub(1), &line.remark, Role::Dim);
            inside.hit((0, y), (right + 1, 1), Hit::Focus(line.action));
        }
    }
}

/// Cells before a label: the cursor's mark, the letter, two blanks.
const LABEL_AT: usize = 4;
/// Cells between a label and its remark.
const GAP_CELLS: usize = 2;

/// One row of the box.
struct Line {
    /// The number of the action.
    action: usize,
    label: String,
    remark: String,
}

/// Why it is refused, else its remark.
fn remark(action: &Action) -> &str {
    action.refused.as_deref().unwrap_or(&action.remark)
}

/// The rows of an action: its remark beside the label, or below it where there is no room.
fn lines(at: usize, action: &Action, room: usize) -> Vec<Line> {
    let line = |label: &str, remark: &str| Line { action: at, label: label.to_owned(), remark: remark.to_owned() };
    let (label, remark) = (format!("{}  {}", action.key, action.label), remark(action));
    if 1 + cells(&label) + GAP_CELLS + cells(remark) <= room {
        return vec![line(&label, remark)];
    }
    let labels = wrap(&label, room.saturating_sub(1));
    let remarks = wrap(remark, room.saturating_sub(LABEL_AT));
    labels.iter().map(|label| line(label, "")).chain(remarks.iter().map(|remark| line("", remark))).collect()
}
