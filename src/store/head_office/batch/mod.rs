//! Batch jobs at head office: jobs, their history and log, servers, groups, alerts.

mod abandoned_claims;
mod alerts;
mod change;
mod claim;
mod conditions;
mod deliveries;
mod delivery_channel;
mod history;
mod history_filter;
mod history_groups;
mod history_json;
mod jobs;
mod notifications;
mod overdue;
mod self_tests;
mod servers;
mod silences;
mod undo;
mod upcoming;
mod versions;

pub use change::Refusal;
pub use claim::{Claimed, EndOfRun};
pub use conditions::CheckedRules;
pub use deliveries::{Delivery, DeliveryFault, LastDelivery, NoticedConditions};
pub use delivery_channel::DeliveryChannel;
pub use history::{HistoryRow, LogLine, Severity, StartCounts};
pub use history_filter::HistoryFilter;
pub use jobs::{JobChange, JobFilter};
pub use notifications::{About, NewNotification, Notification};
pub use overdue::OverdueAlert;
pub use servers::{BatchGroup, ServerStart};
pub use silences::Silence;
pub use upcoming::Withheld;
pub use versions::JobVersion;
