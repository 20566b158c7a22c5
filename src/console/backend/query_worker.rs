//! Questions to the databases and their answers: asked by screens as plain values, answered on a thread of their own.

pub use crate::console::backend::panic_guard::catch_panic;
use crate::console::protocol::query::Piece;
use crate::console::protocol::query::{Answer, COUNT_LIMIT, Query, REJECTED, UNDOABLE};
pub use crate::console::protocol::query::{Attention, COLUMN, COLUMNS, STRETCH_OF_TREND};
pub use crate::console::protocol::query::{CHOSEN, Choose, Connection, Freshness};
use crate::console::protocol::query::{MARK_LIMIT, PAGE_ROWS};
pub use crate::engine::{Databases, Preview};
pub use crate::store::head_office::{
    ATTENTION_LIMIT, Backlog, Busy, COLUMN_LIMIT, CauseFacts, CauseLine, Contains, JournalEntry, MessageFilter,
    QuietDatabase, Rejected, ScheduleLine, SessionFilter, SessionPlaced, TREND, TransferredMessage,
};

use crate::clock::Clock;
use crate::console::backend::batch_query::{self};
use crate::console::backend::freshness_query;
use crate::console::backend::search::{STRETCH, next, search};
use crate::console::protocol::query::{Keyed, NEWER};
use crate::domain::Seek;
use crate::engine;
use crate::store::head_office::RejectedFilter;
use crate::store::{Access, HeadOffice, Interrupter, MessageDatabase, Opening, StoreError};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Distribution schedules, causes and runs that a screen shows.
const SCHEDULES: i64 = 500;
const CAUSES: i64 = 500;
const RUNS: i64 = 500;

/// A question with the number by which its answer is known.
#[derive(Debug)]
struct Asked {
    number: u64,
    query: Query,
}

/// An answer, or a sentence why there is none.
#[derive(Debug)]
pub struct Reply {
    /// The question's number.
    pub number: u64,
    /// What came of it; `None` says that it was interrupted.
    pub result: Option<Result<Answer, String>>,
}

/// The thread that answers, as the loop sees it.
#[derive(Debug)]
pub struct QueryWorker {
    questions: Sender<Asked>,
    interrupter: Arc<std::sync::Mutex<Option<Interrupter>>>,
}

impl QueryWorker {
    /// Starts the thread. `may_migrate`: an older head office is brought up to date. Replies come through `reply`, which must not block.
    pub fn open(
        databases: Databases,
        may_migrate: bool,
        clock: Arc<dyn Clock>,
        reply: impl Fn(Reply) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (questions, asked) = channel();
        let interrupter = Arc::new(std::sync::Mutex::new(None));
        let shared = Arc::clone(&interrupter);
        std::thread::Builder::new().name("queries".to_owned()).spawn(move || {
            let publish = |handle: Interrupter| *lock(&shared) = Some(handle);
            serve(&QueryContext { databases, may_migrate, clock }, &asked, &publish, &reply);
        })?;
        Ok(Self { questions, interrupter })
    }

    /// Asks; answers come in the order of the questions.
    pub fn ask(&self, number: u64, query: Query) {
        // A thread that is gone answers nothing, and the screen says how old what it shows is.
        let _ = self.questions.send(Asked { number, query });
    }

    /// Breaks off the question that is being answered now, whatever it is; its reply says so.
    pub fn interrupt(&self) {
        if let Some(handle) = &*lock(&self.interrupter) {
            handle.interrupt();
        }
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct QueryContext {
    databases: Databases,
    may_migrate: bool,
    clock: Arc<dyn Clock>,
}

fn serve(stock: &QueryContext, asked: &Receiver<Asked>, publish: &dyn Fn(Interrupter), reply: &dyn Fn(Reply)) {
    let mut office: Option<HeadOffice> = None;
    let mut file = None;
    while let Ok(Asked { number, query }) = asked.recv() {
        let mut interrupted = false;
        // A file that was moved away answers as if nothing had happened, and what is put in its place is not asked.
        let lies_there = stock.databases.head_office.file_identity();
        if lies_there != file {
            (office, file) = (None, lies_there);
        }
        let result = catch_panic("the question", || {
            let result = match &query {
                // It opens both databases itself, and a missing one counts as empty.
                Query::Preview => preview(stock, None).map(Answer::Preview),
                Query::WhatIf(days) => preview(stock, Some(*days)).map(Answer::WhatIf),
                _ => open(&mut office, stock, publish).and_then(|office| answer(office, stock, query)),
            };
            interrupted = matches!(&result, Err(error) if error.is_interrupted());
            result.map_err(|error| error.to_string())
        });
        if result.is_err() && !interrupted {
            // Whatever is wrong with this connection, the next question gets a new one.
            office = None;
        }
        let result = (!interrupted).then_some(result);
        reply(Reply { number, result });
    }
}

fn open<'o>(
    office: &'o mut Option<HeadOffice>,
    stock: &QueryContext,
    publish: &dyn Fn(Interrupter),
) -> Result<&'o HeadOffice, StoreError> {
    if let Some(office) = office {
        return Ok(office);
    }
    let location = &stock.databases.head_office;
    let opened = match HeadOffice::open_to_look(location, opening(stock)) {
        // An older one is brought up to date, with a copy first, before it is looked at.
        Err(StoreError::TooOld { .. }) if stock.may_migrate => {
            HeadOffice::open(location, Opening { access: Access::Existing, ..opening(stock) })?;
            HeadOffice::open_to_look(location, opening(stock))?
        }
        opened => opened?,
    };
    publish(opened.interrupter());
    Ok(office.insert(opened))
}

