//! Shared by the tests: exchanges in temporary folders, running the binary, generated messages, and
//! access to the databases.

pub mod child;
pub mod clock;
pub mod cluster;
pub mod engines;
pub mod fault;
pub mod mail;
pub mod messages;
pub mod pooler;
pub mod preload;
pub mod terminal;
pub mod web;

use cdx_console::engine::Databases;
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, Location, MessageDatabase};
use cluster::{Cluster, Database};
use engines::Engines;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Timeout of all waits, far above what the slowest machine needs. Reaching it fails the test.
pub const TIMEOUT: Duration = Duration::from_mins(2);

/// An exchange in a temporary folder. Its databases are files there or on a test cluster.
pub struct Exchange {
    folder: TempDir,
    served_messages: Option<Database>,
    served_office: Option<Database>,
}

/// The result of a command.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Parses standard output as one JSON object.
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "not exactly one line: {self:?}");
        serde_json::from_str(&self.stdout).expect("the output is JSON")
    }

    /// Parses standard output as JSON Lines.
    pub fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
    }

    /// Fails unless the command ended with `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Fails unless standard error contains `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "nothing says {text:?}: {self:#?}");
        self
    }
}

/// Messages per transaction. A long transaction on the shared cluster would delay other tests'
/// transfers.
const PER_TRANSACTION: usize = 3_000;

impl Exchange {
    pub fn new() -> Self {
        Self::of(engines::current())
    }

