//! Checks the alert rules, and tests the channels now and then, on a thread of its own,
//! because the message database may not answer.

use crate::engine::{Databases, check_alert_rules};
use crate::server::{EventListener, Options, ServerEvent};
use crate::store::{Access, HeadOffice, StoreError};
use chrono_tz::Tz;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

/// The handle of the thread.
pub(super) struct AlertChecker {
    /// The days between two tests; dropped to stop it.
    test_days: Option<Sender<i64>>,
    /// Disconnected when the thread has finished.
    finished: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl AlertChecker {
    pub(super) fn start(options: &Options, emit: &EventListener) -> std::io::Result<Self> {
        let (test_days, changed) = channel::<i64>();
        let (alive, finished) = channel::<()>();
        let (interval, mut checker) = (options.sweep, Checker::new(options, emit));
        let thread = std::thread::Builder::new().name("alert rules".to_owned()).spawn(move || {
            let _alive = alive;
            loop {
                match changed.recv_timeout(interval) {
                    Ok(days) => checker.test_days = days,
                    Err(RecvTimeoutError::Timeout) => checker.check(),
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })?;
        Ok(Self { test_days: Some(test_days), finished, thread: Some(thread) })
    }

    /// Takes the reloaded configuration.
    pub(super) fn reload(&self, test_days: i64) {
        if let Some(days) = &self.test_days {
            // A thread that has finished tests nothing.
            let _ = days.send(test_days);
        }
    }

    /// Stops it, waiting at most until `until`.
    pub(super) fn stop(&mut self, until: Instant) {
        self.test_days = None;
        let Some(thread) = self.thread.take() else { return };
        let patience = until.saturating_duration_since(Instant::now());
        if self.finished.recv_timeout(patience) == Err(RecvTimeoutError::Disconnected) {
            let _ = thread.join();
        }
    }
}

struct Checker {
    databases: Databases,
    zone: Tz,
    test_days: i64,
    office: Option<HeadOffice>,
    /// The error that was last reported.
    fault: Option<String>,
    emit: EventListener,
}

impl Checker {
    fn new(options: &Options, emit: &EventListener) -> Self {
        Self {
            databases: options.databases.clone(),
            zone: options.zone.parse().unwrap_or(Tz::UTC),
            test_days: options.delivery.test_days,
            office: None,
            fault: None,
            emit: Arc::clone(emit),
        }
    }

    fn check(&mut self) {
        let result = self.attempt();
        if result.is_err() {
            // The next check opens a new connection.
            self.office = None;
        }
        let fault = result.err().map(|error| error.to_string());
        if let Some(text) = &fault
            && fault != self.fault
        {
            (self.emit)(ServerEvent::RulesNotChecked { fault: text.clone() });
        }
        self.fault = fault;
    }

    fn attempt(&mut self) -> Result<(), StoreError> {
        let office = if let Some(office) = &self.office {
            office
        } else {
            let opening = self.databases.opening(Access::Existing);
            self.office.insert(HeadOffice::open(&self.databases.head_office, opening)?)
        };
        let now = office.now()?;
        office.give_up_deliveries()?;
        office.test_deliveries(now, self.test_days)?;
        if let Some(checked) = check_alert_rules(&self.databases, office, now, self.zone)?
            && (checked.fired, checked.resolved) != (0, 0)
        {
            (self.emit)(ServerEvent::RulesChecked { fired: checked.fired, resolved: checked.resolved });
        }
        Ok(())
    }
}

/// Checks once, before a server that runs only what is due exits.
pub(super) fn check_once(options: &Options, emit: &EventListener) {
    Checker::new(options, emit).check();
}
