//! The query worker: a thread with a read-only connection that answers the queries of the screens.

pub use crate::console::backend::panic_guard::catch_panic;
use crate::console::protocol::journal::MAX_UNDOABLE;
use crate::console::protocol::query::{
    Answer, COUNT_LIMIT, Keyed, MAX_MARKED, MAX_NEWER, MAX_REJECTED, MAX_TRASHED, PAGE_ROWS, Piece, Query,
};
pub use crate::console::protocol::query::{Attention, TREND_COLUMN_MS};
pub use crate::console::protocol::query::{Choose, Connection, Freshness, MAX_CHOSEN};
pub use crate::engine::{Databases, Preview};
pub use crate::store::head_office::{
    ATTENTION_LIMIT, COLUMN_LIMIT, CauseFacts, CauseLine, JournalEntry, MessageCounts, MessageFilter, PlacedSession,
    QuietDatabase, Rejected, ScheduleLine, SessionFigures, SessionFilter, TREND_COLUMNS, TransferredMessage,
};

use crate::clock::Clock;
use crate::console::backend::query_queue::{Next, Queue, Request, Requests};
use crate::console::backend::{
    activity_query, batch_query, explain_query, group_query, journal_query, preview_query, saved_views,
};
use crate::domain::{Seek, Timestamp};
use crate::engine::inquiry::search::{EXAMINED_PER_STATEMENT, next, search};
use crate::engine::inquiry::{self, Totals};
use crate::store::head_office::{RejectedFilter, TrashFilter};
use crate::store::{Access, HeadOffice, Interrupter, MessageDatabase, Opening, StoreError};
use std::sync::Arc;

/// Distribution schedules, causes and runs on one screen.
const MAX_SILENCES: i64 = 1_000;
/// Conditions of alert rules that a screen shows.
const MAX_CONDITIONS: i64 = 5_000;
const MAX_SCHEDULES: i64 = 500;
const MAX_CAUSES: i64 = 500;
/// Names offered to complete a filter.
const MAX_COMPLETIONS: usize = 30;

/// The reply to a query.
#[derive(Debug)]
pub struct Reply {
    /// The number of the query.
    pub number: u64,
    /// The answer, or why there is none; `None` if the query was interrupted or forgotten.
    pub result: Option<Result<Answer, String>>,
}

/// Handle of the thread that answers queries.
#[derive(Debug)]
pub struct QueryWorker {
    requests: Requests,
    interrupter: Arc<std::sync::Mutex<Option<Interrupter>>>,
}

impl QueryWorker {
    /// Starts the thread. It migrates an older head office, and numbers previews, if `may_write`.
    /// Calls `reply` with each reply; it must not block.
    pub fn open(
        databases: Databases,
        may_write: bool,
        clock: Arc<dyn Clock>,
        reply: impl Fn(Reply) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (requests, queue) = Queue::new();
        let interrupter = Arc::new(std::sync::Mutex::new(None));
        let shared = Arc::clone(&interrupter);
        std::thread::Builder::new().name("queries".to_owned()).spawn(move || {
            let publish = |handle: Interrupter| *lock(&shared) = Some(handle);
            serve(&QueryContext { databases, may_write, clock }, queue, &publish, &reply);
        })?;
        Ok(Self { requests, interrupter })
    }

    /// Sends a query; what the operator waits for is answered before others that wait.
    pub fn ask(&self, number: u64, query: Query) {
        self.requests.ask(number, query);
    }

