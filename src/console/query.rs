//! Questions to the databases and their answers: asked by screens as plain values, answered on a thread of their own.

pub use crate::engine::{Databases, Preview};
pub use crate::store::head_office::{
    CauseLine, Contains, MessageFilter, Rejected, SessionFilter, SessionPlaced, TransferredMessage,
};

use super::batch_query::{self, BatchAnswer, BatchQuery};
use crate::clock::Clock;
use crate::domain::{Run, Seek, Session, SessionKey, Timestamp};
use crate::engine;
use crate::store::head_office::RejectedFilter;
use crate::store::{Access, HeadOffice, Interrupter, MessageDatabase, Opening, StoreError};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// The place of a row in a list that is ordered by an instant.
pub type Place = (Timestamp, i64);

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// How fresh the status is, what waits, what is open, who runs, what this operator has not read.
    Freshness(String),
    /// A piece of the sessions.
    Sessions(SessionFilter, Seek<Place>),
    /// How many sessions a filter finds, up to [`COUNT_LIMIT`].
    CountSessions(SessionFilter),
    /// The keys of the sessions that a filter finds, up to one more than can be marked.
    SessionKeys(SessionFilter),
    /// One session and its messages.
    Session(SessionKey),
    /// A piece of the status messages.
    Messages(MessageFilter, Seek<Place>),
    /// How many messages a filter finds, up to [`COUNT_LIMIT`].
    CountMessages(MessageFilter),
    /// Causes of errors since an instant.
    Causes(Timestamp),
    /// The newest runs.
    Runs,
    /// Rejected messages that nobody has dismissed, newest first, up to [`REJECTED`].
    Rejected,
    /// What a run would do now.
    Preview,
    /// What it would do if session history were kept so many days.
    WhatIf(i64),
    /// About batch jobs, their history, servers, alerts.
    Batch(BatchQuery),
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // as the questions
pub enum Answer {
    Freshness(Freshness),
    Sessions(Seek<Place>, Vec<SessionPlaced>),
    Count(i64),
    SessionKeys(Vec<SessionKey>),
    Session(Option<Box<Session>>, Vec<TransferredMessage>),
    Messages(Seek<Place>, Vec<TransferredMessage>),
    Causes(Vec<CauseLine>),
    Runs(Vec<Run>),
    Rejected(Vec<Rejected>),
    Preview(Box<Preview>),
    WhatIf(Box<Preview>),
    Batch(Box<BatchAnswer>),
}

/// What every screen shows in its second line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Freshness {
    /// When the last transfer that reached the end began its last read; `None` before the first.
    pub as_of: Option<Timestamp>,
    /// Messages that wait, counted up to [`COUNT_LIMIT`] and one; `None` if the message database cannot be read.
    pub waiting: Option<i64>,
    /// Sessions in a failed state.
    pub open: i64,
    /// Rejected messages nobody has looked at.
    pub rejected: i64,
    /// A run that lives, and who holds it since when.
    pub running: Option<(i64, String)>,
    /// What is coming by itself.
    pub coming: batch_query::Coming,
}

impl Query {
    /// Questions of one kind replace each other: the newest of a screen is the one that it waits for.
    pub(super) fn kind(&self) -> impl PartialEq + use<> {
        let batch = match self {
            Self::Batch(query) => Some(std::mem::discriminant(query)),
            _ => None,
        };
        (std::mem::discriminant(self), batch)
    }
}

/// Beyond this a count says "more than".
pub const COUNT_LIMIT: i64 = 100_000;
/// Rejected messages that a screen shows.
pub const REJECTED: i64 = 1_000;
/// Status messages of one session that a pane shows.
const MESSAGES_OF_A_SESSION: i64 = 200;
/// Causes and runs that a screen shows.
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
pub struct Desk {
    questions: Sender<Asked>,
    interrupter: Arc<std::sync::Mutex<Option<Interrupter>>>,
}

impl Desk {
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
            serve(&Stock { databases, may_migrate, clock }, &asked, &publish, &reply);
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

struct Stock {
    databases: Databases,
    may_migrate: bool,
    clock: Arc<dyn Clock>,
}

fn serve(stock: &Stock, asked: &Receiver<Asked>, publish: &dyn Fn(Interrupter), reply: &dyn Fn(Reply)) {
    let mut office: Option<HeadOffice> = None;
    while let Ok(Asked { number, query }) = asked.recv() {
        let mut interrupted = false;
        let result = super::terminal::guarded("the question", || {
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
    stock: &Stock,
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

fn opening(stock: &Stock) -> Opening {
    Opening { access: Access::ReadOnly, allow_network_file_system: stock.databases.allow_network_file_system }
}

fn answer(office: &HeadOffice, stock: &Stock, query: Query) -> Result<Answer, StoreError> {
    let piece = super::widgets::list::PIECE;
    Ok(match query {
        Query::Freshness(operator) => Answer::Freshness(freshness(office, stock, &operator)?),
        Query::Sessions(filter, seek) => Answer::Sessions(seek, office.sessions_at(&filter, seek, piece)?),
        Query::CountSessions(filter) => Answer::Count(office.count_sessions(&filter, COUNT_LIMIT + 1)?),
        Query::SessionKeys(filter) => Answer::SessionKeys(office.session_keys(&filter, super::screens::MARKED + 1)?),
        Query::Session(key) => {
            let filter = MessageFilter {
                direction: Some(key.direction),
                session_number: Some(key.session_number),
                channel_database: Some(key.channel_database.clone()),
                limit: MESSAGES_OF_A_SESSION,
                ..MessageFilter::default()
            };
            Answer::Session(office.session(&key)?.map(Box::new), office.messages(&filter)?)
        }
        Query::Messages(filter, seek) => Answer::Messages(seek, office.messages_at(&filter, seek, piece)?),
        Query::CountMessages(filter) => Answer::Count(office.count_messages(&filter, COUNT_LIMIT + 1)?),
        Query::Causes(since) => Answer::Causes(office.causes(since, CAUSES)?),
        Query::Runs => Answer::Runs(office.runs(RUNS)?),
        Query::Rejected => {
            let filter = RejectedFilter { limit: REJECTED, ..RejectedFilter::default() };
            Answer::Rejected(office.rejected(&filter)?)
        }
        Query::Preview => Answer::Preview(preview(stock, None)?),
        Query::WhatIf(days) => Answer::WhatIf(preview(stock, Some(days))?),
        Query::Batch(query) => batch_query::answer(office, query, stock.clock.now())?,
    })
}

fn preview(stock: &Stock, retention_days: Option<i64>) -> Result<Box<Preview>, StoreError> {
    Ok(Box::new(engine::preview(&stock.databases, &*stock.clock, retention_days)?))
}

fn freshness(office: &HeadOffice, stock: &Stock, operator: &str) -> Result<Freshness, StoreError> {
    let cursor = office.last_cursor()?;
    let position = cursor.as_ref().map(|cursor| cursor.position).unwrap_or_default();
    let messages = MessageDatabase::open(&stock.databases.message_database, opening(stock));
    let waiting = messages.and_then(|messages| messages.count_after(position, COUNT_LIMIT + 1)).ok();
    let running = office.lease_holder()?.filter(|(_, expired)| !expired).map(|(held, _)| held);
    Ok(Freshness {
        as_of: cursor.and_then(|cursor| cursor.as_of),
        waiting,
        open: office.count_open()?,
        rejected: office.count_rejected()?,
        running: running.and_then(|held| Some((held.run_id?, held.holder))),
        coming: batch_query::coming(office, operator)?,
    })
}
