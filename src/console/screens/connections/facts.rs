//! What is known of a connection, line by line.

use crate::console::protocol::query::Connection;
use crate::console::protocol::time::age;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;

/// The lines about a channel database and its agent.
pub fn details(row: &Connection, view: &ViewContext) -> Vec<(String, Role)> {
    let at = |at| view.zone.long(at);
    let mut lines = Vec::new();
    if let Some(database) = &row.database {
        let presence = &database.presence;
        lines.push((
            format!("Messages   first {}, last {}", at(presence.first_seen_at), at(presence.last_seen_at)),
            Role::Text,
        ));
        let usual = presence.usual_gap.map_or_else(
            || "it has reported once".to_owned(),
            |usual| format!("at most {} between two messages", age(usual)),
        );
        let verdict = match (row.quiet, row.silence(view.now)) {
            (true, Some(silence)) => format!("; silent for {}, longer than is usual", age(silence)),
            (false, Some(silence)) => format!("; silent for {}", age(silence)),
            (_, None) => String::new(),
        };
        lines.push((format!("Usual      {usual}{verdict}"), if row.quiet { Role::Warn } else { Role::Text }));
        lines.push(match database.clock_ahead_ms {
            Some(ahead) => {
                let text = format!("Clock      {} ahead; its messages are sorted by when they arrived", age(ahead));
                (text, Role::Warn)
            }
            None => ("Clock      not ahead of head office".to_owned(), Role::Text),
        });
        lines.push((format!("Zone       {}", zone_of(row)), Role::Text));
    }
    match &row.agent {
        Some(agent) => {
            let version = agent.version.as_deref().map_or_else(String::new, |version| format!(", version {version}"));
            lines.push((
                format!("Agent      {}{version}, last seen {}", agent.name, at(agent.last_seen_at)),
                Role::Text,
            ));
        }
        None => lines.push(("Agent      none has reported for it".to_owned(), Role::Text)),
    }
    if let Some(database) = &row.database {
        let note = database
            .note
            .as_deref()
            .map_or_else(|| view.keys("none yet; {actions} adds one and sets the zone"), str::to_owned);
        lines.push((format!("Note       {note}"), Role::Text));
    }
    lines
}

/// The zone of its store, in words.
pub(super) fn zone_of(row: &Connection) -> String {
    row.database.as_ref().and_then(|database| database.zone.clone()).unwrap_or_else(|| "not known".to_owned())
}

pub(super) fn clock_ahead(row: &Connection) -> Option<i64> {
    row.database.as_ref().and_then(|database| database.clock_ahead_ms)
}
