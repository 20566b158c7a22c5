//! `cdx batch submit`: submits Process status messages as a batch job.

use crate::batch::{
    AfterError, JobSettings, MAX_DESCRIPTION_CHARS, MISSED_AFTER_MS, Missed, SaveHistory, Task, duplicate_warning,
};
use crate::cli::args::SubmitArgs;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::print_json;
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::domain::Timestamp;
use crate::recurrence::Rule;
use crate::store::Access;
use crate::store::head_office::JobFilter;

/// Maximum number of jobs searched for one that does the same.
const MAX_JOBS: i64 = 10_000;

/// Submits the job and prints its number and first start.
pub fn run(context: &Context, args: &SubmitArgs) -> CommandResult {
    context.refuse_if_read_only("batch submit")?;
    let settings = settings(args)?;
    let office = context.head_office_to_change(Access::Create)?;
    let alike = duplicate_warning(&settings, &office.jobs(&JobFilter::default(), MAX_JOBS)?, "");
    let job_id = office.submit_job(&settings, &operator()).map_err(crate::cli::batch::refusal_failure)?;
    if let Some(alike) = alike {
        print_message(&format!("note: batch {alike}"));
    }
    let job = office.job(job_id)?;
    if let (true, Some(job)) = (args.json, &job) {
        print_json(&job)?;
        return Ok(Exit::Done);
    }
    let first = job.and_then(|job| job.next_start).unwrap_or(settings.first_start);
    let often = settings.recurrence.as_ref().map_or_else(String::new, |rule| format!(", {}", rule.words_with_end()));
    print_message(&format!("batch job {job_id} submitted, first start {}{often}", first.in_utc()));
    let now = office.now()?;
    if now.since(first) > MISSED_AFTER_MS {
        let then = if settings.missed == Missed::Skip && settings.recurrence.is_some() {
            "it is skipped"
        } else {
            "it runs as soon as a batch server takes it"
        };
        print_message(&format!("note: that start has passed; {then}"));
    }
    let scheduling = office.scheduling_state(now)?;
    if !settings.private
        && !scheduling.servers.iter().any(|server| server.is_alive() && server.serves(&settings.batch_group))
    {
        print_message("no running batch server serves its group; start one with cdx batch-server");
    }
    Ok(Exit::Done)
}

fn settings(args: &SubmitArgs) -> Result<JobSettings, Failure> {
    let now = SystemClock.now();
    let first_start = match &args.start {
        Some(text) => Timestamp::parse_rfc3339(text).map_err(|error| Failure::usage(format!("--start: {error}")))?,
        None => now,
    };
    let description = args.description.trim();
    if description.is_empty() || description.chars().count() > MAX_DESCRIPTION_CHARS {
        return Err(Failure::usage(format!("--description must be 1 to {MAX_DESCRIPTION_CHARS} characters long")));
    }
    let word = |flag: &str, text: &str, known: &str| {
        let shown: String = text.chars().take(40).collect();
        Failure::usage(format!("{flag} {shown:?} is invalid; use {known}"))
    };
    Ok(JobSettings {
        description: description.to_owned(),
        batch_group: args.group.clone(),
        private: args.private,
        task: Task { transfer: !args.no_transfer, purge: !args.no_purge },
        recurrence: recurrence(args, now, first_start)?,
        first_start,
        max_retries: args.retries,
        retry_pause_ms: args.retry_pause,
        after_error: AfterError::from_word(&args.after_error)
            .ok_or_else(|| word("--after-error", &args.after_error, "go_on or stop"))?,
        missed: Missed::from_word(&args.missed).ok_or_else(|| word("--missed", &args.missed, "run_once or skip"))?,
        save_history: SaveHistory::from_word(&args.history)
            .ok_or_else(|| word("--history", &args.history, "always, errors_only or never"))?,
    })
}

fn recurrence(args: &SubmitArgs, now: Timestamp, first_start: Timestamp) -> Result<Option<Rule>, Failure> {
    if let Some(words) = &args.recurrence {
        let start = args.start.as_ref().map(|_| first_start);
        return crate::cli::recurrence::from_words(words, args.zone.as_deref(), now, start).map(Some);
    }
    args.rule.as_deref().map(crate::cli::recurrence::read).transpose()
}
