//! How alerts are delivered: the mail server and the operator's own command, as configured.

use crate::batch::address_fault;
use lettre::message::Mailbox;
use std::path::PathBuf;

/// The configured ways of delivery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryConfig {
    /// The mail server; `None` if none is configured.
    pub smtp: Option<Smtp>,
    /// The operator's own command, run by the shell; `None` if none is configured.
    pub command: Option<String>,
}

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpSecurity {
    /// Not at all; for a server on this machine.
    None,
    /// By STARTTLS: required with a password, otherwise used if the server offers it.
    #[default]
    StartTls,
    /// From the first byte.
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
