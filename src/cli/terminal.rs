//! The terminal of a command: its capabilities, and messages to the operator.

use crate::domain::clean_line;
use std::io::Write;

/// Whether the terminal supports no escape sequences.
pub fn is_dumb() -> bool {
    std::env::var("TERM").as_deref() == Ok("dumb")
}

/// Returns the width of the terminal at the standard output, in columns; `None` if it reports none.
pub fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Writes one line to the standard error, so that messages never mix with data.
pub fn print_message(text: &str) {
    // A closed standard error must not stop the work.
    let _ = writeln!(std::io::stderr().lock(), "{}", clean_line(text));
}
