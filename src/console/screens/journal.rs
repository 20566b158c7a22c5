//! The journal: who changed what, and when.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::journal::{JournalQuery, JournalRow, MAX_SESSIONS_OF_CHANGE, view_in_words};
use crate::console::protocol::query::{Answer, Piece, Place, Query, TimeColumns};
use crate::console::protocol::route::Route;
use crate::console::screens::arrangement::{Rank, SortOrder, words};
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::screens::related::Link;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{By, Direction, Order, Seek, SessionKey, to_json};
use crate::filter::{FieldSet, lists, quoted};

impl Keyed for JournalRow {
    type Key = Place;
    fn key(&self) -> Place {
        (self.at.0, self.entry_id)
    }
}

/// The source of the list.
pub struct Journal;

static COLUMNS: [Column<JournalRow>; 9] = [
    column("At", 11).cell(|row, view| plain(view.zone.short(row.at, view.now))),
    column("By", 10).up_to(16).cut_in_middle().cell(|row, _| plain(&row.operator)),
    column("What", 16).up_to(24).cell(|row, _| plain(&row.action)),
    column("On", 16).up_to(30).cell(|row, _| plain(&row.object)),
    column("Result", 6).up_to(10).drop(5).cell(|row, _| match (&row.undone_at, row.result.as_deref()) {
        (Some(_), _) => ("undone".to_owned(), Role::Dim),
        (None, Some("nothing" | "still rejected")) => (row.result.clone().unwrap_or_default(), Role::Warn),
        (None, result) => plain(result.unwrap_or("")),
    }),
    column("Client", 15).drop(6).cell(|row, _| plain(row.client.as_deref().unwrap_or(""))),
    column("Host", 8).up_to(12).drop(7).cut_in_middle().cell(|row, _| plain(row.host.as_deref().unwrap_or(""))),
    column("Row", 7).align_right().drop(8).cell(|row, _| plain(row.entry_id.to_string())),
    column("Detail", 12).up_to(24).drop(4).cell(|row, _| plain(&row.detail)),
];

static RANKS: [SortOrder<JournalRow>; 9] = [
    ("At", |row| Rank::Number(row.at.0)),
    ("By", |row| words(&row.operator)),
    ("What", |row| words(&row.action)),
    ("On", |row| words(&row.object)),
    ("Result", |row| words(row.undone_at.map_or(row.result.as_deref().unwrap_or(""), |_| "undone"))),
    ("Client", |row| words(row.client.as_deref().unwrap_or(""))),
    ("Host", |row| words(row.host.as_deref().unwrap_or(""))),
    ("Row", |row| Rank::Number(row.entry_id)),
    ("Detail", |row| words(&row.detail)),
];

/// The screen of what was changed; `None` if there is none, or if it is several.
fn changed(row: &JournalRow) -> Option<Link> {
    let object = row.object.as_str();
    if let Some(job_id) = object.strip_prefix("batch job ").and_then(|number| number.parse().ok()) {
        return Some((format!("Batch job {job_id}"), Route::BatchJob(job_id)));
    }
    if let Some(key) = session(object).filter(|_| row.action.ends_with(" session")) {
        return Some((format!("Session {}", key.session_number), Route::Session(key)));
    }
    if let Some(run_id) = object.strip_prefix("run ").and_then(|number| number.parse().ok()) {
        return Some((format!("Run {run_id}"), Route::Run(run_id)));
    }
    let link = |label: String, route| Some((label, route));
    match row.action.as_str() {
        "set parameter" => link("Retail scheduler parameters".to_owned(), Route::Parameters),
        "approve change" | "request approval" => link("Approvals".to_owned(), Route::Approvals),
        "set alerts" => link("Alert rules".to_owned(), Route::AlertRules),
        "add deadline" | "remove deadline" => link("Deadlines".to_owned(), Route::Deadlines),
        "silence alerts" | "end silence" => link("Silences".to_owned(), Route::Silences),
        "note on cause" | "mute cause" | "take cause" => link("Recent errors".to_owned(), Route::Errors),
        action if action.ends_with(" channel database") => {
            link(format!("Channel database {object}"), Route::Store(object.to_owned()))
        }
        action if action.ends_with(" batch server") => {
            link(format!("Batch server {object}"), Route::Servers(Some(object.to_owned())))
        }
        action if action.ends_with(" batch group") => {
            link(format!("Batch group {object}"), Route::BatchGroups(Some(object.to_owned())))
        }
        action if action.ends_with(" rejected message") => link("Rejected messages".to_owned(), Route::Rejected),
        "restore session" | "empty trash" => link("Trash".to_owned(), Route::Trash(None)),
        action if action.ends_with(" view") => link("Views".to_owned(), Route::Views(None)),
        _ => None,
    }
}

