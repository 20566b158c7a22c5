//! Checks of `cdx doctor`: batch servers, due jobs and alerts.

use crate::batch::{BatchServer, BatchStatus, Reason, reasons};
use crate::cli::doctor::Checks;
use crate::cli::exit::Failure;
use crate::domain::{MINUTE_MS, Timestamp, grouped};
use crate::engine::delivery_fault;
use crate::store::HeadOffice;
use crate::store::head_office::{DeliveryChannel, JobFilter};

/// Maximum number of jobs checked.
const MAX_JOBS: i64 = 10_000;
/// Milliseconds a due job may be without a server before the check fails: longer than a restart
/// takes.
const UNSERVED_AFTER_MS: i64 = 5 * MINUTE_MS;

pub(super) fn check(office: &HeadOffice, checks: &mut Checks) -> Result<(), Failure> {
    let scheduling = office.scheduling_state(office.now()?)?;
    for server in &scheduling.servers {
        let place = format!("process {} on {}", server.process_id, server.host);
        let name = &server.name;
        match (server.is_alive(), server.stopped_at) {
            (true, _) => {
                checks.ok("batch server", format!("{name} is running ({place}), executing {}", server.executing));
            }
            (false, Some(at)) => checks.warn("batch server", format!("{name} was stopped {}", at.to_rfc3339())),
            (false, None) => checks.warn(
                "batch server",
                format!(
                    "{name} has sent no heartbeat since {} ({place}): crashed, suspended or disconnected",
                    server.heartbeat_at.to_rfc3339()
                ),
            ),
        }
    }
    let jobs = office.jobs(&JobFilter { interactive: true, ..JobFilter::default() }, MAX_JOBS)?;
    if scheduling.servers.is_empty() && !jobs.is_empty() {
        checks.warn("batch server", "none has ever run here; start one with cdx batch-server");
    }
    for job in jobs {
        if let Some(next) = job.skipped_by_clock(scheduling.now) {
            let why = "head office's clock was ahead at its last run; withhold and release the job";
            checks.warn("batch job", format!("{} has no start before {}: {why}", job.name(), next.to_rfc3339()));
        }
        let is_late = job.due().is_some_and(|due| due < scheduling.now);
        if !is_late || !matches!(job.status, BatchStatus::Waiting | BatchStatus::Withhold) || job.settings.private {
            continue;
        }
        if let Some(reason) = reasons(&job, &scheduling).into_iter().find(|reason| !reason.holds()) {
            let text = format!("{} is due and not running: {}", job.name(), reason.text(&Timestamp::in_utc));
            let waits = job.due().map_or(0, |due| scheduling.now.since(due));
            // Without a server nothing starts the job and nothing sends alerts.
            if matches!(reason, Reason::Unserved { .. }) && waits > UNSERVED_AFTER_MS {
                checks.fail("batch job", text);
            } else {
                checks.warn("batch job", text);
            }
        }
    }
    if !scheduling.servers.iter().any(BatchServer::is_alive) && office.has_overdue(scheduling.now)? {
        checks.fail("alerts", "an alert about an overdue start is due, but no batch server is running to send it");
    }
    if let Some(held) = office.held_purge()? {
        checks.warn("purge", format!("held since {}: {}", held.since.to_rfc3339(), held.why));
    }
    for channel in DeliveryChannel::ALL {
        let (last, word) = (office.last_delivery(channel)?, channel.word());
        if let Some(fault) = last.fault {
            let fault = delivery_fault(channel, &fault, Timestamp::in_utc);
            checks.warn("alerts", format!("alerts by {word} are not delivered: {fault}"));
        } else if let Some(at) = last.arrived_at {
            checks.ok("alerts", format!("the last alert by {word} was delivered {}", at.to_rfc3339()));
        }
    }
    rules(office, scheduling.now, checks)
}

/// Checks whether alert rules are checked, and what they found.
fn rules(office: &HeadOffice, now: Timestamp, checks: &mut Checks) -> Result<(), Failure> {
    let Some(at) = office.rules_checked_at()? else { return Ok(()) };
    if now.since(at) > UNSERVED_AFTER_MS {
        let text = format!("last checked {}: no batch server checks them", at.to_rfc3339());
        checks.warn("alert rules", text);
    }
    let firing = office.firing_conditions(1)?;
    let total = office.count_firing()?.into_iter().map(|(_, count)| count).sum::<i64>();
    match firing.first() {
        None => checks.ok("alert rules", format!("none fires; last checked {}", at.to_rfc3339())),
        Some(newest) => {
            let text = format!("{} firing, such as: {}; cdx alerts lists them", grouped(total), newest.text);
            checks.warn("alert rules", text);
        }
    }
    Ok(())
}
