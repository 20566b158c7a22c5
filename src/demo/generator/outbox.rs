//! Queue of reports in the order of posting; some are late, repeated, or dated by a wrong clock.

use crate::demo::generator::chain::Chain;
use crate::demo::generator::report::{DemoSession, Poster, Report, guid};
use crate::demo::generator::{HOUR, MINUTE, SECOND};
use fastrand::Rng;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

/// How far ahead the clocks of the skewed region are.
const CLOCK_SKEW_MS: i64 = 7 * MINUTE + 40 * SECOND;
/// How long the quiet store has been silent.
const QUIET_FOR_MS: i64 = 40 * HOUR + 20 * MINUTE;

/// The connection of a session's store.
#[derive(Debug, Clone, Copy)]
pub(super) enum Link {
    /// No report is delayed.
    Sure,
    /// A few reports of the client are late.
    Usual,
    /// No connection until this instant.
    Down(i64),
}

impl Link {
    /// Draws the connection of a session that starts at `at`.
    pub(super) fn draw(rng: &mut Rng, at: i64) -> Self {
        match rng.u32(0..1_000) {
            0..4 => Self::Down(at + rng.i64(10 * MINUTE..100 * MINUTE)),
            4 => Self::Down(at + rng.i64(HOUR..7 * HOUR)),
            _ => Self::Usual,
        }
    }
}

/// The content of a report.
pub(super) struct ReportContent {
    /// When it occurred, by a correct clock.
    pub(super) at: i64,
    /// The status number, which may be invalid.
    pub(super) status: i64,
    pub(super) by: Poster,
    pub(super) round: i64,
    pub(super) try_count: i64,
    pub(super) packed: bool,
    pub(super) text: Option<Box<str>>,
}

/// The queue.
pub(super) struct Outbox {
    now: i64,
    heap: BinaryHeap<Reverse<Report>>,
    serial: u64,
    /// Number of reports added so far.
    pub(super) accepted: u64,
}

impl Outbox {
    pub(super) fn new(now: i64) -> Self {
        Self { now, heap: BinaryHeap::new(), serial: 0, accepted: 0 }
    }

    /// Returns the instant of the next report.
    pub(super) fn next_at(&self) -> Option<i64> {
        self.heap.peek().map(|report| report.0.posted_at)
    }

    pub(super) fn take(&mut self) -> Option<Report> {
        self.heap.pop().map(|report| report.0)
    }

    /// Returns the instant since which the quiet store has been silent.
    pub(super) fn quiet_since(&self) -> i64 {
        self.now - QUIET_FOR_MS
    }

    /// Adds a report, delayed or repeated by its connection.
    pub(super) fn post(
        &mut self,
        chain: &Chain,
        rng: &mut Rng,
        session: &Rc<DemoSession>,
        link: Link,
        content: ReportContent,
    ) {
        let client = content.by == Poster::Client;
        let skewed =
            client && chain.skewed.is_some() && session.store.map(|at| chain.stores[at].region) == chain.skewed;
        let prompt = content.at + rng.i64(80..2_400);
        let posted_at = match link {
            Link::Usual if client && rng.u32(0..1_000) < 5 => prompt + rng.i64(MINUTE..50 * MINUTE),
            // Delayed reports arrive in random order.
            Link::Down(until) if client => prompt.max(until + rng.i64(0..20 * SECOND)),
            _ => prompt,
        };
        let report = Report {
            session: Rc::clone(session),
            status: content.status,
            occurred_at: content.at + if skewed { CLOCK_SKEW_MS } else { 0 },
            posted_at,
            serial: 0,
            guid: guid(content.at, rng.u128(..)),
            canonical: true,
            by: content.by,
            round: content.round,
            try_count: content.try_count,
            packed: content.packed,
            text: content.text,
        };
        // Any report may be posted twice.
        if rng.u32(0..1_000) < 2 {
            let again = posted_at + rng.i64(SECOND..15 * MINUTE);
            self.enqueue(chain, Report { posted_at: again, ..report.clone() });
        }
        self.enqueue(chain, report);
    }

    /// Adds a report, unless it would be posted after now or by the quiet store while it is silent.
    pub(super) fn enqueue(&mut self, chain: &Chain, report: Report) {
        let store = report.session.store;
        let silent = store.is_some() && store == chain.quiet && report.posted_at > self.quiet_since();
        if silent || report.posted_at > self.now {
            return;
        }
        self.serial += 1;
        self.accepted += 1;
        self.heap.push(Reverse(Report { serial: self.serial, ..report }));
    }
}
