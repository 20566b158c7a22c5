//! Breaking off a statement from another thread, by the server's own way: a second connection that names the first.

use crate::store::postgres::tls::Encryption;
use postgres::{CancelToken, NoTls};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What the session and its interrupters share.
#[derive(Default)]
pub(super) struct Pulse {
    /// Counts statements: odd while one runs.
    beat: AtomicU64,
    /// The beat whose statement somebody wanted broken off.
    target: AtomicU64,
    line: Mutex<Option<(CancelToken, Encryption)>>,
}

impl Pulse {
    /// A statement begins.
    pub(super) fn begin(&self) {
        self.beat.fetch_add(1, Ordering::SeqCst);
    }

    /// It ended.
    pub(super) fn end(&self) {
        self.beat.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether it was the statement that has just ended that somebody wanted broken off, and not the one before it: the wish may come
    /// late.
    pub(super) fn was_meant(&self) -> bool {
        self.target.load(Ordering::SeqCst) + 1 == self.beat.load(Ordering::SeqCst)
    }

    /// There is a new connection.
    pub(super) fn connected(&self, token: CancelToken, encryption: Encryption) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = Some((token, encryption));
    }
}

/// Breaks off the statement that runs in a session of another thread.
pub(in crate::store) struct Interrupter(pub(super) Arc<Pulse>);

impl Interrupter {
    /// Asks the server to break it off, without waiting for the server; without a running statement nothing happens.
    pub(in crate::store) fn interrupt(&self) {
        let beat = self.0.beat.load(Ordering::SeqCst);
        if beat.is_multiple_of(2) {
            return;
        }
        self.0.target.store(beat, Ordering::SeqCst);
        let pulse = Arc::clone(&self.0);
        // The server may be far away, and whoever interrupts must not wait.
        std::thread::spawn(move || {
            let line = pulse.line.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let Some((token, encryption)) = line else { return };
            if pulse.beat.load(Ordering::SeqCst) == beat {
                // A server that cannot be reached answers nobody anyway.
                let _ = match encryption {
                    Some(connector) => token.cancel_query(connector),
                    None => token.cancel_query(NoTls),
                };
            }
        });
    }
}
