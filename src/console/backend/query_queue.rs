//! The queue of the query worker: what the operator waits for first, forgotten queries not at all.

use crate::console::protocol::batch_query::BatchQuery;
use crate::console::protocol::journal::JournalQuery;
use crate::console::protocol::query::Query;
use crate::domain::Seek;
use std::collections::{HashSet, VecDeque};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

/// A query and the number that its reply carries.
#[derive(Debug)]
pub struct Request {
    /// The number.
    pub number: u64,
    /// The query.
    pub query: Query,
}

/// Numbers of queries whose answers are no longer wanted.
#[derive(Debug, Clone, Default)]
pub struct Forgotten(Arc<Mutex<HashSet<u64>>>);

impl Forgotten {
    /// Adds a query.
    pub fn add(&self, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
    }

    fn take(&self, number: u64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number)
    }
}

/// What the worker does next.
#[derive(Debug)]
pub enum Next {
    /// It answers a query.
    Answer(Request),
    /// It replies to a forgotten query without a result.
    Skip(u64),
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    received: Receiver<Request>,
    waiting: VecDeque<Request>,
    forgotten: Forgotten,
    /// The query that is being answered.
    answering: Option<u64>,
}

impl Queue {
    /// The queue of what is received.
    pub fn new(received: Receiver<Request>, forgotten: Forgotten) -> Self {
        Self { received, waiting: VecDeque::new(), forgotten, answering: None }
    }

    /// Waits for the next query; `None` when no more can arrive.
    pub fn take_next(&mut self) -> Option<Next> {
        // It may have been forgotten meanwhile.
        if let Some(number) = self.answering.take() {
            self.forgotten.take(number);
        }
        if self.waiting.is_empty() {
            self.waiting.push_back(self.received.recv().ok()?);
        }
        self.waiting.extend(self.received.try_iter());
        let urgent = self.waiting.iter().position(|request| is_urgent(&request.query));
        let request = self.waiting.remove(urgent.unwrap_or(0))?;
        if self.forgotten.take(request.number) {
            return Some(Next::Skip(request.number));
        }
        self.answering = Some(request.number);
        Some(Next::Answer(request))
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
    use std::sync::mpsc::channel;

    #[test]
    fn a_completion_and_a_first_page_overtake_counts_and_forgotten_queries_are_skipped() {
        let (sender, received) = channel();
        let forgotten = Forgotten::default();
        let mut queue = Queue::new(received, forgotten.clone());
        let filter = MessageFilter::default;
        let queries = [
            Query::Runs,
            Query::CountMessages(filter()),
            Query::Messages(filter(), Seek::After((7, 7))),
            Query::Messages(filter(), Seek::First),
            Query::Names(Names::Stores, "S0".to_owned()),
        ];
        for (number, query) in (0..).zip(queries) {
            sender.send(Request { number, query }).expect("it is open");
        }
        forgotten.add(1);
        drop(sender);
        let mut order = Vec::new();
        while let Some(next) = queue.take_next() {
            order.push(match next {
                Next::Answer(request) => i64::try_from(request.number).expect("small"),
                Next::Skip(number) => -i64::try_from(number).expect("small"),
            });
        }
        assert_eq!(order, [3, 4, 0, -1, 2]);
    }
}
