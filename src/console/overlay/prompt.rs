//! A line that is typed in the notice row.

mod completing;

use crate::console::overlay::OverlayOutcome;
use crate::console::protocol::effect::{Effect, Prompt, PromptThen, ScreenChange, Typed};
use crate::console::protocol::key::Key;
use crate::console::protocol::query::KnownNames;
use crate::console::protocol::time::Zone;
use crate::console::view::painter::{cells, cut};
use crate::console::widgets::input::TextInput;
use crate::domain::Timestamp;
use crate::filter::{self, Fault, FieldSet, Names};
use completing::Completing;

/// The least cells of the text; the label is cut to make room for it.
const MIN_TEXT_CELLS: usize = 24;

/// Letters from which on the beginning of a field's name is not taken for a word.
const LEAST_OF_NAME: usize = 3;

/// The line, and why it was refused.
#[derive(Debug)]
pub struct PromptLine {
    prompt: Prompt,
    input: TextInput,
    /// Why the line was refused.
    refusal: Option<String>,
    /// The word of a filter that is not understood.
    unknown: Option<Fault>,
    /// Whether the keys have rested since the last change.
    rested: bool,
    /// What Tab offers.
    completing: Option<Completing>,
    /// The filter that the list shows or was asked to show, as it was typed.
    followed: String,
    /// Filters typed before, newest first, if the prompt recalls them.
    filters: Vec<String>,
    /// Which of them is shown, from 1; 0 is none.
    recalled: usize,
}

impl PromptLine {
    /// The line as the prompt begins it.
    pub fn new(prompt: Prompt, filters: &[String]) -> Self {
        let is_filter = matches!(prompt.then, PromptThen::Filter(_));
        let input = if is_filter { TextInput::selected } else { TextInput::with };
        Self {
            input: input(&prompt.text),
            refusal: None,
            unknown: None,
            rested: false,
            completing: None,
            followed: prompt.text.clone(),
            filters: readable(&prompt, filters),
            recalled: 0,
            prompt,
        }
    }

    /// Whether the line is a filter.
    pub fn is_filter(&self) -> bool {
        matches!(self.prompt.then, PromptThen::Filter(_))
    }

