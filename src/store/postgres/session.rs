//! One session: statements prepared once by their text, a transaction, and a reconnect when the
//! connection was lost.

use crate::store::dialect::to_postgres;
use crate::store::postgres::connect::connect;
use crate::store::postgres::failure::classify;
use crate::store::postgres::interrupt::{Interrupter, StatementCounter};
use crate::store::postgres::lock_holder::{Wait, lock_holder};
use crate::store::postgres::settings::Settings;
use crate::store::postgres::{Server, Value};
use crate::store::{Location, StoreError};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{Client, Row, Statement};
use std::cell::{Cell, RefCell, RefMut};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The most prepared statements; more than the program has, except for filters of lists.
const MAX_STATEMENTS: usize = 200;

/// A session. The next call reconnects if the connection was lost outside of a transaction.
pub(in crate::store) struct Session {
    server: Server,
    pub(super) location: Location,
    pub(super) settings: Settings,
    client: RefCell<Option<Client>>,
    statements: RefCell<HashMap<String, Statement>>,
    /// The scripts that [`Session::once`] executed on this connection.
    done: RefCell<HashSet<String>>,
    transaction: Cell<State>,
    counter: Arc<StatementCounter>,
}

/// The state of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    None,
    Open,
    /// A statement failed: the server would treat `commit` as `rollback` without an error.
    Failed,
}

impl Session {
    /// Connects to the server and applies the settings.
    pub(in crate::store) fn open(server: &Server, location: &Location, settings: Settings) -> Result<Self, StoreError> {
        let session = Self {
            server: server.clone(),
            location: location.clone(),
            settings,
            client: RefCell::new(None),
            statements: RefCell::default(),
            done: RefCell::default(),
            transaction: Cell::new(State::None),
            counter: Arc::default(),
        };
        drop(session.client()?);
        Ok(session)
    }

