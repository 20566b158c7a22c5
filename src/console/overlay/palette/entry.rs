//! The lines of the palette and what they do.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::key_table::Command;

/// One line of the palette.
#[derive(Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its path in the menu, or what an action applies to.
    pub detail: String,
    /// Other words that find it, separated by `, `.
    pub synonyms: &'static str,
    /// Its short name and number, or its keys.
    pub key: String,
    /// Whether head office found it by the text, which its own words need not have.
    pub is_looked_up: bool,
    /// What choosing it does.
    pub then: PaletteAction,
}

impl Entry {
    /// An entry without detail, synonyms and key.
    pub fn new(name: impl Into<String>, effect: Effect) -> Self {
        let then = PaletteAction::Performs(vec![effect]);
        Self { name: name.into(), detail: String::new(), synonyms: "", key: String::new(), is_looked_up: false, then }
    }

    /// The entry with what it applies to, or where it is.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The entry with other words that find it.
    #[must_use]
    pub fn synonyms(self, synonyms: &'static str) -> Self {
        Self { synonyms, ..self }
    }

    /// The entry, found by head office.
    #[must_use]
    pub fn looked_up(self) -> Self {
        Self { is_looked_up: true, ..self }
    }

    /// Whether choosing it may change data, write a file or stop a run, if only after a question.
    pub fn may_change_data(&self) -> bool {
        match &self.then {
            PaletteAction::Does(command) => matches!(command, Command::Undo),
            PaletteAction::Performs(effects) => effects.iter().any(|effect| match effect {
                Effect::Confirm(_)
                | Effect::Prompt(_)
                | Effect::Mutation(_)
                | Effect::MutationThen(..)
                | Effect::Pick(_)
                | Effect::Start(_)
                | Effect::Ask(_)
                // The choice is saved.
                | Effect::Theme(_)
                | Effect::Export { .. }
                | Effect::CancelRun => true,
                Effect::Go(_)
                | Effect::Back
                | Effect::Say(_)
                | Effect::Copy(_)
                | Effect::Show { .. }
                | Effect::ShowExplanation { .. }
                | Effect::ShowRecord { .. }
                | Effect::Actions(..)
                | Effect::Columns(_)
                | Effect::Groups(_)
                | Effect::Screen(_)
                | Effect::Mouse(_)
                | Effect::Legend
                | Effect::LoadCurrent => false,
            }),
        }
    }

    /// The entry with its key.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: key.into(), ..self }
    }
}

/// What choosing an entry does.
#[derive(Debug)]
pub enum PaletteAction {
    /// Performs a command, as if its key had been pressed.
    Does(Command),
    /// Performs these effects.
    Performs(Vec<Effect>),
}
