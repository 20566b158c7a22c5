//! Alert rules: standing conditions of the exchange, which fire and are resolved.

use crate::domain::{Timestamp, counted};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The names or sentences that one notice lists; the others are counted.
const MAX_NAMED: usize = 5;
const MAX_QUOTED: usize = 3;

/// In place of a job's number: the alerts of the exchange, which its rules send.
pub const EXCHANGE: i64 = 0;

/// A rule about the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertRule {
    /// A channel database is silent for longer than usual.
    StoreSilent,
    /// A job or a direction is silent, or runs read nothing in an hour that usually has messages.
    NothingHappened,
    /// An hour has far more or fewer messages than the same hour of earlier weeks.
    UnusualVolume,
    /// A run takes far longer than those of the same hour of earlier weeks.
    UnusualDuration,
    /// A job is not applied in all stores in time.
    Deadline,
    /// The purge of a batch job is held.
    PurgeHeld,
    /// The clocks of the two databases differ.
    ClocksApart,
    /// The disk of a database is nearly full.
    DiskLow,
}

impl AlertRule {
    /// Every rule, in the order of the form.
    pub const ALL: [Self; 8] = [
        Self::StoreSilent,
        Self::NothingHappened,
        Self::UnusualVolume,
        Self::UnusualDuration,
        Self::Deadline,
        Self::PurgeHeld,
        Self::ClocksApart,
        Self::DiskLow,
    ];

    /// The rules that are on unless a login chooses: those that never fire for a busy day.
    pub const USUAL: [Self; 6] =
        [Self::StoreSilent, Self::NothingHappened, Self::Deadline, Self::PurgeHeld, Self::ClocksApart, Self::DiskLow];

    /// Its word in the database, in JSON and in filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::StoreSilent => "store_silent",
            Self::NothingHappened => "nothing_happened",
            Self::UnusualVolume => "unusual_volume",
            Self::UnusualDuration => "unusual_duration",
            Self::Deadline => "deadline",
            Self::PurgeHeld => "purge_held",
            Self::ClocksApart => "clocks_apart",
            Self::DiskLow => "disk_low",
        }
    }

    /// Its name on screens and in notices.
    pub fn label(self) -> &'static str {
        match self {
            Self::StoreSilent => "Store silent",
            Self::NothingHappened => "Nothing happened",
            Self::UnusualVolume => "Unusual volume",
            Self::UnusualDuration => "Unusual duration",
            Self::Deadline => "Deadline",
            Self::PurgeHeld => "Purge held",
            Self::ClocksApart => "Clocks apart",
            Self::DiskLow => "Disk low",
        }
    }

    /// When it fires, for the form.
    pub fn help(self) -> &'static str {
        match self {
            Self::StoreSilent => "for longer than usual",
            Self::NothingHappened => "a job, a direction, or an hour of runs without messages",
            Self::UnusualVolume => "against the same hour of earlier weeks",
            Self::UnusualDuration => "against the same hour of earlier weeks",
            Self::Deadline => "at risk, or missed",
            Self::PurgeHeld => "until it is confirmed",
            Self::ClocksApart => "those of the two databases",
            Self::DiskLow => "of a database file",
        }
    }

    /// Returns the rule of a word; `None` for that of a newer program.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }
}

/// A condition that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundCondition {
    /// What it is on; with the rule the key of the condition.
    pub subject: String,
    /// The channel database.
    pub store: Option<String>,
    /// The batch job.
    pub job_id: Option<i64>,
    /// The cause of errors.
    pub cause: Option<i64>,
    /// The sentence, which must not change while the condition does not.
    pub text: String,
    /// When it grows, operators are notified again.
    pub level: i64,
}

/// What a check of one rule found; a rule that could not be checked has no finding, and its
/// conditions stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that was checked.
    pub rule: AlertRule,
    /// All its conditions.
    pub conditions: Vec<FoundCondition>,
    /// Why conditions end without being resolved, by subject.
    pub endings: BTreeMap<String, String>,
}

impl Finding {
    /// A finding; conditions that are not among these are resolved.
    pub fn new(rule: AlertRule, conditions: impl IntoIterator<Item = FoundCondition>) -> Self {
        Self { rule, conditions: conditions.into_iter().collect(), endings: BTreeMap::new() }
    }
}

/// A condition at head office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertCondition {
    /// Its number.
    pub condition_id: i64,
    /// The rule; `None` for one of a newer program.
    pub rule: Option<AlertRule>,
    /// The object that the condition is about, such as a batch job or a channel database.
    pub subject: String,
    /// The channel database.
    #[serde(flatten, serialize_with = "crate::batch::rules::store_and_channel_database")]
    pub store: Option<String>,
    /// The batch job.
    pub job_id: Option<i64>,
    /// The cause of errors.
    #[serde(serialize_with = "crate::batch::rules::cause_as_text")]
    pub cause: Option<i64>,
    /// The text of the cause, its numbers and names masked.
    #[serde(skip)]
    pub cause_text: Option<String>,
    /// What is wrong, for operators.
    pub text: String,
    /// When it began.
    pub since: Timestamp,
    /// Its level.
    pub level: i64,
    /// The silence that holds its notice back.
    pub silence_id: Option<i64>,
    /// When operators were notified; `None` if they were not.
    pub notified_at: Option<Timestamp>,
    /// When it was resolved or ended; `None` while it fires.
    pub resolved_at: Option<Timestamp>,
    /// Why it ended without being resolved.
    pub ended: Option<String>,
}

