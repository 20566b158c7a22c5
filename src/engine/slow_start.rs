//! Reports what the start of a run waits for.

use crate::engine::event::{EventSink, RunEvent};
use crate::store::Location;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// A start that takes longer is reported.
const PATIENCE: Duration = Duration::from_secs(1);

/// Performs `start`. If that takes long because a program holds the write lock of head office, a
/// notice names it.
pub(super) fn reported<T>(head_office: &Location, events: &dyn EventSink, start: impl FnOnce() -> T) -> T {
    let (started, outcome) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let report = move || {
            if outcome.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout)
                && let Some(holder) = head_office.lock_holder()
            {
                events.send(RunEvent::Notice(format!("waiting for head office: locked by {holder}")));
            }
        };
        // Without the thread the start is only not reported.
        let _ = thread::Builder::new().name("slow start".to_owned()).spawn_scoped(scope, report);
        let result = start();
        drop(started);
        result
    })
}