/// The session that the object of a row names.
fn session(object: &str) -> Option<SessionKey> {
    let mut words = object.splitn(3, ' ');
    let direction = words.next()?;
    let direction = Direction::ALL.into_iter().find(|known| known.to_string() == direction)?;
    let session_number = words.next()?.parse().ok()?;
    Some(SessionKey { direction, session_number, channel_database: words.next()?.to_owned() })
}

impl ListSource for Journal {
    type Row = JournalRow;
    type Key = i64;

    fn key(&self, row: &JournalRow) -> i64 {
        row.entry_id
    }

    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Journal"]
    }

    fn route(&self, filter: &str) -> Route {
        Route::Journal(filter.to_owned())
    }

    fn fields(&self) -> &'static FieldSet {
        lists::JOURNAL
    }

    fn title(&self, _: &Terms, _: bool) -> String {
        "Journal of changes".to_owned()
    }

    fn columns(&self) -> &'static [Column<JournalRow>] {
        &COLUMNS
    }

    fn name(&self) -> Option<&'static str> {
        Some("journal")
    }

    fn orders(&self) -> &'static [(By, &'static str, [&'static str; 2])] {
        &[(By::Time, "At", ["At, newest first", "At, oldest first"])]
    }

    fn ranks(&self) -> &'static [SortOrder<JournalRow>] {
        &RANKS
    }

    fn piece_query(&self, terms: &Terms, _: bool, order: Order, seek: Seek<Place>) -> Query {
        Query::Journal(JournalQuery::Rows(terms.journal(order), seek))
    }

    fn has_failures(&self) -> bool {
        false
    }

    fn next_failure_query(&self, _: &Terms, _: bool, _: Order, _: Seek<Place>) -> Option<Query> {
        None
    }

    fn count_newer_query(&self, terms: &Terms, _: bool, order: Order, place: Place) -> Query {
        Query::Journal(JournalQuery::Newer(terms.journal(order), place))
    }

    fn count_query(&self, terms: &Terms, _: bool) -> Option<Query> {
        let filter = terms.journal(Order::default());
        (!filter.is_search()).then_some(Query::Journal(JournalQuery::Count(filter)))
    }

    fn histogram_query(&self, terms: &Terms, _: bool, columns: TimeColumns) -> Query {
        Query::Journal(JournalQuery::Histogram(terms.journal(Order::default()), columns))
    }

    fn groups(&self, terms: &Terms, _: bool) -> (GroupQuery, &'static [&'static str]) {
        let query = GroupQuery::Journal(terms.journal(Order::default()));
        let fields = query.fields();
        (query, fields)
    }

    fn rows(&self, answer: Answer) -> Option<Piece<JournalRow>> {
        match answer {
            Answer::Journal(piece) => Some(piece),
            _ => None,
        }
    }

    fn hides_rows(&self) -> bool {
        false
    }

    fn is_failure(&self, _: &JournalRow) -> bool {
        false
    }

    fn detail_title(&self, row: &JournalRow) -> String {
        format!("Journal row {}", row.entry_id)
    }

    fn detail(&self, row: &JournalRow, view: &ViewContext) -> Vec<(String, Role)> {
        let from = match (&row.client, &row.host) {
            (Some(client), Some(host)) => format!(" from {client} on {host}"),
            (None, Some(host)) => format!(" on {host}"),
            _ => String::new(),
        };
        let mut lines = vec![
            (format!("{}: {}", row.action, row.object), Role::Text),
            (format!("By {}{from}, {}", row.operator, view.zone.long(row.at)), Role::Text),
        ];
        let named = [("Reason", &row.reason), ("Before", &row.before), ("After", &row.after), ("Result", &row.result)];
        let is_view = row.action.ends_with(" view");
        let words = |value: &str| if is_view { view_in_words(value) } else { value.to_owned() };
        let shown = named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        lines.extend(shown.map(|(name, value)| {
            let value = if matches!(name, "Before" | "After") { words(value) } else { value.to_owned() };
            (format!("{name:<7} {value}"), Role::Text)
        }));
        if !row.detail.is_empty() && row.reason.as_ref() != Some(&row.detail) {
            lines.push((format!("Detail  {}", row.detail), Role::Text));
        }
        if let (Some(at), Some(by)) = (row.undone_at, &row.undone_by) {
            lines.push((format!("Undone  by {by}, {}", view.zone.long(at)), Role::Warn));
        }
        lines.extend(row.digest.as_ref().map(|digest| (format!("Digest  {digest}"), Role::Dim)));
        lines
    }

    fn detail_query(&self, row: &JournalRow) -> Option<Query> {
        row.action.ends_with(" session").then_some(Query::Journal(JournalQuery::Sessions(row.entry_id)))
    }

    fn detail_lines(&self, row: &JournalRow, answer: &Answer, _: &ViewContext) -> Option<Vec<(String, Role)>> {
        let Answer::JournalSessions(entry_id, keys) = answer else { return None };
        if *entry_id != row.entry_id {
            return None;
        }
        let mut lines = Vec::new();
        if keys.len() > 1 {
            let shown = keys.iter();
            lines.extend(
                shown.map(|key| {
                    (format!("{} {} {}", key.direction, key.session_number, key.channel_database), Role::Text)
                }),
            );
        }
        if i64::try_from(keys.len()).is_ok_and(|count| count >= MAX_SESSIONS_OF_CHANGE) {
            lines.push((format!("The first {MAX_SESSIONS_OF_CHANGE} sessions are shown."), Role::Dim));
        }
        Some(lines)
    }

    fn explain(&self, row: &JournalRow, view: &ViewContext) -> Option<Effect> {
        let mut lines: Vec<_> = self.detail(row, view).into_iter().map(|(line, _)| line).collect();
        lines.push(String::new());
        lines.push("cdx journal verify proves that no row was changed, removed, inserted or moved.".to_owned());
        Some(Effect::Show { title: self.detail_title(row), lines })
    }

    fn open(&self, row: &JournalRow) -> Route {
        let same = || Route::Journal(format!("on:{}", quoted(&row.object)));
        changed(row).map_or_else(same, |(_, route)| route)
    }

    fn related(&self, row: &JournalRow) -> Vec<Link> {
        let mut related: Vec<_> = changed(row).into_iter().collect();
        related.push((format!("All changes on {}", row.object), Route::Journal(format!("on:{}", quoted(&row.object)))));
        related.push((
            format!("All changes by {}", row.operator),
            Route::Journal(format!("by:{}", quoted(&row.operator))),
        ));
        related
    }

    fn record(&self, row: &JournalRow) -> serde_json::Value {
        to_json(row)
    }

    fn store(&self, row: &JournalRow) -> String {
        let of_session = session(&row.object).map(|key| key.channel_database);
        let is_store = row.action.ends_with(" channel database");
        of_session.unwrap_or_else(|| if is_store { row.object.clone() } else { String::new() })
    }

    fn list_command(&self, _: bool) -> Option<String> {
        Some("cdx journal".to_owned())
    }

    fn copy_texts(&self, row: &JournalRow) -> (String, String) {
        let text = format!("{} {} {} {}", row.at.to_rfc3339(), row.operator, row.action, row.object);
        (text, format!("cdx journal --json --filter row:{}", row.entry_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn the_object_of_a_row_leads_to_its_screen() {
        let row = |action: &str, object: &str| JournalRow {
            entry_id: 1,
            at: Timestamp(0),
            operator: "r.vermeer".to_owned(),
            client: None,
            host: None,
            action: action.to_owned(),
            object: object.to_owned(),
            detail: String::new(),
            before: None,
            after: None,
            reason: None,
            result: None,
            undone_at: None,
            undone_by: None,
            login: None,
            digest: None,
        };
        let key = |number| SessionKey {
            direction: Direction::Download,
            session_number: number,
            channel_database: "S 1".to_owned(),
        };
        for (action, object, route) in [
            ("cancel session", "download 7 S 1", Route::Session(key(7))),
            ("cancel session", "25 sessions", Route::Journal("on:\"25 sessions\"".to_owned())),
            ("change status", "batch job 12", Route::BatchJob(12)),
            ("set parameter", "retention-days", Route::Parameters),
            ("note on channel database", "S0001", Route::Store("S0001".to_owned())),
            ("hand over channel database", "S0001", Route::Store("S0001".to_owned())),
            ("save batch group", "night", Route::BatchGroups(Some("night".to_owned()))),
            ("change batch server", "hq-1", Route::Servers(Some("hq-1".to_owned()))),
            ("mute cause", "Deadlock of process #", Route::Errors),
            ("end silence", "silence 3", Route::Silences),
            ("set alerts", "the exchange", Route::AlertRules),
            ("add deadline", "deadline 3", Route::Deadlines),
            ("take cause", "Deadlock of process #", Route::Errors),
            ("dismiss rejected message", "17", Route::Rejected),
            ("restore session", "download 7 S 1", Route::Session(key(7))),
            ("restore session", "25 sessions", Route::Trash(None)),
            ("undo", "journal row 12", Route::Journal("on:\"journal row 12\"".to_owned())),
        ] {
            assert_eq!(Journal.open(&row(action, object)), route, "{action} {object}");
        }
    }
}
