//! The terminal around a command: what it can show, and messages to the person who reads it.

use crate::domain::clean_line;
use std::io::Write;

/// Whether the terminal understands no escape sequences.
pub fn is_dumb() -> bool {
    std::env::var("TERM").as_deref() == Ok("dumb")
}

/// Columns of the terminal at the standard output; `None` if it does not report them.
pub fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Writes one line to the standard error, so that messages never mix with data.
pub fn say(text: &str) {
    // A closed standard error must not stop the work.
    let _ = writeln!(std::io::stderr().lock(), "{}", clean_line(text));
}
