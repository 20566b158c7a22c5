//! Shell commands as an operator can paste them.

/// Rows that a command lists without `--limit`.
const DEFAULT_LIMIT: usize = 1_000;

/// The command that lists the rows of a filter, of which this many are shown.
pub fn listing(command: &str, filter: &str, shown: usize) -> String {
    let filter = if filter.is_empty() { String::new() } else { format!(" --filter {}", shell_quoted(filter)) };
    let limit = if shown > DEFAULT_LIMIT { format!(" --limit {shown}") } else { String::new() };
    format!("{command}{filter}{limit}")
}

/// Quotes an argument for a POSIX shell.
pub fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
