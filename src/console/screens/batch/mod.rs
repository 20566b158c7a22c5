//! The batch framework's screens: jobs, history, groups, servers, alerts, notifications.

mod actions;
mod columns;
mod groups;
mod history;
mod history_columns;
mod history_draw;
mod history_filter;
mod job_forms;
mod jobs;
mod jobs_change;
mod jobs_draw;
mod jobs_keys;
mod log;
mod notifications;
mod server_fields;
mod servers;
mod servers_draw;
mod shapes;
mod why;

pub use groups::Groups;
pub use history::History;
pub use job_forms::{JobForm, Kind};
pub use jobs::BatchJobs;
pub use notifications::Notifications;
pub use servers::Servers;
pub(super) use why::progress_words;
