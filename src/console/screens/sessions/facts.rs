//! What is known of a session, line by line, the same on every screen that shows one.

use crate::console::protocol::query::TransferredMessage;
use crate::console::protocol::time::age;
use crate::console::screens::paged_list::list_source::Related;
use crate::console::view::context::ViewContext;
use crate::console::view::explain::{session_next, tries};
use crate::console::view::theme::{Role, status_glyph};
use crate::domain::{Session, counted, grouped};

/// What is known of a session, line by line.
pub fn known(session: &Session, view: &ViewContext) -> Vec<(String, Role)> {
    let fold = &session.fold;
    let (shape, role) = status_glyph(session.status());
    let at = |at| view.zone.short(at, view.now);
    let tried = format!("{shape} {} {}, {}", session.status(), at(fold.winner.occurred_at), tries(session, view));
    let mut first = vec![tried];
    first.extend(fold.rows_affected.map(|rows| counted(rows, "row")));
    first.extend(fold.channel_data_group.as_ref().map(|group| format!("group {group}")));
    first.extend(fold.distribution_schedule.clone());
    // The row says the status, too; of a failed session the next step is what matters.
    let role = if session.status().is_failed() { Role::Dim } else { role };
    let mut lines = vec![(first.join(" · "), role)];
    if let Some(message) = fold.winner.message.as_ref().filter(|message| !message.is_empty()) {
        lines.push((message.clone(), Role::Text));
    }
    if session.status().is_failed() {
        lines.push((session_next(session, view), Role::Text));
    }
    if let Some(last) = fold.last_error.as_ref().filter(|_| !session.status().is_failed()) {
        let text = last.failure.message.as_deref().unwrap_or("no text");
        lines.push((
            format!("Before that: {} {}: {text}", last.failure.status, at(last.failure.occurred_at)),
            Role::Text,
        ));
    }
    let mut numbers = Vec::new();
    numbers.extend(fold.data_path.clone());
    numbers.extend(fold.row_version.map(|version| format!("row version {}", grouped(version))));
    numbers.extend(fold.file_size.map(|size| format!("{} bytes", grouped(size))));
    numbers.extend(fold.rerun_for.map(|number| format!("repeats session {number}")));
    if fold.round > 0 {
        numbers.push(format!("round {}", fold.round));
    }
    if !numbers.is_empty() {
        lines.push((numbers.join(" · "), Role::Dim));
    }
    lines
}

/// The dates of the session's statuses, in one line.
pub fn dates(session: &Session, view: &ViewContext) -> (String, Role) {
    let (fold, at) = (&session.fold, |at| view.zone.short(at, view.now));
    let dates = [
        ("Created", Some(fold.created_at)),
        ("Requested", fold.requested_at),
        ("Downloaded", fold.downloaded_at),
        ("Uploaded", fold.uploaded_at),
        ("Applied", fold.applied_at),
    ];
    let dates: Vec<_> = dates.into_iter().filter_map(|(name, date)| Some(format!("{name} {}", at(date?)))).collect();
    (dates.join(" · "), Role::Text)
}

/// Its messages for a third column, oldest first, and what the details say beside them.
pub fn related(session: &Session, messages: &[TransferredMessage], view: &ViewContext) -> Related {
    let title = format!("What happened: {}", counted(messages.len(), "message"));
    let mut lines = Vec::new();
    let mut before = None;
    for message in messages.iter().rev() {
        let (shape, role) = status_glyph(message.status);
        let since = before.map_or_else(String::new, |at| format!(", {} later", age(message.occurred_at.since(at))));
        before = Some(message.occurred_at);
        let tried = if message.try_count > 0 { format!(", try {}", message.try_count) } else { String::new() };
        lines.push((format!("{shape} {}{tried}", message.status), role));
        let by = message.posted_by.as_deref().map_or_else(String::new, |by| format!(", by {by}"));
        lines.push((format!("  {}{since}{by}", view.zone.short(message.occurred_at, view.now)), Role::Dim));
        lines.extend(message.message.iter().map(|text| (format!("  {text}"), Role::Text)));
    }
    Related { title, lines, detail: vec![dates(session, view)] }
}

/// How it went from status to status; `messages` are its newest, newest first.
pub fn course(session: &Session, messages: &[TransferredMessage], view: &ViewContext) -> Vec<(String, Role)> {
    let mut before = None;
    let steps = messages.iter().rev().map(|message| {
        let at = message.occurred_at;
        let (shape, _) = status_glyph(message.status);
        match before.replace(at) {
            None => format!("{} {}", message.status, view.zone.short(at, view.now)),
            Some(before) if message.status.is_failed() => format!("+{} {shape}", age(at.since(before))),
            Some(before) => format!("+{} {}", age(at.since(before)), message.status),
        }
    });
    let steps: Vec<_> = steps.collect();
    vec![if steps.is_empty() { dates(session, view) } else { (steps.join(", "), Role::Text) }]
}
