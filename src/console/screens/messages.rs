//! Status messages: what agents reported, one by one.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::query::{Answer, Piece, Place, Query, TimeColumns, TransferredMessage};
use crate::console::protocol::route::Route;
use crate::console::screens::arrangement::{Rank, SortOrder, words};
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::screens::related::{self, Link};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::console::view::explain::{status_help, what_next};
use crate::console::view::theme::{Role, status_glyph};
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{By, Direction, Order, Seek, counted, grouped, to_json};
use crate::filter::{FieldSet, lists};

impl Keyed for TransferredMessage {
    type Key = Place;
    fn key(&self) -> Place {
        (self.occurred_at.0, self.message_key)
    }
}

/// The source of the list.
pub struct Messages;

static COLUMNS: [Column<TransferredMessage>; 11] = [
    column("Occurred", 11).cell(|row, view| plain(view.zone.short(row.occurred_at, view.now))),
    column("Status", 17).cell(|row, _| {
        let (shape, role) = status_glyph(row.status);
        (format!("{shape} {}", row.status), role)
    }),
    column("Direction", 9)
        .drop(5)
        .cell(|row, _| plain(if row.direction == Direction::Download { "Download" } else { "Upload" })),
    column("Job", 6).cut_in_middle().cell(|row, _| plain(&row.job_name)),
    column("Channel DB", 10).cut_in_middle().cell(|row, _| plain(&row.channel_database)),
    column("Session", 8).align_right().drop(1).cell(|row, _| plain(row.session_number.to_string())),
    column("Try", 3).align_right().drop(2).cell(|row, _| plain(row.try_count.to_string())),
    column("Rows", 9).align_right().drop(6).cell(|row, _| plain(row.rows_affected.map(grouped).unwrap_or_default())),
    column("Arrived", 11).drop(7).cell(|row, view| plain(view.zone.short(row.transferred_at, view.now))),
    column("By", 14).drop(8).cut_in_middle().cell(|row, _| plain(row.posted_by.as_deref().unwrap_or(""))),
    column("Message", 12).up_to(24).drop(4).cell(|row, _| plain(row.message.as_deref().unwrap_or(""))),
];

static RANKS: [SortOrder<TransferredMessage>; 11] = [
    ("Occurred", |row| Rank::Number(row.occurred_at.0)),
    ("Status", |row| words(row.status.label())),
    ("Direction", |row| words(row.direction.word())),
    ("Job", |row| words(&row.job_name)),
    ("Channel DB", |row| words(&row.channel_database)),
    ("Session", |row| Rank::Number(row.session_number)),
    ("Try", |row| Rank::Number(row.try_count)),
    ("Rows", |row| Rank::optional(row.rows_affected)),
    ("Arrived", |row| Rank::Number(row.transferred_at.0)),
    ("By", |row| words(row.posted_by.as_deref().unwrap_or(""))),
    ("Message", |row| words(row.message.as_deref().unwrap_or(""))),
];

impl ListSource for Messages {
    type Row = TransferredMessage;
    type Key = i64;

