//! The queue of the query worker: what the operator waits for first, forgotten queries not at all.

use crate::console::protocol::batch_query::BatchQuery;
use crate::console::protocol::journal::JournalQuery;
use crate::console::protocol::query::Query;
use crate::domain::Seek;
use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A query and the number that its reply carries.
#[derive(Debug)]
pub struct Request {
    /// Grows with each query.
    pub number: u64,
    /// What is asked.
    pub query: Query,
}

/// The numbers of the queries that have no reply yet.
#[derive(Debug, Default)]
struct Unanswered {
    /// Those that wait, and whether each is forgotten.
    waiting: HashMap<u64, bool>,
    /// The one that is being answered.
    answering: Option<u64>,
}

/// The end of the queue at which queries are put in.
#[derive(Debug)]
pub struct Requests {
    sender: Sender<Request>,
    unanswered: Arc<Mutex<Unanswered>>,
}

impl Requests {
    /// Puts a query in.
    pub fn ask(&self, number: u64, query: Query) {
        lock(&self.unanswered).waiting.insert(number, false);
        // If the worker has ended, the screen reports that no answer arrives.
        let _ = self.sender.send(Request { number, query });
    }

    /// Skips a query that waits; calls `interrupt` if it is the one being answered.
    pub fn forget(&self, number: u64, interrupt: impl FnOnce()) {
        // The worker begins the next query only after the interrupt, which would hit it otherwise.
        let mut unanswered = lock(&self.unanswered);
        if let Some(is_forgotten) = unanswered.waiting.get_mut(&number) {
            *is_forgotten = true;
        } else if unanswered.answering == Some(number) {
            interrupt();
        }
    }
}

fn lock(unanswered: &Mutex<Unanswered>) -> MutexGuard<'_, Unanswered> {
    unanswered.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the worker does next.
#[derive(Debug)]
pub enum Next {
    /// It answers a query.
    Answer(Box<Request>),
    /// It replies to a forgotten query without a result.
    Skip(u64),
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    received: Receiver<Request>,
    waiting: VecDeque<Request>,
    unanswered: Arc<Mutex<Unanswered>>,
}

impl Queue {
    /// An empty queue.
    pub fn new() -> (Requests, Self) {
        let (sender, received) = channel();
        let unanswered = Arc::<Mutex<_>>::default();
        let requests = Requests { sender, unanswered: Arc::clone(&unanswered) };
        (requests, Self { received, waiting: VecDeque::new(), unanswered })
    }

    /// Waits for the next query; `None` when no more can arrive.
    pub fn take_next(&mut self) -> Option<Next> {
        lock(&self.unanswered).answering = None;
        if self.waiting.is_empty() {
            self.waiting.push_back(self.received.recv().ok()?);
        }
        self.waiting.extend(self.received.try_iter());
        let urgent = self.waiting.iter().position(|request| is_urgent(&request.query));
        let request = self.waiting.remove(urgent.unwrap_or(0))?;
        let mut unanswered = lock(&self.unanswered);
        if unanswered.waiting.remove(&request.number) == Some(true) {
            return Some(Next::Skip(request.number));
        }
        unanswered.answering = Some(request.number);
        Some(Next::Answer(Box::new(request)))
    }
}

/// Whether the operator waits for it: a completion, what a palette's text names, or the first page
/// of a list. A search that continues is not urgent, so that it never holds up the freshness line.
fn is_urgent(query: &Query) -> bool {
    match query {
        Query::Names(..) | Query::LookUp(_) => true,
        Query::Sessions(_, seek) | Query::Messages(_, seek) | Query::Journal(JournalQuery::Rows(_, seek)) => {
            *seek == Seek::First
        }
        Query::Batch(BatchQuery::History(_, seek)) => *seek == Seek::First,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::query::MessageFilter;
    use crate::filter::Names;

    #[test]
    fn a_completion_and_a_first_page_overtake_counts_and_forgotten_queries_are_skipped() {
        let (requests, mut queue) = Queue::new();
        let filter = MessageFilter::default;
        let queries = [
            Query::Runs(1),
            Query::CountMessages(filter()),
            Query::Messages(filter(), Seek::After((7, 7))),
            Query::Messages(filter(), Seek::First),
            Query::Names(Names::Stores, "S0".to_owned()),
        ];
        for (number, query) in (0..).zip(queries) {
            requests.ask(number, query);
        }
        requests.forget(1, || panic!("it waits"));
        drop(requests);
        let mut order = Vec::new();
        while let Some(next) = queue.take_next() {
            order.push(match next {
                Next::Answer(request) => i64::try_from(request.number).expect("small"),
                Next::Skip(number) => -i64::try_from(number).expect("small"),
            });
        }
        assert_eq!(order, [3, 4, 0, -1, 2]);
    }

    #[test]
    fn only_the_query_that_is_being_answered_is_interrupted() {
        let (requests, mut queue) = Queue::new();
        let interrupted = |number| {
            let mut is_interrupted = false;
            requests.forget(number, || is_interrupted = true);
            is_interrupted
        };
        requests.ask(7, Query::CountMessages(MessageFilter::default()));
        requests.ask(8, Query::Messages(MessageFilter::default(), Seek::First));
        assert!(matches!(queue.take_next(), Some(Next::Answer(request)) if request.number == 8));
        assert!(!interrupted(7) && interrupted(8), "the later one has overtaken");
        assert!(matches!(queue.take_next(), Some(Next::Skip(7))));
        // Forgotten after their replies, they leave no trace.
        assert!(!interrupted(7) && !interrupted(8));
        assert!(lock(&requests.unanswered).waiting.is_empty());
    }
}