    /// Skips a query that waits, or interrupts it if it is being answered; its reply has no result.
    pub fn forget(&self, number: u64) {
        self.requests.forget(number, || lock(&self.interrupter).iter().for_each(Interrupter::interrupt));
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct QueryContext {
    databases: Databases,
    may_write: bool,
    clock: Arc<dyn Clock>,
}

fn serve(context: &QueryContext, mut queue: Queue, publish: &dyn Fn(Interrupter), reply: &dyn Fn(Reply)) {
    let mut office: Option<HeadOffice> = None;
    let mut file = None;
    // The head office read last: where it is missing, a preview must not count as a first start.
    let mut known: Option<String> = None;
    while let Some(next) = queue.take_next() {
        let Request { number, query } = match next {
            Next::Answer(request) => *request,
            Next::Skip(number) => {
                reply(Reply { number, result: None });
                continue;
            }
        };
        let mut interrupted = false;
        // An open connection keeps reading a file that was moved away or replaced: reopen it.
        let current_file = context.databases.head_office.file_identity();
        if current_file != file {
            (office, file) = (None, current_file);
        }
        let was_open = office.is_some();
        let databases = context.databases.knowing(known.clone());
        let result = catch_panic("the query", || {
            let result = match &query {
                // The preview opens both databases itself and treats a missing one as empty.
                Query::Preview => {
                    preview_query::numbered(&databases, &*context.clock, context.may_write).map(Answer::Preview)
                }
                Query::WhatIf(parameters) => {
                    preview_query::what_if(&databases, &*context.clock, *parameters).map(Answer::WhatIf)
                }
                _ => {
                    open(&mut office, (context, &databases), publish).and_then(|office| answer(office, context, query))
                }
            };
            interrupted = matches!(&result, Err(error) if error.is_interrupted());
            result.map_err(|error| error.to_string())
        });
        if let Some(office) = office.as_ref().filter(|_| !was_open) {
            known = office.id().ok().or(known);
        }
        if result.is_err() && !interrupted {
            // The connection may be broken: the next query opens a new one.
            office = None;
        }
        let result = (!interrupted).then_some(result);
        reply(Reply { number, result });
    }
}

fn open<'o>(
    office: &'o mut Option<HeadOffice>,
    (context, databases): (&QueryContext, &Databases),
    publish: &dyn Fn(Interrupter),
) -> Result<&'o HeadOffice, StoreError> {
    if let Some(office) = office {
        return Ok(office);
    }
    let (location, opening) = (&databases.head_office, databases.opening(Access::ReadOnly));
    let opened = match HeadOffice::open_for_queries(location, opening.clone()) {
        // Opening it for writing migrates it, after making a copy.
        Err(StoreError::TooOld { .. }) if context.may_write => {
            HeadOffice::open(location, context.databases.opening(Access::Existing))?;
            HeadOffice::open_for_queries(location, opening)?
        }
        opened => opened?,
    };
    publish(opened.interrupter());
    Ok(office.insert(opened))
}

fn messages(context: &QueryContext) -> Result<MessageDatabase, StoreError> {
    MessageDatabase::open(&context.databases.message_database, opening(context))
}

fn opening(context: &QueryContext) -> Opening {
    context.databases.opening(Access::ReadOnly)
}

