//! Exit codes, and failures as one sentence.

use crate::config::ConfigError;
use crate::engine::{PostError, ProcessError};
use crate::store::StoreError;
use std::process::ExitCode;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The command succeeded.
    Done,
    /// The command failed.
    Failed,
    /// The command line or the configuration is invalid.
    Usage,
    /// Done, with rejected messages or bad lines.
    Partial,
    /// Another runner holds the lease.
    Held,
    /// Stopped by a signal, after a complete chunk.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Partial => 3,
            Exit::Held => 4,
            Exit::Interrupted => 130,
        })
    }
}

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// A sentence for the operator, and the exit code.
    Message(Exit, String),
    /// The reader of the output closed the pipe, which is no error.
    ReaderGone,
    /// An unexpected error.
    Unforeseen(color_eyre::Report),
}

/// The result of a command.
pub type CommandResult = Result<Exit, Failure>;

impl Failure {
    /// Returns the failure for an invalid command line.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self::Message(Exit::Usage, sentence.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Self::Message(Exit::Failed, format!("cannot write the output: {error}"))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match error {
            StoreError::Fenced { .. } | StoreError::ClaimLost => Exit::Held,
            StoreError::NetworkFileSystem { .. } => Exit::Usage,
            StoreError::Refused(ref refusal) if refusal.is_question() => Exit::Usage,
            _ => Exit::Failed,
        };
        Self::Message(exit, error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Self {
        match error {
            ProcessError::Store(error) => error.into(),
            held @ (ProcessError::Held(_) | ProcessError::ClaimLost) => Self::Message(Exit::Held, held.to_string()),
        }
    }
}

impl From<PostError> for Failure {
    fn from(error: PostError) -> Self {
        Self::Message(Exit::Failed, error.to_string())
    }
}
