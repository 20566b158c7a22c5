//! What a session is opened for.

/// What a session is set up for.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Settings {
    /// Whether a commit survives a power cut of the server, or only a crash of the program.
    pub(in crate::store) durable: bool,
    /// Whether the server refuses every change.
    pub(in crate::store) read_only: bool,
    /// The table whose one row every writer takes first, so that writers follow one another as in SQLite; `None`: they need not.
    pub(in crate::store) one_writer: Option<&'static str>,
}
