//! Download sessions and Upload sessions.

pub mod columns;
pub mod facts;
mod texts;

pub use texts::{copies, title};

use crate::console::protocol::effect::Action;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::query::{Answer, Choose, Piece, Place, PlacedSession, Query, SessionFilter, TimeColumns};
use crate::console::protocol::route::Route;
use crate::console::protocol::route::form_title;
use crate::console::screens::arrangement::SortOrder;
use crate::console::screens::paged_list::list_source::{ListSource, Related};
use crate::console::screens::related::{self, Link};
use crate::console::screens::session_actions::{self, Target};
use crate::console::screens::sessions::columns::{DOWNLOAD_HISTORY, DOWNLOADS, RANKS, UPLOAD_HISTORY, UPLOADS};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::Column;
use crate::domain::{By, Direction, Order, Seek, SessionKey, Status, to_json};
use crate::filter::{FieldSet, lists};

impl Keyed for PlacedSession {
    type Key = Place;
    fn key(&self) -> Place {
        self.place
    }
}

/// The sessions of one form.
pub struct Sessions {
    direction: Direction,
    cause: Option<(i64, String)>,
    schedule: Option<String>,
}

impl Sessions {
    /// The list of all sessions of a direction.
    pub fn new(direction: Direction) -> Self {
        Self { direction, cause: None, schedule: None }
    }

    /// Those whose state is a failure of one cause.
    pub fn of_cause(direction: Direction, cause: i64, masked: String) -> Self {
        Self { cause: Some((cause, masked)), ..Self::new(direction) }
    }

    /// Those of one distribution schedule.
    pub fn of_schedule(direction: Direction, schedule: String) -> Self {
        Self { schedule: Some(schedule), ..Self::new(direction) }
    }

    fn filter(&self, terms: &Terms, all: bool, order: Order) -> SessionFilter {
        let own = SessionFilter {
            cause: self.cause.as_ref().map(|(cause, _)| *cause),
            schedule: self.schedule.clone(),
            ..SessionFilter::new(self.direction)
        };
        SessionFilter { no_data: all, order, ..own }.with_terms(&terms.filter)
    }
}

impl ListSource for Sessions {
    type Row = PlacedSession;
    type Key = SessionKey;

    fn key(&self, row: &PlacedSession) -> SessionKey {
        row.session.key.clone()
    }

    fn all_keys_query(&self, terms: &Terms, all: bool) -> Option<Query> {
        Some(Query::SessionKeys(self.filter(terms, all, Order::default())))
    }

    fn keys(&self, answer: Answer) -> Result<Vec<SessionKey>, Answer> {
        match answer {
            Answer::SessionKeys(keys) => Ok(keys),
            answer => Err(answer),
        }
    }

