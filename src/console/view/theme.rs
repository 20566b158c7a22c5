//! Styles and glyphs: the colors that the terminal has or none, Windows Glyph List 4 or ASCII.

pub use crate::console::view::colors::{ColorDepth, Surface};
use crate::console::view::role::ROLES;
pub use crate::console::view::role::Role;
use crate::domain::{Outcome, Status};
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier, Style};

/// The colors and glyphs of one console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The colors. No meaning is carried by color alone.
    pub depth: ColorDepth,
    /// Whether the console draws ASCII only and replaces all other characters.
    pub ascii: bool,
}

impl Theme {
    /// Returns the style of a role on the terminal's own background.
    pub fn style(self, role: Role) -> Style {
        let color = self.depth.open().color(role);
        let style = if color == Color::Reset { Style::new() } else { Style::new().fg(color) };
        match role {
            Role::Title | Role::Key | Role::Warn | Role::Bad => style.add_modifier(Modifier::BOLD),
            Role::Dim | Role::Focus if self.depth == ColorDepth::Sixteen => style.add_modifier(Modifier::DIM),
            // An underline costs few bytes and is legible in every theme, also under the cursor.
            Role::Match => style.add_modifier(Modifier::UNDERLINED),
            _ => style,
        }
    }

    /// Returns how a role looks, in words.
    pub fn in_words(self, role: Role) -> String {
        let modifier = self.style(role).add_modifier;
        let known = [(Modifier::BOLD, "bold"), (Modifier::DIM, "dim"), (Modifier::UNDERLINED, "underlined")];
        let attributes = known.into_iter().filter(|(attribute, _)| modifier.contains(*attribute));
        let color = std::iter::once(self.depth.color_name(role)).filter(|name| !name.is_empty());
        let words: Vec<_> = color.chain(attributes.map(|(_, name)| name)).collect();
        if words.is_empty() { "as text".to_owned() } else { words.join(", ") }
    }

    /// Whether the font is expected to have the blocks of an eighth. Terminals that announce 24-bit
    /// colors have them; PuTTY's fonts, which have halves only, do not announce them.
    pub fn has_eighths(self) -> bool {
        self.depth == ColorDepth::Rgb && !self.ascii
    }

    /// Returns the characters of a bar's heights within a cell, from the least: eighths where the
    /// font has them, else halves. ASCII has thirds.
    pub fn heights(self) -> &'static [char] {
        match (self.ascii, self.has_eighths()) {
            (true, _) => &['.', ':', '#'],
            (false, true) => &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
            (false, false) => &['▄', '█'],
        }
    }

    /// Returns the style of a word that is not understood.
    pub fn fault(self) -> Style {
        self.style(Role::Bad).add_modifier(Modifier::UNDERLINED)
    }

    /// Returns the style of the caret in a field.
    pub fn caret(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Paints a surface under a cell that is already drawn.
    pub fn cover(self, surface: Surface, cell: &mut Cell) {
        match (self.depth.on(surface), surface) {
            (Some(inks), _) => {
                let open = self.depth.open();
                let role = ROLES.into_iter().find(|role| open.color(*role) == cell.fg).unwrap_or(Role::Text);
                cell.fg = inks.color(role);
                cell.bg = inks.ground;
            }
            (None, Surface::Band) => {}
            // One style for the whole row: reversed colors are hard to read, and changes of style
            // cost bytes.
            (None, Surface::Cursor | Surface::Label(_)) => {
                let underline = cell.modifier & Modifier::UNDERLINED;
                (cell.fg, cell.bg, cell.modifier) = (Color::Reset, Color::Reset, Modifier::REVERSED | underline);
            }
        }
    }

    /// Returns the character to draw for `c`: itself, or its replacement in ASCII mode.
    pub fn glyph(self, c: char) -> char {
        let c = if self.ascii || self.has_eighths() { c } else { without_eighths(c) };
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
            // The heights of a trend in thirds.
            '▁' | '▂' | '▃' => '.',
            '▄' | '▅' => ':',
            '▆' | '▇' | '█' => '#',
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
            '░' => '-',
            '¶' => '|',
            _ => '?',
        }
    }
}

/// Returns the half that replaces an eighth.
fn without_eighths(c: char) -> char {
    match c {
        '▁' | '▂' | '▃' => '▄',
        '▅' | '▆' | '▇' => '█',
        c => c,
    }
}

/// Returns the glyph of a status, which identifies it without color.
pub fn status_glyph(status: Status) -> (char, Role) {
    match status {
        Status::Started => ('·', Role::Busy),
        Status::Available => ('○', Role::Wait),
        Status::Requested => ('→', Role::Busy),
        Status::Downloaded | Status::Uploaded => ('●', Role::Busy),
        Status::Applied => ('√', Role::Good),
        Status::Canceled => ('–', Role::Wait),
        Status::NoData => ('□', Role::Dim),
        Status::CreateFailed | Status::DownloadFailed | Status::UploadFailed | Status::ApplyFailed => ('×', Role::Bad),
    }
}

/// Returns the glyph and the word of a run's outcome; `None` is a run that is executing.
pub fn outcome_glyph(outcome: Option<Outcome>) -> (char, Role, &'static str) {
    match outcome {
        None => ('●', Role::Busy, "Executing"),
        Some(Outcome::Ended) => ('√', Role::Good, "Ended"),
        Some(Outcome::Error) => ('×', Role::Bad, "Error"),
        Some(Outcome::Canceled) => ('–', Role::Wait, "Canceled"),
        Some(Outcome::Interrupted) => ('◊', Role::Warn, "Interrupted"),
    }
}
