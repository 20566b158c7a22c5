//! The source and the target of a copy: the source does not change meanwhile, the target was empty.

use crate::store::connection::{Connection, Transaction};
use crate::store::copy::{CopyError, kind};
use crate::store::head_office::message_guids::{self, TABLE as GUIDS};
use crate::store::migrate::{Schema, UNFINISHED};
use crate::store::open::open;
use crate::store::postgres::create_schema;
use crate::store::tuning::Tuning;
use crate::store::value::{Value, values};
use crate::store::{Access, Location, Opening, StoreError, message_database};

const TUNING: Tuning = Tuning { synchronous: "full", cache_kib: 16_384, checkpoint_pages: 16_384 };

pub(super) struct Source {
    pub(super) connection: Connection,
    pub(super) schema: Schema,
    /// Its identity; known once it is held.
    pub(super) id: String,
}

pub(super) struct Target {
    pub(super) connection: Connection,
}

/// The column with the identity.
fn id_column(schema: &Schema) -> &'static str {
    if schema.identity == message_database::SCHEMA.identity { "database_id" } else { "head_office_id" }
}

impl Source {
    /// Opens it at the program's own version.
    pub(super) fn open(location: &Location) -> Result<Self, CopyError> {
        let opening: Opening = Access::ReadOnly.into();
        if location.is_missing() {
            let advice = "name the database that is to be copied";
            return Err(StoreError::Missing { what: "the source", location: location.clone(), advice }.into());
        }
        let connection = open(location, &opening, TUNING, None)?;
        let schema = kind(&connection)?.ok_or_else(|| CopyError::UnknownKind(location.clone()))?;
        schema.prepare(&connection, Access::ReadOnly)?;
        Ok(Self { connection, schema, id: String::new() })
    }

    /// Keeps a snapshot for this connection until it closes.
    pub(super) fn hold(&mut self) -> Result<(), StoreError> {
        self.connection.execute_script(if self.connection.session().is_some() {
            "begin isolation level repeatable read; set local idle_in_transaction_session_timeout = 0"
        } else {
            "begin"
        })?;
        let sql = format!("select {} from {}", id_column(&self.schema), self.schema.identity);
        self.id = self.connection.scalar::<String>(&sql, &[])?.unwrap_or_default();
        Ok(())
    }

    /// All tables by name, except the identity's and the one that a head office file has for
    /// itself.
    pub(super) fn tables(&self) -> Result<Vec<String>, StoreError> {
        let mut tables = self.connection.tables()?;
        tables.retain(|table| table != self.schema.identity && !table.starts_with("sqlite_") && table != GUIDS);
        tables.sort();
        Ok(tables)
    }
}

impl Target {
    /// Opens the target; returns whether an earlier copy of the same source is continued. Refuses a
    /// target that is neither that nor empty.
    ///
    /// The mark is written first, before any table of the copy.
    pub(super) fn open(location: &Location, source: &Source) -> Result<(Self, bool), CopyError> {
        let opening: Opening = Access::Create.into();
        let connection = open(location, &opening, TUNING, None)?;
        let not_empty = || CopyError::NotEmpty(location.clone());
        let tables = connection.tables()?;
        let resumed = tables.iter().any(|table| table == UNFINISHED);
        let target = Self { connection };
        if resumed {
            let sql = format!("select source_id from {}", target.connection.qualified(UNFINISHED));
            let id = target.connection.scalar::<String>(&sql, &[])?;
            let differs = |schema: Schema| schema.identity != source.schema.identity;
            if id.as_ref() != Some(&source.id) || kind(&target.connection)?.is_some_and(differs) {
                return Err(not_empty());
            }
        } else {
            source.schema.check_target(&target.connection)?;
            for table in source.tables()?.iter().filter(|table| tables.contains(table)) {
                // These tables have a row from the start.
                let least = i64::from(["lease", "batch_group"].contains(&table.as_str()));
                let count = format!("select count(*) from (select 1 from {table} limit 2) as counted");
                if target.connection.integer(&count, &[])? > least {
                    return Err(not_empty());
                }
            }
            target.mark(source)?;
        }
        source.schema.prepare_unfinished(&target.connection, Access::Create)?;
        target.take_over(source)?;
        Ok((target, resumed))
    }

    /// Marks it as an unfinished copy of the source.
    fn mark(&self, source: &Source) -> Result<(), StoreError> {
        let connection = &self.connection;
        let transaction: Transaction = connection.begin()?;
        if let Some(session) = connection.session() {
            create_schema(session)?;
        }
        let table = connection.qualified(UNFINISHED);
        connection.execute_script(&format!("create table {table} (source_id text not null)"))?;
        connection.execute(&format!("insert into {table} (source_id) values ($1)"), values![&source.id])?;
        transaction.commit()
    }

    /// Copies the source's identity.
    fn take_over(&self, source: &Source) -> Result<(), StoreError> {
        let connection = &self.connection;
        let transaction: Transaction = connection.begin()?;
        if source.schema.identity == message_database::SCHEMA.identity {
            self.take_over_exchange(source)?;
        } else {
            let sql = "select created_at from head_office";
            let created_at = source.connection.integer(sql, &[])?;
            let sql = "update head_office set head_office_id = $1, created_at = $2";
            connection.execute(sql, values![&source.id, created_at])?;
        }
        transaction.commit()
    }

    /// Positions of a file are ids alone, so the exchange of a server's database becomes a new one
    /// in a file.
    fn take_over_exchange(&self, source: &Source) -> Result<(), StoreError> {
        let sql = "select min_writer_version, head_office_id, purged_through_tx, purged_through_id, system_identifier
                   from exchange";
        let found = source.connection.first(sql, &[], |row| {
            Ok((
                row.int("min_writer_version")?,
                row.opt_text("head_office_id")?,
                row.int("purged_through_tx")?,
                row.int("purged_through_id")?,
                row.opt_text("system_identifier")?,
            ))
        })?;
        let Some((writer, office, through_tx, through_id, system)) = found else { return Ok(()) };
        let moves_to_server = source.connection.session().is_some() && self.connection.session().is_none();
        let new_id = uuid::Uuid::new_v4().to_string();
        let (id, through) = if moves_to_server { (&new_id, (0, 0)) } else { (&source.id, (through_tx, through_id)) };
        let system = if moves_to_server { Value::Null } else { Value::from(&system) };
        self.connection.execute(
            "update exchange set database_id = $1, min_writer_version = $2, head_office_id = $3, purged_through_tx = $4,
             purged_through_id = $5, system_identifier = $6",
            &[id.into(), writer.into(), (&office).into(), through.0.into(), through.1.into(), system],
        )?;
        Ok(())
    }

    /// Makes the target ready for use.
    pub(super) fn finish(&self) -> Result<(), StoreError> {
        if self.connection.tables()?.iter().any(|table| table == GUIDS) {
            let transaction = self.connection.begin()?;
            message_guids::rebuild(&self.connection)?;
            transaction.commit()?;
        }
        self.connection.execute_script(&format!("drop table {}", self.connection.qualified(UNFINISHED)))?;
        // The planner has no statistics of the copied rows yet.
        self.connection.execute_script("analyze")
    }
}