    fn key(&self, row: &TransferredMessage) -> i64 {
        row.message_key
    }

    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Status messages"]
    }

    fn route(&self, filter: &str) -> Route {
        Route::Messages(filter.to_owned())
    }

    fn fields(&self) -> &'static FieldSet {
        lists::MESSAGES
    }

    fn title(&self, _: &Terms, _: bool) -> String {
        "Status messages at head office".to_owned()
    }

    fn columns(&self) -> &'static [Column<TransferredMessage>] {
        &COLUMNS
    }

    fn name(&self) -> Option<&'static str> {
        Some("status messages")
    }

    fn orders(&self) -> &'static [(By, &'static str, [&'static str; 2])] {
        &[(By::Time, "Occurred", ["Occurred, newest first", "Occurred, oldest first"])]
    }

    fn ranks(&self) -> &'static [SortOrder<TransferredMessage>] {
        &RANKS
    }

    fn piece_query(&self, terms: &Terms, _: bool, order: Order, seek: Seek<Place>) -> Query {
        Query::Messages(terms.messages(order), seek)
    }

    fn next_failure_query(&self, terms: &Terms, _: bool, order: Order, seek: Seek<Place>) -> Option<Query> {
        let mut filter = terms.messages(order);
        let had_statuses = !filter.statuses.is_empty();
        filter.statuses.retain(|status| status.is_failed());
        filter.failed = true;
        (!had_statuses || !filter.statuses.is_empty()).then_some(Query::NextMessage(filter, seek))
    }

    fn count_newer_query(&self, terms: &Terms, _: bool, order: Order, place: Place) -> Query {
        Query::NewerMessages(terms.messages(order), place)
    }

    fn count_query(&self, terms: &Terms, _: bool) -> Option<Query> {
        let filter = terms.messages(Order::default());
        (!filter.is_search()).then_some(Query::CountMessages(filter))
    }

    fn histogram_query(&self, terms: &Terms, _: bool, columns: TimeColumns) -> Query {
        Query::MessageHistogram(terms.messages(Order::default()), columns)
    }

    fn groups(&self, terms: &Terms, _: bool) -> (GroupQuery, &'static [&'static str]) {
        let query = GroupQuery::Messages(terms.messages(Order::default()));
        let fields = query.fields();
        (query, fields)
    }

    fn rows(&self, answer: Answer) -> Option<Piece<TransferredMessage>> {
        match answer {
            Answer::Messages(piece) => Some(piece),
            _ => None,
        }
    }

    fn hides_rows(&self) -> bool {
        false
    }

    fn is_failure(&self, row: &TransferredMessage) -> bool {
        row.status.is_failed()
    }

    fn error<'r>(&self, row: &'r TransferredMessage) -> Option<&'r str> {
        row.message.as_deref()
    }

    fn detail_title(&self, row: &TransferredMessage) -> String {
        let brought = match row.run_id {
            // An operator's request was posted outside of any run.
            0 => "written by an operator's action".to_owned(),
            run_id => format!("run {run_id}"),
        };
        format!("Message {} of session {} · {brought}", row.message_id, row.session_number)
    }

    fn detail(&self, row: &TransferredMessage, view: &ViewContext) -> Vec<(String, Role)> {
        let at = |at| view.zone.long(at);
        let (shape, role) = status_glyph(row.status);
        let place = if row.channel_database.is_empty() { "the package" } else { &row.channel_database };
        let mut lines =
            vec![(format!("{shape} {} on {place}, job {}, try {}", row.status, row.job_name, row.try_count), role)];
        lines.extend(row.message.clone().map(|message| (message, Role::Text)));
        lines.push((
            format!(
                "Occurred {} · posted {} by {} · at head office {}",
                at(row.occurred_at),
                at(row.posted_at),
                row.posted_by.as_deref().unwrap_or("an unnamed agent"),
                at(row.transferred_at)
            ),
            Role::Text,
        ));
        let mut more = vec![format!("GUID {}", row.message_guid)];
        more.extend(row.rows_affected.map(|rows| counted(rows, "row")));
        more.extend(row.file_size.map(|size| format!("{} bytes", grouped(size))));
        more.extend(row.row_version.map(|version| format!("row version {}", grouped(version))));
        more.extend(row.data_path.clone());
        more.extend(row.extra.clone());
        lines.push((more.join(" · "), Role::Dim));
        lines
    }

    fn explain(&self, row: &TransferredMessage, _: &ViewContext) -> Option<Effect> {
        let lines = vec![
            format!("{}: {}", row.status, status_help(row.direction, row.status)),
            String::new(),
            what_next(row.direction, row.status),
        ];
        Some(Effect::Show { title: self.detail_title(row), lines })
    }

    fn open(&self, row: &TransferredMessage) -> Route {
        Route::Session(row.session_key())
    }

    fn related(&self, row: &TransferredMessage) -> Vec<Link> {
        let number = row.session_number;
        let place = if row.channel_database.is_empty() { "the package" } else { &row.channel_database };
        let mut related = vec![(format!("Session {number} on {place}"), Route::Session(row.session_key()))];
        related.extend(related::run(row.run_id, "which transferred it"));
        let everywhere = Route::Sessions(row.direction, format!("session:{number}"));
        related.push((format!("Session {number} on every store"), everywhere));
        related.extend(related::store(&row.channel_database));
        let text = row.message.as_deref().unwrap_or("");
        related.extend(row.status.is_failed().then(|| related::cause(text)));
        related
    }

    fn record(&self, row: &TransferredMessage) -> serde_json::Value {
        to_json(row)
    }

    fn store(&self, row: &TransferredMessage) -> String {
        row.channel_database.clone()
    }

    fn list_command(&self, _: bool) -> Option<String> {
        Some("cdx messages".to_owned())
    }

    fn copy_texts(&self, row: &TransferredMessage) -> (String, String) {
        let text = row.message.clone().unwrap_or_else(|| row.message_guid.clone());
        let store = shell_quoted(&row.channel_database);
        (text, format!("cdx messages --direction {} --session {} --store {store}", row.direction, row.session_number))
    }
}
