//! Colors and glyphs: the terminal's own sixteen colors or none, Windows Glyph List 4 or ASCII.

use crate::domain::{Outcome, Status};
use ratatui::style::{Color, Modifier, Style};

/// The meaning of a piece of text, from which the theme derives its style.
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

/// The colors and glyphs of one console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Whether colors are used. No meaning is carried by color alone.
    pub color: bool,
    /// Whether the console draws ASCII only and replaces all other characters.
    pub ascii: bool,
}

impl Theme {
    /// Returns the style of a role.
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

    /// Returns the character to draw for `c`: itself, or its replacement in ASCII mode.
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

/// Returns the glyph of a status, which identifies it without color.
pub fn status_glyph(status: Status) -> (char, Role) {
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

/// Returns the glyph and the word of a run's outcome; `None` is a run that is executing.
pub fn outcome_glyph(outcome: Option<Outcome>) -> (char, Role, &'static str) {
    match outcome {
        None => ('●', Role::Text, "Executing"),
        Some(Outcome::Ended) => ('√', Role::Good, "Ended"),
        Some(Outcome::Error) => ('×', Role::Bad, "Error"),
        Some(Outcome::Canceled) => ('–', Role::Text, "Canceled"),
        Some(Outcome::Interrupted) => ('◊', Role::Warn, "Interrupted"),
    }
}
