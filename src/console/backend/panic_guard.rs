//! Panics of background threads as errors.

use std::cell::Cell;

thread_local! {
    /// Whether this thread turns a panic into an error.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is caught by [`catch_panic`].
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `work`, turning a panic into an error, so that a caller waiting for the result always gets one.
pub fn catch_panic<T>(what: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let outer = GUARDED.replace(true);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    GUARDED.set(outer);
    result.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(format!("{what} broke down, which is a fault of this program: {words}"))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_becomes_a_sentence() {
        assert_eq!(super::catch_panic("the run", || Ok(1)), Ok(1));
        let fault =
            super::catch_panic("the run", || -> Result<(), String> { panic!("number {}", 7) }).expect_err("it broke");
        assert!(!super::is_guarded());
        assert!(fault.starts_with("the run broke down") && fault.ends_with("number 7"), "{fault}");
    }
}
