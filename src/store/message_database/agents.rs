//! Agents and when they were last seen.

use crate::domain::{NAME_LIMIT, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::message_database::{MessageDatabase, NewMessage};
use crate::store::value::values;
use serde::Serialize;
use std::collections::BTreeMap;

/// One agent instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// The channel database that it serves, if known.
    pub channel_database: Option<String>,
    /// Its program's version, if known.
    pub version: Option<String>,
    /// When it last posted or asked for requests, by the message database's clock.
    pub last_seen_at: Timestamp,
}

fn agent(row: &Row) -> Result<Agent, StoreError> {
    Ok(Agent {
        name: row.text("name")?,
        channel_database: row.opt_text("channel_database")?,
        version: row.opt_text("version")?,
        last_seen_at: row.time("last_seen_at")?,
    })
}

impl MessageDatabase {
    /// The agents, the one seen last first, at most `limit`.
    pub fn agents(&self, limit: i64) -> Result<Vec<Agent>, StoreError> {
        let sql = "select name, channel_database, version, last_seen_at from agent
                   order by last_seen_at desc, name limit $1";
        self.connection.query(sql, values![limit], agent)
    }

    /// The agents of a channel database, the one seen last first, at most `limit`.
    pub fn agents_of(&self, channel_database: &str, limit: i64) -> Result<Vec<Agent>, StoreError> {
        let sql = "select name, channel_database, version, last_seen_at from agent
                   where channel_database = $1 order by last_seen_at desc, name limit $2";
        self.connection.query(sql, values![channel_database, limit], agent)
    }

    /// Updates when the agents that posted were last seen.
    pub(super) fn note_agents(&self, messages: &[NewMessage]) -> Result<(), StoreError> {
        let agents: BTreeMap<&str, &str> = messages
            .iter()
            .filter_map(|message| Some((message.posted_by.as_deref()?, message.channel_database.as_str())))
            // A name that is too long would prevent all reports from being stored.
            .filter(|(name, _)| name.len() <= NAME_LIMIT)
            .collect();
        let mut upsert = self.connection.prepare(&format!(
            "insert into agent (name, channel_database, last_seen_at) values ($1, $2, {NOW})
             on conflict (name) do update set last_seen_at = excluded.last_seen_at,
                channel_database = excluded.channel_database"
        ))?;
        for (name, channel_database) in agents {
            upsert.execute(values![name, channel_database])?;
        }
        drop(upsert);
        self.note_served(messages.iter())
    }

    /// Records the agents of generated history.
    pub(super) fn import_agents(&self, messages: &[(NewMessage, Timestamp)]) -> Result<(), StoreError> {
        let mut agents: BTreeMap<&str, (Timestamp, &str)> = BTreeMap::new();
        for (message, at) in messages {
            if let Some(name) = message.posted_by.as_deref() {
                let seen = (*at, message.channel_database.as_str());
                let last = agents.entry(name).or_insert(seen);
                *last = (*last).max(seen);
            }
        }
        let mut upsert = self.connection.prepare(
            "insert into agent (name, channel_database, last_seen_at) values ($1, $2, $3)
             on conflict (name) do update set last_seen_at = excluded.last_seen_at,
                channel_database = excluded.channel_database where excluded.last_seen_at >= agent.last_seen_at",
        )?;
        for (name, (at, channel_database)) in agents {
            upsert.execute(values![name, channel_database, at])?;
        }
        Ok(())
    }
}
