//! Runs tests on SQLite, on PostgreSQL, and with one database on each.

use std::cell::Cell;

/// The engines of an exchange's message database and head office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mixture {
    Sqlite,
    Postgres,
    SqliteToPostgres,
    PostgresToSqlite,
}

impl Mixture {
    pub fn serves_messages(self) -> bool {
        matches!(self, Self::Postgres | Self::PostgresToSqlite)
    }

    pub fn serves_office(self) -> bool {
        matches!(self, Self::Postgres | Self::SqliteToPostgres)
    }
}

thread_local! {
    static CURRENT: Cell<Mixture> = const { Cell::new(Mixture::Sqlite) };
}

/// Returns the engines of new exchanges on this thread.
pub fn current() -> Mixture {
    CURRENT.get()
}

/// Runs a test with other engines.
pub fn run_on(mixture: Mixture, test: fn()) {
    CURRENT.set(mixture);
    test();
}

/// Also runs tests of this file on PostgreSQL and on both combinations with SQLite.
macro_rules! on_all_mixtures {
    ($($test:ident),* $(,)?) => {
        $crate::support::mixture::on!(postgres, Postgres, $($test),*);
        $crate::support::mixture::on!(sqlite_to_postgres, SqliteToPostgres, $($test),*);
        $crate::support::mixture::on!(postgres_to_sqlite, PostgresToSqlite, $($test),*);
    };
}

/// Also runs tests of this file on PostgreSQL.
macro_rules! on_postgres {
    ($($test:ident),* $(,)?) => { $crate::support::mixture::on!(postgres, Postgres, $($test),*); };
}

macro_rules! on {
    ($module:ident, $mixture:ident, $($test:ident),*) => {
        mod $module {
            $(
                #[test]
                fn $test() {
                    $crate::support::mixture::run_on($crate::support::mixture::Mixture::$mixture, super::$test);
                }
            )*
        }
    };
}

pub(crate) use {on, on_all_mixtures, on_postgres};
