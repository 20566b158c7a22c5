//! Tab in the line of a filter: one candidate completes, several extend the text to what they have
//! in common and are walked through.

use crate::console::protocol::query::KnownNames;
use crate::console::widgets::input::TextInput;
use crate::filter::complete::{Completed, beginning, common, complete, name};
use crate::filter::{FieldSet, Names};
use crate::text::{cells, cut};

/// The most cells of what is shown instead of a candidate.
const MAX_LABEL_CELLS: usize = 36;

/// What Tab offers, until another key is pressed.
#[derive(Debug, Default)]
pub struct Completing {
    /// The first byte of what is completed.
    start: usize,
    /// The candidates as they are inserted.
    candidates: Vec<String>,
    /// What is shown instead of each candidate; empty if the candidates are shown.
    labels: Vec<String>,
    /// Whether there are more than those.
    has_more: bool,
    /// The one in the line.
    chosen: Option<usize>,
    /// The names that were asked for, and the text before the cursor then.
    asked: Option<(Names, String, String)>,
    /// Why nothing is completed.
    remark: String,
}

impl Completing {
    /// Completes the word before the cursor; on an empty line, one of the earlier filters.
    pub fn begin(input: &mut TextInput, fields: &FieldSet, filters: &[String]) -> Self {
        if input.text().trim().is_empty() {
            let mut earlier = Self { candidates: filters.to_vec(), ..Self::default() };
            if filters.is_empty() {
                earlier.candidates = words(fields, "");
            }
            earlier.offer(input, "");
            return earlier;
        }
        let (before, _) = input.halves();
        let completion = complete(&before, fields);
        let mut completing = Self { start: completion.start, ..Self::default() };
        match completion.to {
            Completed::Words(words) => {
                let shared = common(words.iter().map(String::as_str)).to_owned();
                completing.candidates = words;
                completing.offer(input, &shared);
            }
            Completed::Names(names, typed) => completing.asked = Some((names, typed, before)),
        }
        completing
    }

    /// The names to ask head office for.
    pub fn lookup(&self) -> Option<(Names, String)> {
        self.asked.as_ref().map(|(names, typed, _)| (*names, typed.clone()))
    }

    /// Takes the names that head office knows; false if they are not wanted any more.
    pub fn take(&mut self, input: &mut TextInput, names: Names, typed: &str, known: &KnownNames) -> bool {
        let is_wanted = |(of, text, before): &(Names, String, String)| {
            (*of, text.as_str()) == (names, typed) && *before == input.halves().0
        };
        if !self.asked.take().is_some_and(|asked| is_wanted(&asked)) {
            return false;
        }
        self.candidates = known.names.iter().map(|known| name(known)).collect();
        self.labels = known.labels.iter().map(|label| cut(label, MAX_LABEL_CELLS)).collect();
        self.has_more = known.has_more;
        let is_longer = known.common.chars().count() > typed.chars().count();
        let shared = if is_longer { beginning(&known.common) } else { String::new() };
        self.offer(input, &shared);
        true
    }

    /// Completes to the only candidate, or to what several have in common.
    fn offer(&mut self, input: &mut TextInput, shared: &str) {
        let before = input.halves().0;
        let written = before.get(self.start..).unwrap_or_default();
        let typed = written.chars().count();
        // Where it was found inside of words, what these have in common does not continue it.
        let plain = |text: &str| text.trim_start_matches('"').to_lowercase();
        let continues = plain(shared).starts_with(&plain(written));
        match self.candidates.as_slice() {
            [] => "nothing known has this in it".clone_into(&mut self.remark),
            [only] => {
                input.replace_before(self.start, only);
                // What the name stands for.
                self.remark = self.labels.first().cloned().unwrap_or_default();
                self.candidates.clear();
            }
            _ if continues && shared.chars().count() > typed => input.replace_before(self.start, shared),
            _ => {}
        }
    }

    /// Puts the next candidate into the line, or the one before; false if there are none.
    pub fn cycle(&mut self, input: &mut TextInput, forward: bool) -> bool {
        let count = self.candidates.len();
        if count == 0 {
            return false;
        }
        let next = match (self.chosen, forward) {
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
            (None, true) => 0,
            (None, false) => count - 1,
        };
        self.chosen = Some(next);
        input.replace_before(self.start, &self.candidates[next]);
        true
    }

    /// The candidates that fit into a width from the one in the line on, and whether each is that
    /// one; or why there are none.
    pub fn visible(&self, width: usize) -> Vec<(String, bool)> {
        if self.candidates.is_empty() {
            return if self.remark.is_empty() { Vec::new() } else { vec![(self.remark.clone(), false)] };
        }
        let texts = if self.labels.is_empty() { &self.candidates } else { &self.labels };
        let chosen = self.chosen.unwrap_or(0);
        let length = |from: usize| texts[from..=chosen].iter().map(|text| cells(text) + 2).sum::<usize>();
        let first = (0..=chosen).find(|from| length(*from) + 2 <= width).unwrap_or(chosen);
        let mut room = width.saturating_sub(2);
        let mut shown = Vec::new();
        for (at, text) in texts.iter().enumerate().skip(first) {
            if cells(text) > room && !shown.is_empty() {
                shown.push(("…".to_owned(), false));
                return shown;
            }
            room = room.saturating_sub(cells(text) + 2);
            shown.push((text.clone(), self.chosen == Some(at)));
        }
        shown.extend(self.has_more.then(|| ("…".to_owned(), false)));
        shown
    }
}

fn words(fields: &FieldSet, before: &str) -> Vec<String> {
    match complete(before, fields).to {
        Completed::Words(words) => words,
        Completed::Names(..) => Vec::new(),
    }
}
