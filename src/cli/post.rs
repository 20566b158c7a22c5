//! `cdx post`: posts JSON Lines into the message database.

use crate::cancel::Cancel;
use crate::cli::args::PostArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::print_json;
use crate::cli::signals;
use crate::cli::terminal::print_message;
use crate::domain::{clean_line, counted, grouped, redact};
use crate::engine::{BadLine, PostOptions, PostSummary, post};
use crate::store::{Access, MessageDatabase};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Bad lines reported per file; the rest is counted.
const MAX_REPORTED_LINES: u64 = 20;

/// Posts every file in turn.
pub fn run(context: &Context, args: &PostArgs) -> CommandResult {
    context.refuse_if_read_only("post")?;
    context.refuse_viewer("post")?;
    let database = context.message_database(Access::Create)?;
    let cancel = Cancel::new();
    signals::watch(&cancel).map_err(Failure::Unforeseen)?;
    let mut total = PostSummary::default();
    let mut failed = None;
    for file in &args.files {
        match post_file(&database, file, args.strict, &cancel) {
            Ok(summary) => add(&mut total, &summary),
            Err(failure) => {
                // The other files are still posted.
                failed = Some(Exit::Failed);
                crate::cli::context::explain(failure);
            }
        }
        if cancel.is_tripped() {
            break;
        }
    }
    report(&total, args.json)?;
    if cancel.is_tripped() {
        return Ok(Exit::Interrupted);
    }
    Ok(failed.unwrap_or(if total.bad > 0 { Exit::Partial } else { Exit::Done }))
}

fn post_file(database: &MessageDatabase, file: &Path, strict: bool, cancel: &Cancel) -> Result<PostSummary, Failure> {
    let path = file.to_string_lossy();
    let name = redact(&path);
    let name = if path == "-" { "standard input".into() } else { clean_line(&name) };
    let mut named = 0;
    let bad_line = |bad: BadLine| {
        named += 1;
        if named <= MAX_REPORTED_LINES {
            print_message(&format!("{name}, line {}: {}", bad.number, bad.reason));
        }
    };
    let options = PostOptions { strict };
    let summary = if path == "-" {
        post(database, std::io::stdin(), options, cancel, bad_line, |_| {})?
    } else {
        let input = File::open(file).map_err(|error| {
            Failure::Message(Exit::Failed, format!("cannot open {name}: {error}; nothing of it was posted"))
        })?;
        post(database, input, options, cancel, bad_line, |_| {})?
    };
    if summary.bad > MAX_REPORTED_LINES {
        print_message(&format!("{name}: {} more bad lines", grouped(summary.bad - MAX_REPORTED_LINES)));
    }
    if summary.rolled_back {
        print_message(&format!("{name}: nothing of it was posted because of --strict"));
    }
    Ok(summary)
}

fn add(total: &mut PostSummary, summary: &PostSummary) {
    total.lines += summary.lines;
    total.stored += summary.stored;
    total.repeated += if summary.rolled_back { 0 } else { summary.repeated };
    total.bad += summary.bad;
    total.rolled_back |= summary.rolled_back;
}

fn report(total: &PostSummary, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(print_json(total)?);
    }
    writeln!(
        std::io::stdout(),
        "{}: {} stored, {} repeated, {} bad",
        counted(total.lines, "line"),
        grouped(total.stored),
        grouped(total.repeated),
        grouped(total.bad)
    )?;
    Ok(())
}
