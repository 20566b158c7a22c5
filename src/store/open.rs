//! Opening a database whatever the engine: what a connection is tuned for.

use crate::store::connection::{Connection, Engine};
use crate::store::postgres::{Session, Settings};
use crate::store::{Access, Location, Opening, StoreError, sqlite};

/// What a connection is tuned for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tuning {
    /// Whether a commit survives a power cut (`full`), or only a crash of the program (`normal`).
    pub(super) synchronous: &'static str,
    /// Page cache, in KiB.
    pub(super) cache_kib: i64,
    /// Pages in the write-ahead log after which a commit copies them back; 0 leaves that to the caller.
    pub(super) checkpoint_pages: i64,
}

/// Opens it; whether it holds the right schema is the caller's next question.
///
/// `one_writer`: the table whose one row a server's writers take first, so that they follow one another as in SQLite.
pub(super) fn open(
    location: &Location,
    opening: Opening,
    tuning: Tuning,
    one_writer: Option<&'static str>,
) -> Result<Connection, StoreError> {
    match location {
        Location::Sqlite(path) => sqlite::open(location, path, opening, tuning),
        Location::Postgres(server) => {
            let read_only = opening.access == Access::ReadOnly;
            let settings = Settings { durable: tuning.synchronous == "full", read_only, one_writer };
            let session = Session::open(server, location, settings)?;
            Ok(Connection { engine: Engine::Postgres(Box::new(session)), location: location.clone(), file: None })
        }
    }
}
