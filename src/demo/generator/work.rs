//! The work of the exchange: a package with all its stores, an upload, an invalid message.

use crate::demo::generator::agenda::Defect;
use crate::demo::generator::chain::Chain;
use crate::demo::generator::course::{Ended, SessionScript};
use crate::demo::generator::fate::{Fate, StoreFate};
use crate::demo::generator::fault::Fault;
use crate::demo::generator::jobs::{Job, TRANSACTIONS};
use crate::demo::generator::outbox::{Link, Outbox, ReportContent};
use crate::demo::generator::report::{DemoSession, Poster, Report, guid};
use crate::demo::generator::{HOUR, MINUTE, SECOND, Span};
use crate::domain::{Direction, Status};
use fastrand::Rng;
use std::rc::Rc;

/// Packages per thousand that cannot be created.
const CREATE_FAILED_PER_THOUSAND: u32 = 6;
/// Percentage of those that an administrator cancels within a day.
const CREATE_FAILED_CANCELED_PERCENT: u32 = 85;
/// Percentage of canceled sessions that are rerun.
const RERUN_PERCENT: u32 = 30;

/// A run of a job for a channel data group.
pub(super) struct Package<'a> {
    pub(super) group: usize,
    pub(super) job: &'static Job,
    /// Fates of some of its stores; the others are random.
    pub(super) fates: &'a [StoreFate],
    /// Whether it runs in the night of failures.
    pub(super) night: bool,
    /// Whether it always finds data.
    pub(super) sure: bool,
}

/// The state that pieces of work share.
pub(super) struct Work {
    pub(super) chain: Chain,
    pub(super) span: Span,
    pub(super) outbox: Outbox,
    /// The last session number, by direction.
    pub(super) last_number: [i64; 2],
}

impl Work {
    /// Runs a job for a group, from its start to the last store.
    pub(super) fn package(&mut self, rng: &mut Rng, start: i64, package: &Package) {
        let &Package { group, job, .. } = package;
        let (rows, bytes) = job.size(rng);
        let row_version = Some(61_000_000 + (start - self.span.begin) / 37);
        let whole = Rc::new(DemoSession { rows, bytes, row_version, ..self.package_session(group, job) });
        let started = start + rng.i64(100..1_500);
        self.report(rng, &whole, started, Status::Started, None);
        if !package.sure && !job.has_data(rng) {
            let found = started + rng.i64(2 * SECOND..40 * SECOND);
            return self.report(rng, &whole, found, Status::NoData, None);
        }
        if !package.sure && rng.u32(0..1_000) < CREATE_FAILED_PER_THOUSAND {
            let failed = self.create_failed(rng, &whole, started);
            if rng.u32(0..100) < CREATE_FAILED_CANCELED_PERCENT {
                let text = "Canceled by the administrator: the next run of the schedule has made a new package.";
                let at = failed + rng.i64(HOUR..20 * HOUR);
                self.report(rng, &whole, at, Status::Canceled, Some(text.into()));
            }
            return;
        }
        let available = started + rng.i64(6 * SECOND..20 * SECOND) + rows * 4;
        self.report(rng, &whole, available, Status::Available, None);
        for store in self.chain.groups[group].stores.clone() {
            let session = Rc::new(DemoSession { store: Some(store), ..DemoSession::clone(&whole) });
            let fate = package.fates.iter().find(|known| known.store == store).map(|known| known.fate);
            if let Some(again) = self.run_and_maybe_rerun(rng, &session, available, fate, package.night) {
                self.run(rng, &session, Link::Usual, 1, again, Fate::Smooth);
            }
        }
    }

    /// Runs a job for a group whose package cannot be created.
    pub(super) fn no_package(&mut self, rng: &mut Rng, start: i64, group: usize, job: &'static Job) {
        let whole = Rc::new(self.package_session(group, job));
        self.report(rng, &whole, start, Status::Started, None);
        self.create_failed(rng, &whole, start);
    }

    /// Reports the failure and returns its instant.
    fn create_failed(&mut self, rng: &mut Rng, whole: &Rc<DemoSession>, started: i64) -> i64 {
        let failed = started + rng.i64(20 * SECOND..4 * MINUTE);
        let text = Fault::Folder.text(rng, whole, &self.chain);
        self.report(rng, whole, failed, Status::CreateFailed, Some(text));
        failed
    }

