//! The one key table: it drives what a key does, the hint bar, the help screen and the README.

use super::input::Key;

/// What a key stands for, wherever it is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the labels of the table say what they do
pub enum Command {
    Help,
    Palette,
    Menu,
    Numbered(char),
    Process,
    Back,
    Previous,
    Next,
    Zone,
    Reload,
    Repaint,
    Suspend,
    Quit,
    Interrupt,
    Up,
    Down,
    PageUp,
    PageDown,
    HalfUp,
    HalfDown,
    First,
    Last,
    Left,
    Right,
    Open,
    NextPane,
    PreviousPane,
    Filter,
    GoTo,
    NextError,
    PreviousError,
    Mark,
    MarkRange,
    MarkAll,
    Sort,
    ShowAll,
    Explain,
    Related,
    Copy,
    CopyCommand,
    Grow,
    Shrink,
    Actions,
    Notifications,
}

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere outside a dialog.
    Everywhere,
    /// Lists, trees and panes.
    Rows,
}

/// One line of the table.
#[derive(Debug)]
pub struct Binding {
    /// The keys, best first.
    pub keys: &'static [Key],
    /// How help and README write them.
    pub shown: &'static str,
    /// What they do.
    pub command: Command,
    /// That in words.
    pub label: &'static str,
    /// How the hint bar says it; empty is not there.
    pub hint: &'static str,
    /// Where.
    pub scope: Scope,
}

use Command as C;
use Key::{Char, Ctrl, F};
use Scope::{Everywhere, Rows};

const fn everywhere(keys: &'static [Key], shown: &'static str, command: C, label: &'static str) -> Binding {
    Binding { keys, shown, command, label, hint: "", scope: Everywhere }
}

const fn rows(keys: &'static [Key], shown: &'static str, command: C, label: &'static str) -> Binding {
    Binding { keys, shown, command, label, hint: "", scope: Rows }
}

const fn hinted(hint: &'static str, mut binding: Binding) -> Binding {
    binding.hint = hint;
    binding
}

