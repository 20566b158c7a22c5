//! The exchange as it unfolds: packages made, uploads begun, each in its time, as many as the plan has messages for.

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

/// Days beyond which no exchange is made.
const MOST_DAYS: u32 = 3_650;
/// Of a hundred messages, how many are of uploads.
const UPLOAD_PART: u64 = 45;

/// One kind of work, begun as often as its messages allow.
struct Stream {
    rhythm: Rhythm,
    made: u64,
    wanted: u64,
    begun: u64,
}

impl Stream {
    /// When the next piece of work begins; `None` when there are messages enough.
    fn next_at(&mut self) -> Option<i64> {
        (self.made < self.wanted).then(|| self.rhythm.at(self.made, self.wanted))
    }
}

/// Where a piece of work comes from.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Agenda,
    Download,
    Upload,
}

/// The iterator over all messages.
pub(super) struct Exchange {
    seed: u64,
    most: u64,
    given: u64,
    work: Work,
    /// Stores in the order they upload, round and round.
    turns: Vec<usize>,
    uploads: Stream,
    downloads: Stream,
    agenda: Peekable<std::vec::IntoIter<Entry>>,
    followed: u64,
}

impl Exchange {
    pub(super) fn new(plan: &DemoPlan) -> Self {
        let now = plan.now.0;
        let span = Span { begin: plan.now.minus_days(i64::from(plan.days.clamp(1, MOST_DAYS))).0, now };
        let chain = Chain::new(plan);
        let mut rng = Rng::with_seed(plan.seed);
        let mut turns: Vec<usize> = (0..chain.stores.len()).collect();
        rng.shuffle(&mut turns);
        let upload_messages = plan.messages * UPLOAD_PART / 100;
        let stream = |hours, wanted| Stream { rhythm: Rhythm::new(span.begin, now, hours), made: 0, wanted, begun: 0 };
        Self {
            seed: plan.seed,
            most: plan.messages + plan.messages / 100,
            given: 0,
            turns,
            uploads: stream(UPLOADS, upload_messages),
            downloads: stream(DOWNLOADS, plan.messages - upload_messages),
            agenda: agenda::build(plan, &chain, &span, &mut rng).into_iter().peekable(),
            followed: 0,
            work: Work {
                last_number: [rng.i64(118_000..164_000), rng.i64(910_000..1_400_000)],
                outbox: Outbox::new(now),
                chain,
                span,
            },
        }
    }

    /// Begins what is next, if that is no later than `until`; false if nothing is.
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
        // What is begun too late to be posted counts as something, or there would be no end to it.
        stream.made += (self.work.outbox.accepted - before).max(1);
        true
    }

    fn begin_package(&mut self, at: i64) {
        let (turn, mut rng) = self.chance(Kind::Download);
        // Schedules start on the minute.
        let start = ((at / MINUTE + 1) * MINUTE).min(self.work.span.now).max(at);
        let group = turn % self.work.chain.groups.len();
        let job = Job::pick(&mut rng);
        self.work.package(&mut rng, start, &Package { group, job, fates: &[], night: false, sure: false });
    }

    fn begin_upload(&mut self, at: i64) {
        let (turn, mut rng) = self.chance(Kind::Upload);
        let turns = self.turns.len();
        let silent = |store| Some(store) == self.work.chain.quiet && at > self.work.outbox.quiet_since();
        let store = self.turns[turn % turns];
        let store = if silent(store) { self.turns[(turn + 1) % turns] } else { store };
        self.work.upload(&mut rng, at, store, None);
    }

    /// Does what the agenda has next; true if it was about a download.
    fn follow_agenda(&mut self) -> bool {
        let Some(Entry { at, event }) = self.agenda.next() else { return false };
        let (_, mut rng) = self.chance(Kind::Agenda);
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
            Event::Nonsense { store, kind } => self.work.nonsense(&mut rng, at, store, kind),
        }
        false
    }

    /// Which piece of work of its kind comes next, and its chance, the same whatever happens around it.
    fn chance(&mut self, kind: Kind) -> (usize, Rng) {
        let (count, salt) = match kind {
            Kind::Agenda => (&mut self.followed, 1),
            Kind::Download => (&mut self.downloads.begun, 2),
            Kind::Upload => (&mut self.uploads.begun, 3),
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
        if self.given >= self.most {
            return None;
        }
        // Nothing that is begun later can be posted before it is begun.
        while self.begin_next(self.work.outbox.next_at()) {}
        let report = self.work.outbox.take()?;
        self.given += 1;
        let posted_at = Timestamp(report.posted_at);
        Some((report.message(&self.work.chain), posted_at))
    }
}
