//! Generates the status messages of a made-up retail chain, including failures, late messages and
//! invalid ones.

mod agenda;
mod chain;
mod course;
mod exchange;
mod fate;
mod fault;
mod hostile;
mod jobs;
mod outbox;
mod report;
mod rhythm;
#[cfg(test)]
mod tests;
mod work;

use crate::domain::Timestamp;
use crate::store::message_database::NewMessage;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Describes the exchange to generate. Plans whose `now` differs by whole days give the same
/// exchange at other dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoPlan {
    /// Channel databases of the chain.
    pub stores: u32,
    /// Approximate number of messages, including repeated ones; exceeded by at most one percent.
    pub messages: u64,
    /// Seed of the random generator.
    pub seed: u64,
    /// The instant of the newest message.
    pub now: Timestamp,
    /// Days of history before `now`, at least one.
    pub days: u32,
}

/// The instants between which the messages are posted.
struct Span {
    begin: i64,
    now: i64,
}

/// Generates the messages lazily in the order of posting, each with its instant.
pub fn messages(plan: &DemoPlan) -> impl Iterator<Item = (NewMessage, Timestamp)> + use<> {
    exchange::Exchange::new(plan)
}