    /// Creates an exchange with the given engines.
    pub fn of(engines: Engines) -> Self {
        let at_server = |served: bool| served.then(|| Cluster::shared().create_database());
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            served_messages: at_server(engines.serves_messages()),
            served_office: at_server(engines.serves_office()),
        }
    }

    /// Creates an exchange with both databases on a cluster.
    pub fn at(cluster: &Cluster) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            served_messages: Some(cluster.create_database()),
            served_office: Some(cluster.create_database()),
        }
    }

    /// Creates an exchange with the message database on a cluster, and head office too if the
    /// engines say so.
    pub fn with_messages_at(cluster: &Cluster, engines: Engines) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            served_messages: Some(cluster.create_database()),
            served_office: engines.serves_office().then(|| cluster.create_database()),
        }
    }

    /// Creates an exchange with head office on a cluster and the message database in a file.
    pub fn with_office_at(cluster: &Cluster) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            served_messages: None,
            served_office: Some(cluster.create_database()),
        }
    }

    /// Returns the message database on a cluster.
    pub fn served_messages(&self) -> &Database {
        self.served_messages.as_ref().expect("the message database is on a server")
    }

    /// Whether head office is at a server.
    pub fn is_office_served(&self) -> bool {
        self.served_office.is_some()
    }

    /// Returns head office on a cluster.
    pub fn served_office(&self) -> &Database {
        self.served_office.as_ref().expect("head office is on a server")
    }

    /// Returns the URL of the message database.
    pub fn message_url(&self) -> String {
        let file = || format!("sqlite:{}", self.message_database().display());
        self.served_messages.as_ref().map_or_else(file, |database| database.url("postgres"))
    }

    /// Returns the URL of head office.
    pub fn office_url(&self) -> String {
        let file = || format!("sqlite:{}", self.head_office().display());
        self.served_office.as_ref().map_or_else(file, |database| database.url("postgres"))
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn message_database(&self) -> PathBuf {
        self.path("message.db")
    }

    pub fn head_office(&self) -> PathBuf {
        self.path("head-office.db")
    }

    pub fn databases(&self) -> Databases {
        Databases {
            message_database: self.message_url().parse().expect("a valid URL"),
            head_office: self.office_url().parse().expect("a valid URL"),
            allow_network_file_system: false,
            authority: cdx_console::guard::Authority::default(),
            known_head_office: None,
        }
    }

    /// Returns a command that runs the binary on the exchange, isolated from the environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = bare_command(self.folder(), args);
        command.env("CDX_MESSAGE_DATABASE", self.message_url()).env("CDX_HEAD_OFFICE", self.office_url());
        command
    }

    /// Runs the binary without any input.
    pub fn cdx(&self, args: &[&str]) -> Ran {
        ran(self.command(args).stdin(Stdio::null()))
    }

    /// Runs the binary with input.
    pub fn cdx_with_input(&self, args: &[&str], input: &[u8]) -> Ran {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), input).expect("the input is written");
        let input = std::fs::File::open(file.path()).expect("the input is there");
        ran(self.command(args).stdin(input))
    }

    /// Opens the message database as an agent does.
    pub fn agent(&self) -> MessageDatabase {
        let location: Location = self.message_url().parse().expect("a valid URL");
        MessageDatabase::open(&location, Access::Create).expect("a message database")
    }

    /// Posts messages.
    pub fn post(&self, messages: &[NewMessage]) {
        let agent = self.agent();
        for some in messages.chunks(PER_TRANSACTION) {
            agent.post(some).expect("the messages are stored");
        }
    }

    /// Posts messages dated `days` ago.
    pub fn post_days_ago(&self, days: i64, messages: &[NewMessage]) {
        let at = messages::now().minus_days(days);
        // They occurred before they arrived.
        let dated = |message: &NewMessage| NewMessage { occurred_at: message.occurred_at.min(at), ..message.clone() };
        let dated: Vec<_> = messages.iter().map(|message| (dated(message), at)).collect();
        let agent = self.agent();
        for some in dated.chunks(PER_TRANSACTION) {
            agent.import(some).expect("the messages are stored");
        }
    }

    /// Queries the message database.
    pub fn posted(&self, sql: &str) -> Vec<String> {
        match &self.served_messages {
            Some(database) => database.rows(sql),
            None => rows(&self.message_database(), sql),
        }
    }

    /// Queries head office.
    pub fn at_head_office(&self, sql: &str) -> Vec<String> {
        match &self.served_office {
            Some(database) => database.rows(sql),
            None => rows(&self.head_office(), sql),
        }
    }

    /// Changes head office directly and returns the number of rows.
    pub fn change_head_office(&self, sql: &str) -> usize {
        match &self.served_office {
            Some(database) => {
                usize::try_from(database.connect().execute(sql, &[]).expect("changed")).expect("a number")
            }
            None => foreign(&self.head_office()).execute(sql, []).expect("changed"),
        }
    }

    /// Changes the message database directly and returns the number of rows.
    pub fn change_messages(&self, sql: &str) -> usize {
        match &self.served_messages {
            Some(database) => {
                usize::try_from(database.connect().execute(sql, &[]).expect("changed")).expect("a number")
            }
            None => foreign(&self.message_database()).execute(sql, []).expect("changed"),
        }
    }

    /// Makes head office one of an older schema version by a script, which undoes the migrations up
    /// to 13; what later ones create is dropped before it.
    pub fn downgrade_head_office(&self, version: u32, script: &str) {
        let chained = if self.served_office.is_some() {
            "alter table operator_journal drop constraint this_cdx_is_older_than_head_office_start_it_again;"
        } else {
            "drop trigger operator_journal_chained;"
        };
        let columns = [
            "client",
            "host",
            "value_before",
            "value_after",
            "reason",
            "result",
            "part_of",
            "previous_digest",
            "digest",
        ];
        let columns = columns.map(|column| format!("alter table operator_journal drop column {column};")).concat();
        self.script_at_head_office(&format!(
            "drop index session_job; drop table trash_session; drop table trash_status_message; drop table trash_session_rerun;
             drop table purge_preview; alter table session drop column restored_at;
             drop table notification_condition; alter table operator_journal drop column login;
             alter table run drop column preview_id; alter table run drop column preview_rows;
             alter table run drop column purge_started_at; alter table batch_job drop column claim_login;
             alter table batch_job drop column preview_id;
             {chained} drop index operator_journal_previous; drop index operator_journal_at; {columns}
             drop index journal_session_part; drop index journal_session_key;
             alter table journal_session drop column part_id;
             alter table batch_alert drop column webhook; alter table batch_alert drop column syslog;
             drop index cause_taken; alter table cause drop column taken_by; alter table cause drop column taken_until;
             alter table cause drop column taken_remark; drop table silence;
             alter table notification drop column silence_id;
             drop table known_job; drop table known_group; drop table alert_condition; drop table alert_check;
             drop table approval; drop table deadline; alter table batch_alert drop column rules; alter table notification drop column rule;
             drop table saved_view; drop index status_message_run_failed; drop index batch_job_history_run;
             {script} update head_office set schema_version = {version};"
        ));
    }

    /// Changes head office directly by several statements.
    pub fn script_at_head_office(&self, sql: &str) {
        match &self.served_office {
            Some(database) => database.connect().batch_execute(sql).expect("changed"),
            None => foreign(&self.head_office()).execute_batch(sql).expect("changed"),
        }
    }

    /// Changes the message database directly by several statements.
    pub fn script_at_messages(&self, sql: &str) {
        match &self.served_messages {
            Some(database) => database.connect().batch_execute(sql).expect("changed"),
            None => foreign(&self.message_database()).execute_batch(sql).expect("changed"),
        }
    }

    /// Whether head office exists and has a table.
    pub fn has_table(&self, table: &str) -> bool {
        let count = match &self.served_office {
            Some(database) => database
                .rows(&format!("select count(*) from pg_tables where schemaname = 'cdx' and tablename = '{table}'")),
            None if !self.head_office().exists() => return false,
            None => rows(&self.head_office(), &format!("select count(*) from sqlite_master where name = '{table}'")),
        };
        count == ["1"]
    }

    /// Whether the message database exists and has a table.
    pub fn has_message_table(&self, table: &str) -> bool {
        let count = match &self.served_messages {
            Some(database) => database
                .rows(&format!("select count(*) from pg_tables where schemaname = 'cdx' and tablename = '{table}'")),
            None if !self.message_database().exists() => return false,
            None => {
                rows(&self.message_database(), &format!("select count(*) from sqlite_master where name = '{table}'"))
            }
        };
        count == ["1"]
    }

    /// Whether the write lock of head office is free.
    pub fn office_is_free(&self) -> bool {
        if let Some(database) = &self.served_office {
            let turn = "begin; select 1 from head_office for no key update nowait; rollback";
            return database.connect().batch_execute(turn).is_ok();
        }
        let connection = foreign(&self.head_office());
        connection.busy_timeout(Duration::from_millis(200)).expect("a setting");
        connection.execute_batch("begin immediate; rollback").is_ok()
    }

    /// Returns the current time as a SQL expression for head office's engine.
    pub fn office_now(&self) -> &'static str {
        if self.served_office.is_some() {
            "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)"
        } else {
            "(julianday('now') - 2440587.5) * 86400000"
        }
    }

    /// Expires heartbeats and leases on a server, where nothing else shows that a process was
    /// killed.
    pub fn let_time_pass(&self) {
        if self.served_office.is_some() {
            self.script_at_head_office(
                "update batch_server set heartbeat_at = heartbeat_at - 20000 where stopped_at is null;
                 update lease set expires_at = expires_at - 20000",
            );
        }
    }

    /// Waits until head office has the first chunk of a run.
    pub fn wait_for_a_chunk(&self) {
        wait_until("a chunk is at head office", || match &self.served_office {
            Some(database) => {
                // The table may not exist yet.
                let read = database.connect().query_one("select max(read) from run", &[]);
                read.ok().and_then(|row| row.get::<_, Option<i64>>(0)).unwrap_or(0) > 0
            }
            None => {
                self.head_office().exists()
                    && foreign(&self.head_office())
                        .query_row("select max(read) from run", [], |row| row.get::<_, i64>(0))
                        .unwrap_or(0)
                        > 0
            }
        });
    }

    /// Returns the number of rows of a table of head office.
    pub fn count(&self, table: &str) -> i64 {
        self.at_head_office(&format!("select count(*) from {table}"))[0].parse().expect("a number")
    }
}

