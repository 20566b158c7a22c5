//! Rules of batch jobs: when they may start, why they do not, what follows an end. No I/O, no
//! clock.
//!
//! The batch server and the screens use the same functions, so a screen says what the server does.

mod alerts;
mod claim;
mod delivery;
mod differences;
mod duplicates;
mod eligibility;
mod filter;
mod job;
mod json;
mod lateness;
mod purge_consent;
mod recent_runs;
mod rules;
mod schedule;
mod server;
mod silence;
mod starts;
mod status;
mod web_address;
mod window;

pub use alerts::{AlertEvent, AlertSettings, address_fault, is_notified, why_never_sent};
pub use claim::{Claim, ClaimHolder, JobClaim};
pub use delivery::{DeliveryConfig, Smtp, SmtpSecurity, Webhook, sender_fault};
pub use duplicates::duplicate_warning;
pub use eligibility::{Evidence, Reason, SchedulingState, reasons, server_reasons, waits_for};
pub use job::{
    AfterError, BatchJob, HistoryOutcome, JobSettings, LONGEST_RETRY_PAUSE, LastRun, Missed, SaveHistory, StatusChange,
    Task, retry_pause,
};
pub use lateness::WhyLate;
pub use purge_consent::PurgeConsent;
pub use recent_runs::RecentRuns;
pub use rules::{
    AlertCondition, AlertRule, EXCHANGE, Finding, FoundCondition, cause_as_text, conditions_in_words, notice,
    rule_words, rules_of,
};
pub use schedule::{
    EndDecision, LATE_AFTER_MS, MISSED_AFTER_MS, NextState, SkipReason, SkippedStart, StartAction, StartDecision,
    after_edit, after_end, after_status_change, at_start,
};
pub use server::{BatchServer, SILENT_AFTER_MS};
pub use silence::{AlertSubject, silence_filter};
pub use starts::starts_until;
pub use status::{BatchStatus, may_change};
pub use web_address::{WebAddress, WebAddressError, is_this_machine};
pub use window::{DEFAULT_THREADS, Window, WindowError, minute_of_day, time_of_day};

/// The longest description of a batch job, in characters.
pub const MAX_DESCRIPTION_CHARS: usize = 200;
/// The longest name of a batch group, in characters.
pub const MAX_GROUP_NAME_CHARS: usize = 40;
