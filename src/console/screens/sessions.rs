//! Download sessions and Upload sessions.

use super::super::acts::Act;
use super::super::filter::Terms;
use super::super::query::{Answer, Place, Query, SessionPlaced};
use super::super::screen::{Action, Target, View};
use super::super::theme::{Role, status_shape};
use super::super::widgets::list::Keyed;
use super::super::widgets::table::Column;
use super::source::Source;
use crate::domain::{Direction, Seek, Session, SessionKey, grouped, may_cancel};

impl Keyed for SessionPlaced {
    type Key = Place;
    fn key(&self) -> Place {
        self.place
    }
}

/// The sessions of one form.
pub struct Sessions {
    direction: Direction,
    cause: Option<(i64, String)>,
}

impl Sessions {
    /// All of them.
    pub fn new(direction: Direction) -> Self {
        Self { direction, cause: None }
    }

    /// Those whose state is a failure of one cause.
    pub fn of_cause(direction: Direction, cause: i64, masked: String) -> Self {
        Self { direction, cause: Some((cause, masked)) }
    }

    fn filter(&self, terms: &Terms, all: bool) -> super::super::query::SessionFilter {
        let mut filter = terms.sessions(self.direction, all);
        filter.cause = self.cause.as_ref().map(|(cause, _)| *cause);
        filter
    }
}

/// The form's name.
pub fn form(direction: Direction) -> &'static str {
    match direction {
        Direction::Download => "Download sessions",
        Direction::Upload => "Upload sessions",
    }
}

const fn column(
    heading: &'static str,
    width: u16,
    right: bool,
    drop: u8,
    cell: fn(&SessionPlaced, &View) -> (String, Role),
) -> Column<SessionPlaced> {
    Column { heading, width, most: width, right, drop, cell }
}

fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

static COLUMNS: [Column<SessionPlaced>; 10] = [
    column("Modified ▼", 11, false, 0, |row, view| plain(view.zone.short(row.session.fold.modified_at, view.now))),
    column("Status", 17, false, 0, |row, _| {
        let (shape, role) = status_shape(row.session.status());
        (format!("{shape} {}", row.session.status()), role)
    }),
    column("Job", 6, false, 0, |row, _| plain(&row.session.fold.job_name)),
    column("Group", 10, false, 5, |row, _| plain(row.session.fold.channel_data_group.as_deref().unwrap_or(""))),
    Column { most: 10, ..column("DB", 5, false, 0, |row, _| plain(&row.session.key.channel_database)) },
    column("Session", 8, true, 2, |row, _| plain(row.session.key.session_number.to_string())),
    column("Try", 3, true, 3, |row, _| plain(row.session.fold.winner.try_count.to_string())),
    column("Rows", 9, true, 6, |row, _| plain(row.session.fold.rows_affected.map(grouped).unwrap_or_default())),
    column("Applied", 11, false, 7, |row, view| {
        plain(row.session.fold.applied_at.map(|at| view.zone.short(at, view.now)).unwrap_or_default())
    }),
    column("Message", 12, false, 4, |row, _| plain(remark(&row.session))),
];

/// The error text; of a session that healed, what went wrong before.
fn remark(session: &Session) -> String {
    let fold = &session.fold;
    match (&fold.winner.message, &fold.last_error) {
        (Some(message), _) if !message.is_empty() => message.clone(),
        (_, Some(last)) if !session.status().is_failed() => {
            format!("failed before: {}", last.failure.message.as_deref().unwrap_or("no text"))
        }
        _ => String::new(),
    }
}

impl Source for Sessions {
    type Row = SessionPlaced;
    type Key = SessionKey;

    fn key(&self, row: &SessionPlaced) -> SessionKey {
        row.session.key.clone()
    }

    fn all_keys(&self, terms: &Terms, all: bool) -> Option<Query> {
        Some(Query::SessionKeys(self.filter(terms, all)))
    }

