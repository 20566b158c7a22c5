//! Which agent serves which channel database: the first one that reports for it, until an operator
//! changes that.

use crate::domain::NAME_LIMIT;
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::message_database::{MessageDatabase, NewMessage};
use crate::store::value::values;
use std::collections::BTreeMap;

/// A channel database that an agent asked for but another agent serves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "channel database {channel_database:?} is served by agent {agent:?}; an operator hands it over with \
     cdx requests --hand-over {channel_database:?} --to AGENT"
)]
pub struct ServedByOther {
    /// The channel database.
    pub channel_database: String,
    /// The agent that serves it.
    pub agent: String,
}

impl MessageDatabase {
    /// Records which agents report for which channel databases; the first one stays.
    pub(super) fn note_served<'a>(&self, messages: impl Iterator<Item = &'a NewMessage>) -> Result<(), StoreError> {
        let mut served: BTreeMap<&str, &str> = BTreeMap::new();
        for message in messages {
            let agent = message.posted_by.as_deref().unwrap_or_default();
            let channel_database = message.channel_database.as_str();
            let is_name = |name: &str| !name.is_empty() && name.len() <= NAME_LIMIT;
            // A name that is too long would prevent all reports from being stored.
            if is_name(agent) && is_name(channel_database) {
                served.entry(channel_database).or_insert(agent);
            }
        }
        if served.is_empty() {
            return Ok(());
        }
        let mut known = self.connection.prepare("select 1 from served_database where channel_database = $1")?;
        // Sorted, so that two posts at a server insert in the same order without a deadlock.
        for (channel_database, agent) in served {
            if !known.exists(values![channel_database])? {
                self.serve(channel_database, agent)?;
            }
        }
        Ok(())
    }

    /// Records that `agent` serves a channel database, unless an agent already does.
    pub(super) fn serve(&self, channel_database: &str, agent: &str) -> Result<(), StoreError> {
        let sql = format!(
            "insert into served_database (channel_database, agent, since) values ($1, $2, {NOW})
             on conflict (channel_database) do nothing"
        );
        self.connection.execute(&sql, values![channel_database, agent])?;
        Ok(())
    }

    /// The agent that serves a channel database; `None` if none does.
    pub fn agent_of(&self, channel_database: &str) -> Result<Option<String>, StoreError> {
        let sql = "select agent from served_database where channel_database = $1";
        self.connection.scalar::<String>(sql, values![channel_database])
    }

    /// How many channel databases an agent serves.
    pub fn count_served(&self, agent: &str) -> Result<i64, StoreError> {
        self.connection.integer("select count(*) from served_database where agent = $1", values![agent])
    }

    /// The agents among these names that have reported or taken requests.
    pub fn known_agents<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<Vec<&'a str>, StoreError> {
        let sql = "select 1 where exists (select 1 from agent where name = $1)
                      or exists (select 1 from served_database where agent = $1)";
        let mut find = self.connection.prepare(sql)?;
        let mut known = Vec::new();
        for name in names {
            if !known.contains(&name) && find.exists(values![name])? {
                known.push(name);
            }
        }
        Ok(known)
    }

    /// Hands a channel database over to `agent`; durable when it returns. Returns the agent before.
    pub fn hand_over(&self, channel_database: &str, agent: &str) -> Result<Option<String>, StoreError> {
        let transaction = self.connection.begin()?;
        let before = self.agent_of(channel_database)?;
        let sql = format!(
            "insert into served_database (channel_database, agent, since) values ($1, $2, {NOW})
             on conflict (channel_database) do update set agent = excluded.agent, since = excluded.since"
        );
        self.connection.execute(&sql, values![channel_database, agent])?;
        transaction.commit()?;
        Ok(before)
    }
}
