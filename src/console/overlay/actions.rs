//! The action menu behind `a`.

use crate::console::overlay::OverlayOutcome;
use crate::console::protocol::effect::Action;
use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
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
        let rows = u16::try_from(self.actions.len()).unwrap_or(8) + 2;
        let mut part = painter.part(6, 2, width.saturating_sub(8).min(64), rows.min(height));
        let mut inside = part.boxed(&self.title);
        let cells = inside.width().saturating_sub(2);
        for (y, action) in (0..).zip(&self.actions) {
            let mark = if usize::from(y) == self.cursor { '►' } else { ' ' };
            let role = if action.refused.is_some() { Role::Dim } else { Role::Text };
            let used = 1 + inside.text(1, y, cells, &format!("{mark}{}  {}", action.key, action.label), role);
            let remark = action.refused.as_ref().unwrap_or(&action.remark);
            inside.right(used + 2, y, cells.saturating_sub(used + 2), remark, Role::Dim);
        }
    }
}
