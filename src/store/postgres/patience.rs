//! Limits how long an attempt to connect waits for a server that accepts the connection and does
//! not answer: the driver's own limit ends once the connection is accepted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Attempts that may wait without an answer at the same time, each on a thread of its own.
const MAX_WAITING: usize = 16;

static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Performs `work` on a thread of its own. Returns its result, or `None` if it takes longer than
/// `limit`; the thread then ends when the server answers or closes the connection.
pub(super) fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if WAITING.fetch_add(1, Ordering::SeqCst) >= MAX_WAITING {
        WAITING.fetch_sub(1, Ordering::SeqCst);
        return None;
    }
    let (done, outcome) = mpsc::sync_channel(1);
    let attempt = move || {
        let result = work();
        WAITING.fetch_sub(1, Ordering::SeqCst);
        // Without a receiver the result arrives too late.
        let _ = done.send(result);
    };
    if thread::Builder::new().name("connect".to_owned()).spawn(attempt).is_err() {
        WAITING.fetch_sub(1, Ordering::SeqCst);
        return None;
    }
    outcome.recv_timeout(limit).ok()
}

#[cfg(test)]
mod tests {
    use super::within;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn work_that_takes_too_long_is_left_alone() {
        assert_eq!(within(Duration::from_mins(1), || 7), Some(7));
        let (release, released) = mpsc::channel::<()>();
        assert_eq!(within(Duration::from_millis(1), move || released.recv().is_ok()), None);
        drop(release);
    }
}