    /// The connection; reconnects if there is none.
    pub(super) fn client(&self) -> Result<RefMut<'_, Client>, StoreError> {
        let mut held = self.client.try_borrow_mut().map_err(|_| {
            self.fault(
                "a statement was executed while the rows of another were being read; this is a fault of the program",
            )
        })?;
        if held.as_ref().is_some_and(Client::is_closed) {
            *held = None;
        }
        if held.is_none() {
            if self.transaction.get() != State::None {
                return Err(StoreError::Lost {
                    location: self.location.clone(),
                    reason: "it was lost earlier in the transaction".to_owned(),
                });
            }
            self.statements.borrow_mut().clear();
            self.done.borrow_mut().clear();
            let (client, encryption) = connect(&self.server, &self.location, &self.settings)?;
            self.counter.connected(client.cancel_token(), encryption);
            *held = Some(client);
        }
        RefMut::filter_map(held, Option::as_mut).map_err(|_| self.fault("there is no connection"))
    }

    pub(super) fn fault(&self, what: &str) -> StoreError {
        StoreError::Server { location: self.location.clone(), reason: what.to_owned() }
    }

    /// Converts an error of the server and updates the state of the transaction and the statements.
    pub(super) fn failed(&self, error: &postgres::Error) -> StoreError {
        if self.transaction.get() == State::Open {
            self.transaction.set(State::Failed);
        }
        // A plan may be outdated after a migration by another program; the next call prepares it
        // again.
        self.statements.borrow_mut().clear();
        match classify(error, &self.location) {
            StoreError::Locked { location, waited_seconds, .. }
                if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) =>
            {
                let holder = lock_holder(&self.server, &location, Wait::GivenUp);
                StoreError::Locked { location, waited_seconds, holder }
            }
            error => error,
        }
    }

    /// The statement, prepared on this connection.
    pub(super) fn statement(&self, client: &mut Client, sql: &str) -> Result<Statement, StoreError> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let prepared = client.prepare(&to_postgres(sql)).map_err(|error| self.failed(&error))?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= MAX_STATEMENTS {
            statements.clear();
        }
        statements.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    /// Executes a script once for each connection.
    pub(in crate::store) fn once(&self, sql: &str) -> Result<(), StoreError> {
        if self.done.borrow().contains(sql) {
            return Ok(());
        }
        self.script(sql)?;
        self.done.borrow_mut().insert(sql.to_owned());
        Ok(())
    }

    /// Prepares the statement, to report an error early.
    pub(in crate::store) fn prepare(&self, sql: &str) -> Result<(), StoreError> {
        self.retrying(|| {
            let mut client = self.client()?;
            self.statement(&mut client, sql).map(|_| ())
        })
    }

    /// Executes a statement and returns the number of changed rows.
    pub(in crate::store) fn execute(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError> {
        let mut client = self.client()?;
        let statement = self.statement(&mut client, sql)?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.counter.begin();
        let changed = client.execute(&statement, &values);
        self.counter.end();
        let changed = changed.map_err(|error| self.failed(&error))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Executes a script without parameters.
    pub(in crate::store) fn script(&self, sql: &str) -> Result<(), StoreError> {
        let mut client = self.client()?;
        client.batch_execute(&to_postgres(sql)).map_err(|error| self.failed(&error))
    }

    /// Passes rows to `take` one by one until it returns false; never holds all of them.
    pub(in crate::store) fn each(
        &self,
        sql: &str,
        values: &[Value],
        take: &mut dyn FnMut(&Row) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut seen = false;
        let asked = self.ask(sql, values, take, &mut seen);
        let again = match &asked {
            Err(StoreError::Lost { .. }) => true,
            // The cancel request for another statement arrived late and hit this one.
            Err(StoreError::Interrupted { .. }) => !self.counter.was_target(),
            _ => false,
        };
        if again && !seen && self.transaction.get() == State::None {
            self.ask(sql, values, take, &mut seen)
        } else {
            asked
        }
    }

    fn ask(
        &self,
        sql: &str,
        values: &[Value],
        take: &mut dyn FnMut(&Row) -> Result<bool, StoreError>,
        seen: &mut bool,
    ) -> Result<(), StoreError> {
        let mut client = self.client()?;
        let statement = self.statement(&mut client, sql)?;
        self.counter.begin();
        let read = self.read(&mut client, &statement, values, &mut |row| {
            *seen = true;
            take(row)
        });
        self.counter.end();
        read
    }

    fn read(
        &self,
        client: &mut Client,
        statement: &Statement,
        values: &[Value],
        take: &mut dyn FnMut(&Row) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let values = values.iter().map(|value| value as &(dyn ToSql + Sync));
        let mut rows = client.query_raw(statement, values).map_err(|error| self.failed(&error))?;
        while let Some(row) = rows.next().map_err(|error| self.failed(&error))? {
            if !take(&row)? {
                break;
            }
        }
        Ok(())
    }

    /// Executes a read, and repeats it on a new connection if the old one was lost.
    fn retrying<T>(&self, mut ask: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
        match ask() {
            Err(StoreError::Lost { .. }) if self.transaction.get() == State::None => ask(),
            answer => answer,
        }
    }

    /// Begins a transaction with statements that wait for something.
    pub(in crate::store) fn begin_with(&self, wait: &str) -> Result<(), StoreError> {
        let sql = format!("begin{wait}");
        // It is empty, so it can be begun again.
        let begun = self.retrying(|| self.script(&sql));
        if begun.is_err() {
            self.transaction.set(State::Failed);
            self.roll_back();
        }
        self.transaction.set(if begun.is_ok() { State::Open } else { State::None });
        begun
    }

    /// Commits. After [`StoreError::Lost`] it is unknown whether the commit succeeded.
    pub(in crate::store) fn commit(&self) -> Result<(), StoreError> {
        if self.transaction.get() == State::Failed {
            return Err(self.fault("a statement of the transaction failed before its end; all of it is undone"));
        }
        self.script("commit")?;
        self.transaction.set(State::None);
        Ok(())
    }

    /// Rolls back; a lost connection has done so already.
    pub(in crate::store) fn roll_back(&self) {
        if self.transaction.get() == State::None {
            return;
        }
        let undone = match self.client.try_borrow_mut() {
            Ok(mut held) => match held.as_mut() {
                Some(client) if !client.is_closed() => client.batch_execute("rollback").is_ok(),
                _ => true,
            },
            Err(_) => false,
        };
        self.transaction.set(State::None);
        // Objects created in it are undone, too.
        self.done.borrow_mut().clear();
        if !undone && let Ok(mut held) = self.client.try_borrow_mut() {
            *held = None;
        }
    }

    /// A handle with which another thread cancels the running statement.
    pub(in crate::store) fn interrupter(&self) -> Interrupter {
        Interrupter(Arc::clone(&self.counter))
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("location", &self.location).finish_non_exhaustive()
    }
}
