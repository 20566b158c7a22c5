//! Dialogs as plain values: action lists, pick lists, confirmations and prompts.

use crate::console::protocol::mutation::{Mutation, Version};
use crate::console::protocol::time::Zone;
use crate::domain::{Timestamp, parse_age};

/// One thing behind `a`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The letter that chooses it.
    pub letter: char,
    /// What it does.
    pub label: &'static str,
    /// To how many rows, or that it changes nothing.
    pub remark: String,
    /// Why it cannot be done now.
    pub refused: Option<String>,
}

/// Something to be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// Of what.
    pub title: String,
    /// The lines, and which are ticked.
    pub lines: Vec<(String, bool)>,
    /// Whether any number of them can be ticked.
    pub many: bool,
}

/// A question before a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The box's title.
    pub title: String,
    /// What will happen, line by line.
    pub lines: Vec<String>,
    /// What must be typed: `y` at once, anything longer with Enter.
    pub word: String,
}

/// A line that is typed about a cause or a channel database, and the version of what it is based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The note on it.
    Note(i64, Version),
    /// Until when it is muted.
    Mute(i64, Version),
    /// The note on a channel database.
    Database(String, Version),
    /// The zone of a channel database's store.
    Zone(String, Version),
}

impl About {
    /// What stands before the line.
    pub fn mark(&self) -> &'static str {
        match self {
            Self::Note(..) | Self::Database(..) => "Note:",
            Self::Zone(..) => "Zone of the store (Europe/Amsterdam; empty: not known):",
            Self::Mute(..) => "Mute until (2026-11-27, 3d; nothing ends it):",
        }
    }

    /// The change that the line means, or why it means none.
    pub fn act(&self, line: &str, zone: Zone, now: Timestamp) -> Result<Mutation, String> {
        let text = line.trim();
        match self {
            Self::Note(cause, version) => Ok(Mutation::Note(*cause, text.to_owned(), *version)),
            Self::Database(name, version) => Ok(Mutation::DatabaseNote(name.clone(), text.to_owned(), *version)),
            Self::Zone(name, version) if text.is_empty() => Ok(Mutation::DatabaseZone(name.clone(), None, *version)),
            Self::Zone(name, version) => {
                let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
                let zone = known.clone().find(|known| known.eq_ignore_ascii_case(text));
                let near =
                    || known.max_by(|a, b| strsim::jaro_winkler(a, text).total_cmp(&strsim::jaro_winkler(b, text)));
                let fault = || format!("there is no zone {text}; the nearest name is {}", near().unwrap_or("UTC"));
                Ok(Mutation::DatabaseZone(name.clone(), Some(zone.ok_or_else(fault)?.to_owned()), *version))
            }
            Self::Mute(cause, version) if text.is_empty() => Ok(Mutation::Mute(*cause, None, *version)),
            Self::Mute(cause, version) => {
                let ahead = parse_age(text).map(|age| Timestamp(now.0.saturating_add(age)));
                let until = ahead.or_else(|| zone.parse(text, now)).filter(|until| *until > now);
                let until = until.ok_or("no time to come; write 3d, 12h or 2026-11-27")?;
                Ok(Mutation::Mute(*cause, Some(until), *version))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_or_the_nearest_one_is_named() {
        let zone = |text: &str| About::Zone("S1".to_owned(), None).act(text, Zone::Utc, Timestamp(0));
        let act = |zone: Option<&str>| Ok(Mutation::DatabaseZone("S1".to_owned(), zone.map(str::to_owned), None));
        assert_eq!((zone("america/chicago"), zone(" ")), (act(Some("America/Chicago")), act(None)));
        assert!(zone("Europe/Amsterdm").is_err_and(|fault| fault.contains("Europe/Amsterdam")));
    }

    #[test]
    fn a_cause_is_muted_until_a_time_to_come() {
        let now = Timestamp::parse_rfc3339("2026-11-24T02:14:21Z").expect("an instant");
        let mute = |text: &str| About::Mute(7, None).act(text, Zone::Utc, now);
        assert_eq!(mute("3d"), Ok(Mutation::Mute(7, Some(Timestamp(now.0 + 3 * 86_400_000)), None)));
        let friday = Timestamp::parse_rfc3339("2026-11-27T00:00:00Z").expect("an instant");
        assert_eq!(mute("2026-11-27"), Ok(Mutation::Mute(7, Some(friday), None)));
        assert_eq!(mute(" "), Ok(Mutation::Mute(7, None, None)));
        for text in ["2026-11-23", "yesterday", "02:00"] {
            assert!(mute(text).is_err(), "{text}");
        }
    }
}