    fn path(&self) -> Vec<&'static str> {
        if self.schedule.is_some() {
            return vec!["Retail", "Periodic", "Data distribution", "Distribution schedule", "History"];
        }
        vec!["Retail", "Inquiries", "Commerce Data Exchange", form_title(self.direction)]
    }

    fn route(&self, filter: &str) -> Route {
        match (&self.cause, &self.schedule) {
            (Some((cause, masked)), _) => Route::SessionsOfCause(self.direction, *cause, masked.clone()),
            (None, Some(schedule)) => Route::History(self.direction, schedule.clone(), filter.to_owned()),
            (None, None) => Route::Sessions(self.direction, filter.to_owned()),
        }
    }

    fn fields(&self) -> &'static FieldSet {
        lists::sessions(self.direction)
    }

    fn title(&self, _: &Terms, all: bool) -> String {
        let name = form_title(self.direction);
        match (&self.cause, &self.schedule) {
            (Some((_, masked)), _) => format!("{name} still in: {masked}"),
            (None, Some(schedule)) => format!("History of {schedule}{}", if all { ", all records" } else { "" }),
            (None, None) if all => format!("{name}, all records"),
            (None, None) => name.to_owned(),
        }
    }

    fn columns(&self) -> &'static [Column<PlacedSession>] {
        match (self.schedule.is_some(), self.direction) {
            (true, Direction::Download) => &DOWNLOAD_HISTORY,
            (true, Direction::Upload) => &UPLOAD_HISTORY,
            (false, Direction::Download) => &DOWNLOADS,
            (false, Direction::Upload) => &UPLOADS,
        }
    }

    fn name(&self) -> Option<&'static str> {
        (self.cause.is_none() && self.schedule.is_none()).then_some(match self.direction {
            Direction::Download => "download sessions",
            Direction::Upload => "upload sessions",
        })
    }

    fn orders(&self) -> &'static [(By, &'static str, [&'static str; 2])] {
        &[
            (By::Time, "Modified", ["Modified, newest first", "Modified, oldest first"]),
            (By::Number, "Session", ["Session number, highest first", "Session number, lowest first"]),
        ]
    }

    fn ranks(&self) -> &'static [SortOrder<PlacedSession>] {
        &RANKS
    }

    fn piece_query(&self, terms: &Terms, all: bool, order: Order, seek: Seek<Place>) -> Query {
        Query::Sessions(self.filter(terms, all, order), seek)
    }

    fn next_failure_query(&self, terms: &Terms, all: bool, order: Order, seek: Seek<Place>) -> Option<Query> {
        let mut filter = self.filter(terms, all, order);
        if filter.statuses.is_empty() {
            filter.statuses = Status::all(self.direction).collect();
        }
        filter.statuses.retain(|status| status.is_failed());
        (!filter.statuses.is_empty()).then_some(Query::NextSession(filter, seek))
    }

    fn count_newer_query(&self, terms: &Terms, all: bool, order: Order, place: Place) -> Query {
        Query::NewerSessions(self.filter(terms, all, order), place)
    }

    fn count_query(&self, terms: &Terms, all: bool) -> Option<Query> {
        let filter = self.filter(terms, all, Order::default());
        filter.is_countable().then_some(Query::CountSessions(filter))
    }

    fn histogram_query(&self, terms: &Terms, all: bool, columns: TimeColumns) -> Query {
        Query::SessionHistogram(self.filter(terms, all, Order::default()), columns)
    }

    fn groups(&self, terms: &Terms, all: bool) -> (GroupQuery, &'static [&'static str]) {
        let query = GroupQuery::Sessions(self.filter(terms, all, Order::default()));
        let fields = query.fields();
        (query, fields)
    }

    fn rows(&self, answer: Answer) -> Option<Piece<PlacedSession>> {
        match answer {
            Answer::Sessions(piece) => Some(piece),
            _ => None,
        }
    }

    fn hides_rows(&self) -> bool {
        self.direction == Direction::Download && self.cause.is_none()
    }

    fn is_failure(&self, row: &PlacedSession) -> bool {
        row.session.status().is_failed()
    }

    fn error<'r>(&self, row: &'r PlacedSession) -> Option<&'r str> {
        row.session.fold.winner.message.as_deref()
    }

    fn detail_title(&self, row: &PlacedSession) -> String {
        title(&row.session)
    }

    fn detail(&self, row: &PlacedSession, view: &ViewContext) -> Vec<(String, Role)> {
        facts::known(&row.session, view)
    }

    fn detail_query(&self, row: &PlacedSession) -> Option<Query> {
        Some(Query::Session(row.session.key.clone()))
    }

    fn detail_lines(&self, row: &PlacedSession, answer: &Answer, view: &ViewContext) -> Option<Vec<(String, Role)>> {
        let Answer::Session(session, messages) = answer else { return None };
        let is_this = session.as_ref().is_some_and(|session| session.key == row.session.key);
        is_this.then(|| facts::course(&row.session, messages, view))
    }

    fn has_related(&self) -> bool {
        true
    }

    fn related_facts(&self, row: &PlacedSession, answer: &Answer, view: &ViewContext) -> Option<Related> {
        let Answer::Session(session, messages) = answer else { return None };
        let is_this = session.as_ref().is_some_and(|session| session.key == row.session.key);
        is_this.then(|| facts::related(&row.session, messages, view))
    }

    fn session(&self, row: &PlacedSession) -> Option<SessionKey> {
        Some(row.session.key.clone())
    }

    fn open(&self, row: &PlacedSession) -> Route {
        Route::Session(row.session.key.clone())
    }

    fn related(&self, row: &PlacedSession) -> Vec<Link> {
        let mut related = vec![related::messages_of_session(&row.session.key)];
        related.extend(related::run(row.run_id, "which changed it last"));
        related.extend(related::of_session(&row.session));
        related.push(related::changes_of_session(&row.session.key));
        // The list itself is that history.
        related.retain(|(_, route)| self.schedule.is_none() || !matches!(route, Route::History(..)));
        related
    }

    fn list_command(&self, all: bool) -> Option<String> {
        let schedule = self.schedule.as_ref().map(|schedule| format!(" --schedule {}", shell_quoted(schedule)));
        let (schedule, all) = (schedule.unwrap_or_default(), if all { " --all" } else { "" });
        Some(format!("cdx sessions {}{schedule}{all}", self.direction))
    }

    fn own_term(&self) -> Option<String> {
        self.cause.as_ref().map(|(cause, _)| format!("cause:{cause}"))
    }

    fn copy_texts(&self, row: &PlacedSession) -> (String, String) {
        copies(&row.session)
    }

    fn record(&self, row: &PlacedSession) -> serde_json::Value {
        to_json(&row.session)
    }

    fn store(&self, row: &PlacedSession) -> String {
        row.session.key.channel_database.clone()
    }

    fn can_change(&self) -> bool {
        true
    }

    fn actions(
        &self,
        row: &PlacedSession,
        chosen: Vec<SessionKey>,
        matching: Option<&str>,
        view: &ViewContext,
    ) -> Vec<Action> {
        // Of marked rows that were scrolled away, only the keys are known; the box reads their
        // state.
        let one = Some(&row.session).filter(|session| chosen == [session.key.clone()]);
        let (count, command) = (chosen.len(), session_actions::command(&chosen));
        let choose = Choose::Keys(chosen, matching.map(str::to_owned));
        // The original has no Cancel in the history of a schedule.
        let target = Target { one, count, choose, can_cancel: self.schedule.is_none() };
        let cause = session_actions::cause(&row.session);
        session_actions::actions(&target, cause, command, view)
    }
}
