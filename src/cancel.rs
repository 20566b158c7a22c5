//! Cancellation: one flag that many hold, tripped once, seen by the engine between two transactions.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A shared flag; clones are the same flag. Once tripped it stays so.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<(Mutex<bool>, Condvar)>);

impl Cancel {
    /// A flag nobody has tripped.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the end of the work at the next chunk; tripping twice is the same as once.
    pub fn trip(&self) {
        let (flag, bell) = &*self.0;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        bell.notify_all();
    }

    /// Whether the end was asked for.
    pub fn is_tripped(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `pause`, or less if the flag is tripped meanwhile; returns whether it was.
    pub fn sleep(&self, pause: Duration) -> bool {
        let (flag, bell) = &*self.0;
        let guard = flag.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) =
            bell.wait_timeout_while(guard, pause, |tripped| !*tripped).unwrap_or_else(PoisonError::into_inner);
        *guard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tripped_flag_ends_a_sleep_at_once() {
        let cancel = Cancel::new();
        let other = cancel.clone();
        let sleeper = std::thread::spawn(move || other.sleep(Duration::from_hours(1)));
        cancel.trip();
        assert!(sleeper.join().expect("the sleeper ends"));
        assert!(cancel.is_tripped());
    }

    #[test]
    fn an_untripped_flag_lets_the_pause_pass() {
        assert!(!Cancel::new().sleep(Duration::from_millis(1)));
    }
}
