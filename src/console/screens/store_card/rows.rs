//! The newest sessions of a channel database as rows of a list.

use crate::console::protocol::query::PlacedSession;
use crate::console::screens::small_list::{Rank, Row, SortOrder, words};
use crate::console::view::theme::status_glyph;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Direction, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, lists};

static COLUMNS: [Column<PlacedSession>; 7] = [
    column("Modified", 11).cell(|row, view| plain(view.zone.short(row.session.fold.modified_at, view.now))),
    column("Direction", 9).drop(3).cell(|row, _| {
        plain(match row.session.key.direction {
            Direction::Download => "Download",
            Direction::Upload => "Upload",
        })
    }),
    column("Status", 17).cell(|row, _| {
        let (shape, role) = status_glyph(row.session.status());
        (format!("{shape} {}", row.session.status()), role)
    }),
    column("Job", 6).drop(1).cut_in_middle().cell(|row, _| plain(&row.session.fold.job_name)),
    column("Session", 8).align_right().cell(|row, _| plain(row.session.key.session_number.to_string())),
    column("Rows", 9)
        .align_right()
        .drop(5)
        .cell(|row, _| plain(row.session.fold.rows_affected.map(grouped).unwrap_or_default())),
    column("Message", 10)
        .up_to(24)
        .drop(4)
        .cell(|row, _| plain(row.session.fold.winner.message.clone().unwrap_or_default())),
];

impl Row for PlacedSession {
    const NAME: &'static str = "recent sessions";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Modified, newest first", "Modified");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Modified", |row| Rank::Number(row.session.fold.modified_at.0)),
        ("Direction", |row| words(row.session.key.direction.word())),
        ("Status", |row| words(&row.session.status().to_string())),
        ("Job", |row| words(&row.session.fold.job_name)),
        ("Session", |row| Rank::Number(row.session.key.session_number)),
        ("Rows", |row| Rank::Number(row.session.fold.rows_affected.unwrap_or(-1))),
        ("Message", |row| words(row.session.fold.winner.message.as_deref().unwrap_or(""))),
    ];
    const FIELDS: &'static FieldSet = lists::STATES;

    fn to_json(&self) -> serde_json::Value {
        to_json(&self.session)
    }

    fn is_failure(&self) -> bool {
        self.session.status().is_failed()
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let (key, fold) = (&self.session.key, &self.session.fold);
        match field {
            "status" => FieldValue::Choice(self.session.status().word()),
            "direction" => FieldValue::Choice(key.direction.word()),
            "store" => FieldValue::text(Some(&key.channel_database)),
            "job" => FieldValue::text(Some(&fold.job_name)),
            "session" => FieldValue::Number(key.session_number),
            "text" => FieldValue::text(fold.winner.message.as_deref()),
            "rows" => FieldValue::number(fold.rows_affected),
            "modified" => FieldValue::Number(fold.modified_at.0),
            _ => FieldValue::Empty,
        }
    }
}
