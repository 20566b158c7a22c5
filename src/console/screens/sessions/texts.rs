//! A session as text.

use crate::console::view::command_line::shell_quoted;
use crate::domain::Session;

/// `1084971 on S0131 · job 1040`.
pub fn title(session: &Session) -> String {
    let key = &session.key;
    let place = match key.channel_database.as_str() {
        "" => "the package itself".to_owned(),
        store => format!("on {store}"),
    };
    format!("{} {place} · job {}", key.session_number, session.fold.job_name)
}

/// A session as text, and the command that prints it.
pub fn copies(session: &Session) -> (String, String) {
    let key = &session.key;
    let text = session.fold.winner.message.clone().filter(|message| !message.is_empty());
    let text =
        text.unwrap_or_else(|| format!("{} {} {}", key.session_number, key.channel_database, session.status().word()));
    let store = if key.channel_database.is_empty() {
        String::new()
    } else {
        format!(" --store {}", shell_quoted(&key.channel_database))
    };
    (text, format!("cdx messages --direction {} --session {}{store}", key.direction, key.session_number))
}
