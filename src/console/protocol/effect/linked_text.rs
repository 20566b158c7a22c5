//! A text whose lines lead somewhere.

use crate::console::protocol::effect::Effect;

/// How a line looks; its words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)] // named after what they are for
pub enum Tone {
    #[default]
    Plain,
    Dim,
    Title,
    Good,
    Warn,
    Bad,
}

/// One line, wrapped where it is drawn.
#[derive(Debug)]
pub struct LinkedLine {
    /// Without the mark that shows whether it leads somewhere.
    pub text: String,
    /// How it looks.
    pub tone: Tone,
    /// What Enter does on it; empty if it leads nowhere.
    pub then: Vec<Effect>,
}

impl LinkedLine {
    /// A line that leads nowhere.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain, then: Vec::new() }
    }

    /// The line with a tone.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The line with what Enter does on it.
    #[must_use]
    pub fn then(self, effect: Effect) -> Self {
        Self { then: vec![effect], ..self }
    }
}
