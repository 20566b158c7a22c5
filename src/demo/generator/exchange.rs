//! The iterator over all messages: starts packages and uploads in time order until the plan's
//! number of messages is reached.

use crate::demo::generator::agenda::{self, Entry, Event};
use crate::demo::generator::chain::Chain;
use crate::demo::generator::jobs::Job;
use crate::demo::generator::outbox::Outbox;
use crate::demo::generator::rhythm::{DOWNLOADS, Rhythm, UPLOADS};
use crate::demo::generator::work::{Package, Work};
use crate::demo::generator::{DemoPlan, MINUTE, Span};
use crate::domain::Timestamp;
use crate::store::message_database::NewMessage;
use fastrand::Rng;
use std::iter::Peekable;

/// Maximum days of history.
const MAX_DAYS: u32 = 3_650;
/// Percentage of messages about uploads.
const UPLOAD_PERCENT: u64 = 45;

/// A kind of work, started until it has produced its share of the messages.
struct Stream {
    rhythm: Rhythm,
    messages: u64,
    target_messages: u64,
    pieces: u64,
}

impl Stream {
    /// Returns the start of the next piece of work; `None` if there are enough messages.
    fn next_at(&mut self) -> Option<i64> {
        (self.messages < self.target_messages).then(|| self.rhythm.at(self.messages, self.target_messages))
    }
}

/// The origin of a piece of work.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Agenda,
    Download,
    Upload,
}

/// The iterator over all messages.
pub(super) struct Exchange {
    seed: u64,
    limit: u64,
    yielded: u64,
    work: Work,
    /// Stores in the order of their uploads, cyclic.
    store_order: Vec<usize>,
    uploads: Stream,
    downloads: Stream,
    agenda: Peekable<std::vec::IntoIter<Entry>>,
    agenda_done: u64,
}

impl Exchange {
    pub(super) fn new(plan: &DemoPlan) -> Self {
        let now = plan.now.0;
        let span = Span { begin: plan.now.minus_days(i64::from(plan.days.clamp(1, MAX_DAYS))).0, now };
        let chain = Chain::new(plan);
        let mut rng = Rng::with_seed(plan.seed);
        let mut store_order: Vec<usize> = (0..chain.stores.len()).collect();
        rng.shuffle(&mut store_order);
        let upload_messages = plan.messages * UPLOAD_PERCENT / 100;
        let stream = |hours, target_messages| Stream {
            rhythm: Rhythm::new(span.begin, now, hours),
            messages: 0,
            target_messages,
            pieces: 0,
        };
        Self {
            seed: plan.seed,
            limit: plan.messages + plan.messages / 100,
            yielded: 0,
            store_order,
            uploads: stream(UPLOADS, upload_messages),
            downloads: stream(DOWNLOADS, plan.messages - upload_messages),
            agenda: agenda::build(plan, &chain, &span, &mut rng).into_iter().peekable(),
            agenda_done: 0,
            work: Work {
                last_number: [rng.i64(118_000..164_000), rng.i64(910_000..1_400_000)],
                outbox: Outbox::new(now),
                chain,
                span,
            },
        }
    }

    /// Starts the next piece of work if it starts before `until`; returns false if there is none.
    fn begin_next(&mut self, until: Option<i64>) -> bool {
        let candidates = [self.agenda.peek().map(|entry| entry.at), self.downloads.next_at(), self.uploads.next_at()];
        let Some(at) = candidates.into_iter().flatten().min().filter(|at| until.is_none_or(|until| *at < until)) else {
            return false;
        };
        let before = self.work.outbox.accepted;
        let download = if candidates[0] == Some(at) {
            self.follow_agenda()
        } else if candidates[1] == Some(at) {
            self.begin_package(at);
            true
        } else {
            self.begin_upload(at);
            false
        };
        let stream = if download { &mut self.downloads } else { &mut self.uploads };
        // Work that starts too late to be posted counts as one message, so that the loop ends.
        stream.messages += (self.work.outbox.accepted - before).max(1);
        true
    }

    fn begin_package(&mut self, at: i64) {
        let (turn, mut rng) = self.next_rng(Origin::Download);
        // Schedules start on the minute.
        let start = ((at / MINUTE + 1) * MINUTE).min(self.work.span.now).max(at);
        let group = turn % self.work.chain.groups.len();
        let job = Job::pick(&mut rng);
        self.work.package(&mut rng, start, &Package { group, job, fates: &[], night: false, sure: false });
    }

    fn begin_upload(&mut self, at: i64) {
        let (turn, mut rng) = self.next_rng(Origin::Upload);
        let stores = self.store_order.len();
        let silent = |store| Some(store) == self.work.chain.quiet && at > self.work.outbox.quiet_since();
        let store = self.store_order[turn % stores];
        let store = if silent(store) { self.store_order[(turn + 1) % stores] } else { store };
        self.work.upload(&mut rng, at, store, None);
    }

    /// Performs the next event; true if it was about a download.
    fn follow_agenda(&mut self) -> bool {
        let Some(Entry { at, event }) = self.agenda.next() else { return false };
        let (_, mut rng) = self.next_rng(Origin::Agenda);
        match event {
            Event::Package { group, job, fates, night } => {
                self.work.package(&mut rng, at, &Package { group, job, fates: &fates, night, sure: true });
                return true;
            }
            Event::NoPackage { group, job } => {
                self.work.no_package(&mut rng, at, group, job);
                return true;
            }
            Event::Upload { store, fate } => self.work.upload(&mut rng, at, store, Some(fate)),
            Event::Malformed { store, defect } => self.work.malformed(&mut rng, at, store, defect),
        }
        false
    }

    /// Returns the number of the next piece of work of an origin and its random generator, which
    /// depends on nothing else.
    fn next_rng(&mut self, origin: Origin) -> (usize, Rng) {
        let (count, salt) = match origin {
            Origin::Agenda => (&mut self.agenda_done, 1),
            Origin::Download => (&mut self.downloads.pieces, 2),
            Origin::Upload => (&mut self.uploads.pieces, 3),
        };
        let turn = *count;
        *count += 1;
        let seed = (self.seed ^ (turn << 2 | salt)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (usize::try_from(turn).unwrap_or(usize::MAX), Rng::with_seed(seed))
    }
}

impl Iterator for Exchange {
    type Item = (NewMessage, Timestamp);

    fn next(&mut self) -> Option<Self::Item> {
        if self.yielded >= self.limit {
            return None;
        }
        // Work that starts after the next message cannot post before it.
        while self.begin_next(self.work.outbox.next_at()) {}
        let report = self.work.outbox.take()?;
        self.yielded += 1;
        let posted_at = Timestamp(report.posted_at);
        Some((report.message(&self.work.chain), posted_at))
    }
}
