//! Turns panics of background threads into errors.

use std::cell::Cell;

thread_local! {
    /// Whether this thread turns a panic into an error.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is caught by [`catch_panic`].
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `work`, turning a panic into an error, so that a caller waiting for the result always gets
/// one.
pub fn catch_panic<T, E: From<String>>(what: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let outer = GUARDED.replace(true);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    GUARDED.set(outer);
    result.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<&str>().map(|message| (*message).to_owned());
        let message = message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(format!("{what} failed because of a defect in cdx: {message}").into())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_becomes_an_error() {
        assert_eq!(super::catch_panic::<_, String>("the run", || Ok(1)), Ok(1));
        let fault =
            super::catch_panic("the run", || -> Result<(), String> { panic!("number {}", 7) }).expect_err("a panic");
        assert!(!super::is_guarded());
        assert!(fault.starts_with("the run failed") && fault.ends_with("number 7"), "{fault}");
    }
}
