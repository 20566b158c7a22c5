//! Limits how long an attempt to connect waits for a server that accepts the connection and does
//! not answer: the driver's own limit ends once the connection is accepted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Attempts that may still wait after their limit, each on a thread of its own.
const MAX_ABANDONED: usize = 16;

static ABANDONED: AtomicUsize = AtomicUsize::new(0);

/// Performs `work` on a thread of its own. Returns its result, or `None` if it takes longer than
/// `limit`; the thread then ends when the server answers or closes the connection. With too many
/// such threads nothing is tried.
pub(super) fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if ABANDONED.load(Ordering::SeqCst) >= MAX_ABANDONED {
        return None;
    }
    let (done, outcome) = mpsc::sync_channel(1);
    // Set by the first of the two that ends: the attempt, or the wait for it.
    let is_over = Arc::new(AtomicBool::new(false));
    let attempt_is_over = Arc::clone(&is_over);
    let attempt = move || {
        let result = work();
        if attempt_is_over.swap(true, Ordering::SeqCst) {
            ABANDONED.fetch_sub(1, Ordering::SeqCst);
        } else {
            let _ = done.send(result);
        }
    };
    thread::Builder::new().name("connect".to_owned()).spawn(attempt).ok()?;
    match outcome.recv_timeout(limit) {
        Err(RecvTimeoutError::Timeout) => {}
        outcome => return outcome.ok(),
    }
    ABANDONED.fetch_add(1, Ordering::SeqCst);
    if is_over.swap(true, Ordering::SeqCst) {
        // The attempt has just ended.
        ABANDONED.fetch_sub(1, Ordering::SeqCst);
        return outcome.recv().ok();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{ABANDONED, within};
    use std::sync::atomic::Ordering;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn work_that_takes_too_long_is_left_alone() {
        assert_eq!(within(Duration::from_mins(1), || 7), Some(7));
        let (release, released) = mpsc::channel::<()>();
        assert_eq!(within(Duration::from_millis(1), move || released.recv().is_ok()), None);
        assert_eq!(ABANDONED.load(Ordering::SeqCst), 1);
        drop(release);
        while ABANDONED.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
    }
}
