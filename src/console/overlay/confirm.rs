//! The question before a change.

use crate::console::overlay::sizing::MIN_TEXT_BOX_WIDTH;
use crate::console::overlay::{OverlayOutcome, sizing};
use crate::console::protocol::effect::Confirm;
use crate::console::protocol::key::Key;
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::Role;
use crate::console::widgets::input::TextInput;

/// How a question is answered that `y` confirms.
pub const YES_OR_NO: &str = "y = yes, any other key = no";

/// The most cells of a line that is not wrapped: questions are read, not searched.
const MAX_QUESTION_CELLS: usize = 72;

/// Cells of a typed answer.
const ANSWER_CELLS: usize = 20;

/// A confirmation dialog and its input.
#[derive(Debug)]
pub struct ConfirmBox {
    confirm: Confirm,
    input: TextInput,
    fault: Option<String>,
}

impl ConfirmBox {
    /// The question, with nothing typed.
    pub fn new(confirm: Confirm) -> Self {
        Self { confirm, input: TextInput::default(), fault: None }
    }

    fn is_yes_or_no(&self) -> bool {
        self.confirm.word == "y"
    }

    fn confirmed(&mut self) -> OverlayOutcome {
        OverlayOutcome::Perform(std::mem::take(&mut self.confirm.then))
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> OverlayOutcome {
        match key {
            Key::Char('y') if self.is_yes_or_no() => return self.confirmed(),
            _ if self.is_yes_or_no() => return OverlayOutcome::Close,
            Key::Esc => return OverlayOutcome::Close,
            Key::Enter if self.input.text().trim() == self.confirm.word => return self.confirmed(),
            Key::Enter => {
                let (typed, word) = (std::mem::take(&mut self.input).text(), &self.confirm.word);
                let typed = typed.trim();
                self.fault = Some(format!("\"{typed}\" is not {word}; nothing was changed. Type it again, or Esc."));
            }
            key => {
                self.input.key(key);
                self.fault = None;
            }
        }
        OverlayOutcome::Stay
    }

    /// The sentence of the notice row.
    pub fn notice(&self) -> String {
        match &self.fault {
            Some(fault) => fault.clone(),
            None => "Nothing has been changed yet.".to_owned(),
        }
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self) -> String {
        if self.is_yes_or_no() {
            " y yes  any other key no".to_owned()
        } else {
            format!(" type {}, then Enter  Esc cancel", self.confirm.word)
        }
    }

    /// Draws it over the screen.
    pub fn draw(&self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let title = &self.confirm.title;
        let widest = self.confirm.lines.iter().map(|line| cells(line)).max().unwrap_or(0);
        let width = sizing::columns(title, widest.min(MAX_QUESTION_CELLS), MIN_TEXT_BOX_WIDTH, width.saturating_sub(6));
        let room = usize::from(width.saturating_sub(4));
        // A title that is cut in the edge is written whole in the box.
        let whole = (cells(title) + 6 > usize::from(width)).then_some(title);
        let lines: Vec<_> = whole.into_iter().chain(&self.confirm.lines).flat_map(|line| wrap(line, room)).collect();
        let rows = (u16::try_from(lines.len()).unwrap_or(8) + 5).min(height);
        let mut part = painter.part(3, 1.min(height - rows), width, rows);
        let mut inside = part.boxed(title);
        for (y, line) in (1..rows.saturating_sub(4)).zip(&lines) {
            inside.text(1, y, width, line, Role::Text);
        }
        let answer = if self.is_yes_or_no() {
            YES_OR_NO.to_owned()
        } else {
            format!("Type {} and Enter: ►[{:<10}]◄", self.confirm.word, self.input.visible(ANSWER_CELLS, false))
        };
        inside.text(1, rows.saturating_sub(3), width, &answer, Role::Title);
    }
}
