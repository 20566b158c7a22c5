//! Channel databases and the agents that serve them.

use crate::domain::Timestamp;
use crate::filter::{FieldValue, Subject};
use crate::store::head_office::ChannelDatabase;
use crate::store::message_database::Agent;
use crate::store::{HeadOffice, MessageDatabase, StoreError};
use serde::{Serialize, Serializer};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Channel databases, and agents, that are read at most.
const MAX_CONNECTIONS: i64 = 10_000;

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

/// Every channel database and agent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Connections {
    /// Quiet databases first, by the length of their silence relative to their usual gap; the
    /// others by name.
    pub rows: Vec<Connection>,
    /// When the last transfer that reached the end began; they are quiet as of then.
    pub as_of: Option<Timestamp>,
    /// Why agents are missing, if they cannot be read.
    pub agents_fault: Option<String>,
}

/// Reads the connections.
pub fn connections(
    office: &HeadOffice,
    messages: Result<MessageDatabase, StoreError>,
) -> Result<Connections, StoreError> {
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    let (agents, agents_fault) = match messages.and_then(|messages| messages.agents(MAX_CONNECTIONS)) {
        Ok(agents) => (agents, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    // Agents are sorted by their last contact: for each database the newest one is kept.
    let mut by_database: HashMap<String, Agent> = HashMap::new();
    let mut others = Vec::new();
    for agent in agents {
        match agent.channel_database.clone().filter(|name| !name.is_empty()) {
            Some(name) => _ = by_database.entry(name).or_insert(agent),
            None => others.push(agent),
        }
    }
    let mut rows: Vec<_> = office
        .channel_databases(MAX_CONNECTIONS)?
        .into_iter()
        .map(|database| Connection {
            agent: by_database.remove(&database.name),
            quiet: as_of.is_some_and(|as_of| database.presence.is_quiet(as_of)),
            database: Some(database),
        })
        .collect();
    let without_database = by_database.into_values().chain(others);
    rows.extend(without_database.map(|agent| Connection { database: None, agent: Some(agent), quiet: false }));
    let order = |row: &Connection| {
        let quiet = row.database.as_ref().filter(|_| row.quiet);
        let silent = quiet.zip(as_of).map(|(database, as_of)| Reverse(database.presence.relative_silence(as_of)));
        let agent = row.agent.as_ref().map(|agent| agent.name.clone());
        (!row.quiet, silent, row.database.is_none(), row.name().to_owned(), agent)
    };
    rows.sort_by_cached_key(order);
    Ok(Connections { rows, as_of, agents_fault })
}

/// The IANA name of a zone, `None` if the text is empty; an error names the nearest zone.
pub fn zone_named(text: &str) -> Result<Option<String>, String> {
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    if text.is_empty() {
        return Ok(None);
    }
    let typed = text.to_lowercase().replace(' ', "_");
    // A city may be typed without its continent.
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let city = name.rsplit('/').next().unwrap_or(&name);
        strsim::jaro_winkler(&name, &typed).max(strsim::jaro_winkler(city, &typed))
    };
    let nearest = || names().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
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
        for (typed, nearest) in [
            ("Europe/Amsterdm", "Europe/Amsterdam"),
            ("berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("america/chicgo", "America/Chicago"),
        ] {
            assert!(zone_named(typed).is_err_and(|fault| fault.ends_with(nearest)), "{:?}", zone_named(typed));
        }
    }
}
