//! The main loop of a batch server, and its orderly stop.

use crate::batch::HistoryOutcome;
use crate::cancel::Cancel;
use crate::domain::Timestamp;
use crate::server::{Server, ServerEvent, Wake, alert_checker, messenger};
use crate::store::StoreError;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// The interval of polls for changes.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The interval of heartbeats.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
/// If head office did not answer for this long, in milliseconds, others had no answer either and
/// get the second time to send a heartbeat.
const HEARTBEAT_GAP_MS: i64 = 8_000;
const HEARTBEAT_GRACE_MS: i64 = 12_000;
/// How long workers may take to finish their chunk when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_millis(4_500);
/// How long alerts may take when nothing else is left to do.
const DELIVERIES_TIMEOUT: Duration = Duration::from_secs(30);

impl Server {
    pub(super) fn run(&mut self, woken: &Receiver<Wake>) {
        loop {
            let result = self.step();
            if result.is_err() {
                // The next round checks everything: this one may have consumed a change.
                self.checked_at = None;
            }
            if let Err(error @ StoreError::Moved { .. }) = &result {
                self.replaced = self.office.location().file_identity().is_some().then(|| error.to_string());
            }
            self.note_fault(result);
            // Reports that the loop is running, whether or not head office answers: a restart would
            // not help.
            if self.alive_reported_at.elapsed() >= HEARTBEAT_INTERVAL {
                self.alive_reported_at = Instant::now();
                (self.emit)(ServerEvent::Alive);
            }
            if self.superseded || self.replaced.is_some() || (self.options.once && self.workers.is_empty()) {
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
            Wake::Reload(config) => {
                self.options.delivery.clone_from(&config);
                self.checker.reload(config.test_days);
                self.messenger.reload(&config);
                (self.emit)(ServerEvent::Reloaded);
            }
            Wake::Finished(job_id) => {
                if let Some(worker) = self.workers.remove(&job_id) {
                    let outcome = worker.join();
                    self.ended.jobs += 1;
                    self.ended.failed += u64::from(outcome == Some(HistoryOutcome::Error));
                    if outcome == Some(HistoryOutcome::Ended) {
                        self.messenger.ping();
                    }
                    if outcome.is_none() {
                        self.refused_at = Some(Instant::now());
                    }
                }
                // Its end may have freed a thread and the lease.
                self.checked_at = None;
            }
            Wake::Changed => self.changed = true,
            Wake::Stop => {}
        }
    }

    /// How long to sleep: until the next due start, at most until the next poll, or until the next
    /// heartbeat if changes are notified.
    fn pause(&self) -> Duration {
        if self.fault.is_some() {
            return POLL_INTERVAL;
        }
        let heartbeat = HEARTBEAT_INTERVAL.saturating_sub(self.beaten.elapsed());
        let sleeps = self.listener.listens() && !self.blocked && !self.others_execute;
        let longest = if sleeps { heartbeat } else { POLL_INTERVAL };
        let now = self.office.now().unwrap_or_default();
        let due = self.next_due.map(|due| u64::try_from(due.since(now)).unwrap_or(0));
        due.map_or(longest, |ms| Duration::from_millis(ms).min(longest)).max(Duration::from_millis(1))
    }

    /// Wakes the messenger if alerts are due that it can deliver.
    fn deliver(&mut self) -> Result<(), StoreError> {
        if self.office.has_deliveries(&messenger::channels(&self.options.delivery))? {
            self.messenger.wake();
        }
        Ok(())
    }

    /// One round of the loop.
    fn step(&mut self) -> Result<(), StoreError> {
        let now = self.office.now()?;
        if self.reached.is_some_and(|reached| now.since(reached) > HEARTBEAT_GAP_MS) {
            self.judges_from = Timestamp(now.0 + HEARTBEAT_GRACE_MS);
        }
        if self.beaten.elapsed() >= HEARTBEAT_INTERVAL {
            self.office.check_in_place()?;
            self.superseded = !self.office.heartbeat(&self.options.name, &self.incarnation)?;
            self.beaten = Instant::now();
            if self.superseded {
                return Ok(());
            }
            self.end_jobs_of_crashed_servers()?;
            self.deliver()?;
        } else if self.others_execute {
            self.end_jobs_of_crashed_servers()?;
        }
        let notified = std::mem::take(&mut self.changed);
        let changed = if self.listener.listens() { notified } else { notified || self.differs()? };
        let swept = self.checked_at.is_some_and(|at| at.elapsed() < self.options.sweep);
        let due = self.next_due.is_some_and(|due| due <= now);
        if !changed && swept && !due && !self.blocked {
            self.reached = Some(now);
            return Ok(());
        }
        if changed {
            self.deliver()?;
        }
        if !swept {
            self.end_jobs_of_crashed_servers()?;
        }
        self.stop_canceled_jobs()?;
        // A refused start is due again; without a pause its own return would repeat it at once.
        if self.refused_at.is_none_or(|at| at.elapsed() >= POLL_INTERVAL) {
            self.start_due(now)?;
        }
        self.keep_log_short()?;
        let mine = &self.options.name;
        let executing = self.office.executing_jobs()?;
        let mut claims = executing.iter().filter_map(|job| job.claim.as_ref());
        self.others_execute = claims.any(|claim| !claim.holder.is_of_server(mine));
        self.next_due = self.office.next_due(now)?;
        self.checked_at = Some(Instant::now());
        self.reached = Some(now);
        Ok(())
    }

    /// Writes the log back once per sweep while no run does: heartbeats alone would let it grow to
    /// the bound that suits a transfer.
    fn keep_log_short(&mut self) -> Result<(), StoreError> {
        if self.workers.is_empty() && self.checkpoint_at.elapsed() >= self.options.sweep {
            self.office.checkpoint()?;
            self.checkpoint_at = Instant::now();
        }
        Ok(())
    }

    /// Whether another connection has committed at head office since the last call.
    fn differs(&mut self) -> Result<bool, StoreError> {
        let version = self.office.data_version()?;
        Ok(self.seen.replace(version) != Some(version))
    }

    /// Reports an error once, and its end.
    fn note_fault(&mut self, result: Result<(), StoreError>) {
        let fault = result.err().map(|error| error.to_string());
        match (&self.fault, &fault) {
            (before, Some(fault)) if before.as_ref() != Some(fault) => {
                (self.emit)(ServerEvent::Unreachable { fault: fault.clone() });
            }
            (Some(_), None) => (self.emit)(ServerEvent::Reached),
            _ => {}
        }
        self.fault = fault;
    }

    /// Stops in order: workers finish their chunk, their jobs wait to be continued, and the
    /// server's row is marked as stopped.
    pub(super) fn stop(&mut self, woken: &Receiver<Wake>) {
        for worker in self.workers.values() {
            worker.cancel.hand_over();
        }
        let until = Instant::now() + STOP_TIMEOUT;
        while !self.workers.is_empty() {
            match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Wake::Finished(job_id)) => self.take(Wake::Finished(job_id)),
                Ok(_) => {}
                // A job that is not finished now is continued by another server when the heartbeat
                // is old.
                Err(_) => break,
            }
        }
        if self.workers.is_empty() && !self.superseded && self.replaced.is_none() {
            let result = self.office.note_server_stopped(&self.options.name, &self.incarnation);
            self.note_fault(result);
        }
        self.checker.stop(until);
        if self.options.once {
            alert_checker::check_once(&self.options, &self.emit);
        }
        // With `once`, wait for a slow mail server: no other server may be running.
        let patience = if self.options.once { DELIVERIES_TIMEOUT } else { Duration::ZERO };
        self.messenger.stop(until + patience);
        (self.emit)(ServerEvent::Stopped { running: self.workers.len() });
    }

    pub(super) fn cancel_of(&self, job_id: i64) -> Option<&Cancel> {
        self.workers.get(&job_id).map(|worker| &worker.cancel)
    }
}
