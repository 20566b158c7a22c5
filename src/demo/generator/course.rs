//! The course of one session on one channel database, as a series of reports.

use crate::demo::generator::chain::Chain;
use crate::demo::generator::fate::{End, Fate, Stage, Trouble};
use crate::demo::generator::outbox::{Link, Outbox, ReportContent};
use crate::demo::generator::report::{DemoSession, Poster};
use crate::demo::generator::{MINUTE, SECOND};
use crate::domain::{Direction, Status};
use fastrand::Rng;
use std::rc::Rc;

/// A status of the usual flow: its reporter, and the delay after the previous one.
struct Step {
    status: Status,
    by: Poster,
    least: i64,
    most: i64,
}

const fn step(status: Status, by: Poster, least: i64, most: i64) -> Step {
    Step { status, by, least, most }
}

const DOWNLOAD: [Step; 4] = [
    step(Status::Available, Poster::Server, 50, 3 * SECOND),
    step(Status::Requested, Poster::Client, 4 * SECOND, 10 * MINUTE),
    step(Status::Downloaded, Poster::Client, 2 * SECOND, 90 * SECOND),
    step(Status::Applied, Poster::Client, 3 * SECOND, 5 * MINUTE),
];

const UPLOAD: [Step; 4] = [
    step(Status::Started, Poster::Client, 50, SECOND),
    step(Status::Available, Poster::Client, 2 * SECOND, 50 * SECOND),
    step(Status::Uploaded, Poster::Client, 5 * SECOND, 5 * MINUTE),
    step(Status::Applied, Poster::Application, 20 * SECOND, 12 * MINUTE),
];

/// The end of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) at: i64,
    pub(super) canceled: bool,
}

/// A session and what its course needs.
pub(super) struct SessionScript<'a> {
    pub(super) outbox: &'a mut Outbox,
    pub(super) chain: &'a Chain,
    pub(super) rng: &'a mut Rng,
    pub(super) session: &'a Rc<DemoSession>,
    pub(super) link: Link,
    pub(super) round: i64,
}

impl SessionScript<'_> {
    /// Adds all reports from `start` on.
    pub(super) fn run(mut self, start: i64, fate: Fate) -> Ended {
        let (mut at, mut tries) = (start, 0);
        let steps = if self.session.direction == Direction::Download { &DOWNLOAD } else { &UPLOAD };
        for step in steps {
            at += self.rng.i64(step.least..step.most);
            if let Fate::Trouble(trouble) = fate
                && step.status == self.troubled(trouble.stage)
            {
                at = self.fail(at, &trouble);
                if trouble.end != End::Recovered {
                    return Ended { at, canceled: trouble.end == End::Canceled };
                }
                tries = trouble.failures;
            }
            self.post(at, step.status, step.by, tries, None);
            match (fate, step.status) {
                (Fate::Remark(fault), Status::Available) => {
                    let text = fault.text(self.rng, self.session, self.chain);
                    self.post(at + 20 * SECOND, Status::Canceled, Poster::Client, 0, Some(text));
                    return Ended { at, canceled: true };
                }
                (Fate::NeverApplied, Status::Uploaded) => break,
                _ => {}
            }
        }
        Ended { at, canceled: false }
    }

    /// Returns the status that a failure at a stage prevents.
    fn troubled(&self, stage: Stage) -> Status {
        match (stage, self.session.direction) {
            (Stage::Apply, _) => Status::Applied,
            (Stage::Carry, Direction::Download) => Status::Downloaded,
            (Stage::Carry, Direction::Upload) => Status::Uploaded,
        }
    }

    /// Adds the failures; returns the instant of the next try, or of the last failure.
    fn fail(&mut self, first: i64, trouble: &Trouble) -> i64 {
        let (status, by) = match (trouble.stage, self.session.direction) {
            (Stage::Carry, Direction::Download) => (Status::DownloadFailed, Poster::Client),
            (Stage::Carry, Direction::Upload) => (Status::UploadFailed, Poster::Client),
            (Stage::Apply, Direction::Download) => (Status::ApplyFailed, Poster::Client),
            (Stage::Apply, Direction::Upload) => (Status::ApplyFailed, Poster::Application),
        };
        let mut at = first;
        for tries in 1..=trouble.failures {
            let text = trouble.fault.text(self.rng, self.session, self.chain);
            self.post(at, status, by, tries, Some(text));
            if tries < trouble.failures || trouble.end == End::Recovered {
                at += self.rng.i64(trouble.pause.0..trouble.pause.1);
                if status == Status::DownloadFailed {
                    self.post(at, Status::Requested, by, tries, None);
                    at += self.rng.i64(2 * SECOND..90 * SECOND);
                }
            }
        }
        if trouble.end == End::Canceled {
            at += self.rng.i64(SECOND..MINUTE);
            let text = format!("The session was tried too many times ({}).", trouble.failures);
            self.post(at, Status::Canceled, Poster::Server, trouble.failures, Some(text.into_boxed_str()));
        }
        at
    }

    fn post(&mut self, at: i64, status: Status, by: Poster, try_count: i64, text: Option<Box<str>>) {
        let content = ReportContent {
            at,
            status: status.number(self.session.direction).unwrap_or(-1),
            by,
            round: self.round,
            try_count,
            packed: status != Status::Started,
            text,
        };
        self.outbox.post(self.chain, self.rng, self.session, self.link, content);
    }
}
