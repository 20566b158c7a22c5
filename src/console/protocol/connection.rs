//! A channel database and the agent that serves it.

use crate::domain::Timestamp;
use crate::filter::{FieldValue, Subject};
use crate::store::head_office::ChannelDatabase;
use crate::store::message_database::Agent;
use serde::{Serialize, Serializer};

/// A channel database and the agent that serves it; one of them may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// The facts from its messages.
    pub database: Option<ChannelDatabase>,
    /// The agent that last reported for it.
    pub agent: Option<Agent>,
    /// Whether it has been silent for longer than usual, as of the last transfer that reached the
    /// end.
    pub quiet: bool,
}

impl Connection {
    /// The channel database's name; empty for the agent of packages themselves.
    pub fn name(&self) -> &str {
        let of_agent = || self.agent.as_ref().and_then(|agent| agent.channel_database.as_deref());
        self.database.as_ref().map(|database| database.name.as_str()).or_else(of_agent).unwrap_or("")
    }

    /// Milliseconds since its last message; `None` for an agent without a channel database.
    pub fn silence(&self, now: Timestamp) -> Option<i64> {
        self.database.as_ref().map(|database| now.since(database.presence.last_seen_at).max(0))
    }
}

/// What is known of a channel database, as JSON; nulls if no message has named it.
#[derive(Debug, Default, Serialize)]
#[allow(missing_docs)] // the documented keys
pub struct DatabaseFacts<'a> {
    pub first_seen_at: Option<Timestamp>,
    pub last_seen_at: Option<Timestamp>,
    pub usual_gap_ms: Option<i64>,
    pub clock_ahead_ms: Option<i64>,
    pub zone: Option<&'a str>,
    pub note: Option<&'a str>,
}

impl<'a> DatabaseFacts<'a> {
    /// The facts of this one.
    pub fn of(database: Option<&'a ChannelDatabase>) -> Self {
        database.map_or_else(Self::default, |database| Self {
            first_seen_at: Some(database.presence.first_seen_at),
            last_seen_at: Some(database.presence.last_seen_at),
            usual_gap_ms: database.presence.usual_gap,
            clock_ahead_ms: database.clock_ahead_ms,
            zone: database.zone.as_deref(),
            note: database.note.as_deref(),
        })
    }
}

impl Serialize for Connection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            channel_database: &'a str,
            quiet: bool,
            #[serde(flatten)]
            facts: DatabaseFacts<'a>,
            agent: Option<&'a str>,
            agent_version: Option<&'a str>,
            agent_last_seen_at: Option<Timestamp>,
            version: i64,
        }
        let (database, agent) = (self.database.as_ref(), self.agent.as_ref());
        Row {
            channel_database: self.name(),
            quiet: self.quiet,
            facts: DatabaseFacts::of(database),
            agent: agent.map(|agent| agent.name.as_str()),
            agent_version: agent.and_then(|agent| agent.version.as_deref()),
            agent_last_seen_at: agent.map(|agent| agent.last_seen_at),
            version: database.map_or(0, |it| it.version),
        }
        .serialize(serializer)
    }
}

impl Subject for Connection {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let (database, agent) = (self.database.as_ref(), self.agent.as_ref());
        match field {
            "store" => FieldValue::text(Some(self.name())),
            "agent" => FieldValue::text(agent.map(|agent| agent.name.as_str())),
            "quiet" => FieldValue::Choice(if self.quiet { "yes" } else { "no" }),
            "gap" => FieldValue::number(database.and_then(|it| it.presence.usual_gap)),
            "note" => FieldValue::text(database.and_then(|it| it.note.as_deref())),
            "zone" => FieldValue::text(database.and_then(|it| it.zone.as_deref())),
            "last" => FieldValue::number(database.map(|it| it.presence.last_seen_at.0)),
            "seen" => FieldValue::number(agent.map(|agent| agent.last_seen_at.0)),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let note = self.database.as_ref().and_then(|database| database.note.as_deref());
        let agent = self.agent.as_ref().map(|agent| agent.name.as_str());
        is_wanted(self.name()) || [note, agent].into_iter().flatten().any(is_wanted)
    }
}

/// The IANA name of a zone, `None` if the text is empty; an error names the nearest zone.
pub fn zone_named(text: &str) -> Result<Option<String>, String> {
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    if text.is_empty() {
        return Ok(None);
    }
    let nearest = || names().max_by(|a, b| strsim::jaro_winkler(a, text).total_cmp(&strsim::jaro_winkler(b, text)));
    match names().find(|name| name.eq_ignore_ascii_case(text)) {
        Some(name) => Ok(Some(name.to_owned())),
        None => Err(format!("there is no zone {text}; the nearest name is {}", nearest().unwrap_or("UTC"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_or_the_nearest_one_is_named() {
        let chicago = Ok(Some("America/Chicago".to_owned()));
        assert_eq!((zone_named("america/chicago"), zone_named("")), (chicago, Ok(None)));
        assert!(zone_named("Europe/Amsterdm").is_err_and(|fault| fault.contains("Europe/Amsterdam")));
    }
}
