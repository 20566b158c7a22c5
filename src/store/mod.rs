//! All SQL of the program: the message database and head office, each a file or a server's database
//! of its own.
//!
//! Nothing above this layer names a database engine. Every method that writes says when its effect
//! is durable.

mod careful_file;
mod changes;
mod connection;
mod copy;
mod description;
mod dialect;
mod error;
mod explain;
mod file_path;
mod file_system;
mod in_place;
mod interrupter;
mod location;
mod lock_holder;
mod migrate;
mod obstacle;
mod open;
mod os_lock;
mod plans;
mod postgres;
mod row;
mod runner_lock;
mod sqlite;
mod sqlite_error;
mod stray_log;
mod tuning;
mod upkeep;
mod used_bytes;
mod value;

pub mod head_office;
pub mod message_database;

pub use changes::Changes;
pub use copy::{Copied, CopiedTable, CopyError, CopyProgress, copy};
pub use description::{Description, MAX_COUNTED_ROWS};
pub use error::StoreError;
pub use file_path::PathError;
pub use head_office::HeadOffice;
pub use interrupter::Interrupter;
pub use location::{Location, LocationError};
pub use message_database::MessageDatabase;
pub use obstacle::Room;
pub use os_lock::OsLock;
pub use plans::QueryPlan;
pub use postgres::{Server, ServerError};
pub use runner_lock::RunnerLock;
pub use sqlite::{OLDEST_SAFE_SQLITE, check_sqlite, sqlite_version, try_write};

use crate::guard::Authority;

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Create it if it is missing, migrate it if it is older.
    Create,
    /// It must exist; migrate it if it is older.
    Existing,
    /// It must exist at the program's own version; nothing is ever written.
    ReadOnly,
}

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Whether it is read, written or created.
    pub access: Access,
    /// Whether a network file system is accepted although locks do not hold on most of them.
    pub allow_network_file_system: bool,
    /// The guardrails and roles that changes have to pass.
    pub authority: Authority,
    /// The identity of the head office that was read before: a missing one is not created, another
    /// one is refused.
    pub head_office_id: Option<String>,
}

impl From<Access> for Opening {
    fn from(access: Access) -> Self {
        Self { access, allow_network_file_system: false, authority: Authority::default(), head_office_id: None }
    }
}
