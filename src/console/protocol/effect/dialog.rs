//! Dialogs as plain values. Each carries in `then` what it does.

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::groups::{GroupCount, GroupQuery};
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::time::Zone;
use crate::domain::Timestamp;
use crate::filter::{self, Fault, FieldSet};
use std::fmt;

/// One line of an action menu.
#[derive(Debug)]
pub struct Action {
    /// The letter that chooses it.
    pub key: char,
    /// What it does.
    pub label: String,
    /// How many rows it applies to, or that it changes nothing.
    pub remark: String,
    /// Why it cannot be done now.
    pub refused: Option<String>,
    /// What choosing it does.
    pub then: Vec<Effect>,
}

impl Action {
    /// An action that is allowed and needs no remark.
    pub fn new(key: char, label: impl Into<String>, then: Vec<Effect>) -> Self {
        Self { key, label: label.into(), remark: String::new(), refused: None, then }
    }

    /// An action that only copies a text.
    pub fn copy(key: char, label: &'static str, text: String) -> Self {
        Self::new(key, label, vec![Effect::Copy(text)]).remark("changes nothing")
    }

    /// The action with a remark.
    #[must_use]
    pub fn remark(self, remark: impl Into<String>) -> Self {
        Self { remark: remark.into(), ..self }
    }

    /// The action with the reason why it is refused; with `None` it is allowed.
    #[must_use]
    pub fn refused(self, refused: Option<String>) -> Self {
        Self { refused, ..self }
    }
}

/// A question before a change.
#[derive(Debug)]
pub struct Confirm {
    /// The box's title.
    pub title: String,
    /// What will happen, line by line.
    pub lines: Vec<String>,
    /// What must be typed: `y` counts at once, anything longer needs Enter.
    pub word: String,
    /// What confirming it does.
    pub then: Vec<Effect>,
}

/// What a form with changes asks before it is left, in the notice row.
pub const DISCARD_OR_STAY: &str = "Discard the changes? y = yes, any other key = no";

impl Confirm {
    /// The question before a form with changes is left.
    pub fn discard(then: Vec<Effect>) -> Effect {
        Self::yes("Discard the changes?", "What was filled in is not saved.", then)
    }

    /// A question that `y` confirms.
    pub fn yes(title: impl Into<String>, line: impl Into<String>, then: Vec<Effect>) -> Effect {
        Self::typed("y", title, line, then)
    }

    /// A question that typing `word` confirms.
    pub fn typed(
        word: impl Into<String>,
        title: impl Into<String>,
        line: impl Into<String>,
        then: Vec<Effect>,
    ) -> Effect {
        Effect::Confirm(Self { title: title.into(), lines: vec![line.into()], word: word.into(), then })
    }

    /// A question before a change of the marked rows or another number of them: `y` confirms that
    /// of one row, the number that of more.
    pub fn of_rows(rows: i64, title: impl Into<String>, line: impl Into<String>, change: Mutation) -> Effect {
        let word = if rows == 1 { "y".to_owned() } else { rows.to_string() };
        Self::typed(word, title, line, vec![Effect::Mutation(change), Effect::Screen(ScreenChange::ClearMarks)])
    }
}

/// Turns the number of the picked item into an effect.
pub type OnPick = dyn Fn(usize) -> Effect;
/// Turns a line that was entered into effects, or says why it is refused.
pub type OnEnter = dyn Fn(Typed) -> Result<Vec<Effect>, String>;
/// Turns a typed filter into a change of the list, or says which word is not understood.
pub type OnFilter = dyn Fn(Typed) -> Result<ScreenChange, Fault>;

/// A list to pick from.
pub struct Pick {
    /// The box's title.
    pub title: &'static str,
    /// The items, and whether each is the present choice.
    pub items: Vec<(String, bool)>,
    /// What is said of some of the items, below them; may be empty.
    pub remark: &'static str,
    /// What picking the item with this number does.
    pub then: Box<OnPick>,
}

impl Pick {
    /// Offers items of which one is picked.
    pub fn one(title: &'static str, items: Vec<(String, bool)>, then: impl Fn(usize) -> Effect + 'static) -> Effect {
        Self::remarked(title, items, "", then)
    }

    /// The same, with a remark below the items.
    pub fn remarked(
        title: &'static str,
        items: Vec<(String, bool)>,
        remark: &'static str,
        then: impl Fn(usize) -> Effect + 'static,
    ) -> Effect {
        Effect::Pick(Self { title, items, remark, then: Box::new(then) })
    }

    /// Offers the orders of a list.
    pub fn sort(items: Vec<(String, bool)>) -> Effect {
        Self::one("Sort by", items, |line| Effect::Screen(ScreenChange::Sort(line)))
    }
}

/// A line that the operator typed, and the context to read it in.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// As it was typed, not trimmed.
    pub text: &'a str,
    /// The zone of times in it.
    pub zone: Zone,
    /// The present instant.
    pub now: Timestamp,
}

