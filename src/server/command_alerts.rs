//! Alerts by the operator's own command, run by the shell. Facts are in its environment, never in
//! its text.

use crate::server::delivery_error::DeliveryError;
use crate::store::head_office::Delivery;
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The longest time that the command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// The most entries of a list in the environment, which is limited.
const MAX_LISTED: usize = 1_000;
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Runs the command line with the facts in its environment.
pub(super) fn run(line: &str, label: Option<&str>, delivery: &Delivery) -> Result<(), DeliveryError> {
    run_within(COMMAND_TIMEOUT, line, label, delivery)
}

fn run_within(timeout: Duration, line: &str, label: Option<&str>, delivery: &Delivery) -> Result<(), DeliveryError> {
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
        // With all its children, so that a timeout ends them, too.
        .process_group(0)
        .spawn()
        .map_err(DeliveryError::NotStarted)?;
    let until = Instant::now() + timeout;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(DeliveryError::Failed(status)),
            Ok(None) if Instant::now() < until => std::thread::sleep(POLL_INTERVAL),
            Ok(None) => {
                let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
                let _ = child.wait();
                return Err(DeliveryError::TimedOut { seconds: timeout.as_secs() });
            }
            Err(error) => return Err(DeliveryError::Wait(error)),
        }
    }
}

/// A list, separated by commas.
fn listed<T: ToString>(all: &[T]) -> String {
    all.iter().take(MAX_LISTED).map(T::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::store::head_office::{DeliveryChannel, NoticedConditions};
    use std::fs::File;

    #[test]
    fn a_command_that_takes_too_long_is_ended_with_its_children() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
        let file = pipe.clone();
        // Its end is read when no process has it open for writing any more.
        let reader = std::thread::spawn(move || std::fs::read(file));
        let delivery = Delivery {
            delivery_id: 1,
            channel: DeliveryChannel::Command,
            target: String::new(),
            tries: 1,
            operator: String::new(),
            event: None,
            rule: None,
            job_id: None,
            history_id: None,
            at: Timestamp(0),
            text: String::new(),
            about: NoticedConditions::default(),
        };
        let line = format!("sleep 4321 > {} & wait; true", pipe.display());
        let ended = run_within(Duration::from_secs(2), &line, None, &delivery);
        assert!(matches!(ended, Err(DeliveryError::TimedOut { .. })), "{ended:?}");
        // Ends the reader if the child had not opened the pipe yet.
        drop(File::options().read(true).write(true).open(&pipe).expect("it opens"));
        assert!(reader.join().expect("it reads").expect("it can be read").is_empty());
    }
}
