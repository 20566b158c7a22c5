//! Cancellation: a shared flag that the engine checks between two transactions.
//!
//! A run is canceled, or stopped so that another process can continue it.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A shared flag; clones are the same flag. Once tripped it stays so.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Untouched,
    Canceled,
    HandedOver,
}

impl Cancel {
    /// A flag that is not tripped.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the end of the work at the next chunk; tripping twice is the same as once.
    pub fn trip(&self) {
        self.set(State::Canceled);
    }

    /// Stops the work at the next chunk so that another process can continue it. Does not replace
    /// an earlier cancel.
    pub fn hand_over(&self) {
        self.set(State::HandedOver);
    }

    fn set(&self, state: State) {
        let (flag, bell) = &*self.0;
        let mut flag = flag.lock().unwrap_or_else(PoisonError::into_inner);
        if *flag != State::Canceled {
            *flag = state;
        }
        bell.notify_all();
    }

    /// Whether the end was asked for only to go on elsewhere.
    pub fn is_hand_over(&self) -> bool {
        self.state() == State::HandedOver
    }

    fn state(&self) -> State {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the end was asked for.
    pub fn is_tripped(&self) -> bool {
        self.state() != State::Untouched
    }

    /// Waits for `pause`, or less if the flag is tripped meanwhile; returns whether it was.
    pub fn sleep(&self, pause: Duration) -> bool {
        let (flag, bell) = &*self.0;
        let guard = flag.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) = bell
            .wait_timeout_while(guard, pause, |state| *state == State::Untouched)
            .unwrap_or_else(PoisonError::into_inner);
        *guard != State::Untouched
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
    fn a_cancel_outlasts_a_hand_over() {
        let cancel = Cancel::new();
        cancel.hand_over();
        assert!(cancel.is_tripped() && cancel.is_hand_over());
        cancel.trip();
        cancel.hand_over();
        assert!(cancel.is_tripped() && !cancel.is_hand_over());
    }

    #[test]
    fn an_untripped_flag_lets_the_pause_pass() {
        assert!(!Cancel::new().sleep(Duration::from_millis(1)));
    }
}
