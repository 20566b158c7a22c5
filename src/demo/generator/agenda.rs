//! Events that every demo contains: a night of failures, open failures of today, invalid messages,
//! hostile texts.

use crate::demo::generator::chain::Chain;
use crate::demo::generator::fate::{End, Fate, Stage, StoreFate};
use crate::demo::generator::fault::Fault;
use crate::demo::generator::hostile;
use crate::demo::generator::jobs::{CUSTOMERS, Job, PRICES, PRODUCTS};
use crate::demo::generator::rhythm::{DOWNLOADS, Rhythm, UPLOADS};
use crate::demo::generator::{DAY, DemoPlan, HOUR, MINUTE, SECOND, Span};
use fastrand::Rng;

/// Minimum number of messages for all events.
const MIN_MESSAGES: u64 = 1_000;
/// Minimum number of messages for every kind of invalid message and hostile text among the newest.
const MIN_MESSAGES_FOR_EVERY_KIND: u64 = 20_000;
/// One message in this many is invalid.
const ONE_MALFORMED_IN: u64 = 5_000;
/// Range of messages, in thousandths, posted after the demo's first transfer.
const NEWEST: std::ops::Range<u64> = 978..996;

pub(super) struct Entry {
    pub(super) at: i64,
    pub(super) event: Event,
}

pub(super) enum Event {
    /// A package for a group, with the fates of some of its stores.
    Package { group: usize, job: &'static Job, fates: Vec<StoreFate>, night: bool },
    /// A package that cannot be created and is still open.
    NoPackage { group: usize, job: &'static Job },
    /// An upload of a store.
    Upload { store: usize, fate: Fate },
    /// A message that head office rejects.
    Malformed { store: usize, defect: Defect },
}

/// The defect of an invalid message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defect {
    Status,
    SessionNumber,
    Instant,
    Guid,
}

impl Defect {
    pub(super) const ALL: [Self; 4] = [Self::Status, Self::SessionNumber, Self::Instant, Self::Guid];
}

/// The entries in the order of their instants.
pub(super) fn build(plan: &DemoPlan, chain: &Chain, span: &Span, rng: &mut Rng) -> Vec<Entry> {
    let mut agenda = Agenda { chain, span, rng, messages: plan.messages, entries: Vec::new() };
    agenda.malformed();
    agenda.hostile_texts();
    agenda.uploads_left_behind();
    agenda.night_of_trouble();
    agenda.last_day();
    agenda.in_progress();
    let mut entries = agenda.entries;
    entries.retain(|entry| (span.begin..span.now).contains(&entry.at));
    entries.sort_by_key(|entry| entry.at);
    entries
}

struct Agenda<'a> {
    chain: &'a Chain,
    span: &'a Span,
    rng: &'a mut Rng,
    messages: u64,
    entries: Vec<Entry>,
}