/// Returns a command that runs the binary with an empty environment.
pub fn bare_command(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cdx"));
    command.args(args).env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs a command to its end.
pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the binary starts");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("the output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// Opens a SQLite file as a foreign program does.
pub fn foreign(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("a database");
    connection.busy_timeout(TIMEOUT).expect("a setting");
    connection
}

/// Returns every row of a query as text, with columns separated by bars.
pub fn rows(path: &Path, sql: &str) -> Vec<String> {
    let connection = foreign(path);
    let mut statement = connection.prepare(sql).expect("valid SQL");
    let columns = statement.column_count();
    let mut found = statement.query([]).expect("the query runs");
    let mut lines = Vec::new();
    while let Some(row) = found.next().expect("a row") {
        let cells = (0..columns).map(|column| match row.get_ref(column).expect("a column") {
            rusqlite::types::ValueRef::Null => "-".to_owned(),
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            rusqlite::types::ValueRef::Real(number) => number.to_string(),
            rusqlite::types::ValueRef::Text(text) | rusqlite::types::ValueRef::Blob(text) => {
                String::from_utf8_lossy(text).into_owned()
            }
        });
        lines.push(cells.collect::<Vec<_>>().join("|"));
    }
    lines
}

/// Polls until a condition holds, or fails after a timeout.
#[track_caller]
pub fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_true() {
        assert!(since.elapsed() < TIMEOUT, "timed out waiting until {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