impl AlertCondition {
    /// Its state in one word.
    pub fn state(&self) -> &'static str {
        match (self.resolved_at, self.silence_id) {
            (Some(_), _) if self.ended.is_some() => "ended",
            (Some(_), _) => "resolved",
            (None, Some(_)) => "silenced",
            (None, None) => "firing",
        }
    }
}

/// The channel database under its key in other lists, too.
#[allow(clippy::ref_option)] // as serde calls it
fn store_and_channel_database<S: serde::Serializer>(name: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut keys = serializer.serialize_map(Some(2))?;
    keys.serialize_entry("store", name)?;
    keys.serialize_entry("channel_database", name)?;
    keys.end()
}

/// A digest as text, since JSON numbers of JavaScript are not exact.
#[allow(clippy::ref_option)] // as serde calls it
pub fn cause_as_text<S: serde::Serializer>(value: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|value| value.to_string()).serialize(serializer)
}

/// The notice about conditions of one rule and one cause, whose masked text may be known; they end
/// in the same way.
pub fn notice(rule: AlertRule, conditions: &[&AlertCondition], cause: Option<&str>, is_resolved: bool) -> String {
    let ended = conditions.first().and_then(|condition| condition.ended.as_deref());
    let begins = match ended {
        _ if !is_resolved => String::new(),
        None => "Resolved: ".to_owned(),
        Some(why) => format!("Ended, not resolved ({why}): "),
    };
    format!("{begins}{}", conditions_in_words(rule, conditions, cause, MAX_NAMED))
}

/// Conditions of one rule and one cause in words, with the names of at most `named` stores.
pub fn conditions_in_words(
    rule: AlertRule,
    conditions: &[&AlertCondition],
    cause: Option<&str>,
    named: usize,
) -> String {
    let cause = cause.map_or_else(String::new, |cause| format!(", {cause}"));
    if let [condition] = conditions {
        return format!("{}: {}{cause}", rule.label(), condition.text);
    }
    let more = |named: usize| match conditions.len().saturating_sub(named) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let stores: Vec<_> = conditions.iter().filter_map(|condition| condition.store.as_deref()).collect();
    if stores.len() == conditions.len() {
        let names = stores.iter().take(named).copied().collect::<Vec<_>>().join(", ");
        let count = counted(stores.len(), "store");
        return format!("{}: {count}{cause}: {names}{}", rule.label(), more(named));
    }
    let texts =
        conditions.iter().take(MAX_QUOTED).map(|condition| condition.text.as_str()).collect::<Vec<_>>().join("; ");
    format!("{}{cause}: {texts}{}", rule.label(), more(MAX_QUOTED))
}

/// Parses the words of rules, separated by commas, as the database stores them; unknown words are
/// left out.
pub fn rules_of(words: &str) -> Vec<AlertRule> {
    words.split(',').filter_map(|word| AlertRule::from_word(word.trim())).collect()
}

/// The rules as words separated by commas.
pub fn rule_words(rules: &[AlertRule]) -> String {
    rules.iter().map(|rule| rule.word()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent(store: &str) -> AlertCondition {
        AlertCondition {
            condition_id: 1,
            rule: Some(AlertRule::StoreSilent),
            subject: store.to_owned(),
            store: Some(store.to_owned()),
            job_id: None,
            cause: None,
            cause_text: None,
            text: format!("{store} has sent no message since yesterday"),
            since: Timestamp(0),
            level: 0,
            silence_id: None,
            notified_at: None,
            resolved_at: None,
            ended: None,
        }
    }

    #[test]
    fn forty_stores_of_one_cause_are_one_notice() {
        let stores: Vec<_> = (1..=40).map(|number| silent(&format!("S{number:04}"))).collect();
        let all: Vec<_> = stores.iter().collect();
        assert_eq!(
            notice(AlertRule::StoreSilent, &all, Some("disk quota exceeded"), false),
            "Store silent: 40 stores, disk quota exceeded: S0001, S0002, S0003, S0004, S0005 and 35 more"
        );
        assert_eq!(
            notice(AlertRule::StoreSilent, &all[..1], None, true),
            "Resolved: Store silent: S0001 has sent no message since yesterday"
        );
        let jobs: Vec<_> = stores.iter().map(|one| AlertCondition { store: None, ..one.clone() }).collect();
        let text = notice(AlertRule::NothingHappened, &jobs.iter().collect::<Vec<_>>(), None, false);
        assert!(text.ends_with("S0003 has sent no message since yesterday and 37 more"), "{text}");
    }

    #[test]
    fn a_rule_is_its_word() {
        for rule in AlertRule::ALL {
            assert_eq!(AlertRule::from_word(rule.word()), Some(rule));
            assert_eq!(serde_json::to_value(rule).expect("JSON"), rule.word());
        }
        assert_eq!(rules_of(&rule_words(&AlertRule::ALL)), AlertRule::ALL);
        assert_eq!(rules_of("disk_low, of_a_newer_program"), [AlertRule::DiskLow]);
    }
}
