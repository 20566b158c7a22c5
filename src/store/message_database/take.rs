//! Taking requests: an agent gets those of the channel databases that it serves, each once.

use crate::domain::SessionRequest;
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::message_database::requests::{COLUMNS, WAITS, request};
use crate::store::message_database::{MessageDatabase, ServedByOther};
use crate::store::value::values;

/// Why no request was taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// Another agent serves a channel database that was named.
    #[error(transparent)]
    ServedByOther(#[from] ServedByOther),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Requests that are for the agent `$2`.
const MINE: &str = "(channel_database <> '' and exists (select 1 from served_database as s
        where s.channel_database = session_request.channel_database and s.agent = $2)
    or channel_database = '' and (agent = $2 or agent is null and $3 = 1))";

impl MessageDatabase {
    /// Takes the waiting requests of the channel databases that an agent serves, and records that
    /// the agent is running; durable when it returns. The agent becomes the one that serves
    /// `stores`; if another agent serves one of them, all is refused. The empty name among them
    /// takes requests about packages whose agent is unknown.
    pub fn take_requests(&self, agent: &str, stores: &[String], limit: i64) -> Result<Vec<SessionRequest>, TakeError> {
        let transaction = self.connection.begin()?;
        for store in stores.iter().filter(|store| !store.is_empty()) {
            self.serve(store, agent)?;
            if let Some(other) = self.agent_of(store)?.filter(|other| other != agent) {
                return Err(ServedByOther { channel_database: store.clone(), agent: other }.into());
            }
        }
        let packages = i64::from(stores.iter().any(String::is_empty));
        // At a server several agents poll in parallel; each skips the requests that another is
        // taking.
        let lock = if self.connection.session().is_some() { " for update skip locked" } else { "" };
        let sql = format!(
            "select {COLUMNS} from session_request where {WAITS} and {MINE} order by request_id limit $1{lock}"
        );
        let waiting = self.connection.query(&sql, values![limit, agent, packages], request)?;
        let sql =
            format!("update session_request set taken_by = $1, taken_at = {NOW} where request_id = $2 and {WAITS}");
        let now = self.connection.now()?;
        let mut taken = Vec::with_capacity(waiting.len());
        for mut request in waiting {
            // A request that was taken or withdrawn meanwhile is not returned.
            if self.connection.execute(&sql, values![agent, request.request_id])? > 0 {
                (request.taken_by, request.taken_at) = (Some(agent.to_owned()), Some(now));
                taken.push(request);
            }
        }
        let sql = format!(
            "insert into agent (name, last_seen_at) values ($1, {NOW})
             on conflict (name) do update set last_seen_at = excluded.last_seen_at"
        );
        self.connection.execute(&sql, values![agent])?;
        transaction.commit()?;
        Ok(taken)
    }
}
