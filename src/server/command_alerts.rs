//! Alerts by the operator's own command, run by the shell. Facts are in its environment, never in
//! its text.

use crate::server::delivery_error::DeliveryError;
use crate::store::head_office::Delivery;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The longest time that the command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// The most entries of a list in the environment, which is limited.
const MAX_LISTED: usize = 1_000;
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Runs the command line with the facts in its environment.
pub(super) fn run(line: &str, label: Option<&str>, delivery: &Delivery) -> Result<(), DeliveryError> {
    let number = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
    // The environment cannot hold NUL, which a job's description may contain.
    let clean = |text: &str| crate::domain::clean_block(text);
    let mut child = Command::new("/bin/sh")
        .arg("-c")
        .arg(line)
        .env("CDX_EVENT", delivery.event.map_or("", crate::batch::AlertEvent::word))
        .env("CDX_RULE", delivery.rule.as_deref().unwrap_or(""))
        .env("CDX_LABEL", clean(label.unwrap_or("")))
        .env("CDX_CONDITIONS", listed(&delivery.about.condition_ids))
        .env("CDX_STORES", clean(&listed(&delivery.about.stores)))
        .env("CDX_TEXT", clean(&delivery.text))
        .env("CDX_OPERATOR", clean(&delivery.operator))
        .env("CDX_JOB", number(delivery.job_id))
        .env("CDX_HISTORY", number(delivery.history_id))
        .env("CDX_AT", delivery.at.to_rfc3339())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(DeliveryError::NotStarted)?;
    let until = Instant::now() + COMMAND_TIMEOUT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(DeliveryError::Failed(status)),
            Ok(None) if Instant::now() < until => std::thread::sleep(POLL_INTERVAL),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(DeliveryError::TimedOut { seconds: COMMAND_TIMEOUT.as_secs() });
            }
            Err(error) => return Err(DeliveryError::Wait(error)),
        }
    }
}

/// A list, separated by commas.
fn listed<T: ToString>(all: &[T]) -> String {
    all.iter().take(MAX_LISTED).map(T::to_string).collect::<Vec<_>>().join(",")
}
