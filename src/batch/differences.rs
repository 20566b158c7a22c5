//! Describes a batch job and the changes of an edit, for the journal.

use crate::batch::{BatchServer, JobSettings};
use crate::recurrence::Rule;

impl JobSettings {
    /// Returns what a job does, such as `Night: transfer and purge, every day, from 2026-11-30
    /// 02:00:00 UTC, batch group Night`.
    pub fn summary(&self) -> String {
        let steps = match (self.task.transfer, self.task.purge) {
            (true, true) => "transfer and purge",
            (true, false) => "transfer",
            (false, true) => "purge",
            (false, false) => "no step",
        };
        let start = self.first_start.in_utc();
        let start = match &self.recurrence {
            Some(rule) => format!("{}, from {start}", rule.words_with_end()),
            None => format!("once at {start}"),
        };
        let group = Some(&self.batch_group).filter(|group| !group.is_empty());
        let group = group.map_or_else(String::new, |group| format!(", batch group {group}"));
        let private = if self.private { ", private" } else { "" };
        format!("{}: {steps}, {start}{group}{private}", self.description)
    }

    /// Returns the differences from `self` to `other`, such as `retries: 2 -> 5; recurrence: every
    /// 15 minutes -> once`.
    pub fn differences(&self, other: &Self) -> String {
        let texts = |settings: &Self| {
            let Self { description, batch_group, task, recurrence, first_start, .. } = settings;
            [
                ("description", description.clone()),
                ("group", if batch_group.is_empty() { "(default)".to_owned() } else { batch_group.clone() }),
                ("private", settings.private.to_string()),
                ("transfer", task.transfer.to_string()),
                ("purge", task.purge.to_string()),
                ("recurrence", recurrence.as_ref().map_or_else(|| "once".to_owned(), Rule::words)),
                ("rule", recurrence.as_ref().map_or_else(String::new, Rule::to_json)),
                ("scheduled start", first_start.in_utc()),
                ("retries", settings.max_retries.to_string()),
                ("retry pause", format!("{} s", settings.retry_pause_ms / 1_000)),
                ("after an error", settings.after_error.word().to_owned()),
                ("missed", settings.missed.word().to_owned()),
                ("history", settings.save_history.word().to_owned()),
            ]
        };
        let mut changed = changed(texts(self), texts(other));
        // The rule itself is listed only if its words do not show the difference.
        if changed.iter().any(|(name, _)| *name == "recurrence") {
            changed.retain(|(name, _)| *name != "rule");
        }
        joined(changed)
    }
}

impl BatchServer {
    /// Returns the differences between the settings of two servers.
    pub fn differences(&self, other: &Self) -> String {
        let texts = |server: &Self| {
            [
                ("runs batch jobs", server.is_batch_server.to_string()),
                ("zone", server.zone.clone()),
                ("windows", server.windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
                ("groups", server.groups.join(", ")),
            ]
        };
        joined(changed(texts(self), texts(other)))
    }
}

type Value = (&'static str, String);

/// The names of the values that differ, each with its change.
fn changed<const N: usize>(before: [Value; N], after: [Value; N]) -> Vec<Value> {
    let pairs = before.into_iter().zip(after).filter(|((_, before), (_, after))| before != after);
    pairs.map(|((name, before), (_, after))| (name, format!("{name}: {before} -> {after}"))).collect()
}

fn joined(changed: Vec<Value>) -> String {
    let changes: Vec<_> = changed.into_iter().map(|(_, change)| change).collect();
    if changes.is_empty() { "nothing changed".to_owned() } else { changes.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Task;
    use crate::domain::Timestamp;

    #[test]
    fn a_summary_says_what_a_job_does() {
        let settings = JobSettings::new(Timestamp(1_796_000_000_000));
        assert_eq!(settings.summary(), "Process status messages: transfer and purge, once at 2026-11-30 00:53:20 UTC");
        let settings = JobSettings {
            description: "Night".to_owned(),
            batch_group: "EU".to_owned(),
            private: true,
            task: Task { transfer: false, purge: true },
            recurrence: Rule::from_words("every 15 minutes", settings.first_start, chrono_tz::UTC).ok(),
            ..settings
        };
        let from = "from 2026-11-30 00:53:20 UTC, batch group EU, private";
        assert_eq!(settings.summary(), format!("Night: purge, every 15 minutes, {from}"));
    }
}
