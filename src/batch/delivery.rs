//! How alerts are delivered, as configured: mail server, command, webhook, syslog.

use crate::batch::{WebAddress, address_fault};
use lettre::message::Mailbox;
use std::path::PathBuf;

/// The configured delivery channels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryConfig {
    /// The label of the exchange, which distinguishes its alerts from those of others.
    pub label: Option<String>,
    /// The mail server; `None` if none is configured.
    pub smtp: Option<Smtp>,
    /// The operator's own command, run by the shell; `None` if none is configured.
    pub command: Option<String>,
    /// The address that alerts are posted to; `None` if none is configured.
    pub webhook: Option<Webhook>,
    /// The socket of the system log; `None` if alerts are not logged there.
    pub syslog_socket: Option<PathBuf>,
    /// The address that is called after each successful run; `None` if none is configured.
    pub ping: Option<WebAddress>,
    /// Days between two tests of the channels that logins use; 0 for none.
    pub test_days: i64,
}

/// An address that takes alerts as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The address that each alert is posted to.
    pub address: WebAddress,
    /// The file with the bearer token; read again for each alert.
    pub secret_file: Option<PathBuf>,
}

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpSecurity {
    /// Not at all; with a login only for a server on this machine.
    None,
    /// Encrypts by STARTTLS: required with a password, otherwise used if the server offers it.
    #[default]
    StartTls,
    /// Encrypts from the first byte.
    Tls,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: SmtpSecurity,
    /// The sender's address.
    pub from: String,
    /// The user to log in as; `None` sends without a login.
    pub user: Option<String>,
    /// The file with the password; read again for each mail.
    pub password_file: Option<PathBuf>,
}

/// Returns why mail cannot be sent from this sender, worded to follow the address; `None` if it
/// can.
pub fn sender_fault(text: &str) -> Option<String> {
    match text.parse::<Mailbox>() {
        Ok(mailbox) => address_fault(mailbox.email.as_ref()).map(str::to_owned),
        Err(error) => Some(format!("is not an e-mail address: {error}")),
    }
}
