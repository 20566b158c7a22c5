//! The message database: where agents post, read by the transfer, emptied by the purge.

mod agents;
mod identity;
mod operations;
mod order;
mod parameters;
mod passed_messages;
mod post;
mod purge;
mod read;
mod requests;
mod served;
mod take;

pub use agents::Agent;
pub use operations::Operation;
pub use order::{HeldBack, Horizon};
pub use post::{NewMessage, Posted};
pub use purge::{ExpiredMessages, PurgeClaim, Slice, StillMine};
pub use read::{Batch, Incoming};
pub use requests::{NewRequest, RequestAction, Requested, Withdrawal};
pub use served::ServedByOther;
pub use take::TakeError;

use crate::domain::Position;
use crate::store::connection::Connection;
use crate::store::description::Description;
use crate::store::migrate::Schema;
use crate::store::open::open;
use crate::store::tuning::Tuning;
use crate::store::upkeep::offer_upkeep;
use crate::store::value::values;
use crate::store::{Access, Location, Opening, StoreError};

pub(super) const SCHEMA: Schema = Schema {
    what: "message database",
    identity: "exchange",
    advice: "cdx post creates it",
    migrations: &[
        include_str!("../../../assets/migrations/sqlite/message_database/0001_exchange.sql"),
        include_str!("../../../assets/migrations/sqlite/message_database/0002_schema_cdx.sql"),
        include_str!("../../../assets/migrations/sqlite/message_database/0003_served.sql"),
        include_str!("../../../assets/migrations/sqlite/message_database/0004_message_ids.sql"),
        include_str!("../../../assets/migrations/sqlite/message_database/0005_operations.sql"),
        include_str!("../../../assets/migrations/sqlite/message_database/0006_agent_parameters.sql"),
    ],
    postgres: &[
        include_str!("../../../assets/migrations/postgres/message_database/0001_exchange.sql"),
        include_str!("../../../assets/migrations/postgres/message_database/0002_schema_cdx.sql"),
        include_str!("../../../assets/migrations/postgres/message_database/0003_served.sql"),
        include_str!("../../../assets/migrations/postgres/message_database/0004_message_ids.sql"),
        include_str!("../../../assets/migrations/postgres/message_database/0005_operations.sql"),
        include_str!("../../../assets/migrations/postgres/message_database/0006_agent_parameters.sql"),
    ],
    steps: &[],
};

/// The version of the rules for writers that this program follows.
const WRITER_VERSION: i64 = 1;

/// An open message database.
#[derive(Debug)]
pub struct MessageDatabase {
    connection: Connection,
}

/// The identity of a message database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Identifies the message database; a copy has the same, a new one never.
    pub database_id: String,
    /// The head office that may purge it; `None` until one has read it.
    pub head_office_id: Option<String>,
    /// The greatest position ever purged.
    pub purged_through: Position,
}

offer_upkeep!(MessageDatabase);

impl MessageDatabase {
    /// Opens it to post or read; each commit survives a power cut.
    pub fn open(location: &Location, opening: impl Into<Opening>) -> Result<Self, StoreError> {
        Self::open_tuned(
            location,
            &opening.into(),
            Tuning { synchronous: "full", cache_kib: 2_048, checkpoint_pages: 1_000 },
        )
    }

    /// Opens it to purge. A power cut may bring purged rows back, which are then purged again;
    /// agents do not wait for the disk.
    pub fn open_to_purge(location: &Location, opening: impl Into<Opening>) -> Result<Self, StoreError> {
        Self::open_tuned(
            location,
            &opening.into(),
            Tuning { synchronous: "normal", cache_kib: 16_384, checkpoint_pages: 0 },
        )
    }

    fn open_tuned(location: &Location, opening: &Opening, tuning: Tuning) -> Result<Self, StoreError> {
        SCHEMA.check_exists(location, opening.access)?;
        // Agents post in parallel; a statement that needs a row for itself locks that row.
        let connection = open(location, opening, tuning, None)?;
        SCHEMA.prepare(&connection, opening.access)?;
        let database = Self { connection };
        if opening.access != Access::ReadOnly {
            database.check_writer()?;
        }
        Ok(database)
    }

    /// Its identity and who may purge it.
    pub fn exchange(&self) -> Result<Exchange, StoreError> {
        let sql = "select database_id, head_office_id, purged_through_tx, purged_through_id from exchange";
        let found = self.connection.first(sql, &[], |row| {
            Ok(Exchange {
                database_id: row.text("database_id")?,
                head_office_id: row.opt_text("head_office_id")?,
                purged_through: Position {
                    origin_tx: row.int("purged_through_tx")?,
                    message_id: row.int("purged_through_id")?,
                },
            })
        })?;
        found.ok_or_else(|| StoreError::Damaged {
            location: self.location().clone(),
            what: "the table exchange is empty".to_owned(),
        })
    }

    /// Makes `head_office_id` the one that may purge, unless there is one already; returns which it
    /// is. Durable like a slice of a purge.
    pub fn claim(&self, head_office_id: &str, still_mine: StillMine) -> Result<String, StoreError> {
        let owner = self.exchange()?.head_office_id;
        if let Some(owner) = owner {
            return Ok(owner);
        }
        let transaction = self.connection.begin()?;
        self.lock_exchange()?;
        still_mine()?;
        let sql = "update exchange set head_office_id = $1 where head_office_id is null";
        self.connection.execute(sql, values![head_office_id])?;
        transaction.commit()?;
        Ok(self.exchange()?.head_office_id.unwrap_or_default())
    }

    /// Describes it for a support bundle.
    pub fn describe(&self) -> Result<Description, StoreError> {
        self.connection.describe(SCHEMA.identity)
    }

    fn check_writer(&self) -> Result<(), StoreError> {
        let least = self.connection.integer("select min_writer_version from exchange", &[])?;
        if least <= WRITER_VERSION {
            return Ok(());
        }
        Err(StoreError::TooNew {
            what: SCHEMA.what,
            location: self.location().clone(),
            found: least,
            known: WRITER_VERSION,
        })
    }
}
