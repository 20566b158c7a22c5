//! `cdx process`: runs Process status messages once, or previews a run.

use crate::cancel::Cancel;
use crate::cli::args::ProcessArgs;
use crate::cli::context::{Context, host, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::print_json;
use crate::cli::progress::ProgressView;
use crate::cli::signals;
use crate::cli::terminal::print_message;
use crate::clock::SystemClock;
use crate::domain::{Expired, Outcome, Run, Timestamp, Trigger, counted, to_json};
use crate::engine::{self, Preview, ProcessOptions};
use crate::guard::Role;
use crate::server::ping;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io::Write;

/// Runs the job, or with `--dry-run` prints what a run would do.
pub fn run(context: &Context, args: &ProcessArgs) -> CommandResult {
    if args.dry_run {
        return dry_run(context, args);
    }
    context.refuse_if_read_only("process")?;
    if let Some(number) = args.preview
        && context.head_office_to_read()?.purge_preview(number)?.is_none()
    {
        let text = format!("preview {number} does not exist or has expired; cdx process --dry-run makes one");
        return Err(Failure::Message(Exit::Failed, text));
    }
    let cancel = Cancel::new();
    signals::watch(&cancel).map_err(crate::cli::exit::Failure::Unforeseen)?;
    let options = ProcessOptions {
        transfer: !args.no_transfer,
        purge: !args.no_purge,
        confirm_purge: args.confirm_purge,
        preview: args.preview,
        force: args.force,
        ..ProcessOptions::new(Trigger::Command, operator(), host())
    };
    let view = ProgressView::new();
    let run = engine::process(&context.databases(), &options, &SystemClock, &cancel, &view);
    view.finish();
    let run = run?;
    if args.json {
        print_json(&run)?;
    } else {
        writeln!(std::io::stdout(), "{}", run.summary())?;
    }
    if let Some(error) = &run.error {
        print_message(&format!("cdx: {error}"));
    }
    let is_good = run.outcome == Some(Outcome::Ended) && !run.purge_held;
    if let Some(address) = context.config.delivery().ping.filter(|_| is_good)
        && let Err(error) = ping(&address)
    {
        print_message(&format!("note: the ping to {} failed: {error}", address.origin()));
    }
    // The operator asked for this purge, so that nothing was purged is a failure.
    if run.purge_held && args.confirm_purge.is_some() && run.outcome == Some(Outcome::Ended) {
        return Ok(Exit::Failed);
    }
    Ok(exit(&run))
}

/// Returns the exit code of a run.
pub fn exit(run: &Run) -> Exit {
    match run.outcome {
        Some(Outcome::Ended) if run.counts.rejected > 0 => Exit::Partial,
        Some(Outcome::Ended) => Exit::Done,
        Some(Outcome::Canceled) => Exit::Interrupted,
        Some(Outcome::Interrupted) => Exit::Held,
        Some(Outcome::Error) | None => Exit::Failed,
    }
}

fn dry_run(context: &Context, args: &ProcessArgs) -> CommandResult {
    let mut preview = engine::preview(&context.databases(), &SystemClock, None)?;
    // A viewer changes nothing.
    let viewer = || context.config.rules.roles.lacking(&operator(), Role::Operator);
    let why_not = context.config.read_only.value.then(|| "read_only is set".to_owned()).or_else(viewer);
    if why_not.is_some() {
        preview.unnumbered = why_not;
    } else if !args.no_purge {
        engine::number_preview(&mut preview);
    }
    if args.json {
        print_json(&preview_to_json(&preview, args))?;
    } else {
        let mut out = std::io::stdout().lock();
        for line in lines(&preview, args) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(Exit::Done)
}

/// Returns the keys of a run, empty, and what it would do.
fn preview_to_json(preview: &Preview, args: &ProcessArgs) -> Value {
    let mut notices = Vec::new();
    notices.extend(preview.refusal.as_ref().map(ToString::to_string));
    notices.extend(preview.not_ours.clone());
    notices.extend(foreign_notice(preview, args));
    notices.extend(preview.asks().map(|why| format!("the purge would be held: {why}")));
    notices.extend(preview.forbidding().map(|refusal| format!("the purge would be held: {refusal}")));
    let purge = !args.no_purge;
    let tables = |tables: &[(&'static str, Expired)]| -> Map<String, Value> {
        let tables = tables.iter().filter(|(_, expired)| purge && expired.rows > 0);
        tables.map(|(table, expired)| ((*table).to_owned(), to_json(&ExpiredRow::of(expired)))).collect()
    };
    let (message_database, head_office) =
        (tables(&preview.expired.message_database), tables(&preview.expired.head_office.tables));
    let trash = tables(&preview.expired.head_office.trash);
    json!({
        "run_id": null,
        "trigger": Trigger::Command.word(),
        "job_id": null,
        "outcome": null,
        "read": 0,
        "inserted": 0,
        "repeated": 0,
        "rejected": 0,
        "sessions_changed": 0,
        "purged": {"message_database": {}, "head_office": {}, "trash": {}},
        "kept_unresolved": if purge { preview.expired.head_office.kept_unresolved } else { 0 },
        "started_at": null,
        "ended_at": null,
        "notices": notices,
        "error": null,
        "dry_run": true,
        "waiting": if args.no_transfer { 0 } else { preview.waiting },
        "would_purge": {"message_database": message_database, "head_office": head_office, "trash": trash},
        "trash_until": preview.trash_until().map(Timestamp::to_rfc3339),
        "preview": {
            "preview_id": preview.number(),
            "rows": if purge { preview.receipt.rows } else { 0 },
            "oldest": preview.receipt.oldest,
            "newest": preview.receipt.newest,
            "bytes": preview.receipt.bytes,
            "expected_ms": preview.receipt.expected_ms,
        },
        "purge_rows": if purge { preview.expired.rows() } else { 0 },
        "kept": {
            "unresolved": preview.expired.head_office.kept_unresolved,
            "oldest_unresolved": preview.expired.head_office.oldest_unresolved.map(Timestamp::to_rfc3339),
            "marked_for_rerun": preview.expired.head_office.kept_for_rerun,
        },
        "cutoff": preview.cutoffs.resolved.map(Timestamp::to_rfc3339),
        "cutoffs": {
            "uploads": preview.cutoffs.uploads.map(Timestamp::to_rfc3339),
            "unresolved": preview.cutoffs.unresolved.map(Timestamp::to_rfc3339),
            "messages": preview.cutoffs.messages.map(Timestamp::to_rfc3339),
            "history": preview.cutoffs.history.map(Timestamp::to_rfc3339),
            "rejected": preview.cutoffs.rejected.map(Timestamp::to_rfc3339),
        },
    })
}

/// The number of the preview, its size, and the time that the purge is expected to take.
fn receipt_line(preview: &Preview) -> String {
    let receipt = &preview.receipt;
    let rows = counted(receipt.rows, "row");
    let size = match receipt.rows {
        0 => format!("nothing to purge{}", but_trash(preview)),
        _ => format!("{rows}, about {}, {}", receipt.size_in_words(), receipt.time_in_words()),
    };
    match (preview.number(), &preview.unnumbered) {
        (Some(number), _) => format!("Preview {number}: {size}; compare a run with --preview {number}"),
        (None, Some(why)) => format!("Without a preview number ({why}): {size}"),
        (None, None) => format!("In all: {size}"),
    }
}

/// What follows "nothing to purge" if sessions leave the trash.
fn but_trash(preview: &Preview) -> &'static str {
    if preview.expired.head_office.trash.is_empty() { "" } else { " but the trash" }
}

/// The expired rows of a table, as JSON.
#[derive(Serialize)]
struct ExpiredRow {
    rows: i64,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl ExpiredRow {
    fn of(expired: &Expired) -> Self {
        Self { rows: expired.rows, oldest: expired.oldest, newest: expired.newest }
    }
}

/// Whose messages the transfer would bring here for the first time.
fn foreign_notice(preview: &Preview, args: &ProcessArgs) -> Option<String> {
    preview.foreign.as_ref().filter(|_| !args.no_transfer).map(ToString::to_string)
}

fn lines(preview: &Preview, args: &ProcessArgs) -> Vec<String> {
    let mut lines = vec!["Dry run: nothing is transferred or purged.".to_owned()];
    if !args.no_transfer {
        lines.push(format!("Waiting to be transferred: {}", counted(preview.waiting, "message")));
    }
    lines.extend(preview.refusal.as_ref().map(|refusal| format!("Nothing would run: {refusal}")));
    if args.no_purge {
        lines.extend(foreign_notice(preview, args));
        return lines;
    }
    match preview.cutoffs.resolved {
        Some(cutoff) if preview.expired.rows() == 0 => lines.push(format!(
            "Nothing to purge{}: nothing that may go last changed before {} ({})",
            but_trash(preview),
            cutoff.in_utc(),
            counted(preview.parameters.retention_days, "day")
        )),
        Some(cutoff) => lines.push(format!(
            "Would be purged, last changed before {} ({}):",
            cutoff.in_utc(),
            counted(preview.parameters.retention_days, "day")
        )),
        None if preview.cutoffs.keep_everything() => {
            lines.push("Nothing would be purged by age: retention-days is 0, kept for ever.".to_owned());
        }
        None => lines.push("Would be purged; retention-days is 0, so only by retentions of their own:".to_owned()),
    }
    for (kind, days) in preview.parameters.own_retentions() {
        lines.push(format!("  {kind}: after {}", counted(days, "day")));
    }
    for (database, table, expired) in preview.expired.tables() {
        let at = |at: Option<Timestamp>| at.map(Timestamp::to_table).unwrap_or_default();
        let (rows, oldest, newest) = (counted(expired.rows, "row"), at(expired.oldest), at(expired.newest));
        lines.push(format!("  {database}, {table}: {rows}, {oldest} to {newest}"));
    }
    if let Some(until) = preview.trash_until() {
        lines.push(format!("Purged sessions stay in the trash until {}; cdx trash restores them.", until.in_utc()));
    }
    let kept = &preview.expired.head_office;
    for (table, expired) in &kept.trash {
        lines.push(format!("  from the trash, for good, {table}: {}", counted(expired.rows, "row")));
    }
    if kept.kept_unresolved > 0 {
        let oldest = kept.oldest_unresolved.map(Timestamp::to_table).unwrap_or_default();
        let count = counted(kept.kept_unresolved, "unresolved session");
        lines.push(format!("Kept although old enough: {count}, the oldest of {oldest}"));
    }
    if kept.kept_for_rerun > 0 {
        lines.push(format!("Kept although old enough: {} marked for rerun", counted(kept.kept_for_rerun, "session")));
    }
    lines.push(receipt_line(preview));
    lines.extend(preview.not_ours.clone());
    lines.extend(foreign_notice(preview, args));
    if let Some(why) = preview.asks() {
        let rows = preview.expired.rows();
        lines.push(format!("The purge would be held: {why}; allow it with --confirm-purge {rows}"));
    }
    lines.extend(preview.forbidding().map(|refusal| format!("The purge would be held: {refusal}")));
    lines
}
