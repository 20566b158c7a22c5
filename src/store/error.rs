//! The errors of the store, each with its object and the remedy.

use crate::guard::Refusal;
use crate::store::Location;

/// An error of the store. Unless the variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not exist.
    #[error("{what} {location} does not exist; {advice}")]
    Missing {
        /// Which database.
        what: &'static str,
        /// Where it was expected.
        location: Location,
        /// What creates it.
        advice: &'static str,
    },
    /// The database could not be opened.
    #[error("cannot open {location}: {reason}")]
    Open {
        /// Which one.
        location: Location,
        /// Why.
        reason: String,
    },
    /// The file is no database of this program.
    #[error("{location} is no {what}: {reason}; point the program at the right file")]
    Foreign {
        /// Which database was expected.
        what: &'static str,
        /// Which file.
        location: Location,
        /// What it is instead.
        reason: String,
    },
    /// The schema is newer than this program.
    #[error("{what} {location} has schema version {found}, this program knows up to {known}; use a newer cdx")]
    TooNew {
        /// Which database.
        what: &'static str,
        /// Which file.
        location: Location,
        /// Its version.
        found: i64,
        /// The greatest known version.
        known: i64,
    },
    /// The schema is older and may not be migrated here.
    #[error("{what} {location} has schema version {found} and needs {known}; a command that writes migrates it")]
    TooOld {
        /// Which database.
        what: &'static str,
        /// Which file.
        location: Location,
        /// Its version.
        found: i64,
        /// The version needed.
        known: i64,
    },
    /// A copy was interrupted.
    #[error("{location} is an unfinished copy of another database; continue it with the same cdx copy")]
    Unfinished {
        /// Which one.
        location: Location,
    },
    /// The bundled engine can lose rows.
    #[error(
        "the SQLite in this program is {found}; before {oldest} it can lose rows when two programs share a database"
    )]
    UnsafeEngine {
        /// Its version.
        found: String,
        /// The first safe one.
        oldest: &'static str,
    },
    /// SQLite's locks do not hold on this file system.
    #[error(
        "{location} is on a network file system ({kind}), where locks do not hold; move it, or set allow_network_file_system"
    )]
    NetworkFileSystem {
        /// Which file.
        location: Location,
        /// The file system.
        kind: String,
    },
    /// Another connection held the write lock for longer than the program waits.
    #[error(
        "{location} is locked by {} and stayed so for {waited_seconds} s; see what holds it, then try again",
        .holder.as_deref().unwrap_or("another program")
    )]
    Locked {
        /// Which file.
        location: Location,
        /// How long it waited.
        waited_seconds: u64,
        /// The holder, if known.
        holder: Option<String>,
    },
    /// The disk is full. The transaction was rolled back.
    #[error("no space left on the disk of {location}; free some space")]
    Full {
        /// Which file.
        location: Location,
    },
    /// A foreign program supplied the greatest number, so that none is left. The transaction was
    /// rolled back.
    #[error(
        "{location} has no message_id left to give: a program supplied the greatest one; run cdx process, then let agents post to a new \
         message database"
    )]
    NumbersUsedUp {
        /// Which message database.
        location: Location,
    },
    /// The query was canceled because its result is no longer needed.
    #[error("the query of {location} was canceled")]
    Interrupted {
        /// Which file.
        location: Location,
    },
    /// The database may not be written.
    #[error("{location} is read-only: {reason}")]
    ReadOnly {
        /// Which file.
        location: Location,
        /// The file or folder at fault, or the server's message.
        reason: String,
    },
    /// Another runner has the lease; the transaction was rolled back.
    #[error(
        "another runner took over the lease while this process was suspended (fencing token {mine}, now {now}); this run stops"
    )]
    Fenced {
        /// The fencing token of this process.
        mine: i64,
        /// The present fencing token.
        now: i64,
    },
    /// The claim on the batch job was lost; the transaction was rolled back.
    #[error("the batch job of this run was reclaimed, and its end is in the job's history; this run stops")]
    JobTaken,
    /// Another process moved the cursor; the transaction was rolled back.
    #[error("another process moved the transfer position of head office {location}; this run stops")]
    CursorMoved {
        /// Which head office.
        location: Location,
    },
    /// The message read last is gone. Messages read since then were not used, and nothing more is
    /// purged.
    #[error("{location} was restored from a backup or replaced during this run; run again to read it from the start")]
    Replaced {
        /// Which message database.
        location: Location,
    },
    /// The file at the path is another one, or there is none. The transaction was not begun.
    #[error("{location} was moved, removed or replaced while it was open; start again: nothing more was written to it")]
    Moved {
        /// Which file.
        location: Location,
    },
    /// The clocks cannot be trusted, so nothing is purged.
    #[error("nothing is purged: {fault}; fix the clock or pass --force")]
    Clock {
        /// What is wrong with them.
        fault: crate::domain::ClockFault,
    },
    /// A row has a value that this program never writes.
    #[error("{location} holds {what}, which no version of this program writes; run cdx doctor")]
    Damaged {
        /// Which file.
        location: Location,
        /// The value.
        what: String,
    },
    /// The write-ahead log beside the file belongs to another database, or the file is damaged.
    /// Nothing was changed.
    #[error(
        "{location} does not fit the write-ahead log beside it ({fault}); if it was restored from a backup, the log of the database \
         before it was left: move {log} and {index} away and run again; otherwise restore a backup without both"
    )]
    StrayLog {
        /// Which file.
        location: Location,
        /// The log.
        log: String,
        /// The index of the log.
        index: String,
        /// The evidence.
        fault: String,
    },
    /// An error of a file beside the database.
    #[error("cannot {attempted} {path}: {source}")]
    File {
        /// The verb.
        attempted: &'static str,
        /// The file.
        path: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The server cannot be reached, is starting, or accepts no more connections.
    #[error("cannot reach {location}: {reason}; see whether the server runs, then try again")]
    Unreachable {
        /// Which database.
        location: Location,
        /// Why.
        reason: String,
    },
    /// The connection was lost. Uncommitted changes are undone; whether a commit in progress
    /// succeeded must be looked up.
    #[error("the connection to {location} was lost: {reason}; what was not committed is undone")]
    Lost {
        /// Which database.
        location: Location,
        /// Why.
        reason: String,
    },
    /// The server is a standby, which accepts no changes.
    #[error("{location} is a standby; transfer and purge need its primary")]
    Standby {
        /// Which database.
        location: Location,
    },
    /// The login lacks the right.
    #[error("the login at {location} may not do that: {reason}; see the roles in roles.sql")]
    Denied {
        /// Which database.
        location: Location,
        /// The server's message.
        reason: String,
    },
    /// A guardrail or the login's role does not allow the change. Nothing was changed.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Any other error of the server.
    #[error("{location}: {reason}")]
    Server {
        /// Which database.
        location: Location,
        /// The server's message.
        reason: String,
    },
    /// Any other error of SQLite.
    #[error("{location}: {source}")]
    Engine {
        /// Which file.
        location: Location,
        /// SQLite's error.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Whether the query was canceled on purpose.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted { .. })
    }

    /// Whether it can go away without an operator, so that a long-running program waits and
    /// retries.
    pub fn may_pass(&self) -> bool {
        self.is_lost() || matches!(self, Self::Locked { .. } | Self::Full { .. } | Self::Interrupted { .. })
    }

    /// Whether the server was unreachable or the connection was lost.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Lost { .. })
    }

    /// Whether an unchanged retry can succeed later.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }
}
