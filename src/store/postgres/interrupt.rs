//! Cancels a statement from another thread, with PostgreSQL's cancel request on a second
//! connection.

use crate::store::postgres::tls::Encryption;
use postgres::{CancelToken, NoTls};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The state shared by the session and its interrupters.
#[derive(Default)]
pub(super) struct StatementCounter {
    /// Incremented when a statement begins and when it ends: odd while one is running.
    count: AtomicU64,
    /// The statement to cancel, by its count.
    target: AtomicU64,
    line: Mutex<Option<(CancelToken, Encryption)>>,
}

impl StatementCounter {
    /// Records that a statement begins.
    pub(super) fn begin(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    /// Records that a statement has ended.
    pub(super) fn end(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether the statement that has just ended was the one to cancel. A cancel request can arrive
    /// late and hit a later statement.
    pub(super) fn was_target(&self) -> bool {
        self.target.load(Ordering::SeqCst) + 1 == self.count.load(Ordering::SeqCst)
    }

    /// Stores the cancel token and the encryption of a new connection.
    pub(super) fn connected(&self, token: CancelToken, encryption: Encryption) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = Some((token, encryption));
    }
}

/// Cancels the running statement of a session on another thread.
pub(in crate::store) struct Interrupter(pub(super) Arc<StatementCounter>);

impl Interrupter {
    /// Requests the cancel without waiting for the server; does nothing if no statement is running.
    pub(in crate::store) fn interrupt(&self) {
        let count = self.0.count.load(Ordering::SeqCst);
        if count.is_multiple_of(2) {
            return;
        }
        self.0.target.store(count, Ordering::SeqCst);
        let counter = Arc::clone(&self.0);
        // On a thread of its own: the request opens a connection, and the caller must not wait for
        // it.
        std::thread::spawn(move || {
            let line = counter.line.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let Some((token, encryption)) = line else { return };
            if counter.count.load(Ordering::SeqCst) == count {
                // If the server cannot be reached, the statement fails anyway.
                let _ = match encryption {
                    Some(connector) => token.cancel_query(connector),
                    None => token.cancel_query(NoTls),
                };
            }
        });
    }
}