    /// Uploads a store's sales; `fate`: `None` draws one.
    pub(super) fn upload(&mut self, rng: &mut Rng, start: i64, store: usize, fate: Option<Fate>) {
        let session = self.upload_session(rng, store, None);
        // An upload is repeated by a session of its own, unless that would start after now.
        if let Some(again) = self.run_and_maybe_rerun(rng, &session, start, fate, false)
            && again < self.span.now
        {
            let session = self.upload_session(rng, store, Some(session.number));
            self.run(rng, &session, Link::Usual, 0, again, Fate::Smooth);
        }
    }

    /// Runs a session; `fate`: `None` draws one, at `night` from those of the night of failures.
    /// Returns when it is rerun: some canceled sessions are, hours later.
    fn run_and_maybe_rerun(
        &mut self,
        rng: &mut Rng,
        session: &Rc<DemoSession>,
        start: i64,
        fate: Option<Fate>,
        night: bool,
    ) -> Option<i64> {
        let is_known = fate.is_some();
        let fate = match fate {
            Some(fate) => fate,
            None if night => Fate::draw_at_night(rng),
            None => Fate::draw(rng, &self.chain, session, self.span.now - start),
        };
        let link = if is_known { Link::Sure } else { Link::draw(rng, start) };
        let ended = self.run(rng, session, link, 0, start, fate);
        let is_rerun = ended.canceled && rng.u32(0..100) < RERUN_PERCENT;
        is_rerun.then(|| ended.at + rng.i64(HOUR..9 * HOUR))
    }

    /// A package without contents, from which the sessions of its stores are made.
    fn package_session(&mut self, group: usize, job: &'static Job) -> DemoSession {
        DemoSession {
            direction: Direction::Download,
            number: self.number(Direction::Download),
            job,
            group,
            store: None,
            rows: 0,
            bytes: 0,
            row_version: None,
            rerun_for: None,
        }
    }

    fn upload_session(&mut self, rng: &mut Rng, store: usize, rerun_for: Option<i64>) -> Rc<DemoSession> {
        let (rows, bytes) = TRANSACTIONS.size(rng);
        Rc::new(DemoSession {
            direction: Direction::Upload,
            number: self.number(Direction::Upload),
            job: &TRANSACTIONS,
            group: self.chain.stores[store].group,
            store: Some(store),
            rows,
            bytes,
            row_version: None,
            rerun_for,
        })
    }

    /// Posts a message with one defect.
    pub(super) fn malformed(&mut self, rng: &mut Rng, at: i64, store: usize, defect: Defect) {
        let session = self.upload_session(rng, store, None);
        let number = if defect == Defect::SessionNumber { -session.number } else { session.number };
        let valid = Status::Applied.number(Direction::Upload).unwrap_or(0);
        let report = Report {
            session: Rc::new(DemoSession { number, rerun_for: None, ..Rc::unwrap_or_clone(session) }),
            status: if defect == Defect::Status { rng.i64(17..99) } else { valid },
            // A clock without a battery starts at 1970.
            occurred_at: if defect == Defect::Instant { rng.i64(HOUR..400 * HOUR) } else { at },
            posted_at: at + rng.i64(80..2_400),
            serial: 0,
            guid: guid(at, rng.u128(..)),
            canonical: defect != Defect::Guid,
            by: Poster::Client,
            round: 0,
            try_count: 0,
            packed: true,
            text: None,
        };
        self.outbox.enqueue(&self.chain, report);
    }

    fn run(
        &mut self,
        rng: &mut Rng,
        session: &Rc<DemoSession>,
        link: Link,
        round: i64,
        start: i64,
        fate: Fate,
    ) -> Ended {
        SessionScript { outbox: &mut self.outbox, chain: &self.chain, rng, session, link, round }.run(start, fate)
    }

    /// Adds a report of the package itself, which only head office posts.
    fn report(&mut self, rng: &mut Rng, whole: &Rc<DemoSession>, at: i64, status: Status, text: Option<Box<str>>) {
        let content = ReportContent {
            at,
            status: status.number(Direction::Download).unwrap_or(-1),
            by: Poster::Server,
            round: 0,
            try_count: 0,
            packed: status == Status::Available,
            text,
        };
        self.outbox.post(&self.chain, rng, whole, Link::Usual, content);
    }

    fn number(&mut self, direction: Direction) -> i64 {
        let last = &mut self.last_number[usize::from(direction == Direction::Upload)];
        *last += 1;
        *last
    }
}
