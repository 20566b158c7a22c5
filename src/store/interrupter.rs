//! Cancels a statement from another thread, in either engine.

use crate::store::postgres;

/// Cancels the running statement of a connection on another thread.
pub struct Interrupter(Interrupt);

enum Interrupt {
    Sqlite(rusqlite::InterruptHandle),
    Postgres(postgres::Interrupter),
}

impl Interrupter {
    pub(super) fn sqlite(handle: rusqlite::InterruptHandle) -> Self {
        Self(Interrupt::Sqlite(handle))
    }

    pub(super) fn postgres(interrupter: postgres::Interrupter) -> Self {
        Self(Interrupt::Postgres(interrupter))
    }

    /// Cancels the statement without waiting; does nothing if none is running.
    pub fn interrupt(&self) {
        match &self.0 {
            Interrupt::Sqlite(handle) => handle.interrupt(),
            Interrupt::Postgres(interrupter) => interrupter.interrupt(),
        }
    }
}

impl std::fmt::Debug for Interrupter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupter")
    }
}
