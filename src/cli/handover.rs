//! `cdx handover`: one page about a shift, for the next one.

use crate::cli::args::HandoverArgs;
use crate::cli::context::{Context, local_zone};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::print_json;
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::{Timestamp, clean_line};
use crate::engine;
use crate::text::time::Zone;
use std::io::Write;

/// Prints the sheet.
pub fn run(context: &Context, args: &HandoverArgs) -> CommandResult {
    let now = SystemClock.now();
    let from = since::parse(&args.since, now)?;
    if from > now {
        return Err(Failure::usage(format!(
            "--since {} is in the future; the shift ends now",
            clean_line(&args.since)
        )));
    }
    let sheet = engine::handover(&context.head_office_to_read()?, from, now)?;
    if args.json {
        print_json(&sheet)?;
        return Ok(Exit::Done);
    }
    let zone = Zone::Local(local_zone()?);
    let time = |at: Timestamp| format!("{} {}", zone.short(at, now), zone.name(at));
    let mut out = std::io::stdout().lock();
    if args.text {
        writeln!(out, "{}\n", sheet.title(&time))?;
        sheet.lines(&time).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    } else {
        writeln!(out, "{}", sheet.markdown(&time))?;
    }
    Ok(Exit::Done)
}
