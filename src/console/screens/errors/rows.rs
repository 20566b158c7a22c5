//! A cause as a row of Recent errors: its columns, its sort orders, and the details in the pane.

use crate::console::protocol::query::{CauseFacts, CauseLine, Place, TREND_COLUMNS};
use crate::console::protocol::time::age;
use crate::console::screens::overview::trend;
use crate::console::screens::small_list::{Rank, Row, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::explain::{status_help, what_next};
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Timestamp, counted, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, Subject, lists};

/// Maximum number of stores or jobs that a line of the pane names.
const MAX_NAMED: usize = 8;

/// A cause, and the number of its errors in each stretch of the last 24 hours.
#[derive(Clone)]
pub struct CauseRow {
    /// The cause, with its counts and what operators have set on it.
    pub cause: CauseLine,
    /// Errors in each stretch; `None` until they are loaded.
    pub counts: Option<[i64; TREND_COLUMNS]>,
    /// When the first stretch begins.
    pub from: Timestamp,
    /// Whether it was first seen within a day.
    pub is_new: bool,
}

impl Keyed for CauseRow {
    type Key = Place;
    fn key(&self) -> Place {
        // The last message may change between refreshes; the cause does not.
        (0, self.cause.digest)
    }
}

static COLUMNS: [Column<CauseRow>; 9] = [
    column("Last", 11).align_right().cell(|line, view| plain(age(view.now.since(line.cause.last_at)))),
    column("Open", 5)
        .align_right()
        .cell(|line, _| (grouped(line.cause.open), if line.cause.open > 0 { Role::Bad } else { Role::Text })),
    column("24 h", 6).align_right().drop(2).cell(|line, _| plain(grouped(line.cause.errors))),
    column("DBs", 4).align_right().drop(1).cell(|line, _| plain(grouped(line.cause.channel_databases))),
    column("Trend, 24 h", 12).drop(3).cell(|line, view| {
        let as_of = view.freshness.and_then(|freshness| freshness.as_of);
        plain(line.counts.map(|counts| trend(&counts, line.from, as_of)).unwrap_or_default())
    }),
    column("First", 12).drop(4).cell(|line, view| plain(view.zone.day(line.cause.first_seen_at, view.now))),
    column("Taken by", 8)
        .up_to(16)
        .drop(5)
        .cell(|line, view| plain(line.cause.taken_at(view.now).map_or("", |taken| taken.by.as_str()))),
    column("Note", 16).drop(6).cell(|line, _| plain(line.cause.note.as_deref().unwrap_or(""))),
    column("Cause, numbers and names masked", 34).cell(|line, _| plain(&line.cause.masked)),
];

impl Row for CauseRow {
    const NAME: &'static str = "recent errors";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Newest failure first; muted last", "");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        // Ranks new causes above open ones, and those above recovered ones.
        ("New", |line| Rank::Number(if line.is_new { 2 } else { line.cause.open.min(1) })),
        // Ranks by age, which the column shows: the newest error has the lowest rank.
        ("Last", |line| Rank::Number(-line.cause.last_at.0)),
        ("Open", |line| Rank::Number(line.cause.open)),
        ("24 h", |line| Rank::Number(line.cause.errors)),
        ("DBs", |line| Rank::Number(line.cause.channel_databases)),
        // By the errors of the last six hours.
        ("Trend, 24 h", |line| Rank::Number(line.counts.map_or(0, |counts| counts.iter().rev().take(3).sum()))),
        ("First", |line| Rank::Number(line.cause.first_seen_at.0)),
        ("Taken by", |line| words(line.cause.taken.as_ref().map_or("", |taken| taken.by.as_str()))),
        ("Note", |line| words(line.cause.note.as_deref().unwrap_or(""))),
        ("Cause, numbers and names masked", |line| words(&line.cause.masked)),
    ];
    const FIELDS: &'static FieldSet = lists::CAUSES;

    fn to_json(&self) -> serde_json::Value {
        to_json(&self.cause)
    }

    fn is_failure(&self) -> bool {
        self.cause.open > 0
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        self.cause.field_value(field)
    }

    fn search_text(&self) -> Option<&str> {
        self.cause.last_message.as_deref()
    }
}

/// Lists names with their counts: `S0131 3, S0196 2, and 8 more`.
fn listed(counts: &[(String, i64)], most: usize) -> String {
    let name = |name: &str| if name.is_empty() { "the package".to_owned() } else { name.to_owned() };
    let mut text: Vec<_> =
        counts.iter().take(most).map(|(of, count)| format!("{} {}", name(of), grouped(*count))).collect();
    let more = counts.len().saturating_sub(most);
    if more > 0 {
        text.push(format!("and {more} more"));
    }
    text.join(", ")
}

/// Returns the title of the pane: the newest error of the cause.
pub fn title(line: &CauseRow, view: &ViewContext) -> String {
    let cause = &line.cause;
    let place = if cause.last_channel_database.is_empty() { "the package" } else { &cause.last_channel_database };
    let status = cause.last_status.map_or_else(String::new, |status| format!(", {status}"));
    let at = view.zone.short(cause.last_at, view.now);
    format!("Newest of {}: on {place}, job {}{status} {at}", grouped(cause.errors), cause.last_job_name)
}

/// Returns the lines of the pane: the details of the cause.
pub fn details(line: &CauseRow, facts: Option<&CauseFacts>, view: &ViewContext) -> Vec<(String, Role)> {
    let cause = &line.cause;
    let at = |at: Timestamp| view.zone.short(at, view.now);
    let text = |text: String| (text, Role::Text);
    let mut lines: Vec<_> = match cause.last_message.as_deref().filter(|message| !message.trim().is_empty()) {
        Some(message) => message.lines().map(|line| text(line.to_owned())).collect(),
        None => vec![text("No error text.".to_owned())],
    };
    let stores = match (facts, cause.open) {
        (_, 0) => "none: every session has recovered".to_owned(),
        (Some(facts), _) if !facts.stores.is_empty() => listed(&facts.stores, MAX_NAMED),
        (_, open) => counted(open, "session"),
    };
    lines.push((format!("Open in    {stores}"), if cause.open > 0 { Role::Bad } else { Role::Text }));
    let new = if cause.is_new(view.now) { "; new since yesterday" } else { "" };
    lines.push(text(format!("Seen       first {}, last {}{new}", at(cause.first_seen_at), at(cause.last_at))));
    if let Some(facts) = facts.filter(|facts| !facts.jobs.is_empty()) {
        lines.push(text(format!("Jobs       {}", listed(&facts.jobs, MAX_NAMED))));
    }
    lines.extend(cause.note.as_ref().map(|note| text(format!("Note       {note}"))));
    if let Some(taken) = cause.taken_at(view.now) {
        let remark = taken.remark.as_ref().map_or_else(String::new, |remark| format!(": {remark}"));
        lines.push(text(format!("Taken by   {} until {}{remark}", taken.by, at(taken.until))));
    }
    if let Some((until, by)) = &cause.muted {
        let until = view.zone.long(*until);
        lines.push(text(format!("Muted      until {until} by {by}; still listed, at the bottom")));
    }
    if let Some(status) = cause.last_status {
        lines.push(text(format!("In AX      {}", status_help(cause.last_direction, status))));
        lines.push(text(what_next(cause.last_direction, status)));
    }
    lines
}
