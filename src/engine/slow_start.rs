//! Reports what the start of a run waits for.

use crate::engine::databases::Databases;
use crate::engine::event::{EventSink, RunEvent};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// A start that takes longer is reported.
const PATIENCE: Duration = Duration::from_secs(1);

/// Performs `start`. If that takes long because a program holds a lock of a database, a notice
/// names both.
pub(super) fn reported<T>(databases: &Databases, events: &dyn EventSink, start: impl FnOnce() -> T) -> T {
    let (started, outcome) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let report = move || {
            if outcome.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout)
                && let Some((database, holder)) = held(databases)
            {
                events.send(RunEvent::Notice(format!("waiting for {database}: locked by {holder}")));
            }
        };
        // Without the thread the start is only not reported.
        let _ = thread::Builder::new().name("slow start".to_owned()).spawn_scoped(scope, report);
        let result = start();
        drop(started);
        result
    })
}

/// The database that a program holds a lock of, and that program.
fn held(databases: &Databases) -> Option<(&'static str, String)> {
    let locations = [("head office", &databases.head_office), ("the message database", &databases.message_database)];
    locations.into_iter().find_map(|(database, location)| Some((database, location.lock_holder()?)))
}
