//! Batch jobs, pure: what they are, when they may start, why they do not, what follows an end. No I/O, no clock.
//!
//! The batch server and the screens decide by the same functions, so what a screen says is what the server does.

mod alerts;
mod alike;
mod course;
mod job;
mod json;
mod server;
mod status;
mod verdict;

pub use alerts::{AlertEvent, AlertSettings, is_address, unheard, wanted};
pub use alike::does_the_same;
pub use course::{Course, Missing, NonEvent, after_end, at_start};
pub use job::{
    AfterError, BatchJob, Claim, HistoryOutcome, JobSettings, LastRun, Missed, SaveHistory, StatusChange, Task,
    retry_pause,
};
pub use server::{BatchServer, SILENT_AFTER_MS, Window};
pub use status::{BatchStatus, may_change};
pub use verdict::{Evidence, Reason, World, reasons, waits_for};
