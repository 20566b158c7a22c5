//! Describes a batch job and the changes of an edit, for the journal.

use crate::batch::{BatchServer, JobSettings};
use crate::domain::Timestamp;
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
        // The other settings only where they are not the default.
        let default = Self::new(self.first_start).rules();
        let rules = self.rules().into_iter().zip(default).filter(|(rule, default)| rule != default);
        let rules = rules.map(|((name, value), _)| format!("{name} {value}"));
        let first = format!("{}: {steps}, {start}{group}{private}", self.description);
        [first].into_iter().chain(rules).collect::<Vec<_>>().join(", ")
    }

    /// Returns the differences from `self` to `other`, such as `retries: 2 -> 5; recurrence: every
    /// 15 minutes -> once`.
    pub fn differences(&self, other: &Self) -> String {
        let texts = |settings: &Self| {
            let Self { description, batch_group, task, recurrence, first_start, .. } = settings;
            let [retries, pause, after_error, missed, history] = settings.rules();
            [
                ("description", description.clone()),
                ("group", if batch_group.is_empty() { "(default)".to_owned() } else { batch_group.clone() }),
                ("private", settings.private.to_string()),
                ("transfer", task.transfer.to_string()),
                ("purge", task.purge.to_string()),
                ("recurrence", recurrence.as_ref().map_or_else(|| "once".to_owned(), Rule::words_with_end)),
                ("rule", recurrence.as_ref().map_or_else(String::new, Rule::to_json)),
                ("scheduled start", first_start.in_utc()),
                retries,
                pause,
                after_error,
                missed,
                history,
            ]
        };
        let mut changed = changed(texts(self), texts(other));
        // The rule itself is listed only if its words do not show the difference.
        if changed.iter().any(|(name, _)| *name == "recurrence") {
            changed.retain(|(name, _)| *name != "rule");
        }
        joined(changed)
    }

    /// What distinguishes a job from others, apart from its start.
    pub fn identity(&self) -> String {
        let rule = self.recurrence.as_ref().map(Rule::identity);
        let others = Self { recurrence: None, first_start: Timestamp::default(), ..self.clone() };
        format!("{rule:?} {others:?}")
    }

    /// The retries of a job, what follows an error and missed starts, and what its history keeps.
    fn rules(&self) -> [Value; 5] {
        [
            ("retries", self.max_retries.to_string()),
            ("retry pause", format!("{} s", self.retry_pause_ms / 1_000)),
            ("after an error", self.after_error.word().to_owned()),
            ("missed", self.missed.word().to_owned()),
            ("history", self.save_history.word().to_owned()),
        ]
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
    use crate::batch::{AfterError, Task};

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
            max_retries: 9,
            after_error: AfterError::Stop,
            ..settings
        };
        let from = "from 2026-11-30 00:53:20 UTC, batch group EU, private, retries 9, after an error stop";
        assert_eq!(settings.summary(), format!("Night: purge, every 15 minutes, {from}"));
        let later = Timestamp(settings.first_start.0 + 600_000);
        let rule = |words: &str| Rule::from_words(words, later, chrono_tz::UTC).ok();
        let typed_later = JobSettings { recurrence: rule("every 15 minutes"), ..settings.clone() };
        assert_eq!(typed_later.identity(), settings.identity());
        let another = JobSettings { recurrence: rule("every 16 minutes"), ..settings.clone() };
        assert_ne!(another.identity(), settings.identity());
    }
}
