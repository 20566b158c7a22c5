//! The engine: runs of Process status messages, posting, and session actions. It does not use the
//! terminal and reports through events.

mod agent_parameters;
mod alert_rules;
mod batch_run;
mod context;
mod databases;
mod delivery_fault;
mod event;
mod foreign_messages;
mod handover;
pub mod inquiry;
mod lease_keeper;
mod metrics;
mod post;
mod preview;
mod process;
mod purge;
mod rejected_retry;
mod retry;
mod session_actions;
mod slow_start;
mod transfer;
mod trash;
mod undo;
mod watch;
mod what_if;

pub use agent_parameters::send_parameter;
pub use alert_rules::check_alert_rules;
pub use batch_run::{BatchRun, BatchRunEnd, BatchRunOutcome, run_batch_job};
pub use context::ProcessOptions;
pub use databases::Databases;
pub use delivery_fault::delivery_fault;
pub use event::{ChunkFigures, EventSink, Failed, Progress, RunEvent};
pub use foreign_messages::ForeignMessages;
pub use handover::{ConditionGroup, Handover, handover};
pub use metrics::{CauseLabels, Metrics, metrics};
pub use post::{BadLine, LineFault, PostError, PostOptions, PostSummary, parse_line, post};
pub use preview::{Preview, number_preview, preview};
pub use process::{ProcessError, process};
pub use rejected_retry::{RetryOutcome, retry_rejected};
pub use session_actions::{
    ActionRequest, ActionResult, LeftOut, SelectedSession, SessionActionError, perform_session_action,
};
pub use trash::{MAX_RESTORED, Restoring, empty_trash, restore, restore_matching};
pub use undo::{Undone, undo_entry};
pub use watch::{Change, DownReason, NoPosition, Polled, SessionChange, WatchPosition, Watcher};
pub use what_if::{TableComparison, compare_purges};
