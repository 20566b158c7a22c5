//! The settings of a connection to a server.

/// The settings of a connection.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Settings {
    /// Whether a commit survives a power cut of the server, or only a crash of the program.
    pub(in crate::store) durable: bool,
    /// Whether the server refuses every change.
    pub(in crate::store) read_only: bool,
    /// The table whose row every writer locks first, so that writers take turns as in SQLite;
    /// `None` if they need not.
    pub(in crate::store) writer_lock_table: Option<&'static str>,
}
