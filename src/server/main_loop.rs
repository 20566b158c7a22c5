//! The life of a batch server: one look at the world after the other, and its end in order.

use crate::cancel::Cancel;
use crate::domain::Timestamp;
use crate::server::{Server, ServerEvent, Wake};
use crate::store::StoreError;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Between two looks whether anything has changed.
const LOOK: Duration = Duration::from_secs(1);
/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// After so long without an answer of head office, in milliseconds, others had none either, and get so long to show that they live.
const GAP_MS: i64 = 8_000;
const GRACE_MS: i64 = 12_000;
/// How long workers may take to reach the end of their chunk when the server is stopped.
const LAST_CHUNK: Duration = Duration::from_millis(4_500);
/// The same for what leaves the house, when it is all that is left to do.
const LAST_MAIL: Duration = Duration::from_secs(30);

impl Server {
    pub(super) fn live(&mut self, woken: &Receiver<Wake>) {
        loop {
            let result = self.step();
            self.note_fault(result);
            // That the loop goes round, whether or not head office answers: nothing gets better by being started again.
            if self.told_alive.elapsed() >= HEARTBEAT {
                self.told_alive = Instant::now();
                (self.tell)(ServerEvent::Alive);
            }
            if self.superseded || (self.options.once && self.workers.is_empty()) {
                return;
            }
            match woken.recv_timeout(self.pause()) {
                Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(wake) => self.take(wake),
                Err(RecvTimeoutError::Timeout) => {}
            }
            while let Ok(wake) = woken.try_recv() {
                if matches!(wake, Wake::Stop) {
                    return;
                }
                self.take(wake);
            }
        }
    }

    fn take(&mut self, wake: Wake) {
        match wake {
            Wake::Reload(ways) => {
                self.options.ways = ways.clone();
                self.messenger.reload(ways);
                (self.tell)(ServerEvent::Reloaded);
            }
            Wake::Finished(job_id) => {
                if let Some(worker) = self.workers.remove(&job_id) {
                    let failed = worker.join();
                    self.ended.jobs += 1;
                    self.ended.failed += u64::from(failed);
                }
                // Its end may have freed a thread and the lease.
                self.looked = None;
            }
            Wake::Changed => self.told = true,
            Wake::Stop => {}
        }
    }

    /// How long it may sleep: to the next due start, but not longer than to its next look, or sign of life where changes are told.
    fn pause(&self) -> Duration {
        let heartbeat = HEARTBEAT.saturating_sub(self.beaten.elapsed());
        let sleeps = self.listener.listens() && !self.blocked && !self.others_execute;
        let longest = if sleeps { heartbeat } else { LOOK };
        let now = self.office.now().unwrap_or_default();
        let due = self.next_due.map(|due| u64::try_from(due.since(now)).unwrap_or(0));
        due.map_or(longest, |ms| Duration::from_millis(ms).min(longest)).max(Duration::from_millis(1))
    }

    /// One look at the world.
    fn step(&mut self) -> Result<(), StoreError> {
        let now = self.office.now()?;
        if self.reached.is_some_and(|reached| now.since(reached) > GAP_MS) {
            self.judges_from = Timestamp(now.0 + GRACE_MS);
        }
        if self.beaten.elapsed() >= HEARTBEAT {
            self.superseded = !self.office.heartbeat(&self.options.name, &self.incarnation)?;
            self.beaten = Instant::now();
            if self.superseded {
                return Ok(());
            }
            self.follow_servers()?;
            if self.office.has_deliveries()? {
                self.messenger.ring();
            }
        } else if self.others_execute {
            self.follow_servers()?;
        }
        let told = std::mem::take(&mut self.told);
        let changed = if self.listener.listens() { told } else { told || self.differs()? };
        let swept = self.looked.is_some_and(|looked| looked.elapsed() < self.options.sweep);
        let due = self.next_due.is_some_and(|due| due <= now);
        if !changed && swept && !due && !self.blocked {
            self.reached = Some(now);
            return Ok(());
        }
        if changed && self.office.has_deliveries()? {
            self.messenger.ring();
        }
        if !swept {
            self.follow_servers()?;
        }
        self.follow_jobs()?;
        self.start_due(now)?;
        let mine = &self.options.name;
        let executing = self.office.executing_jobs()?;
        self.others_execute = executing.iter().filter_map(|job| job.claim.as_ref()).any(|claim| claim.server != *mine);
        self.looked = Some(Instant::now());
        self.reached = Some(now);
        self.next_due = self.office.next_due(now)?;
        Ok(())
    }

    /// Whether anybody has committed at head office since this was asked last.
    fn differs(&mut self) -> Result<bool, StoreError> {
        let version = self.office.data_version()?;
        Ok(self.seen.replace(version) != Some(version))
    }

    /// Tells a fault once, and its end.
    fn note_fault(&mut self, result: Result<(), StoreError>) {
        let fault = result.err().map(|error| error.to_string());
        match (&self.fault, &fault) {
            (before, Some(fault)) if before.as_ref() != Some(fault) => {
                (self.tell)(ServerEvent::Unreachable { fault: fault.clone() });
            }
            (Some(_), None) => (self.tell)(ServerEvent::Reached),
            _ => {}
        }
        self.fault = fault;
    }

    /// Stops in order: workers end at their chunk, their jobs wait to be continued, the server's row says that it stopped.
    pub(super) fn leave(&mut self, woken: &Receiver<Wake>) {
        for worker in self.workers.values() {
            worker.cancel.hand_over();
        }
        let until = Instant::now() + LAST_CHUNK;
        while !self.workers.is_empty() {
            match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Wake::Finished(job_id)) => self.take(Wake::Finished(job_id)),
                Ok(_) => {}
                // What is not at its end now is taken up by another when the heartbeat is old.
                Err(_) => break,
            }
        }
        if self.workers.is_empty() && !self.superseded {
            let result = self.office.note_server_stopped(&self.options.name, &self.incarnation);
            self.note_fault(result);
        }
        // Who ran only for this waits for a slow mail server, for nobody else may come.
        let patience = if self.options.once { LAST_MAIL } else { Duration::ZERO };
        self.messenger.stop(until + patience);
        (self.tell)(ServerEvent::Stopped { running: self.workers.len() });
    }

    pub(super) fn cancel_of(&self, job_id: i64) -> Option<&Cancel> {
        self.workers.get(&job_id).map(|worker| &worker.cancel)
    }
}
