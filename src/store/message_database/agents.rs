//! Signs of life: which agents there are and when each was heard of.

use crate::domain::{NAME_LIMIT, Timestamp};
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::message_database::{MessageDatabase, NewMessage};
use crate::store::value::values;
use std::collections::BTreeMap;

/// One agent instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// The channel database that it serves, where it has said so.
    pub channel_database: Option<String>,
    /// Its program's version, where it has said so.
    pub version: Option<String>,
    /// When it posted or asked for requests last, by the message database's clock.
    pub last_seen_at: Timestamp,
}

impl MessageDatabase {
    /// The agents, the one heard of last first, `limit` at the most.
    pub fn agents(&self, limit: i64) -> Result<Vec<Agent>, StoreError> {
        let sql = "select name, channel_database, version, last_seen_at from agent
                   order by last_seen_at desc, name limit $1";
        self.connection.query(sql, values![limit], |row| {
            Ok(Agent {
                name: row.text(0)?,
                channel_database: row.opt_text(1)?,
                version: row.opt_text(2)?,
                last_seen_at: row.time(3)?,
            })
        })
    }

    /// A report is a sign of life of the agent that posted it.
    pub(super) fn note_agents(&self, messages: &[NewMessage]) -> Result<(), StoreError> {
        let agents: BTreeMap<&str, &str> = messages
            .iter()
            .filter_map(|message| Some((message.posted_by.as_deref()?, message.channel_database.as_str())))
            // What is no name would keep everybody's reports from being stored.
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

    /// The signs of life that made-up history would have left.
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
