//! A line that is typed in the notice row.

use crate::console::overlay::OverlayOutcome;
use crate::console::protocol::effect::{Effect, Prompt, Typed};
use crate::console::protocol::key::Key;
use crate::console::protocol::time::Zone;
use crate::console::view::painter::{cells, cut};
use crate::console::widgets::input::TextInput;
use crate::domain::Timestamp;

/// The least cells of the text; the label is cut to make room for it.
const ROOM: usize = 24;

/// The line, and why it was refused.
#[derive(Debug)]
pub struct PromptLine {
    prompt: Prompt,
    input: TextInput,
    /// Why the line was refused.
    pub fault: Option<String>,
    /// Filters typed before, newest first, if the prompt recalls them.
    filters: Vec<String>,
    /// Which of them is shown, from 1; 0 is none.
    recalled: usize,
}

impl PromptLine {
    /// The line as the prompt begins it.
    pub fn new(prompt: Prompt, filters: &[String]) -> Self {
        let filters = if prompt.recalls_filters { filters.to_vec() } else { Vec::new() };
        let input = if prompt.recalls_filters { TextInput::selected } else { TextInput::with };
        Self { input: input(&prompt.text), prompt, fault: None, filters, recalled: 0 }
    }

    /// The same line with the reason why it was refused.
    pub fn refused(self, fault: String) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> OverlayOutcome {
        match key {
            Key::Enter => return OverlayOutcome::Typed,
            Key::Esc => return OverlayOutcome::Close,
            Key::Up | Key::Ctrl('p') if self.prompt.recalls_filters => {
                self.recall((self.recalled + 1).min(self.filters.len()));
            }
            Key::Down | Key::Ctrl('n') if self.prompt.recalls_filters => self.recall(self.recalled.saturating_sub(1)),
            key => {
                self.input.key(key);
                self.fault = None;
            }
        }
        OverlayOutcome::Stay
    }

    fn recall(&mut self, number: usize) {
        self.recalled = number;
        let filter = number.checked_sub(1).and_then(|at| self.filters.get(at));
        self.input = TextInput::with(filter.map_or("", String::as_str));
    }

    /// What entering the line does, or why it is refused.
    pub fn entered(&self, zone: Zone, now: Timestamp) -> Result<Vec<Effect>, String> {
        (self.prompt.then)(Typed { text: &self.input.text(), zone, now })
    }

    /// The text, if it is a filter to be recalled later.
    pub fn filter(&self) -> Option<String> {
        self.prompt.recalls_filters.then(|| self.input.text().trim().to_owned())
    }

    /// The label and the text, in `width` cells.
    pub fn notice(&self, width: usize) -> String {
        let needed = (cells(&self.input.text()) + 1).min(ROOM);
        let label = cut(self.prompt.label, width.saturating_sub(needed + 1));
        format!("{label} {}", self.input.shown(width.saturating_sub(cells(&label) + 1), true))
    }

    /// The first cell and the width of the selected text in [`PromptLine::notice`], if there is one.
    pub fn selection(&self, width: usize) -> Option<(usize, usize)> {
        let notice = cells(&self.notice(width));
        let text = cells(&self.input.text()).min(notice);
        // Before the cursor at the end of the line.
        self.input.is_selected().then(|| (notice.saturating_sub(text + 1), text))
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self) -> &'static str {
        if self.prompt.recalls_filters {
            " Enter apply  Up Down earlier filters  Esc cancel"
        } else {
            " Enter apply  Esc cancel"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_shows_the_cursor_and_stays_when_it_is_refused() {
        let prompt = Prompt {
            label: "Description of it:",
            text: "the one before".to_owned(),
            recalls_filters: false,
            then: Box::new(|_| Ok(Vec::new())),
        };
        let mut line = PromptLine::new(prompt, &[]);
        assert_eq!(line.notice(40), "Description of it: the one before█");
        for c in " was a good deal shorter".chars() {
            line.key(&Key::Char(c));
        }
        assert_eq!(line.notice(40), "Description of… was a good deal shorter█");
        let refused = line.refused("too long".to_owned());
        assert_eq!(
            (refused.notice(40).as_str(), refused.fault.as_deref()),
            ("Description of… was a good deal shorter█", Some("too long"))
        );
    }
}
