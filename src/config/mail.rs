//! Delivery of alerts: mail server, command, webhook, syslog; and the ping after a good run.

use crate::batch::{
    DeliveryConfig, Smtp, SmtpSecurity, WebAddress, WebAddressError, Webhook, is_this_machine, sender_fault,
};
use crate::config::values::{ValueError, quoted};
use crate::config::{ConfigError, Origin, Setting, Sources};
use std::path::PathBuf;

/// Days between two tests of the delivery channels.
const DEFAULT_TEST_DAYS: u16 = 7;

/// Settings for the delivery of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    host: Setting<Option<String>>,
    port: Setting<u16>,
    security: Setting<SmtpSecurity>,
    from: Setting<String>,
    user: Setting<Option<String>>,
    password_file: Setting<Option<String>>,
    command: Setting<Option<String>>,
    webhook: Setting<Option<WebAddress>>,
    webhook_secret_file: Setting<Option<String>>,
    syslog_socket: Setting<Option<String>>,
    ping: Setting<Option<WebAddress>>,
    test_days: Setting<u16>,
}

impl Mail {
    pub(super) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let text = |key| sources.value(key, None, None, parse_some, || Ok(None));
        let address = |key| sources.value(key, None, None, parse_address, || Ok(None));
        let from = || Ok("cdx@localhost".to_owned());
        let mail = Self {
            host: text("smtp_host")?,
            port: sources.value("smtp_port", None, None, parse_port, || Ok(25))?,
            security: sources.value("smtp_security", None, None, parse_security, || Ok(SmtpSecurity::StartTls))?,
            from: sources.value("smtp_from", None, None, parse_sender, from)?,
            user: text("smtp_user")?,
            password_file: text("smtp_password_file")?,
            command: text("alert_command")?,
            webhook: address("webhook_url")?,
            webhook_secret_file: text("webhook_secret_file")?,
            syslog_socket: text("syslog_socket")?,
            ping: address("ping_url")?,
            test_days: sources.value("alert_test_days", None, None, parse_days, || Ok(DEFAULT_TEST_DAYS))?,
        };
        sources.faults.borrow_mut().extend(mail.sends_password_unencrypted());
        Ok(mail)
    }

    /// Refuses to send a password unencrypted to another machine.
    fn sends_password_unencrypted(&self) -> Option<ConfigError> {
        let host = self.host.value.as_ref().filter(|host| !is_this_machine(host))?;
        let is_sent = self.user.value.is_some() && self.security.value == SmtpSecurity::None;
        let reason = format!(
            "is \"none\", so the password of smtp_user would be sent unencrypted to {}; use \"starttls\" or \"tls\"",
            quoted(host)
        );
        let origin = self.security.origin.to_string();
        is_sent.then_some(ConfigError::Value { origin, key: "smtp_security", reason: ValueError(reason) })
    }

    /// Returns the configured delivery channels.
    pub(super) fn delivery(&self, label: Option<String>) -> DeliveryConfig {
        let smtp = self.host.value.clone().map(|host| Smtp {
            host,
            port: self.port.value,
            security: self.security.value,
            from: self.from.value.clone(),
            user: self.user.value.clone(),
            password_file: self.password_file.value.as_ref().map(PathBuf::from),
        });
        let webhook = self.webhook.value.clone().map(|address| Webhook {
            address,
            secret_file: self.webhook_secret_file.value.as_ref().map(PathBuf::from),
        });
        DeliveryConfig {
            label,
            smtp,
            command: self.command.value.clone(),
            webhook,
            syslog_socket: self.syslog_socket.value.as_ref().map(PathBuf::from),
            ping: self.ping.value.clone(),
            test_days: self.test_days.value.into(),
        }
    }

    /// Returns the keys with value and origin; the values may hold secrets, but no path of an
    /// address.
    pub(super) fn entries(&self) -> Vec<(&'static str, String, Origin)> {
        let text = |key, setting: &Setting<Option<String>>| {
            (key, setting.value.clone().unwrap_or_default(), setting.origin.clone())
        };
        let address = |key, setting: &Setting<Option<WebAddress>>| {
            let shown = setting.value.as_ref().map(|address| format!("{}/***", address.origin()));
            (key, shown.unwrap_or_default(), setting.origin.clone())
        };
        let security = match self.security.value {
            SmtpSecurity::None => "none",
            SmtpSecurity::StartTls => "starttls",
            SmtpSecurity::Tls => "tls",
        };
        vec![
            text("smtp_host", &self.host),
            ("smtp_port", self.port.value.to_string(), self.port.origin.clone()),
            ("smtp_security", security.to_owned(), self.security.origin.clone()),
            ("smtp_from", self.from.value.clone(), self.from.origin.clone()),
            text("smtp_user", &self.user),
            text("smtp_password_file", &self.password_file),
            ("alert_command", program(self.command.value.as_deref()), self.command.origin.clone()),
            address("webhook_url", &self.webhook),
            text("webhook_secret_file", &self.webhook_secret_file),
            text("syslog_socket", &self.syslog_socket),
            address("ping_url", &self.ping),
            ("alert_test_days", self.test_days.value.to_string(), self.test_days.origin.clone()),
        ]
    }
}

/// The program of a command. Its arguments are not shown: each may be a secret.
fn program(command: Option<&str>) -> String {
    let mut words = command.unwrap_or_default().split_ascii_whitespace();
    let program = words.next().unwrap_or_default();
    if words.next().is_some() { format!("{program} ***") } else { program.to_owned() }
}

/// Parses optional text; empty text is `None`.
#[allow(clippy::unnecessary_wraps)] // the signature of all parsers
fn parse_some(text: &str) -> Result<Option<String>, ValueError> {
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// The text is not repeated in the error, because its path may be a secret.
fn parse_address(text: &str) -> Result<Option<WebAddress>, ValueError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: WebAddressError| ValueError(error.to_string()))
}

fn parse_sender(text: &str) -> Result<String, ValueError> {
    sender_fault(text).map_or_else(|| Ok(text.to_owned()), |fault| Err(ValueError(format!("{} {fault}", quoted(text)))))
}

fn parse_port(text: &str) -> Result<u16, ValueError> {
    text.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| ValueError(format!("is {}; it must be a port from 1 to 65535", quoted(text))))
}

fn parse_days(text: &str) -> Result<u16, ValueError> {
    text.parse().ok().filter(|days| *days <= 366).ok_or_else(|| {
        ValueError(format!("is {}; it must be a number of days up to 366, and 0 never tests", quoted(text)))
    })
}

fn parse_security(text: &str) -> Result<SmtpSecurity, ValueError> {
    match text {
        "none" => Ok(SmtpSecurity::None),
        "starttls" => Ok(SmtpSecurity::StartTls),
        "tls" => Ok(SmtpSecurity::Tls),
        _ => Err(ValueError(format!("is {}; it must be none, starttls or tls", quoted(text)))),
    }
}
