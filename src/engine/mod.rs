//! The engine: Process status messages as one run, and posting. It knows nothing of terminals; it reports through events.

mod cancel_session;
mod event;
mod outage;
mod post;
mod preview;
mod process;
mod purge;
mod retry;
mod transfer;

pub use cancel_session::{CancelError, cancel_session};
pub use event::{EventSink, Progress, RunEvent};
pub use post::{BadLine, PostError, PostOptions, PostSummary, post};
pub use preview::{Preview, preview};
pub use process::{Databases, ProcessError, ProcessOptions, process};
pub use retry::{RetryOutcome, retry_rejected};
