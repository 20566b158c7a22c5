//! Batch jobs at head office: jobs, their history and log, servers, groups, alerts.

mod alerts;
mod change;
mod claim;
mod coming;
mod history;
mod jobs;
mod notifications;
mod orphan;
mod overdue;
mod servers;

pub use change::Refusal;
pub use claim::{Claimed, EndOfRun};
pub use coming::Withheld;
pub use history::{HistoryFilter, HistoryRow, LogLine, Severity};
pub use jobs::{JobChange, JobFilter};
pub use notifications::{Delivery, LastDelivery, NewNotification, Notification, Way};
pub use servers::ServerStart;