    fn keys(&self, answer: Answer) -> Result<Vec<SessionKey>, Answer> {
        match answer {
            Answer::SessionKeys(keys) => Ok(keys),
            answer => Err(answer),
        }
    }

    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", form(self.direction)]
    }

    fn target(&self, filter: &str) -> Target {
        match &self.cause {
            Some((cause, masked)) => Target::SessionsOfCause(self.direction, *cause, masked.clone()),
            None => Target::Sessions(self.direction, filter.to_owned()),
        }
    }

    fn direction(&self) -> Option<Direction> {
        Some(self.direction)
    }

    fn title(&self, _: &Terms, all: bool) -> String {
        let name = form(self.direction);
        match &self.cause {
            Some((_, masked)) => format!("{name} still in: {masked}"),
            None if all => format!("{name}, all records"),
            None => name.to_owned(),
        }
    }

    fn columns(&self) -> &'static [Column<SessionPlaced>] {
        &COLUMNS
    }

    fn piece(&self, terms: &Terms, all: bool, seek: Seek<Place>) -> Query {
        Query::Sessions(self.filter(terms, all), seek)
    }

    fn count(&self, terms: &Terms, all: bool) -> Query {
        Query::CountSessions(self.filter(terms, all))
    }

    fn rows(&self, answer: Answer) -> Option<(Seek<Place>, Vec<SessionPlaced>)> {
        match answer {
            Answer::Sessions(seek, rows) => Some((seek, rows)),
            _ => None,
        }
    }

    fn hides(&self) -> bool {
        self.direction == Direction::Download && self.cause.is_none()
    }

    fn is_failure(&self, row: &SessionPlaced) -> bool {
        row.session.status().is_failed()
    }

    fn detail_title(&self, row: &SessionPlaced) -> String {
        title(&row.session)
    }

    fn detail(&self, row: &SessionPlaced, view: &View) -> Vec<(String, Role)> {
        facts(&row.session, view)
    }

    fn open(&self, row: &SessionPlaced) -> Target {
        Target::Session(row.session.key.clone())
    }

    fn related(&self, row: &SessionPlaced) -> Target {
        let key = &row.session.key;
        let store = if key.channel_database.is_empty() {
            String::new()
        } else {
            format!(" store:\"{}\"", key.channel_database)
        };
        Target::Messages(format!("direction:{} session:{}{store}", key.direction, key.session_number))
    }

    fn copies(&self, row: &SessionPlaced) -> (String, String) {
        copies(&row.session)
    }

    fn can_change(&self) -> bool {
        true
    }

    fn actions(&self, row: &SessionPlaced, chosen: &[SessionKey], view: &View) -> Vec<Action> {
        let refused = match may_cancel(row.session.status()) {
            _ if chosen.len() > 1 => Some("one at a time".to_owned()),
            _ if view.read_only => Some("this console is read-only".to_owned()),
            Err(why) => Some(why.to_owned()),
            Ok(()) => None,
        };
        vec![Action { letter: 'c', label: "Cancel…", refused }]
    }

    fn act(&self, chosen: &[SessionKey], letter: char) -> Option<Act> {
        let key = chosen.first().filter(|_| letter == 'c' && chosen.len() == 1)?;
        Some(Act::CancelSession(key.clone(), String::new()))
    }
}

/// `1084971 on S0131 · job 1040`.
pub fn title(session: &Session) -> String {
    let key = &session.key;
    let place = if key.channel_database.is_empty() { "the package" } else { key.channel_database.as_str() };
    format!("{} on {place} · job {}", key.session_number, session.fold.job_name)
}

/// What is known of a session, line by line.
pub fn facts(session: &Session, view: &View) -> Vec<(String, Role)> {
    let fold = &session.fold;
    let (shape, role) = status_shape(session.status());
    let at = |at| view.zone.short(at, view.now);
    let tried = format!("{shape} {} {}, try {}", session.status(), at(fold.winner.occurred_at), fold.winner.try_count);
    let mut first = vec![tried];
    first.extend(fold.rows_affected.map(|rows| format!("{} rows", grouped(rows))));
    first.extend(fold.channel_data_group.as_ref().map(|group| format!("group {group}")));
    first.extend(fold.distribution_schedule.clone());
    let mut lines = vec![(first.join(" · "), role)];
    if let Some(message) = fold.winner.message.as_ref().filter(|message| !message.is_empty()) {
        lines.push((message.clone(), Role::Text));
    }
    if let Some(last) = fold.last_error.as_ref().filter(|_| !session.status().is_failed()) {
        let text = last.failure.message.as_deref().unwrap_or("no text");
        lines.push((
            format!("Before that: {} {}: {text}", last.failure.status, at(last.failure.occurred_at)),
            Role::Text,
        ));
    }
    let dates = [
        ("Created", Some(fold.created_at)),
        ("Requested", fold.requested_at),
        ("Downloaded", fold.downloaded_at),
        ("Uploaded", fold.uploaded_at),
        ("Applied", fold.applied_at),
    ];
    let dates: Vec<_> = dates.into_iter().filter_map(|(name, date)| Some(format!("{name} {}", at(date?)))).collect();
    lines.push((dates.join(" · "), Role::Text));
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

/// A session as text, and the command that prints it.
pub fn copies(session: &Session) -> (String, String) {
    let key = &session.key;
    let text = session.fold.winner.message.clone().filter(|message| !message.is_empty());
    let text =
        text.unwrap_or_else(|| format!("{} {} {}", key.session_number, key.channel_database, session.status().word()));
    let store = if key.channel_database.is_empty() {
        String::new()
    } else {
        format!(" --store {}", quoted(&key.channel_database))
    };
    (text, format!("cdx messages --direction {} --session {}{store}", key.direction, key.session_number))
}

/// An argument as a shell takes it, whatever it holds.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
