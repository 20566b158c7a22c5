//! Why an alert was not delivered.

use std::process::ExitStatus;

/// Why an alert was not delivered. The text may hold text from outside.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the sentences name the fields
pub enum DeliveryError {
    /// An address of the mail cannot be read.
    #[error("{what} {text} is not an e-mail address: {source}")]
    Address {
        /// Whose address it is, in words.
        what: &'static str,
        /// The address, cleaned.
        text: String,
        source: lettre::address::AddressError,
    },
    /// The mail could not be composed.
    #[error("the mail could not be written: {0}")]
    Compose(#[from] lettre::error::Error),
    /// TLS could not be set up.
    #[error("TLS cannot be prepared for {host}: {source}")]
    Tls { host: String, source: lettre::transport::smtp::Error },
    /// The password file could not be read.
    #[error("the file smtp_password_file cannot be read: {0}")]
    PasswordFile(std::io::Error),
    /// The mail server refused the mail or did not answer.
    #[error("{host}:{port} did not take the mail: {source}")]
    Refused { host: String, port: u16, source: lettre::transport::smtp::Error },
    /// The file with the token of the webhook could not be read.
    #[error("the file webhook_secret_file cannot be read: {0}")]
    SecretFile(std::io::Error),
    /// The web server answered with a status other than success.
    #[error("{host} answered with status {status}")]
    Status { host: String, status: u16 },
    /// The web server could not be reached or did not answer.
    #[error("{host} did not answer: {why}")]
    Unanswered { host: String, why: String },
    /// The system log does not take messages.
    #[error("the system log at {socket} did not take the message: {source}")]
    Syslog { socket: String, source: std::io::Error },
    /// The command could not be started.
    #[error("the alert command could not be started: {0}")]
    NotStarted(std::io::Error),
    /// The command failed.
    #[error("the alert command failed: {0}")]
    Failed(ExitStatus),
    /// The command was killed because it took too long.
    #[error("the alert command took longer than {seconds} s and was ended")]
    TimedOut { seconds: u64 },
    /// Waiting for the command failed.
    #[error("the alert command could not be waited for: {0}")]
    Wait(std::io::Error),
}
