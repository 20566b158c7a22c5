//! The rows of Async Server connection status: columns, orders, fields.

use crate::console::protocol::query::Connection;
use crate::console::protocol::time::age;
use crate::console::screens::small_list::{Rank, Row, SortOrder, words};
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{self, Column, column, plain};
use crate::domain::to_json;
use crate::filter::{FieldSet, FieldValue, Subject, lists};

impl Keyed for Connection {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&(self.name(), self.agent.as_ref().map(|agent| &agent.name)))
    }
}

/// A gap between two reports, in words.
fn gap_words(row: &Connection) -> String {
    let usual = row.database.as_ref().and_then(|database| database.presence.usual_gap);
    usual.map(age).unwrap_or_default()
}

static COLUMNS: [Column<Connection>; 7] = [
    column("Database", 9).up_to(16).cut_in_middle().cell(|row, _| plain(row.name())),
    column("Last message", 12).cell(|row, view| {
        plain(
            row.database
                .as_ref()
                .map_or_else(String::new, |database| view.zone.short(database.presence.last_seen_at, view.now)),
        )
    }),
    column("Silent for", 11).align_right().cell(|row, view| {
        let silence = row.silence(view.now);
        (silence.map(age).unwrap_or_default(), if row.quiet { Role::Warn } else { Role::Text })
    }),
    column("Usual gap", 10).align_right().drop(1).cell(|row, _| plain(gap_words(row))),
    column("Agent", 18)
        .up_to(24)
        .drop(2)
        .cut_in_middle()
        .cell(|row, _| plain(row.agent.as_ref().map_or("", |agent| &agent.name))),
    column("Last seen", 16).drop(3).cell(|row, view| {
        plain(row.agent.as_ref().map_or_else(String::new, |agent| view.zone.short(agent.last_seen_at, view.now)))
    }),
    column("Note", 6)
        .drop(4)
        .cell(|row, _| plain(row.database.as_ref().and_then(|database| database.note.clone()).unwrap_or_default())),
];

impl Row for Connection {
    const NAME: &'static str = "connections";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Quiet ones first, then by name", "");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Database", |row| words(row.name())),
        ("Last message", |row| Rank::Number(row.database.as_ref().map_or(0, |it| it.presence.last_seen_at.0))),
        // The longer ago its last message, the longer it is silent.
        ("Silent for", |row| Rank::Number(row.database.as_ref().map_or(i64::MIN, |it| -it.presence.last_seen_at.0))),
        ("Usual gap", |row| Rank::Number(row.database.as_ref().and_then(|it| it.presence.usual_gap).unwrap_or(0))),
        ("Agent", |row| words(row.agent.as_ref().map_or("", |agent| &agent.name))),
        ("Last seen", |row| Rank::Number(row.agent.as_ref().map_or(0, |agent| agent.last_seen_at.0))),
        ("Note", |row| words(row.database.as_ref().and_then(|it| it.note.as_deref()).unwrap_or(""))),
    ];
    const FIELDS: &'static FieldSet = lists::CONNECTIONS;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn is_failure(&self) -> bool {
        self.quiet
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }
}