impl Agenda<'_> {
    fn push(&mut self, at: i64, event: Event) {
        self.entries.push(Entry { at, event });
    }

    /// Picks an ordinary store of the whole chain.
    fn any_store(&mut self) -> usize {
        self.chain.ordinary(self.rng, 0..self.chain.stores.len())
    }

    fn upload(&mut self, ago: i64, fate: Fate) {
        let event = Event::Upload { store: self.any_store(), fate };
        self.push(self.span.now - ago, event);
    }

    /// Spreads `count` instants evenly over a part of the exchange, given in thousandths of its
    /// messages.
    fn spread(&self, count: u64, part: std::ops::Range<u64>) -> Vec<i64> {
        let together = std::array::from_fn(|hour| UPLOADS[hour] + DOWNLOADS[hour]);
        let mut rhythm = Rhythm::new(self.span.begin, self.span.now, together);
        let length = part.end - part.start;
        let share = |index: u64| part.start * count * 2 + length * (index * 2 + 1);
        (0..count).map(|index| rhythm.at(share(index), 2_000 * count)).collect()
    }

    fn malformed(&mut self) {
        let all = self.messages / ONE_MALFORMED_IN;
        let newest = if self.messages < MIN_MESSAGES_FOR_EVERY_KIND { 0 } else { 4 };
        let mut instants = self.spread(all.saturating_sub(newest), 0..970);
        instants.extend(self.spread(newest, NEWEST));
        for (at, defect) in instants.into_iter().rev().zip(Defect::ALL.into_iter().cycle()) {
            let store = self.any_store();
            self.push(at, Event::Malformed { store, defect });
        }
    }

    fn hostile_texts(&mut self) {
        let texts =
            if self.messages < MIN_MESSAGES_FOR_EVERY_KIND { self.messages / (2 * MIN_MESSAGES) } else { u64::MAX };
        let texts = usize::try_from(texts).unwrap_or(usize::MAX).min(hostile::TEXTS);
        let instants = self.spread(u64::try_from(texts).unwrap_or(0), NEWEST);
        for (number, at) in instants.into_iter().enumerate() {
            let fault = Fault::Hostile(number);
            let fate = if hostile::IN_FAILURES.contains(&number) {
                Fate::failed_once(Stage::Carry, fault)
            } else {
                Fate::Remark(fault)
            };
            self.push(at, Event::Upload { store: self.chain.hostile, fate });
        }
    }

    /// Uploads that reached head office and were never applied, some of them older than the usual
    /// retention.
    fn uploads_left_behind(&mut self) {
        if self.messages < MIN_MESSAGES {
            return;
        }
        let count = i64::try_from(self.messages / 10_000).unwrap_or(i64::MAX).clamp(2, 12);
        for (youngest, oldest) in [(31 * DAY, 44 * DAY), (2 * DAY, 29 * DAY)] {
            for index in 0..count {
                let ago = youngest + (oldest - youngest) * index / count + self.rng.i64(0..12 * HOUR);
                self.upload(ago, Fate::NeverApplied);
            }
        }
    }

    /// Two packages of one group, two nights ago, that most of its stores cannot apply.
    fn night_of_trouble(&mut self) {
        let midnight = (self.span.now - 2 * DAY).div_euclid(DAY) * DAY;
        let fresh = self.span.now - (midnight + HOUR) < 2 * DAY;
        let night = if fresh { midnight - DAY } else { midnight };
        if self.messages < MIN_MESSAGES || self.span.begin > night {
            return;
        }
        for (at, job) in [(night + HOUR + 4 * MINUTE, &PRODUCTS), (night + HOUR + 49 * MINUTE, &PRICES)] {
            self.push(at, Event::Package { group: 0, job, fates: Vec::new(), night: true });
        }
    }

    /// Failures since yesterday that are still open.
    fn last_day(&mut self) {
        self.upload(13 * HOUR + 10 * MINUTE, Fate::trouble(Stage::Carry, Fault::Reading, End::Open));
        if self.messages < MIN_MESSAGES {
            return;
        }
        self.failed_packages();
        for ago in [4 * HOUR + 40 * MINUTE, 2 * HOUR + 5 * MINUTE] {
            self.upload(ago, Fate::trouble(Stage::Apply, Fault::Duplicate, End::Open));
        }
        self.upload(9 * MINUTE, Fate::failed_once(Stage::Carry, Fault::Reading));
    }

    /// Two packages that several stores cannot apply or fetch, and one that cannot be created.
    fn failed_packages(&mut self) {
        let more = usize::try_from(self.messages / 500_000).unwrap_or(0).min(6);
        let bad = self.chain.bad.unwrap_or(self.chain.hostile);
        let group = self.chain.stores[bad].group;
        let mut fates = self.members(group, 2 + more, Stage::Apply, Fault::Timeout);
        fates.push(StoreFate { store: bad, fate: Fate::trouble(Stage::Apply, Fault::Full, End::Open) });
        let job = &PRODUCTS;
        self.push(self.span.now - 19 * HOUR - 25 * MINUTE, Event::Package { group, job, fates, night: false });
        let group = self.chain.groups.len() / 2;
        let fates = self.members(group, 3 + more, Stage::Carry, Fault::Connection);
        let job = &CUSTOMERS;
        self.push(self.span.now - 7 * HOUR - 35 * MINUTE, Event::Package { group, job, fates, night: false });
        let event = Event::NoPackage { group: 0, job: &PRICES };
        self.push(self.span.now - 3 * HOUR - 40 * MINUTE, event);
    }

    /// Picks stores of a group with open failures.
    fn members(&mut self, group: usize, count: usize, stage: Stage, fault: Fault) -> Vec<StoreFate> {
        let range = self.chain.groups[group].stores.clone();
        let fate = Fate::trouble(stage, fault, End::Open);
        let store = |_| self.chain.ordinary(self.rng, range.clone());
        (0..count).map(store).map(|store| StoreFate { store, fate }).collect()
    }

    fn in_progress(&mut self) {
        let uploads = [2 * MINUTE, 5 * MINUTE, 80 * SECOND, 35 * SECOND, 12 * SECOND];
        let count = usize::try_from(self.messages / MIN_MESSAGES + 1).unwrap_or(usize::MAX).min(uploads.len());
        for ago in &uploads[..count] {
            self.upload(*ago, Fate::Smooth);
        }
        if self.messages >= MIN_MESSAGES {
            let group = self.chain.groups.len() / 3;
            let event = Event::Package { group, job: &PRICES, fates: Vec::new(), night: false };
            self.push(self.span.now - 6 * MINUTE, event);
        }
    }
}
