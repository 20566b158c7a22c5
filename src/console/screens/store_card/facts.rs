//! The facts of a store card, line by line.

use crate::console::protocol::query::Connection;
use crate::console::protocol::query::{Found, StoreCard};
use crate::console::protocol::time::age;
use crate::console::screens::connections;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{Cause, Direction, Session, Status, Timestamp, counted, grouped};
use std::collections::BTreeMap;

/// Causes that are named.
const MAX_CAUSES: usize = 6;

/// The lines of the card.
pub(super) fn lines(card: &StoreCard, connection: Option<&Connection>, view: &ViewContext) -> Vec<(String, Role)> {
    let mut lines = open(card, view);
    lines.extend(in_progress(card, view));
    lines.extend(backlog(card));
    lines.push((String::new(), Role::Text));
    lines.extend(last_data(card, view));
    lines.push((String::new(), Role::Text));
    match connection {
        Some(connection) => lines.extend(connections::details(connection, view)),
        None => lines.push(("No message names it, and no agent has reported for it.".to_owned(), Role::Warn)),
    }
    lines.extend(card.agents.iter().skip(1).map(|agent| {
        (format!("Agent      {}, last seen {}", agent.name, view.zone.long(agent.last_seen_at)), Role::Text)
    }));
    lines.extend(card.agents_fault.iter().map(|fault| (format!("! Agents are not shown: {fault}"), Role::Bad)));
    lines
}

/// `more than 3 sessions`, and the instant back to which they were searched.
fn found_words(found: &Found, view: &ViewContext) -> (String, String) {
    let more = if found.is_more { "more than " } else { "" };
    let since = found.reached.map(|at| format!(" since {}", view.zone.short(at, view.now))).unwrap_or_default();
    (format!("{more}{}", counted(found.rows.len(), "session")), since)
}

/// The failed sessions by cause, the most frequent cause first.
fn open(card: &StoreCard, view: &ViewContext) -> Vec<(String, Role)> {
    let failed = &card.failed;
    let (count, since) = found_words(failed, view);
    if failed.rows.is_empty() {
        return vec![(format!("Open       no session has failed{since}"), Role::Good)];
    }
    let mut causes: BTreeMap<i64, (String, Vec<&Session>)> = BTreeMap::new();
    for session in failed.sessions() {
        let text = session.fold.winner.message.as_deref().unwrap_or("");
        let cause = Cause::of(text);
        causes.entry(cause.digest).or_insert_with(|| (cause.masked.clone(), Vec::new())).1.push(session);
    }
    let mut causes: Vec<_> = causes.into_values().collect();
    causes.sort_by(|one, other| other.1.len().cmp(&one.1.len()).then_with(|| one.0.cmp(&other.0)));
    let mut lines = vec![(format!("Open       {count} failed{since}"), Role::Bad)];
    for (masked, sessions) in causes.iter().take(MAX_CAUSES) {
        let text = if masked.trim().is_empty() { "no error text" } else { masked };
        let count = grouped(sessions.len());
        lines.push((format!(" {count:<9} {text}"), Role::Text));
    }
    let more = causes.len().saturating_sub(MAX_CAUSES);
    if more > 0 {
        lines.push((format!("{:<11}and {}", "", counted(more, "other cause")), Role::Text));
    }
    lines
}

/// The sessions in progress, by direction.
fn in_progress(card: &StoreCard, view: &ViewContext) -> Vec<(String, Role)> {
    let found = &card.in_progress;
    if found.rows.is_empty() {
        return vec![(format!("Sessions   none in progress{}", found_words(found, view).1), Role::Text)];
    }
    let more = if found.is_more { "more than " } else { "" };
    let of = |direction: Direction, noun: &str| {
        let sessions: Vec<_> = found.sessions().filter(|session| session.key.direction == direction).collect();
        let oldest = sessions.iter().map(|session| session.fold.created_at).min()?;
        let oldest = age(view.now.since(oldest));
        Some(format!("{more}{} in progress, the oldest of {oldest} ago", counted(sessions.len(), noun)))
    };
    let parts = [of(Direction::Download, "download"), of(Direction::Upload, "upload")];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    vec![(format!("Sessions   {parts}{}", found_words(found, view).1), Role::Text)]
}

/// What the store has still to download and apply.
fn backlog(card: &StoreCard) -> Option<(String, Role)> {
    let found = &card.in_progress;
    let downloads: Vec<_> = found.sessions().filter(|session| session.key.direction == Direction::Download).collect();
    let rows: i64 = downloads.iter().filter_map(|session| session.fold.rows_affected).sum();
    let of = |status: Status| {
        let count = downloads.iter().filter(|session| session.status() == status).count();
        (count > 0).then(|| format!("{} {status}", grouped(count)))
    };
    let statuses: Vec<_> = Status::all(Direction::Download).filter_map(of).collect();
    let more = if found.is_more { "more than " } else { "" };
    let text = format!("Backlog    {more}{} to apply: {}", counted(rows, "row"), statuses.join(", "));
    (!downloads.is_empty()).then_some((text, Role::Text))
}

/// When data last reached it or came from it.
fn last_data(card: &StoreCard, view: &ViewContext) -> Vec<(String, Role)> {
    let newest = |direction: Direction, at: fn(&Session) -> Option<Timestamp>| {
        let sessions = card.recent.sessions().filter(|session| session.key.direction == direction);
        sessions.filter_map(|session| Some((at(session)?, session))).max_by_key(|(at, _)| *at)
    };
    let line = |label: &str, found: Option<(Timestamp, &Session)>| {
        let text = found.map_or_else(
            || "none among the recent sessions".to_owned(),
            |(at, session)| {
                let ago = age(view.now.since(at).max(0));
                let (number, job) = (session.key.session_number, &session.fold.job_name);
                format!("{}, {ago} ago: session {number}, job {job}", view.zone.short(at, view.now))
            },
        );
        (format!("{label:<11}{text}"), Role::Text)
    };
    vec![
        line("Download", newest(Direction::Download, |session| session.fold.downloaded_at)),
        line("Apply", newest(Direction::Download, |session| session.fold.applied_at)),
        line("Upload", newest(Direction::Upload, |session| session.fold.uploaded_at)),
    ]
}
