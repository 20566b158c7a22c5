//! Reports what the start of a run waits for.

use crate::engine::event::{EventSink, RunEvent};
use crate::store::Location;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// A start that takes longer is reported.
const PATIENCE: Duration = Duration::from_secs(1);

/// Performs `start`. If that takes long, a notice names the program that holds the write lock of
/// head office.
pub(super) fn reported<T>(head_office: &Location, events: &dyn EventSink, start: impl FnOnce() -> T) -> T {
    let (started, outcome) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let report = move || {
            if outcome.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let holder = head_office.lock_holder();
                let why = holder.map_or("it does not answer yet".to_owned(), |holder| format!("locked by {holder}"));
                events.send(RunEvent::Notice(format!("waiting for head office: {why}")));
            }
        };
        // Without the thread the start is only not reported.
        let _ = thread::Builder::new().name("slow start".to_owned()).spawn_scoped(scope, report);
        let result = start();
        drop(started);
        result
    })
}
