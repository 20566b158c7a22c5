//! How things look: the terminal's own sixteen colours, or none; glyphs of the Windows Glyph List 4, or ASCII alone.

use crate::domain::{Outcome, Status};
use ratatui::style::{Color, Modifier, Style};

/// What a piece of text is, whatever it then looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // named after what they are for
pub enum Role {
    Text,
    Dim,
    Title,
    Cursor,
    Good,
    Bad,
    Warn,
    Link,
}

/// The looks of one console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Whether colours are used; shapes and words carry the meaning anyway.
    pub color: bool,
    /// Whether only ASCII is drawn by the console itself and everything else is replaced.
    pub ascii: bool,
}

impl Theme {
    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let colored = |color: Color| if self.color { plain.fg(color) } else { plain };
        match role {
            Role::Text => plain,
            Role::Dim if self.color => plain.add_modifier(Modifier::DIM),
            Role::Dim => plain,
            Role::Title => plain.add_modifier(Modifier::BOLD),
            Role::Cursor => plain.add_modifier(Modifier::REVERSED),
            Role::Good => colored(Color::Green),
            Role::Bad => colored(Color::Red).add_modifier(Modifier::BOLD),
            Role::Warn => colored(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Link => colored(Color::Cyan),
        }
    }

    /// What is really drawn for a character.
    pub fn glyph(self, c: char) -> char {
        if !self.ascii || c.is_ascii() {
            return c;
        }
        match c {
            '►' => '>',
            '◄' => '<',
            '›' => ':',
            '═' => '=',
            '─' => '-',
            '│' | '║' => '|',
            '╔' | '╗' | '╚' | '╝' | '╟' | '╢' | '├' | '┤' | '┬' | '┴' | '┼' | '╡' | '╞' => {
                '+'
            }
            '▄' => '.',
            '█' => '#',
            '…' | '◊' => '~',
            '·' => '.',
            '○' => 'o',
            '→' | '»' => '>',
            '●' | '•' => '*',
            '√' => '+',
            '×' => 'x',
            '–' => '-',
            '□' => '_',
            '■' => '#',
            '▼' => 'v',
            '▲' => '^',
            '↑' => '^',
            '↓' => 'v',
            '←' => '<',
            '░' => ':',
            '¶' => '|',
            _ => '?',
        }
    }
}

/// The shape that goes with a status, so that it is told without colour.
pub fn status_shape(status: Status) -> (char, Role) {
    match status {
        Status::Started => ('·', Role::Text),
        Status::Available => ('○', Role::Text),
        Status::Requested => ('→', Role::Text),
        Status::Downloaded | Status::Uploaded => ('●', Role::Text),
        Status::Applied => ('√', Role::Good),
        Status::Canceled => ('–', Role::Text),
        Status::NoData => ('□', Role::Dim),
        Status::CreateFailed | Status::DownloadFailed | Status::UploadFailed | Status::ApplyFailed => ('×', Role::Bad),
    }
}

/// The shape and the word of a run's outcome; `None` is a run that lives.
pub fn outcome_shape(outcome: Option<Outcome>) -> (char, Role, &'static str) {
    match outcome {
        None => ('●', Role::Text, "Executing"),
        Some(Outcome::Ended) => ('√', Role::Good, "Ended"),
        Some(Outcome::Error) => ('×', Role::Bad, "Error"),
        Some(Outcome::Canceled) => ('–', Role::Text, "Canceled"),
        Some(Outcome::Interrupted) => ('◊', Role::Warn, "Interrupted"),
    }
}
