//! The key table: defines what keys do, the hint bar, the help screen, docs/keys.md and `[keys]`
//! of the configuration.

use crate::console::protocol::key::Key;

/// A command that keys are bound to.
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
    Undo,
    Handover,
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
    NextHit,
    PreviousHit,
    Mark,
    MarkRange,
    MarkAll,
    Sort,
    Columns,
    Totals,
    Dates,
    Follow,
    Histogram,
    Matrix,
    Explain,
    Export,
    ShowAll,
    Related,
    Copy,
    CopyCommand,
    Record,
    Grow,
    Shrink,
    Actions,
    Notifications,
    Views,
    /// Moves the cursor by this many rows; no key does, but a click.
    Rows(i16),
    /// Scrolls by this many rows; no key does, but the wheel.
    Scroll(i16),
}

impl Command {
    /// Whether it needs a row, unless the screen has an answer to it without one.
    pub fn needs_row(self) -> bool {
        use Command as C;
        matches!(self, C::Open | C::NextPane | C::NextError | C::Explain | C::Related | C::Record | C::Actions)
    }

    /// Its name in the configuration, such as `next_error` or `place_4`.
    pub fn name(self) -> String {
        if let Self::Numbered(digit) = self {
            return format!("place_{digit}");
        }
        let mut name = String::new();
        for c in format!("{self:?}").chars() {
            if c.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(c.to_lowercase());
        }
        name
    }
}

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere outside a dialog.
    Everywhere,
    /// Lists, trees and panes.
    Rows,
    /// Lists that support it.
    Some,
}

/// One line of the table.
#[derive(Debug)]
pub struct Binding {
    /// The keys, best first.
    pub keys: &'static [Key],
    /// How the help screen and the documents write them.
    pub shown: &'static str,
    /// What they do.
    pub command: Command,
    /// What the command does, in words.
    pub label: &'static str,
    /// What the command does in few words, for help, where lines that follow each other with the
    /// same words are one.
    pub brief: &'static str,
    /// Its label in the hint bar; empty hides it.
    pub hint: &'static str,
    /// The screens on which the keys do that.
    pub scope: Scope,
}

use Command as C;
use Key::{Char, Ctrl, F};
use Scope::{Everywhere, Rows};

