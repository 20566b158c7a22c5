//! The errors of the store, each with its object and the remedy.

use crate::guard::Refusal;
use crate::store::Location;

/// An error of the store. Unless the variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // fields named after what they hold
pub enum StoreError {
    /// The database does not exist.
    #[error("{what} does not exist; {advice} ({location})")]
    Missing {
        what: &'static str,
        location: Location,
        /// What creates it.
        advice: &'static str,
    },
    /// The database could not be opened.
    #[error("cannot open {location}: {reason}")]
    Open { location: Location, reason: String },
    /// The file is no database of this program.
    #[error("{location} is not a {what}: {reason}; configure the right file")]
    Foreign {
        /// Which database was expected.
        what: &'static str,
        location: Location,
        /// What it is instead.
        reason: String,
    },
    /// The schema is newer than this program.
    #[error("{what} {location} has schema version {found}, this cdx supports up to {known}; use a newer cdx")]
    TooNew {
        what: &'static str,
        location: Location,
        found: i64,
        /// The greatest known version.
        known: i64,
    },
    /// The schema is older and may not be migrated here.
    #[error("{what} {location} has schema version {found} and needs {known}; migrate it with cdx process")]
    TooOld { what: &'static str, location: Location, found: i64, known: i64 },
    /// A copy was interrupted.
    #[error("{location} is an unfinished copy of another database; continue it with the same cdx copy")]
    Unfinished { location: Location },
    /// The bundled engine can lose rows.
    #[error(
        "the SQLite in this program is {found}; before {oldest} it can lose rows when two programs share a database"
    )]
    UnsafeEngine { found: String, oldest: &'static str },
    /// SQLite's locks do not hold on this file system.
    #[error(
        "{location} is on a network file system ({kind}), where locks do not hold; move it, or set allow_network_file_system"
    )]
    NetworkFileSystem { location: Location, kind: String },
    /// Another connection held the write lock for longer than the program waits.
    #[error(
        "{location} has been locked by {} for {waited_seconds} s; end that program or try again later",
        .holder.as_deref().unwrap_or("another program")
    )]
    Locked { location: Location, waited_seconds: u64, holder: Option<String> },
    /// The disk is full. The transaction was rolled back.
    #[error("no space left on the disk of {location}; free some space")]
    Full { location: Location },
    /// A foreign program supplied the greatest number, so that none is left. The transaction was
    /// rolled back.
    #[error(
        "{location} has no message_id left: a program inserted the greatest possible one; run cdx process, then let agents post to a \
         new message database"
    )]
    NumbersUsedUp { location: Location },
    /// The query was canceled because its result is no longer needed.
    #[error("the query of {location} was canceled")]
    Interrupted { location: Location },
    /// The database may not be written.
    #[error("{location} is read-only: {reason}")]
    ReadOnly {
        location: Location,
        /// The file or folder at fault, or the server's message.
        reason: String,
    },
    /// Another runner has the lease; the transaction was rolled back.
    #[error(
        "another runner took over the lease after it had expired (fencing token {mine}, now {now}); this run stops"
    )]
    Fenced {
        /// The fencing token of this process.
        mine: i64,
        /// The present fencing token.
        now: i64,
    },
    /// The claim on the batch job was lost; the transaction was rolled back.
    #[error("the batch job of this run was reclaimed, and its end is in the job's history; this run stops")]
    ClaimLost,
    /// Another process moved the cursor; the transaction was rolled back.
    #[error("another process moved the transfer position of head office {location}; this run stops")]
    CursorMoved { location: Location },
    /// The message read last is gone. Messages read since then were not used, and nothing more is
    /// purged.
    #[error("{location} was restored from a backup or replaced during this run; run again to read it from the start")]
    Replaced { location: Location },
    /// The file at the path is another one, or there is none. The transaction was not begun.
    #[error("{location} was moved, removed or replaced while it was open; restart cdx; nothing was written after that")]
    Moved { location: Location },
    /// Another head office is at the location than the one that was read before.
    #[error(
        "this is another head office than the one shown; nothing was changed; open the form again or restart cdx ({location})"
    )]
    OtherHeadOffice { location: Location },
    /// The approval of a change was used, withdrawn or refused while the change was prepared.
    #[error("approval {approval_id} was used or withdrawn meanwhile; repeat the change to request another")]
    ApprovalGone { approval_id: i64 },
    /// The clocks cannot be trusted, so nothing is purged.
    #[error("nothing is purged: {fault}; fix the clock or pass --force")]
    Clock {
        /// The difference that was found.
        fault: crate::domain::ClockFault,
    },
    /// A row has a value that this program never writes.
    #[error("{location} is damaged: {what}; run cdx doctor")]
    Damaged {
        location: Location,
        /// The value.
        what: String,
    },
    /// The write-ahead log beside the file belongs to another database, or the file is damaged.
    /// Nothing was changed.
    #[error(
        "{location} does not fit the write-ahead log beside it ({fault}); if {location} was restored from a backup, {log} and {index} \
         belong to the former database: move them away and run again; otherwise restore a backup"
    )]
    StrayLog {
        location: Location,
        log: String,
        /// The index of the log.
        index: String,
        fault: String,
    },
    /// An error of a file beside the database.
    #[error("cannot {attempted} {path}: {source}")]
    File {
        /// The verb.
        attempted: &'static str,
        path: String,
        source: std::io::Error,
    },
    /// The server cannot be reached, is starting, or accepts no more connections.
    #[error("cannot reach {location}: {reason}; see whether the server runs, then try again")]
    Unreachable { location: Location, reason: String },
    /// The connection was lost. Uncommitted changes are undone; whether a commit in progress
    /// succeeded must be looked up.
    #[error("the connection to {location} was lost: {reason}; what was not committed is undone")]
    Lost { location: Location, reason: String },
    /// The server is a standby, which accepts no changes.
    #[error("{location} is a standby; transfer and purge need its primary")]
    Standby { location: Location },
    /// The login lacks the right.
    #[error("the login at {location} may not do that: {reason}; see the roles in roles.sql")]
    Denied { location: Location, reason: String },
    /// A guardrail or the login's role does not allow the change. Nothing was changed.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Any other error of the server.
    #[error("{location}: {reason}")]
    Server { location: Location, reason: String },
    /// Any other error of SQLite.
    #[error("{location}: {source}")]
    Engine { location: Location, source: rusqlite::Error },
}

impl StoreError {
    /// Whether the query was canceled on purpose.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted { .. })
    }

    /// Whether waiting may resolve it.
    pub fn is_transient(&self) -> bool {
        self.is_lost() || matches!(self, Self::Locked { .. } | Self::Full { .. } | Self::Interrupted { .. })
    }

    /// Whether the server was unreachable or the connection was lost.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Lost { .. })
    }

    /// Whether another connection held the write lock for too long.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }
}
