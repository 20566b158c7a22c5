//! Opens a database in either engine.

use crate::store::connection::{Connection, Engine};
use crate::store::plans::Plans;
use crate::store::postgres::{Session, Settings};
use crate::store::tuning::Tuning;
use crate::store::{Access, Location, Opening, StoreError, sqlite};

/// Opens the database; the caller then checks its schema.
///
/// `writer_lock_table`: the table whose row writers at a server lock first, so that they take turns
/// as in SQLite.
pub(super) fn open(
    location: &Location,
    opening: &Opening,
    tuning: Tuning,
    writer_lock_table: Option<&'static str>,
) -> Result<Connection, StoreError> {
    match location {
        Location::Sqlite(path) => sqlite::open(location, path, opening, tuning),
        Location::Postgres(server) => {
            let read_only = opening.access == Access::ReadOnly;
            let settings = Settings { durable: tuning.synchronous == "full", read_only, writer_lock_table };
            let session = Session::open(server, location, settings)?;
            let engine = Engine::Postgres(Box::new(session));
            Ok(Connection { engine, location: location.clone(), file: None, plans: Plans::default() })
        }
    }
}
