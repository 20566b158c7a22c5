//! The claim under which a batch job executes.

use crate::domain::Timestamp;

/// The claim on a job that is executing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The batch server, or `console of LOGIN`.
    pub server: String,
    /// Identifies one process of that server; a restart gets a new one.
    pub incarnation: String,
    /// The fencing token, which grows with every claim; writes under the claim check it.
    pub fencing: i64,
    /// When it was made.
    pub since: Timestamp,
    /// Its row of the history.
    pub history_id: i64,
    /// The run, once it has begun.
    pub run_id: Option<i64>,
}

/// Begins the incarnation of a claim that a console makes; a batch server's has no such prefix.
const BY_CONSOLE: &str = "console";

impl Claim {
    /// The incarnation of a console that claims a private job.
    pub fn console_incarnation(number: &impl std::fmt::Display) -> String {
        format!("{BY_CONSOLE} {number}")
    }

    /// Whether a console made it; then only its run's lease shows whether that console is running.
    pub fn is_by_console(&self) -> bool {
        self.incarnation.starts_with(BY_CONSOLE)
    }
}
