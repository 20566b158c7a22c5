//! Alerts to the system log, as RFC 5424 messages to its local socket.

use crate::batch::AlertEvent;
use crate::domain::clean_line;
use crate::server::delivery_error::DeliveryError;
use crate::store::head_office::Delivery;
use std::fmt::Write;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

/// The facility `daemon`.
const DAEMON_FACILITY: u8 = 3;
/// The longest text in characters; a datagram is limited.
const MAX_TEXT_CHARS: usize = 1_500;

/// Sends one alert. `host`: this machine's name.
pub(super) fn send(socket: &Path, host: &str, label: Option<&str>, delivery: &Delivery) -> Result<(), DeliveryError> {
    let sent =
        UnixDatagram::unbound().and_then(|sender| sender.send_to(message(host, label, delivery).as_bytes(), socket));
    sent.map(drop)
        .map_err(|source| DeliveryError::Syslog { socket: clean_line(&socket.to_string_lossy()).into_owned(), source })
}

/// The severity of an event: error, warning or informational.
fn severity(event: Option<AlertEvent>) -> u8 {
    match event {
        Some(AlertEvent::Error) => 3,
        Some(AlertEvent::Canceled | AlertEvent::NotStarted | AlertEvent::RunsLong | AlertEvent::Firing) | None => 4,
        Some(AlertEvent::Ended | AlertEvent::Resolved | AlertEvent::SelfTest) => 6,
    }
}

fn message(host: &str, label: Option<&str>, delivery: &Delivery) -> String {
    let priority = DAEMON_FACILITY * 8 + severity(delivery.event);
    let (at, process) = (delivery.at.to_rfc3339(), std::process::id());
    let event = delivery.event.map_or("-", AlertEvent::word);
    // The header allows printable ASCII without blanks.
    let host: String = host.chars().filter(char::is_ascii_graphic).take(255).collect();
    let host = if host.is_empty() { "-" } else { &host };
    let mut text = format!("<{priority}>1 {at} {host} cdx {process} {event} [cdx@32473");
    let numbers =
        [("job", delivery.job_id), ("history", delivery.history_id), ("delivery", Some(delivery.delivery_id))];
    for (name, number) in numbers.into_iter().filter_map(|(name, number)| Some((name, number?))) {
        // Writing to a string cannot fail.
        let _ = write!(text, " {name}=\"{number}\"");
    }
    let conditions = delivery.about.condition_ids.iter().map(i64::to_string).collect::<Vec<_>>();
    let words = [
        ("rule", delivery.rule.clone().unwrap_or_default()),
        ("conditions", listed(&conditions)),
        ("stores", listed(&delivery.about.stores)),
        ("label", label.unwrap_or_default().to_owned()),
    ];
    for (name, words) in words.iter().filter(|(_, words)| !words.is_empty()) {
        let _ = write!(text, " {name}=\"{}\"", escaped(&words.chars().take(255).collect::<String>()));
    }
    let operator: String = clean_line(&delivery.operator).chars().take(255).collect();
    let _ = write!(text, " operator=\"{}\"] ", escaped(&operator));
    text.extend(clean_line(&delivery.text).chars().take(MAX_TEXT_CHARS));
    text
}

/// As many whole entries as fit 255 characters, separated by commas.
fn listed(all: &[String]) -> String {
    let mut text = String::new();
    for entry in all {
        let entry = clean_line(entry);
        if text.len() + entry.len() > 254 {
            break;
        }
        text = if text.is_empty() { entry.into_owned() } else { format!("{text},{entry}") };
    }
    text
}

/// A value of structured data: quote, backslash and bracket are escaped (RFC 5424, 6.3.3).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::store::head_office::{DeliveryChannel, NoticedConditions};

    #[test]
    fn a_message_has_the_fields_of_rfc_5424_and_one_line_of_text() {
        let delivery = Delivery {
            delivery_id: 7,
            channel: DeliveryChannel::Syslog,
            target: String::new(),
            tries: 1,
            operator: "a\"]b".to_owned(),
            event: Some(AlertEvent::Error),
            rule: None,
            job_id: Some(3),
            history_id: None,
            at: Timestamp(0),
            about: NoticedConditions { condition_ids: vec![4, 9], stores: vec!["S\"1".to_owned()] },
            text: "Batch job 3: error.\n<0>1 forged \u{1b}[31m".to_owned(),
        };
        let text = message("ho st\n", Some("Test"), &delivery);
        let begins =
            format!("<27>1 1970-01-01T00:00:00.000Z host cdx {} error [cdx@32473 job=\"3\"", std::process::id());
        assert!(text.starts_with(&begins), "{text}");
        assert!(text.contains(" delivery=\"7\" conditions=\"4,9\" stores=\"S\\\"1\" label=\"Test\" operator=\"a\\\"\\]b\"] Batch job 3"), "{text}");
        assert!(!text.contains(|c: char| c.is_control()), "{text:?}");
    }
}
