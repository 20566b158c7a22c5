//! What the tests share: an exchange in a folder of its own, the binary, made-up messages, and looking into the databases.

pub mod child;
pub mod messages;
pub mod terminal;

use cdx_console::engine::Databases;
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, Location, MessageDatabase};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes on the slowest machine; running into it is a failure, never a pass.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// An exchange in a folder that goes away with it.
pub struct Exchange {
    folder: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The one JSON object on the standard output.
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "not exactly one line: {self:?}");
        serde_json::from_str(&self.stdout).expect("the output is JSON")
    }

    /// The JSON objects on the standard output, one a line.
    pub fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
    }

    /// Fails unless the command ended with `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Fails unless the words to the operator contain `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "nothing says {text:?}: {self:#?}");
        self
    }
}

impl Exchange {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
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
            message_database: Location::Sqlite(self.message_database()),
            head_office: Location::Sqlite(self.head_office()),
            allow_network_file_system: false,
        }
    }

    /// The binary, at home in the exchange's folder and deaf to the surroundings.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = bare_command(self.folder(), args);
        command
            .env("CDX_MESSAGE_DATABASE", format!("sqlite:{}", self.message_database().display()))
            .env("CDX_HEAD_OFFICE", format!("sqlite:{}", self.head_office().display()));
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
        MessageDatabase::open(&Location::Sqlite(self.message_database()), Access::Create).expect("a message database")
    }

    /// Posts messages.
    pub fn post(&self, messages: &[NewMessage]) {
        self.agent().post(messages).expect("the messages are stored");
    }

    /// Posts messages as if so many days ago.
    pub fn post_days_ago(&self, days: i64, messages: &[NewMessage]) {
        let at = messages::now().minus_days(days);
        let dated: Vec<_> = messages.iter().map(|message| (message.clone(), at)).collect();
        self.agent().import(&dated).expect("the messages are stored");
    }

    /// Rows of the message database.
    pub fn posted(&self, sql: &str) -> Vec<String> {
        rows(&self.message_database(), sql)
    }

    /// Rows of head office.
    pub fn at_head_office(&self, sql: &str) -> Vec<String> {
        rows(&self.head_office(), sql)
    }

    /// The number of rows of a table of head office.
    pub fn count(&self, table: &str) -> i64 {
        self.at_head_office(&format!("select count(*) from {table}"))[0].parse().expect("a number")
    }
}

/// The binary in a folder, without any setting from outside.
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
        stderr: String::from_utf8(output.stderr).expect("the words are UTF-8"),
    }
}

/// A foreign program's connection.
pub fn foreign(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("a database");
    connection.busy_timeout(PATIENCE).expect("a setting");
    connection
}

/// Every row of a query as text, columns divided by bars.
pub fn rows(path: &Path, sql: &str) -> Vec<String> {
    let connection = foreign(path);
    let mut statement = connection.prepare(sql).expect("the statement is sound");
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

/// Waits until something is true; looks again and again, and gives up with a failure.
#[track_caller]
pub fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_true() {
        assert!(since.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