fn answer(office: &HeadOffice, context: &QueryContext, query: Query) -> Result<Answer, StoreError> {
    let QueryContext { databases, may_write, clock } = context;
    let page = PAGE_ROWS;
    Ok(match query {
        Query::Batch(query) => batch_query::answer(office, query, context.clock.now())?,
        Query::Freshness(operator) => {
            Answer::Freshness(Box::new(inquiry::freshness(office, messages(context), &operator)?))
        }
        Query::Sessions(filter, seek) if filter.is_search() => Answer::Sessions(search(seek, |seek, rows| {
            office.sessions_searched(&filter, seek, rows, EXAMINED_PER_STATEMENT)
        })?),
        Query::Sessions(filter, seek) => {
            Answer::Sessions(Piece { seek, rows: office.sessions_at(&filter, seek, page)?, reached: None })
        }
        Query::NextSession(filter, seek) => {
            let found = next(seek, |seek, rows| office.sessions_searched(&filter, seek, rows, EXAMINED_PER_STATEMENT))?;
            Answer::Next(found.rows.first().map(Keyed::key), found.reached)
        }
        Query::NextMessage(filter, seek) => {
            let found = next(seek, |seek, rows| office.messages_searched(&filter, seek, rows, EXAMINED_PER_STATEMENT))?;
            Answer::Next(found.rows.first().map(Keyed::key), found.reached)
        }
        Query::NewerSessions(filter, place) => {
            let before = Seek::Before(place);
            Answer::Newer(if filter.is_search() {
                office.sessions_searched(&filter, before, MAX_NEWER + 1, EXAMINED_PER_STATEMENT)?.0.len()
            } else {
                office.sessions_at(&filter, before, MAX_NEWER + 1)?.len()
            })
        }
        Query::NewerMessages(filter, place) => {
            let before = Seek::Before(place);
            Answer::Newer(if filter.is_search() {
                office.messages_searched(&filter, before, MAX_NEWER + 1, EXAMINED_PER_STATEMENT)?.0.len()
            } else {
                office.messages_at(&filter, before, MAX_NEWER + 1)?.len()
            })
        }
        Query::CountSessions(filter) => Answer::Count(office.count_sessions(&filter, COUNT_LIMIT + 1)?),
        Query::Counts(typed, counts) => {
            let answer = |query| answer(office, context, query);
            Answer::Counts(typed, group_query::count_on(office, counts, answer)?)
        }
        Query::CountOn(count) => Answer::CountOn(Box::new(group_query::search_on(office, *count)?)),
        Query::ToSort(piece) => Answer::ToSort(Box::new(answer(office, context, *piece)?)),
        Query::SessionKeys(filter) => Answer::SessionKeys(office.session_keys(&filter, MAX_MARKED + 1)?),
        Query::Explain(key) => Answer::Explained(explain_query::read(office, &key)?.map(Box::new)),
        Query::Session(key) => activity_query::session(office, &key)?,
        Query::Messages(filter, seek) if filter.is_search() => Answer::Messages(search(seek, |seek, rows| {
            office.messages_searched(&filter, seek, rows, EXAMINED_PER_STATEMENT)
        })?),
        Query::Messages(filter, seek) => {
            Answer::Messages(Piece { seek, rows: office.messages_at(&filter, seek, page)?, reached: None })
        }
        Query::CountMessages(filter) => Answer::Count(office.count_messages(&filter, COUNT_LIMIT + 1)?),
        Query::Journal(query) => journal_query::answer(office, query, context.clock.now())?,
        Query::Causes(since) => Answer::Causes(office.causes_and_open(since, context.clock.now(), MAX_CAUSES)?),
        Query::CauseFacts(cause, since) => Answer::CauseFacts(cause, office.cause_facts(cause, since)?),
        Query::CauseRemarks(cause, edit) => Answer::CauseRemarks(cause, edit, office.cause_remarks(cause)?),
        Query::Attention => Answer::Attention(Box::new(inquiry::attention(office, context.clock.now())?)),
        Query::MessageHistogram(filter, day) => Answer::Histogram(day, office.message_histogram(&filter, day)?),
        Query::SessionHistogram(filter, day) => Answer::Histogram(day, office.session_histogram(&filter, day)?),
        Query::Trends(from) => Answer::Trends(office.trends(from, TREND_COLUMN_MS)?),
        Query::Runs(limit) => Answer::Runs(inquiry::runs(office, None, limit)?),
        Query::Rejected => rejected(office)?,
        Query::Trash(run) => trash(office, run)?,
        Query::SelectedSessions(act, choose) => {
            Answer::SelectedSessions(act, activity_query::chosen(office, &choose)?, choose.scope())
        }
        Query::Schedules => Answer::Schedules(office.schedules(MAX_SCHEDULES)?),
        Query::Connections => Answer::Connections(inquiry::connections(office, messages(context))?),
        Query::Matrix(direction, seek, examined) => {
            Answer::Matrix(Box::new(inquiry::matrix(office, direction, seek, examined)?))
        }
        Query::Store(name) => {
            let card = Box::new(inquiry::store_card(office, messages(context), &name)?);
            Answer::Store(name, card)
        }
        Query::StoreZone(name) => Answer::StoreZone(name.clone(), office.database_zone(&name)?),
        Query::LookUp(text) => crate::console::backend::palette_query::look_up(office, text)?,
        Query::Groups(query, field, seek, examined) => {
            let Totals { groups, reached, examined } = inquiry::totals(office, &query, field, seek, examined)?;
            Answer::Groups { groups, reached, examined }
        }
        Query::Views(operator, file) => Answer::Views(saved_views::read(office, &operator, file.as_deref())?),
        Query::Silences => Answer::Silences(office.silences(MAX_SILENCES)?),
        Query::Approvals => Answer::Approvals(office.approvals(MAX_SILENCES)?),
        Query::Conditions => conditions(office, context.clock.now())?,
        Query::Deadlines => Answer::Deadlines(office.deadlines(MAX_SILENCES)?),
        Query::Names(names, text) => {
            let known = office.names_beginning(names, &text, MAX_COMPLETIONS)?;
            Answer::Names(names, text, known)
        }
        Query::Undoable => Answer::Undoable(office.undoable(MAX_UNDOABLE)?),
        Query::Preview => Answer::Preview(preview_query::numbered(databases, &**clock, *may_write)?),
        Query::WhatIf(parameters) => Answer::WhatIf(preview_query::what_if(databases, &**clock, parameters)?),
    })
}

fn trash(office: &HeadOffice, run: Option<i64>) -> Result<Answer, StoreError> {
    let filter = TrashFilter { run, limit: MAX_TRASHED, ..TrashFilter::default() };
    Ok(Answer::Trash(office.trash(&filter)?, office.count_trash_by_run(i64::MAX)?, office.trash_extent()?))
}

/// Conditions that fire, and those resolved within a day.
fn conditions(office: &HeadOffice, now: Timestamp) -> Result<Answer, StoreError> {
    let mut conditions = office.firing_conditions(MAX_CONDITIONS)?;
    conditions.extend(office.resolved_conditions(now.minus_days(1), MAX_CONDITIONS)?);
    Ok(Answer::Conditions(conditions, office.rules_checked_at()?))
}

fn rejected(office: &HeadOffice) -> Result<Answer, StoreError> {
    let filter = RejectedFilter { limit: MAX_REJECTED, ..RejectedFilter::default() };
    let rows = office.rejected(&filter)?;
    let known = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let total = if known < MAX_REJECTED { known } else { office.count_rejected()? };
    Ok(Answer::Rejected(rows, total))
}
