//! Runs tests on SQLite, on PostgreSQL, and with one database on each.

use std::cell::Cell;

/// The engines of an exchange's message database and head office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engines {
    Sqlite,
    Postgres,
    SqliteToPostgres,
    PostgresToSqlite,
}

impl Engines {
    pub fn serves_messages(self) -> bool {
        matches!(self, Self::Postgres | Self::PostgresToSqlite)
    }

    pub fn serves_office(self) -> bool {
        matches!(self, Self::Postgres | Self::SqliteToPostgres)
    }
}

thread_local! {
    static CURRENT: Cell<Engines> = const { Cell::new(Engines::Sqlite) };
}

/// Returns the engines of new exchanges on this thread.
pub fn current() -> Engines {
    CURRENT.get()
}

/// Runs a test with other engines.
pub fn run_on(engines: Engines, test: fn()) {
    CURRENT.set(engines);
    test();
}

/// Also runs tests of this file on PostgreSQL and on both combinations with SQLite.
macro_rules! on_all_engines {
    ($($test:ident),* $(,)?) => {
        $crate::support::engines::on!(postgres, Postgres, $($test),*);
        $crate::support::engines::on!(sqlite_to_postgres, SqliteToPostgres, $($test),*);
        $crate::support::engines::on!(postgres_to_sqlite, PostgresToSqlite, $($test),*);
    };
}

/// Also runs tests of this file on PostgreSQL.
macro_rules! on_postgres {
    ($($test:ident),* $(,)?) => { $crate::support::engines::on!(postgres, Postgres, $($test),*); };
}

macro_rules! on {
    ($module:ident, $engines:ident, $($test:ident),*) => {
        mod $module {
            $(
                #[test]
                fn $test() {
                    $crate::support::engines::run_on($crate::support::engines::Engines::$engines, super::$test);
                }
            )*
        }
    };
}

pub(crate) use {on, on_all_engines, on_postgres};
