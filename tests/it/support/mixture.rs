//! The same test on every mixture of files and a server.

use std::cell::Cell;

/// Where the two databases of an exchange lie.
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

/// Where a new exchange of this thread lies.
pub fn current() -> Mixture {
    CURRENT.get()
}

/// Runs a test whose exchanges lie elsewhere than usual.
pub fn run_on(mixture: Mixture, test: fn()) {
    CURRENT.set(mixture);
    test();
}

/// Tests of this file, which run on SQLite as they stand, also on a server alone and on both mixtures.
macro_rules! on_all_mixtures {
    ($($test:ident),* $(,)?) => {
        $crate::support::mixture::on!(postgres, Postgres, $($test),*);
        $crate::support::mixture::on!(sqlite_to_postgres, SqliteToPostgres, $($test),*);
        $crate::support::mixture::on!(postgres_to_sqlite, PostgresToSqlite, $($test),*);
    };
}

/// Tests of this file also on a server alone.
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
