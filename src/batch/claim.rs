//! The claim under which a batch job executes.

use crate::domain::Timestamp;

/// A process's exclusive right to run one batch job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The process that holds it.
    pub holder: ClaimHolder,
    /// Grows with every claim; writes under the claim check it.
    pub fencing_token: i64,
    /// When it was made.
    pub since: Timestamp,
    /// Its row of the batch job history.
    pub history_id: i64,
    /// The run, once it has begun.
    pub run_id: Option<i64>,
}

/// A batch job that is executing, and the claim on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub struct JobClaim {
    pub job_id: i64,
    pub claim: Claim,
}

/// A process that executes a batch job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimHolder {
    /// A batch server.
    BatchServer {
        /// The server's name.
        name: String,
        /// Identifies one process of that server; a restart gets a new one.
        incarnation: String,
    },
    /// A console that executes a private job. Only its run's lease shows whether it is running.
    Console {
        /// The operator's login.
        login: String,
        /// Identifies one execution.
        incarnation: String,
    },
}

impl ClaimHolder {
    /// A process of a batch server.
    pub fn batch_server(name: &str, incarnation: &str) -> Self {
        Self::BatchServer { name: name.to_owned(), incarnation: incarnation.to_owned() }
    }

    /// An execution in the console of a login.
    pub fn console(login: &str, incarnation: &impl std::fmt::Display) -> Self {
        Self::Console { login: login.to_owned(), incarnation: incarnation.to_string() }
    }

    /// Its name in the journal: `batch server NAME`, or the login.
    pub fn actor(&self) -> String {
        match self {
            Self::BatchServer { name, .. } => format!("batch server {name}"),
            Self::Console { login, .. } => login.clone(),
        }
    }

    /// Its name as lists show it: the batch server's, or `console of LOGIN`.
    pub fn name(&self) -> String {
        match self {
            Self::BatchServer { name, .. } => name.clone(),
            Self::Console { login, .. } => format!("console of {login}"),
        }
    }

    /// The login of the console's operator; `None` for a batch server.
    pub fn login(&self) -> Option<&str> {
        match self {
            Self::BatchServer { .. } => None,
            Self::Console { login, .. } => Some(login),
        }
    }

    /// What identifies the process or the execution.
    pub fn incarnation(&self) -> &str {
        match self {
            Self::BatchServer { incarnation, .. } | Self::Console { incarnation, .. } => incarnation,
        }
    }

    /// Whether the holder is a process of this batch server.
    pub fn is_of_server(&self, server: &str) -> bool {
        matches!(self, Self::BatchServer { name, .. } if name == server)
    }

    /// Whether the holder is exactly this process.
    pub fn is_process(&self, server: &str, process: &str) -> bool {
        matches!(self, Self::BatchServer { name, incarnation } if name == server && incarnation == process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_a_process_of_a_batch_server_or_a_console() {
        let server = ClaimHolder::batch_server("hq", "17");
        let console = ClaimHolder::console("r.vermeer", &"18");
        let names = |holder: &ClaimHolder| (holder.actor(), holder.name(), holder.incarnation().to_owned());
        assert_eq!(names(&server), ("batch server hq".to_owned(), "hq".to_owned(), "17".to_owned()));
        assert_eq!(names(&console), ("r.vermeer".to_owned(), "console of r.vermeer".to_owned(), "18".to_owned()));
        assert_eq!((server.login(), console.login()), (None, Some("r.vermeer")));
        assert!(server.is_of_server("hq") && !server.is_of_server("hq2") && !console.is_of_server("r.vermeer"));
        assert!(server.is_process("hq", "17") && !server.is_process("hq", "18") && !server.is_process("hq2", "17"));
    }
}