    /// Returns the prompt with its line unchanged and the reason why it was refused.
    pub fn refused(self, refusal: String) -> Self {
        Self { refusal: Some(refusal), ..self }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> OverlayOutcome {
        self.rested = false;
        match key {
            Key::Enter => return OverlayOutcome::Typed,
            Key::Esc => return OverlayOutcome::Close,
            Key::Up | Key::Ctrl('p') if self.is_filter() => {
                self.recall((self.recalled + 1).min(self.filters.len()));
            }
            Key::Down | Key::Ctrl('n') if self.is_filter() => self.recall(self.recalled.saturating_sub(1)),
            Key::Tab | Key::BackTab if self.is_filter() => {
                self.complete(*key == Key::Tab);
                self.refusal = None;
                return OverlayOutcome::Stay;
            }
            key => {
                self.input.key(key);
            }
        }
        (self.refusal, self.completing) = (None, None);
        OverlayOutcome::Stay
    }

    /// Completes the word before the cursor, or walks through the candidates.
    fn complete(&mut self, forward: bool) {
        let PromptThen::Filter(filter) = &self.prompt.then else { return };
        let walks = self.completing.as_mut().is_some_and(|completing| completing.cycle(&mut self.input, forward));
        if !walks && forward {
            // It ends the selection and keeps the text.
            self.input.key(&Key::Tab);
            self.completing = Some(Completing::begin(&mut self.input, filter.fields, &self.filters));
        }
    }

    /// The names to ask head office for, to complete the line.
    pub fn lookup(&self) -> Option<(Names, String)> {
        self.completing.as_ref()?.lookup()
    }

    /// Takes the names that head office knows; false if they are not wanted any more.
    pub fn take_names(&mut self, names: Names, typed: &str, known: &KnownNames) -> bool {
        self.completing.as_mut().is_some_and(|completing| completing.take(&mut self.input, names, typed, known))
    }

    /// What Tab offers, in `width` cells: the candidates, and whether each is in the line.
    pub fn candidates(&self, width: usize) -> Vec<(String, bool)> {
        self.completing.as_ref().map_or_else(Vec::new, |completing| completing.visible(width))
    }

    fn recall(&mut self, number: usize) {
        self.recalled = number;
        let filter = number.checked_sub(1).and_then(|at| self.filters.get(at));
        self.input = TextInput::with(filter.map_or("", String::as_str));
    }

    /// What entering the line does, or why it is refused.
    pub fn entered(&self, zone: Zone, now: Timestamp) -> Result<Vec<Effect>, String> {
        let typed = Typed { text: &self.input.text(), zone, now };
        match &self.prompt.then {
            PromptThen::Enter(then) => then(typed),
            PromptThen::Filter(filter) => Ok(vec![Effect::Screen((filter.change)(typed)?)]),
        }
    }

    /// The change of the list that follows the filter: at once if the list holds its rows, else
    /// when the keys have rested. `None` if the list follows already, or a word is not understood.
    pub fn preview(&mut self, debounced: bool, zone: Zone, now: Timestamp) -> Option<ScreenChange> {
        self.rested |= debounced;
        let PromptThen::Filter(filter) = &self.prompt.then else { return None };
        let mut text = self.input.text();
        let mut change = (filter.change)(Typed { text: &text, zone, now });
        self.unknown = change.as_ref().err().cloned();
        if let Some(end) = self.unfinished(&text, filter.fields) {
            text.truncate(end);
            if text.trim().is_empty() {
                // Nothing of the line is understood yet, so the former filter applies.
                text.clone_from(&self.prompt.text);
            }
            change = (filter.change)(Typed { text: &text, zone, now });
        }
        let follows = (filter.at_once || debounced) && text.trim() != self.followed.trim();
        let change = change.ok().filter(|_| follows)?;
        self.followed = text;
        Some(change)
    }

    /// Where the term before the cursor begins, if it is not finished: a value that is not known
    /// yet, or the name of a field without its value. The list does not follow it.
    fn unfinished(&self, text: &str, fields: &FieldSet) -> Option<usize> {
        if self.input.halves().0.len() != text.len() {
            return None;
        }
        let start = text.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        let word = text[start..].trim_start_matches(['!', '-']);
        let names = |field: &filter::Field| word.len() >= LEAST_OF_NAME && field.name.starts_with(word);
        match &self.unknown {
            Some(fault) => (fault.at.end == text.trim_end().len()).then_some(fault.at.start.min(start)),
            None => fields.fields.iter().any(names).then_some(start),
        }
    }

    /// The text, if it is a filter to be recalled later.
    pub fn filter(&self) -> Option<String> {
        self.is_filter().then(|| self.input.text().trim().to_owned())
    }

    /// Why the line was refused, or why a word is not understood once the cursor has left it or the
    /// keys have rested; and whether it was refused.
    pub fn fault(&self) -> Option<(&str, bool)> {
        let ((before, after), length) = (self.input.halves(), self.input.text().len());
        // The word under the cursor, of which the fault may be a part.
        let start = before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        let end = length - after.len() + after.find(char::is_whitespace).unwrap_or(after.len());
        let awaits_value = before.ends_with([':', '<', '>', '=', ',']);
        let is_left = |fault: &&Fault| fault.at.end <= start || end <= fault.at.start;
        let left = self.unknown.as_ref().filter(|fault| is_left(fault) || self.rested && !awaits_value);
        let refusal = self.refusal.as_deref().map(|text| (text, true));
        refusal.or_else(|| left.map(|fault| (fault.text.as_str(), false)))
    }

    fn label(&self, width: usize) -> String {
        let needed = (cells(&self.input.text()) + 1).min(MIN_TEXT_CELLS);
        cut(self.prompt.label, width.saturating_sub(needed + 1))
    }

    /// The label and the text, in `width` cells.
    pub fn notice(&self, width: usize) -> String {
        let label = self.label(width);
        format!("{label} {}", self.input.visible(width.saturating_sub(cells(&label) + 1), true))
    }

    /// The first cell and the width of the selected text in [`PromptLine::notice`], if there is
    /// one.
    pub fn selection(&self, width: usize) -> Option<(usize, usize)> {
        let notice = cells(&self.notice(width));
        let text = cells(&self.input.text()).min(notice);
        // Before the cursor at the end of the line.
        self.input.is_selected().then(|| (notice.saturating_sub(text + 1), text))
    }

    /// The first cell and the width in [`PromptLine::notice`] of a word that is not understood.
    pub fn unknown_word(&self, width: usize) -> Option<(usize, usize)> {
        let before = cells(&self.label(width)) + 1;
        let (at, cells) = self.input.span(&self.unknown.as_ref()?.at, width.saturating_sub(before))?;
        Some((before + at, cells))
    }

    /// Its keys, for the hint bar; or what the word before the cursor means.
    pub fn hints(&self) -> String {
        let PromptThen::Filter(filter) = &self.prompt.then else { return " Enter apply  Esc cancel".to_owned() };
        filter::hint(&self.input.halves().0, filter.fields).map_or_else(
            || " Enter apply  Tab complete  Up Down earlier  Esc cancel".to_owned(),
            |hint| format!(" {hint}  Enter apply  Esc cancel"),
        )
    }
}

/// The filters typed before that this list can read, if the prompt is that of a filter.
fn readable(prompt: &Prompt, filters: &[String]) -> Vec<String> {
    let PromptThen::Filter(filter) = &prompt.then else { return Vec::new() };
    let can_read = |typed: &&String| filter::parse(typed, filter.fields, Zone::Utc, Timestamp(0)).is_ok();
    filters.iter().filter(can_read).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_shows_the_cursor_and_stays_when_it_is_refused() {
        let prompt = Prompt {
            label: "Description of it:",
            text: "the one before".to_owned(),
            then: PromptThen::Enter(Box::new(|_| Ok(Vec::new()))),
        };
        let mut line = PromptLine::new(prompt, &[]);
        assert_eq!(line.notice(40), "Description of it: the one before█");
        for c in " was a good deal shorter".chars() {
            line.key(&Key::Char(c));
        }
        assert_eq!(line.notice(40), "Description of… was a good deal shorter█");
        let refused = line.refused("too long".to_owned());
        assert_eq!(
            (refused.notice(40).as_str(), refused.fault()),
            ("Description of… was a good deal shorter█", Some(("too long", true)))
        );
    }
}