/// The table; its order is the order of help and hints.
pub static TABLE: &[Binding] = &[
    hinted("Enter open", rows(&[Key::Enter], "Enter", C::Open, "open; in a pane follow the link")),
    rows(&[Key::Up, Char('k')], "Up k", C::Up, "row up"),
    rows(&[Key::Down, Char('j')], "Down j", C::Down, "row down"),
    rows(&[Key::PageUp, Char('b')], "PgUp b", C::PageUp, "page up"),
    rows(&[Key::PageDown, Ctrl('f')], "PgDn ^F", C::PageDown, "page down"),
    rows(&[Ctrl('u')], "^U", C::HalfUp, "half a page up"),
    rows(&[Ctrl('d')], "^D", C::HalfDown, "half a page down"),
    rows(&[Char('g'), Key::Home], "g Home", C::First, "first"),
    rows(&[Char('G'), Key::End], "G End", C::Last, "last"),
    rows(&[Key::Left, Char('h')], "Left h", C::Left, "columns left; in a tree close"),
    rows(&[Key::Right, Char('l')], "Right l", C::Right, "columns right; in a tree open"),
    hinted("Tab pane", rows(&[Key::Tab], "Tab", C::NextPane, "next pane")),
    rows(&[Key::BackTab], "S-Tab", C::PreviousPane, "previous pane"),
    hinted("/ filter", rows(&[Char('/')], "/", C::Filter, "filter")),
    rows(&[Char('t')], "t", C::GoTo, "go to a time"),
    hinted("e error", rows(&[Char('e')], "e", C::NextError, "next error; on Overview, Recent errors")),
    rows(&[Char('E')], "E", C::PreviousError, "previous error"),
    rows(&[Char(' ')], "Space", C::Mark, "mark"),
    rows(&[Char('v')], "v", C::MarkRange, "mark a range: v at both ends"),
    rows(&[Char('*')], "*", C::MarkAll, "mark all that match"),
    hinted(". all", rows(&[Char('.')], ".", C::ShowAll, "show all records (No data), or not")),
    hinted("w why", rows(&[Char('w')], "w", C::Explain, "why: explain the row")),
    hinted("r related", rows(&[Char('r')], "r", C::Related, "related: session, messages")),
    rows(&[Char('y')], "y", C::Copy, "copy the row's text"),
    rows(&[Char('Y')], "Y", C::CopyCommand, "copy as command"),
    rows(&[Char('+')], "+", C::Grow, "larger detail pane"),
    rows(&[Char('-')], "-", C::Shrink, "smaller detail pane"),
    hinted("a actions", rows(&[Char('a')], "a", C::Actions, "actions, the only door to a change")),
    hinted("p process", everywhere(&[Char('p')], "p", C::Process, "Process status messages")),
    hinted("m menu", everywhere(&[Char('m')], "m", C::Menu, "menu tree")),
    hinted(": go", everywhere(&[Char(':')], ":", C::Palette, "go to")),
    hinted("? help", everywhere(&[Char('?'), F(1)], "? F1", C::Help, "help")),
    everywhere(&[Char('1')], "1", C::Numbered('1'), "Overview"),
    everywhere(&[Char('2')], "2", C::Numbered('2'), "Recent errors"),
    everywhere(&[Char('3')], "3", C::Numbered('3'), "Process status messages"),
    everywhere(&[Char('4')], "4", C::Numbered('4'), "Download sessions"),
    everywhere(&[Char('5')], "5", C::Numbered('5'), "Upload sessions"),
    everywhere(&[Char('6')], "6", C::Numbered('6'), "Status messages"),
    everywhere(&[Char('7')], "7", C::Numbered('7'), "Batch jobs"),
    everywhere(&[Char('8')], "8", C::Numbered('8'), "Batch job history"),
    everywhere(&[Key::Esc, Key::Backspace], "Esc", C::Back, "one layer back"),
    everywhere(&[Char('[')], "[", C::Previous, "back through screens visited"),
    everywhere(&[Char(']')], "]", C::Next, "forward again"),
    everywhere(&[Char('!')], "!", C::Notifications, "notifications"),
    everywhere(&[Char('z')], "z", C::Zone, "zone: local, UTC"),
    everywhere(&[Ctrl('r'), F(5)], "^R F5", C::Reload, "read again now"),
    everywhere(&[Ctrl('l')], "^L", C::Repaint, "repaint"),
    everywhere(&[Ctrl('z')], "^Z", C::Suspend, "suspend"),
    hinted("q quit", everywhere(&[Char('q'), F(10)], "q F10", C::Quit, "quit; asks only while a run lives here")),
    everywhere(&[Ctrl('c')], "^C", C::Interrupt, "closes a prompt; the first never quits"),
];

/// What a key does in rows.
pub fn command(key: &Key) -> Option<Command> {
    TABLE.iter().find(|binding| binding.keys.contains(key)).map(|binding| binding.command)
}

/// The hint bar for the commands that the focus offers, as many as fit.
pub fn hints(offered: impl Fn(Command) -> bool, width: usize) -> String {
    let mut line = String::new();
    // Help and quit keep their places: whoever is lost needs them.
    let all = || TABLE.iter().filter(|binding| !binding.hint.is_empty() && offered(binding.command));
    let last: usize = all().filter(|binding| is_kept(binding)).map(|binding| binding.hint.len() + 2).sum();
    for binding in all() {
        let kept = is_kept(binding);
        if kept || line.len() + 2 + binding.hint.len() + last <= width {
            line.push_str(if line.is_empty() { " " } else { "  " });
            line.push_str(binding.hint);
        }
    }
    line
}

fn is_kept(binding: &Binding) -> bool {
    matches!(binding.command, Command::Help | Command::Quit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_and_none_is_bound_that_terminals_take() {
        let mut seen = Vec::new();
        for key in TABLE.iter().flat_map(|binding| binding.keys) {
            assert!(!seen.contains(&key), "{key:?} is bound twice");
            seen.push(key);
        }
        for letter in ['a', 'b', 's', 'q', 'v', 'y', 't', 'o'] {
            assert_eq!(command(&Key::Ctrl(letter)), None);
        }
        // What torn keys leave behind means nothing.
        for c in "OABCDHFPQRS~".chars() {
            assert_eq!(command(&Key::Char(c)), None, "{c}");
        }
    }

    #[test]
    fn hints_fit_and_help_and_quit_are_always_there() {
        for width in [60, 80, 120] {
            let line = hints(|_| true, width);
            assert!(line.len() <= width && line.contains("? help") && line.contains("q quit"), "{line}");
        }
    }
}