const fn bind(
    scope: Scope,
    keys: &'static [Key],
    shown: &'static str,
    command: C,
    words: [&'static str; 2],
) -> Binding {
    Binding { keys, shown, command, brief: words[0], label: words[1], hint: "", scope }
}

const fn all(keys: &'static [Key], shown: &'static str, command: C, words: [&'static str; 2]) -> Binding {
    bind(Everywhere, keys, shown, command, words)
}

const fn rows(keys: &'static [Key], shown: &'static str, command: C, words: [&'static str; 2]) -> Binding {
    bind(Rows, keys, shown, command, words)
}

const fn some(keys: &'static [Key], shown: &'static str, command: C, words: [&'static str; 2]) -> Binding {
    bind(Scope::Some, keys, shown, command, words)
}

const fn hinted(hint: &'static str, mut binding: Binding) -> Binding {
    binding.hint = hint;
    binding
}

/// The table; its order is the order of help and hints.
pub static TABLE: &[Binding] = &[
    hinted("open", rows(&[Key::Enter], "Enter", C::Open, ["open", "open; in a pane follow the link"])),
    rows(&[Key::Up, Char('k')], "Up k", C::Up, ["row", "row up"]),
    rows(&[Key::Down, Char('j')], "Down j", C::Down, ["row", "row down"]),
    rows(&[Key::PageUp, Char('b')], "PgUp b", C::PageUp, ["page", "page up"]),
    rows(&[Key::PageDown, Ctrl('f')], "PgDn ^F", C::PageDown, ["page", "page down"]),
    rows(&[Ctrl('u')], "^U", C::HalfUp, ["half a page", "half a page up"]),
    rows(&[Ctrl('d')], "^D", C::HalfDown, ["half a page", "half a page down"]),
    rows(&[Char('g'), Key::Home], "g Home", C::First, ["first, last", "first"]),
    rows(&[Char('G'), Key::End], "G End", C::Last, ["first, last", "last"]),
    rows(&[Key::Left, Char('h')], "Left h", C::Left, ["close, open", "columns left; in a tree close"]),
    rows(&[Key::Right, Char('l')], "Right l", C::Right, ["close, open", "columns right; in a tree open"]),
    hinted("pane", rows(&[Key::Tab], "Tab", C::NextPane, ["pane", "next pane"])),
    rows(&[Key::BackTab], "S-Tab", C::PreviousPane, ["pane", "previous pane"]),
    hinted("filter", rows(&[Char('/')], "/", C::Filter, ["filter, find", "filter; in a pane find"])),
    rows(&[Char('n')], "n", C::NextHit, ["next, previous hit", "next hit"]),
    rows(&[Char('N')], "N", C::PreviousHit, ["next, previous hit", "previous hit"]),
    hinted("error", some(&[Char('e')], "e", C::NextError, ["error", "next error; on Overview, Recent errors"])),
    some(&[Char('E')], "E", C::PreviousError, ["error", "previous error"]),
    some(&[Char('d')], "d", C::Dates, ["date range", "date range"]),
    some(&[Char('t')], "t", C::GoTo, ["go to a time", "go to a time"]),
    hinted("all", some(&[Char('.')], ".", C::ShowAll, ["with No data", "show all records (No data), or not"])),
    some(&[Char('f')], "f", C::Follow, ["follow newest", "follow the newest"]),
    some(&[Char('i')], "i", C::Histogram, ["histogram, chart", "histogram; of runs, the chart"]),
    hinted("why", some(&[Char('w')], "w", C::Explain, ["why, explain", "why: explain the row"])),
    hinted("related", some(&[Char('r')], "r", C::Related, ["related", "related: session, messages"])),
    some(&[Char('o')], "o", C::Record, ["whole row", "the whole row, as fields and as JSON"]),
    some(&[Char(' ')], "Space", C::Mark, ["mark", "mark"]),
    some(&[Char('v')], "v", C::MarkRange, ["mark a range", "mark a range: v at both ends"]),
    some(&[Char('*')], "*", C::MarkAll, ["mark all", "mark all that match"]),
    rows(&[Char('s')], "s", C::Sort, ["sort", "sort"]),
    rows(&[Char('c')], "c", C::Columns, ["columns", "columns"]),
    some(&[Char('T')], "T", C::Totals, ["totals by…", "totals: the list counted by store, job, status …"]),
    rows(&[Char('y')], "y", C::Copy, ["copy", "copy the row's text"]),
    rows(&[Char('Y')], "Y", C::CopyCommand, ["copy command", "copy as command: the list; in its pane the row"]),
    rows(&[Char('x')], "x", C::Export, ["to a file", "export the list to a file"]),
    rows(&[Char('+')], "+", C::Grow, ["detail size", "larger detail pane"]),
    rows(&[Char('-')], "-", C::Shrink, ["detail size", "smaller detail pane"]),
    hinted("actions", some(&[Char('a')], "a", C::Actions, ["actions…", "actions: everything that changes data"])),
    hinted("process", all(&[Char('p')], "p", C::Process, ["process", "Process status messages"])),
    hinted("menu", all(&[Char('m')], "m", C::Menu, ["menu", "menu tree"])),
    hinted("go", all(&[Char(':')], ":", C::Palette, ["go to, do", "go to"])),
    all(&[Char('V')], "V", C::Views, ["views", "views: saved lists; saves this one"]),
    hinted("help", all(&[Char('?'), F(1)], "? F1", C::Help, ["help", "help"])),
    all(&[Char('1')], "1", C::Numbered('1'), ["Overview", "Overview"]),
    all(&[Char('2')], "2", C::Numbered('2'), ["Recent errors", "Recent errors"]),
    all(&[Char('3')], "3", C::Numbered('3'), ["Process", "Process status messages"]),
    all(&[Char('4')], "4", C::Numbered('4'), ["Downloads", "Download sessions"]),
    all(&[Char('5')], "5", C::Numbered('5'), ["Uploads", "Upload sessions"]),
    all(&[Char('6')], "6", C::Numbered('6'), ["Messages", "Status messages"]),
    all(&[Char('7')], "7", C::Numbered('7'), ["Batch jobs", "Batch jobs"]),
    all(&[Char('8')], "8", C::Numbered('8'), ["Job history", "Batch job history"]),
    all(&[Char('9')], "9", C::Numbered('9'), ["Connections", "Async Server connection status"]),
    all(&[Key::Esc, Key::Backspace], "Esc", C::Back, ["one layer back", "one layer back"]),
    all(&[Char('[')], "[", C::Previous, ["back, forward", "back through screens visited"]),
    all(&[Char(']')], "]", C::Next, ["back, forward", "forward again"]),
    all(&[Char('u')], "u", C::Undo, ["undo…", "undo: what can be undone; asks"]),
    all(&[Char('M')], "M", C::Matrix, ["matrix", "matrix: the last status of each store and job"]),
    all(&[Char('W')], "W", C::Handover, ["handover", "handover: the last 8 hours on one page"]),
    all(&[Char('!')], "!", C::Notifications, ["notifications", "notifications: your alerts"]),
    all(&[Char('z')], "z", C::Zone, ["time zone", "zone: local, UTC, the store's"]),
    all(&[Ctrl('r'), F(5)], "^R F5", C::Reload, ["read again", "read again now"]),
    all(&[Ctrl('l')], "^L", C::Repaint, ["repaint", "repaint"]),
    all(&[Ctrl('z')], "^Z", C::Suspend, ["suspend", "suspend"]),
    hinted("quit", all(&[Char('q'), F(10)], "q F10", C::Quit, ["quit", "quit; asks first while a run is active here"])),
    all(
        &[Ctrl('c')],
        "^C",
        C::Interrupt,
        ["interrupt", "closes a prompt; the first never quits, a second within 2 s does"],
    ),
];
