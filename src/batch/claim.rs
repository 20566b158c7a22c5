//! The claim under which a batch job executes.

use crate::domain::Timestamp;

/// The claim on a job that is executing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The process that holds it.
    pub holder: ClaimHolder,
    /// Grows with every claim; writes under the claim check it.
    pub fencing_token: i64,
    /// When it was made.
    pub since: Timestamp,
    /// Its row of the history.
    pub history_id: i64,
    /// The run, once it has begun.
    pub run_id: Option<i64>,
}

/// A batch job that is executing, and the claim on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobClaim {
    /// The job.
    pub job_id: i64,
    /// The claim.
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

/// How the stored name and incarnation of a console begin; a batch server's incarnation is a UUID.
const CONSOLE_NAME: &str = "console of ";
const CONSOLE_INCARNATION: &str = "console ";

impl ClaimHolder {
    /// A process of a batch server.
    pub fn batch_server(name: &str, incarnation: &str) -> Self {
        Self::BatchServer { name: name.to_owned(), incarnation: incarnation.to_owned() }
    }

    /// An execution in the console of a login.
    pub fn console(login: &str, incarnation: &impl std::fmt::Display) -> Self {
        Self::Console { login: login.to_owned(), incarnation: incarnation.to_string() }
    }

    /// The actor of its changes, as the journal names it: `batch server NAME`, or the login.
    pub fn actor(&self) -> String {
        match self {
            Self::BatchServer { name, .. } => format!("batch server {name}"),
            Self::Console { login, .. } => login.clone(),
        }
    }

    /// Decodes the two stored texts.
    pub fn from_stored(name: String, incarnation: String) -> Self {
        match (name.strip_prefix(CONSOLE_NAME), incarnation.strip_prefix(CONSOLE_INCARNATION)) {
            (Some(login), Some(incarnation)) => {
                Self::Console { login: login.to_owned(), incarnation: incarnation.to_owned() }
            }
            _ => Self::BatchServer { name, incarnation },
        }
    }

    /// Returns its name as stored and shown: the batch server's, or `console of LOGIN`.
    pub fn name(&self) -> String {
        match self {
            Self::BatchServer { name, .. } => name.clone(),
            Self::Console { login, .. } => format!("{CONSOLE_NAME}{login}"),
        }
    }

    /// Returns the incarnation as stored.
    pub fn stored_incarnation(&self) -> String {
        match self {
            Self::BatchServer { incarnation, .. } => incarnation.clone(),
            Self::Console { incarnation, .. } => format!("{CONSOLE_INCARNATION}{incarnation}"),
        }
    }

    /// Whether this is a process of that batch server.
    pub fn is_server(&self, server: &str) -> bool {
        matches!(self, Self::BatchServer { name, .. } if name == server)
    }

    /// Whether this is that process of that batch server.
    pub fn is_process_of(&self, server: &str, process: &str) -> bool {
        matches!(self, Self::BatchServer { name, incarnation } if name == server && incarnation == process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_reads_as_it_is_stored() {
        for holder in [
            ClaimHolder::batch_server("aos-1", "5f3e"),
            ClaimHolder::batch_server("console of doom", "5f3e"),
            ClaimHolder::console("r.vermeer", &"5f3e"),
        ] {
            assert_eq!(ClaimHolder::from_stored(holder.name(), holder.stored_incarnation()), holder);
        }
    }
}
