//! A made-up exchange of a retail chain: status messages as its stores would have posted them until now, trouble included.

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

/// What exchange to make. Plans that differ in `now` by whole days make the same one at other dates; by hours, one whose
/// stores open and close at other distances from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoPlan {
    /// Channel databases of the chain.
    pub stores: u32,
    /// Messages to come near to, repeated ones included; never exceeded by more than a hundredth.
    pub messages: u64,
    /// What decides everything that is left to chance.
    pub seed: u64,
    /// The instant after which nothing has been posted yet.
    pub now: Timestamp,
    /// Days of history before `now`; at least one is made.
    pub days: u32,
}

/// The instants between which the messages are posted.
struct Span {
    begin: i64,
    now: i64,
}

/// The messages in the order they were posted, each with when; made as they are asked for, so any number fits in memory.
pub fn messages(plan: &DemoPlan) -> impl Iterator<Item = (NewMessage, Timestamp)> + use<> {
    exchange::Exchange::new(plan)
}
