//! What `cdx doctor` says of batch servers and of the jobs that wait for them.

use crate::batch::{BatchServer, BatchStatus, Reason, reasons};
use crate::cli::doctor::Checks;
use crate::cli::exit::Failure;
use crate::domain::Timestamp;
use crate::store::HeadOffice;
use crate::store::head_office::{JobFilter, Way};

/// Jobs looked at; people make them by hand.
const JOBS: i64 = 10_000;
/// How long a due job may find no server before that is a fault, in milliseconds: longer than a restart takes.
const UNSERVED_MS: i64 = 5 * 60_000;

pub(super) fn check(office: &HeadOffice, checks: &mut Checks) -> Result<(), Failure> {
    let world = office.world(office.now()?)?;
    for server in &world.servers {
        let place = format!("process {} on {}", server.process_id, server.host);
        let name = &server.name;
        match (server.is_alive(), server.stopped_at) {
            (true, _) => checks.ok("batch server", format!("{name} runs, {place}, executes {}", server.executing)),
            (false, Some(at)) => checks.warn("batch server", format!("{name} was stopped {}", at.to_rfc3339())),
            (false, None) => checks.warn(
                "batch server",
                format!(
                    "{name} is silent since {}, {place}: dead, stopped or cut off",
                    server.heartbeat_at.to_rfc3339()
                ),
            ),
        }
    }
    let jobs = office.jobs(&JobFilter { interactive: true, ..JobFilter::default() }, JOBS)?;
    if world.servers.is_empty() && !jobs.is_empty() {
        checks.warn("batch server", "none has ever run here; cdx batch-server starts one");
    }
    for job in jobs {
        if let Some(next) = job.skipped_by_clock(world.now) {
            let (job_id, name) = (job.job_id, &job.settings.description);
            let why =
                "head office's clock was ahead when it ran last, and it waits until then; withhold and release it";
            checks.warn("batch job", format!("{job_id} {name} makes no start from {} on: {why}", next.to_rfc3339()));
        }
        let is_late = job.due().is_some_and(|due| due < world.now);
        if !is_late || !matches!(job.status, BatchStatus::Waiting | BatchStatus::Withhold) || job.settings.private {
            continue;
        }
        let time = |at: Timestamp| format!("{} UTC", at.to_table());
        if let Some(reason) = reasons(&job, &world).into_iter().find(|reason| !reason.holds()) {
            let (job_id, name) = (job.job_id, &job.settings.description);
            let text = format!("{job_id} {name} is due and does not run: {}", reason.text(&time));
            let waits = job.due().map_or(0, |due| world.now.since(due));
            // Nothing will change by itself, and nobody is there to tell.
            if matches!(reason, Reason::Unserved(..)) && waits > UNSERVED_MS {
                checks.fail("batch job", text);
            } else {
                checks.warn("batch job", text);
            }
        }
    }
    if !world.servers.iter().any(BatchServer::is_alive) && office.has_overdue(world.now)? {
        checks
            .fail("alerts", "somebody is to be told of a start that does not come, and no batch server lives to do it");
    }
    for way in [Way::Email, Way::Command] {
        if let Some(fault) = office.last_delivery(way)?.fault {
            checks.warn("alerts", format!("the last one by {} did not arrive: {fault}", way.word()));
        }
    }
    Ok(())
}
