//! What can go wrong with a database, each with its object and what to do.

use crate::store::Location;

/// A failure of the store. Unless the variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not there.
    #[error("{what} {location} does not exist; {advice}")]
    Missing {
        /// Which database.
        what: &'static str,
        /// Where it was looked for.
        location: Location,
        /// What creates it.
        advice: &'static str,
    },
    /// The file could not be opened at all.
    #[error("cannot open {location}: {reason}")]
    Open {
        /// Which one.
        location: Location,
        /// What the system said.
        reason: String,
    },
    /// The file is a database of something else.
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
        /// The greatest version understood.
        known: i64,
    },
    /// The schema is older and may not be migrated now.
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
    /// A copy was broken off.
    #[error("{location} is a copy of another database that is not finished; let the same cdx copy go on with it")]
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
        "{location} lies on a network file system ({kind}), where locks do not hold; move it, or set allow_network_file_system"
    )]
    NetworkFileSystem {
        /// Which file.
        location: Location,
        /// The file system.
        kind: String,
    },
    /// Somebody else kept the write lock for longer than the program waits.
    #[error(
        "{location} is locked by {} and stayed so for {waited_seconds} s; see what holds it, then try again",
        .holder.as_deref().unwrap_or("another program")
    )]
    Locked {
        /// Which file.
        location: Location,
        /// How long was waited.
        waited_seconds: u64,
        /// Who holds it, where that can be told.
        holder: Option<String>,
    },
    /// No room. The transaction was rolled back.
    #[error("no space left on the disk of {location}; free some space, then run again: it continues where it stopped")]
    Full {
        /// Which file.
        location: Location,
    },
    /// A foreign program supplied the greatest number there is, and none is left. The transaction was rolled back.
    #[error(
        "{location} has no message_id left to give: a program supplied the greatest one; run cdx process, then let agents post to a new \
         message database"
    )]
    NumbersUsedUp {
        /// Which message database.
        location: Location,
    },
    /// The question was broken off because nobody waits for its answer any more.
    #[error("the question to {location} was broken off")]
    Interrupted {
        /// Which file.
        location: Location,
    },
    /// The database may not be written.
    #[error("{location} is read-only: {reason}")]
    ReadOnly {
        /// Which file.
        location: Location,
        /// Which file or folder is at fault, or what the server said.
        reason: String,
    },
    /// The claim to be the one runner is gone; the transaction was rolled back.
    #[error(
        "the lease was taken over (fencing number {mine} is now {now}) while this process stood still; it stops here"
    )]
    Fenced {
        /// The number this process held.
        mine: i64,
        /// The number in force.
        now: i64,
    },
    /// The claim on the batch job is gone, and with it the reason to run; the transaction was rolled back.
    #[error("the batch job of this run was taken from it, and its end is in the job's history; it stops here")]
    JobTaken,
    /// Somebody else moved the cursor; the transaction was rolled back.
    #[error("another process moved the transfer position of head office {location}; this one stops here")]
    CursorMoved {
        /// Which head office.
        location: Location,
    },
    /// What was read last is no longer there. What was read since then was not used, and nothing more is purged.
    #[error("{location} was restored from a backup or exchanged during this run; run again: it is then read anew")]
    Replaced {
        /// Which message database.
        location: Location,
    },
    /// Another file, or none, is at the path of the one that is open. The transaction was not begun.
    #[error("{location} was moved, removed or replaced while it was open; start again: nothing more was written to it")]
    Moved {
        /// Which file.
        location: Location,
    },
    /// No date can be trusted, so nothing is purged by date.
    #[error("nothing is purged: {fault}; mend the clock, or say --force")]
    Clock {
        /// What is wrong with the clocks.
        fault: crate::domain::ClockFault,
    },
    /// A row holds what this program never writes.
    #[error("{location} holds {what}, which no version of this program writes; run cdx doctor")]
    Damaged {
        /// Which file.
        location: Location,
        /// What was found.
        what: String,
    },
    /// The write-ahead log beside the file is another database's, or the file is damaged with it. Nothing was changed.
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
        /// What shows it.
        fault: String,
    },
    /// Files beside the database.
    #[error("cannot {attempted} {path}: {source}")]
    File {
        /// The verb.
        attempted: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server cannot be reached, is just starting, or lets nobody else in.
    #[error("cannot reach {location}: {reason}; see whether the server runs, then try again")]
    Unreachable {
        /// Which database.
        location: Location,
        /// What the line said.
        reason: String,
    },
    /// The connection was lost. What was not committed is undone; whether a commit that was under way came to pass must be looked up.
    #[error("the connection to {location} was lost: {reason}; what was not committed is undone")]
    Lost {
        /// Which database.
        location: Location,
        /// What the line said.
        reason: String,
    },
    /// The server repeats another one and takes no changes.
    #[error("{location} is a standby, which repeats another server; transfer and purge need that other one")]
    Standby {
        /// Which database.
        location: Location,
    },
    /// The login has not the right.
    #[error("the login at {location} may not do that: {reason}; see the roles in roles.sql")]
    Denied {
        /// Which database.
        location: Location,
        /// What the server said.
        reason: String,
    },
    /// Anything else the server reports.
    #[error("{location}: {reason}")]
    Server {
        /// Which database.
        location: Location,
        /// What the server said.
        reason: String,
    },
    /// Anything else the engine reports.
    #[error("{location}: {source}")]
    Engine {
        /// Which file.
        location: Location,
        /// What the engine said.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Whether somebody broke the question off on purpose.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted { .. })
    }

    /// Whether it may pass by itself, so that a program that runs for long waits and tries again.
    pub fn may_pass(&self) -> bool {
        self.is_lost() || matches!(self, Self::Locked { .. } | Self::Full { .. } | Self::Interrupted { .. })
    }

    /// Whether the server was not there: unreachable, or gone in the middle.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Lost { .. })
    }

    /// Whether trying again later, unchanged, can succeed.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }
}