/// Rows up to which a list follows each key of its filter without a delay that could be felt.
const FILTERED_AT_ONCE_ROWS: usize = 5_000;

/// A line to be typed.
pub struct Prompt {
    /// What the line is for.
    pub label: &'static str,
    /// The text it begins with.
    pub text: String,
    /// What it does.
    pub then: PromptThen,
}

/// What a typed line does.
pub enum PromptThen {
    /// Entering it does this.
    Enter(Box<OnEnter>),
    /// The list follows the filter while it is typed.
    Filter(FilterPrompt),
}

/// A filter to be typed.
pub struct FilterPrompt {
    /// The fields of the list.
    pub fields: &'static FieldSet,
    /// Whether the list holds all its rows and follows each key at once; others follow when the
    /// keys rest.
    pub at_once: bool,
    /// The change of the list.
    pub change: Box<OnFilter>,
}

impl Prompt {
    /// Asks for a line.
    pub fn line(
        label: &'static str,
        text: impl Into<String>,
        then: impl Fn(Typed) -> Result<Vec<Effect>, String> + 'static,
    ) -> Effect {
        Effect::Prompt(Self { label, text: text.into(), then: PromptThen::Enter(Box::new(then)) })
    }

    /// Asks for the filter of a list that reads the database.
    pub fn filter(
        text: &str,
        fields: &'static FieldSet,
        change: impl Fn(Typed) -> Result<ScreenChange, Fault> + 'static,
    ) -> Effect {
        let filter = FilterPrompt { fields, at_once: false, change: Box::new(change) };
        Effect::Prompt(Self { label: "/", text: text.to_owned(), then: PromptThen::Filter(filter) })
    }

    /// Asks for the filter of a list that holds all its rows; a short list follows while it is
    /// typed.
    pub fn rows(text: &str, fields: &'static FieldSet, rows: usize) -> Effect {
        let change =
            move |typed: Typed| Ok(ScreenChange::FilterRows(filter::parse(typed.text, fields, typed.zone, typed.now)?));
        let filter = FilterPrompt { fields, at_once: rows <= FILTERED_AT_ONCE_ROWS, change: Box::new(change) };
        Effect::Prompt(Self { label: "/", text: text.to_owned(), then: PromptThen::Filter(filter) })
    }

    /// Asks for the name of the file that rows are written to.
    pub fn export(name: String, source: impl Fn() -> ExportSource + 'static) -> Effect {
        Self::line("Export to (.csv or .jsonl):", name, move |typed| {
            Ok(vec![Effect::Export { source: source(), name: typed.text.trim().to_owned(), overwrite: false }])
        })
    }

    /// Asks for the instant to go to in a list.
    pub fn instant() -> Effect {
        Self::line("Go to (14:30, 2026-11-23, 2h):", "", |typed| {
            let at = typed.zone.parse(typed.text, typed.now);
            let at = at.ok_or("invalid time; try 14:30, 2026-11-23, 2026-11-23 14:30 or 2h")?;
            Ok(vec![Effect::Screen(ScreenChange::GoTo(at))])
        })
    }
}

/// The rows that are counted.
#[derive(Debug, Clone)]
pub enum GroupSource {
    /// Rows in memory, counted already.
    Counted(Vec<GroupCount>),
    /// Rows of a long list.
    Query(GroupQuery),
}

/// A list counted by a field.
pub struct Groups {
    /// The name of the list.
    pub list: &'static str,
    /// The field by which rows are counted.
    pub by: &'static str,
    /// The filter of the list.
    pub typed: String,
    /// What is counted.
    pub source: GroupSource,
    /// The list's filter, which takes the value that is picked.
    pub filter: FilterPrompt,
}

/// The source of the counts for each of several fields, by the field's name.
pub type SourceOf = Vec<(&'static str, GroupSource)>;

impl Groups {
    /// Offers the fields to count a list by. `prompt` asks for the filter of the list, and takes
    /// the one of a group.
    pub fn pick(list: &'static str, sources: SourceOf, prompt: impl Fn() -> Effect + 'static) -> Effect {
        let items = sources.iter().map(|(by, _)| ((*by).to_owned(), false)).collect();
        Pick::one("Count the list by", items, move |line| match (sources.get(line), prompt()) {
            (Some((by, source)), Effect::Prompt(Prompt { text, then: PromptThen::Filter(filter), .. })) => {
                Effect::Groups(Self { list, by, typed: text, source: source.clone(), filter })
            }
            _ => Effect::Say("nothing to count".to_owned()),
        })
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Groups").field("list", &self.list).field("by", &self.by).finish_non_exhaustive()
    }
}

impl fmt::Debug for Pick {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pick").field("title", &self.title).finish_non_exhaustive()
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Prompt").field("label", &self.label).finish_non_exhaustive()
    }
}
