//! The batch framework's screens: jobs, history, groups, servers, alerts, notifications.

mod glyphs;
mod groups;
mod history;
mod job_forms;
mod jobs;
mod notifications;
mod servers;
mod why;

pub use groups::Groups;
pub use history::History;
pub use job_forms::{SettingsForm, SettingsFormKind};
pub use jobs::{BatchJobs, job_actions, offer_versions};
pub use notifications::Notifications;
pub use servers::Servers;
pub(super) use why::progress_words;
