//! Describes the changes of an edit, for the journal.

use crate::batch::{BatchServer, JobSettings};
use crate::recurrence::Rule;

impl JobSettings {
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
                ("scheduled start", format!("{} UTC", first_start.to_table())),
                ("retries", settings.max_retries.to_string()),
                ("retry pause", format!("{} s", settings.retry_pause_ms / 1_000)),
                ("after an error", settings.after_error.word().to_owned()),
                ("missed", settings.missed.word().to_owned()),
                ("history", settings.save_history.word().to_owned()),
            ]
        };
        let changed: Vec<_> =
            texts(self).into_iter().zip(texts(other)).filter(|((_, before), (_, after))| before != after).collect();
        // The rule itself is listed only if its words do not show the difference.
        let by_words = changed.iter().any(|((name, _), _)| *name == "recurrence");
        let shown = changed.iter().filter(|((name, _), _)| *name != "rule" || !by_words);
        let shown: Vec<_> = shown.map(|((name, before), (_, after))| format!("{name}: {before} -> {after}")).collect();
        joined(&shown)
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
        let changed = texts(self).into_iter().zip(texts(other)).filter(|((_, before), (_, after))| before != after);
        let shown: Vec<_> =
            changed.map(|((name, before), (_, after))| format!("{name}: {before} -> {after}")).collect();
        joined(&shown)
    }
}

fn joined(shown: &[String]) -> String {
    if shown.is_empty() { "nothing changed".to_owned() } else { shown.join("; ") }
}
