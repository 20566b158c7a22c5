//! Signs of life: which agents there are and when each was heard of.

use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::message_database::MessageDatabase;
use crate::store::value::values;

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
}
