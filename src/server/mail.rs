//! Alerts by e-mail through SMTP.

use crate::batch::{Smtp, SmtpSecurity};
use crate::domain::{clean_block, clean_line};
use crate::server::certificate_fault::certificate_fault;
use crate::server::delivery_error::DeliveryError;
use crate::store::head_office::Delivery;
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use std::time::Duration;

/// The longest time that the mail server may take to answer.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// Sends one mail.
pub(super) fn send(smtp: &Smtp, label: Option<&str>, delivery: &Delivery) -> Result<(), DeliveryError> {
    let mailbox = |what: &'static str, text: &str| {
        let parsed: Result<Mailbox, _> = text.parse();
        parsed.map_err(|source| DeliveryError::Address { what, text: clean_line(text).into_owned(), source })
    };
    let text = clean_block(&delivery.text);
    let label = label.map_or_else(String::new, |label| format!(" {}", clean_line(label)));
    let message = Message::builder()
        .from(mailbox("smtp_from", &smtp.from)?)
        .to(mailbox("the recipient", &delivery.target)?)
        .subject(format!("cdx{label}: {}", clean_line(&first_words(&delivery.text))))
        .message_id(Some(message_id(smtp, delivery)))
        .date_now()
        .singlepart(SinglePart::plain(format!(
            "{text}\n\nAt {}, for {}.\n",
            delivery.at.to_rfc3339(),
            clean_line(&delivery.operator)
        )))?;
    let answer = transport(smtp)?.send(&message);
    answer.map(drop).map_err(|source| {
        let host = clean_line(&smtp.host).into_owned();
        match certificate_fault(&source) {
            Some(why) => DeliveryError::Unanswered { host, why },
            None => DeliveryError::Refused { host, port: smtp.port, source },
        }
    })
}

fn transport(smtp: &Smtp) -> Result<SmtpTransport, DeliveryError> {
    let secure = |make: fn(TlsParameters) -> Tls| {
        let parameters = TlsParameters::new(smtp.host.clone());
        parameters.map(make).map_err(|source| DeliveryError::Tls { host: clean_line(&smtp.host).into_owned(), source })
    };
    let tls = match smtp.security {
        SmtpSecurity::None => Tls::None,
        // An attacker in between could remove the offer of TLS and read the password.
        SmtpSecurity::StartTls if smtp.user.is_some() => secure(Tls::Required)?,
        SmtpSecurity::StartTls => secure(Tls::Opportunistic)?,
        SmtpSecurity::Tls => secure(Tls::Wrapper)?,
    };
    let mut builder = SmtpTransport::builder_dangerous(&smtp.host).port(smtp.port).tls(tls).timeout(Some(SEND_TIMEOUT));
    if let Some(user) = &smtp.user {
        let password = match &smtp.password_file {
            Some(path) => std::fs::read_to_string(path).map_err(DeliveryError::PasswordFile)?,
            None => String::new(),
        };
        builder = builder.credentials(Credentials::new(user.clone(), password.trim_end().to_owned()));
    }
    Ok(builder.build())
}

/// Returns the Message-ID, which is equal for each try of a delivery, so that a repeated mail is
/// recognized.
fn message_id(smtp: &Smtp, delivery: &Delivery) -> String {
    let domain = smtp.from.trim_end_matches('>').rsplit_once('@').map_or("cdx.invalid", |(_, domain)| domain);
    format!("<cdx.{}.{}@{domain}>", delivery.delivery_id, delivery.at.0)
}

/// The first line of the text, shortened for a subject.
pub(super) fn first_words(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut words: String = line.chars().take(120).collect();
    if words.len() < line.len() {
        words.push('…');
    }
    words
}