fn messages(stock: &QueryContext) -> Result<MessageDatabase, StoreError> {
    MessageDatabase::open(&stock.databases.message_database, opening(stock))
}

fn opening(stock: &QueryContext) -> Opening {
    Opening { access: Access::ReadOnly, allow_network_file_system: stock.databases.allow_network_file_system }
}

fn answer(office: &HeadOffice, stock: &QueryContext, query: Query) -> Result<Answer, StoreError> {
    let piece = PAGE_ROWS;
    Ok(match query {
        Query::Batch(query) => batch_query::answer(office, query, stock.clock.now())?,
        Query::Freshness(operator) => {
            Answer::Freshness(Box::new(freshness_query::freshness(office, messages(stock), &operator)?))
        }
        Query::Sessions(filter, seek) if filter.is_search() => {
            Answer::Sessions(search(seek, |seek, rows| office.sessions_searched(&filter, seek, rows, STRETCH))?)
        }
        Query::Sessions(filter, seek) => {
            Answer::Sessions(Piece { seek, rows: office.sessions_at(&filter, seek, piece)?, reached: None })
        }
        Query::NextSession(filter, seek) => {
            let found = next(seek, |seek, rows| office.sessions_searched(&filter, seek, rows, STRETCH))?;
            Answer::Next(found.rows.first().map(Keyed::key), found.reached)
        }
        Query::NextMessage(filter, seek) => {
            let found = next(seek, |seek, rows| office.messages_searched(&filter, seek, rows, STRETCH))?;
            Answer::Next(found.rows.first().map(Keyed::key), found.reached)
        }
        Query::NewerSessions(filter, place) => {
            let before = Seek::Before(place);
            Answer::Newer(if filter.is_search() {
                office.sessions_searched(&filter, before, NEWER + 1, STRETCH)?.0.len()
            } else {
                office.sessions_at(&filter, before, NEWER + 1)?.len()
            })
        }
        Query::NewerMessages(filter, place) => {
            let before = Seek::Before(place);
            Answer::Newer(if filter.is_search() {
                office.messages_searched(&filter, before, NEWER + 1, STRETCH)?.0.len()
            } else {
                office.messages_at(&filter, before, NEWER + 1)?.len()
            })
        }
        Query::CountSessions(filter) => Answer::Count(office.count_sessions(&filter, COUNT_LIMIT + 1)?),
        Query::SessionKeys(filter) => Answer::SessionKeys(office.session_keys(&filter, MARK_LIMIT + 1)?),
        Query::Session(key) => freshness_query::session(office, &key)?,
        Query::Messages(filter, seek) if filter.is_search() => {
            Answer::Messages(search(seek, |seek, rows| office.messages_searched(&filter, seek, rows, STRETCH))?)
        }
        Query::Messages(filter, seek) => {
            Answer::Messages(Piece { seek, rows: office.messages_at(&filter, seek, piece)?, reached: None })
        }
        Query::CountMessages(filter) => Answer::Count(office.count_messages(&filter, COUNT_LIMIT + 1)?),
        Query::Causes(since) => Answer::Causes(office.causes_and_open(since, stock.clock.now(), CAUSES)?),
        Query::CauseFacts(cause, since) => Answer::CauseFacts(cause, office.cause_facts(cause, since)?),
        Query::Attention => {
            Answer::Attention(Box::new(crate::console::backend::overview_query::read(office, stock.clock.now())?))
        }
        Query::Busy(from) => Answer::Busy(from, office.busy(from, COLUMN, COLUMNS)?),
        Query::BusyMessages(filter, from) => Answer::Busy(from, freshness_query::busy_messages(office, &filter, from)?),
        Query::BusySessions(filter, from) => Answer::Busy(from, freshness_query::busy_sessions(office, &filter, from)?),
        Query::Trends(from) => Answer::Trends(office.trends(from, STRETCH_OF_TREND)?),
        Query::Runs => Answer::Runs(freshness_query::runs(office, RUNS)?),
        Query::Rejected => {
            let filter = RejectedFilter { limit: REJECTED, ..RejectedFilter::default() };
            Answer::Rejected(office.rejected(&filter)?)
        }
        Query::Chosen(act, choose) => Answer::Chosen(act, freshness_query::chosen(office, &choose)?, choose.scope()),
        Query::Schedules => Answer::Schedules(office.schedules(SCHEDULES)?),
        Query::Connections => freshness_query::connections(office, messages(stock))?,
        Query::StoreZone(name) => {
            let zone = office.database_zone(&name)?;
            Answer::StoreZone(name, zone)
        }
        Query::Undoable => Answer::Undoable(office.undoable(UNDOABLE)?),
        Query::Preview => Answer::Preview(preview(stock, None)?),
        Query::WhatIf(days) => Answer::WhatIf(preview(stock, Some(days))?),
    })
}

fn preview(stock: &QueryContext, retention_days: Option<i64>) -> Result<Box<Preview>, StoreError> {
    Ok(Box::new(engine::preview(&stock.databases, &*stock.clock, retention_days)?))
}
