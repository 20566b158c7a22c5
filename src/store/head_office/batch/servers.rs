//! Batch servers, their heartbeats, windows and groups; and batch groups.

use crate::batch::{BatchServer, DEFAULT_THREADS, SchedulingState, Window};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::change::Refusal;
use crate::store::head_office::edits::{Edit, EditError, EditedObject};
use crate::store::head_office::journal::Change;
use crate::store::value::values;

/// A server that starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerStart {
    /// Its name.
    pub name: String,
    /// Identifies this process of the server.
    pub incarnation: String,
    /// The machine it runs on.
    pub host: String,
    /// The zone of that machine, the initial zone of its windows.
    pub zone: String,
}

/// A batch group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchGroup {
    /// Its name; the empty one is the default group.
    pub name: String,
    /// Its description; text from outside.
    pub description: String,
    /// The number of the last edit by an operator; 0 before the first.
    pub version: i64,
}

impl HeadOffice {
    /// Registers a running server; a new one is open all day, with eight threads, for the default
    /// group. Durable when it returns.
    pub fn register_server(&self, start: &ServerStart) -> Result<(), StoreError> {
        self.register_server_at(start, self.now()?)
    }

    /// Registers a batch server that started at a given instant.
    pub fn register_server_at(&self, start: &ServerStart, started_at: Timestamp) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        let known =
            self.connection.first("select 1 from batch_server where name = $1", values![&start.name], |_| Ok(()))?;
        let sql = format!(
            "insert into batch_server (name, zone, host, process_id, version, incarnation, started_at, heartbeat_at)
             values ($1, $2, $3, $4, $5, $6, $7, {NOW})
             on conflict (name) do update set host = excluded.host, process_id = excluded.process_id,
                version = excluded.version, incarnation = excluded.incarnation, started_at = excluded.started_at,
                heartbeat_at = excluded.heartbeat_at, stopped_at = null"
        );
        let process_id = i64::from(std::process::id());
        self.connection.execute(
            &sql,
            values![
                &start.name,
                &start.zone,
                &start.host,
                process_id,
                env!("CARGO_PKG_VERSION"),
                &start.incarnation,
                started_at
            ],
        )?;
        if known.is_none() {
            self.set_windows(&start.name, &[Window::all_day(DEFAULT_THREADS)])?;
            self.set_groups(&start.name, &[String::new()])?;
        }
        transaction.commit()
    }

    /// Writes a heartbeat; returns false if another process of this server has started, or it was
    /// deleted. Does not wait for the disk: a power cut ends the server as well.
    pub fn heartbeat(&self, name: &str, incarnation: &str) -> Result<bool, StoreError> {
        let sql = format!(
            "update batch_server set heartbeat_at = {NOW} where name = $1 and incarnation = $2 and stopped_at is null"
        );
        Ok(self.connection.execute_lightly(&sql, values![name, incarnation])? > 0)
    }

    /// Records that a server stopped in order; durable when it returns.
    pub fn note_server_stopped(&self, name: &str, incarnation: &str) -> Result<(), StoreError> {
        let sql = format!("update batch_server set stopped_at = {NOW} where name = $1 and incarnation = $2");
        self.connection.execute(&sql, values![name, incarnation])?;
        Ok(())
    }

    /// Every batch server by name, with its windows and groups.
    pub fn servers(&self) -> Result<Vec<BatchServer>, StoreError> {
        let sql = format!(
            "select name, is_batch_server, zone, host, process_id, version, incarnation, started_at, heartbeat_at,
                stopped_at, {NOW} - heartbeat_at as silent_ms,
                (select count(*) from batch_job where claim_server = name and status in (2, 7)) as executing, edit_version
             from batch_server order by name"
        );
        let mut servers = self.connection.query(&sql, &[], server)?;
        let sql =
            "select server, from_minute, to_minute, max_threads from batch_server_window order by server, from_minute";
        let windows = self.connection.query(sql, &[], |row| {
            let minute = |column: &str| Ok(u16::try_from(row.int(column)?).unwrap_or(0));
            Ok((
                row.text("server")?,
                Window { from: minute("from_minute")?, to: minute("to_minute")?, max_threads: row.int("max_threads")? },
            ))
        })?;
        let sql = "select server, batch_group from batch_server_group order by server, batch_group";
        let groups = self.connection.query(sql, &[], |row| Ok((row.text("server")?, row.text("batch_group")?)))?;
        for server in &mut servers {
            let own = windows.iter().filter(|(name, _)| *name == server.name);
            server.windows = own.map(|(_, window)| *window).collect();
            let own = groups.iter().filter(|(name, _)| *name == server.name);
            server.groups = own.map(|(_, group)| group.clone()).collect();
        }
        Ok(servers)
    }

    /// What decides about batch jobs at an instant.
    pub fn scheduling_state(&self, now: Timestamp) -> Result<SchedulingState, StoreError> {
        Ok(SchedulingState { now, servers: self.servers()?, lease: self.running_lease()? })
    }

    /// Changes a server's settings; durable when it returns.
    pub fn change_server<'a>(&self, server: &BatchServer, edit: impl Into<Edit<'a>>) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let before = self.servers()?.into_iter().find(|known| known.name == server.name);
        let detail = before.map_or_else(|| server.groups.join(", "), |before| before.differences(server));
        let edited = EditedObject::Server(&server.name);
        let entry_id = self.append(&Change::new(edit.operator, "change batch server", &server.name).detail(&detail))?;
        self.new_version(edited, edit, entry_id)?;
        self.connection.execute(
            "update batch_server set is_batch_server = $1, zone = $2 where name = $3",
            values![server.is_batch_server, &server.zone, &server.name],
        )?;
        self.set_windows(&server.name, &server.windows)?;
        self.set_groups(&server.name, &server.groups)?;
        transaction.commit()?;
        Ok(())
    }

    fn set_windows(&self, server: &str, windows: &[Window]) -> Result<(), StoreError> {
        self.connection.execute("delete from batch_server_window where server = $1", values![server])?;
        for window in windows {
            self.connection.execute(
                "insert into batch_server_window (server, from_minute, to_minute, max_threads) values ($1, $2, $3, $4)
                 on conflict (server, from_minute, to_minute) do update set max_threads = excluded.max_threads",
                values![server, i64::from(window.from), i64::from(window.to), window.max_threads],
            )?;
        }
        Ok(())
    }

    fn set_groups(&self, server: &str, groups: &[String]) -> Result<(), StoreError> {
        self.connection.execute("delete from batch_server_group where server = $1", values![server])?;
        for group in groups {
            let sql = "insert into batch_server_group (server, batch_group) values ($1, $2)
                on conflict (server, batch_group) do nothing";
            self.connection.execute(sql, values![server, group])?;
        }
        Ok(())
    }

    /// Batch groups with their descriptions, the default one first.
    pub fn groups(&self) -> Result<Vec<BatchGroup>, StoreError> {
        let sql = "select batch_group, description, edit_version from batch_group order by batch_group";
        self.connection.query(sql, &[], |row| {
            Ok(BatchGroup {
                name: row.text("batch_group")?,
                description: row.text("description")?,
                version: row.int("edit_version")?,
            })
        })
    }

    /// Creates a batch group or changes its description; durable when it returns.
    ///
    /// A missing group is created, unless the edit is based on an existing version of it.
    pub fn save_group<'a>(&self, group: &str, description: &str, edit: impl Into<Edit<'a>>) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select description from batch_group where batch_group = $1";
        let former = self.connection.scalar::<String>(sql, values![group])?;
        let change = Change::new(edit.operator, "save batch group", group).detail(description);
        let entry_id = self.append(&change.values(former.as_deref(), Some(description)))?;
        // A new group is based on version 0.
        let sql =
            "insert into batch_group (batch_group, description) values ($1, $2) on conflict (batch_group) do nothing";
        let is_new = edit.version.is_none_or(|version| version == 0)
            && self.connection.execute(sql, values![group, description])? > 0;
        self.new_version(EditedObject::Group(group), if is_new { edit.operator.into() } else { edit }, entry_id)?;
        let sql = "insert into batch_group (batch_group, description) values ($1, $2)
            on conflict (batch_group) do update set description = excluded.description";
        self.connection.execute(sql, values![group, description])?;
        transaction.commit()?;
        Ok(())
    }

    /// Deletes a batch group without jobs; returns false if it has jobs, or is the default group.
    /// Durable when it returns.
    pub fn delete_group<'a>(&self, group: &str, edit: impl Into<Edit<'a>>) -> Result<bool, EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let jobs = self.connection.integer("select count(*) from batch_job where batch_group = $1", values![group])?;
        if jobs > 0 || group.is_empty() {
            return Ok(false);
        }
        let entry_id = self.append(&Change::new(edit.operator, "delete batch group", group))?;
        self.new_version(EditedObject::Group(group), edit, entry_id)?;
        self.connection.execute("delete from batch_server_group where batch_group = $1", values![group])?;
        self.connection.execute("delete from batch_group where batch_group = $1", values![group])?;
        transaction.commit()?;
        Ok(true)
    }

    pub(super) fn check_group(&self, group: &str) -> Result<(), Refusal> {
        let sql = "select 1 from batch_group where batch_group = $1";
        let known = self.connection.first(sql, values![group], |_| Ok(()))?;
        known.ok_or_else(|| Refusal::UnknownGroup(group.to_owned()))
    }
}

fn server(row: &Row) -> Result<BatchServer, StoreError> {
    Ok(BatchServer {
        name: row.text("name")?,
        is_batch_server: row.flag("is_batch_server")?,
        zone: row.text("zone")?,
        windows: Vec::new(),
        groups: Vec::new(),
        host: row.text("host")?,
        process_id: row.int("process_id")?,
        version: row.text("version")?,
        incarnation: row.text("incarnation")?,
        started_at: row.time("started_at")?,
        heartbeat_at: row.time("heartbeat_at")?,
        stopped_at: row.opt_time("stopped_at")?,
        silent_ms: row.int("silent_ms")?,
        executing: row.int("executing")?,
        settings_version: row.int("edit_version")?,
    })
}
