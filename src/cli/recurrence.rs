//! `cdx recurrence`: prints the occurrences of a rule.

use crate::cli::args::{NextOccurrencesArgs, RecurrenceAction, RecurrenceArgs};
use crate::cli::context::{Context, named_zone};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{print_json, print_table};
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::domain::Timestamp;
use crate::recurrence::{Rule, city, is_utc};
use serde::Serialize;
use std::io::{Read, Write};
use std::path::Path;

/// Maximum length of a rule in bytes; no rule is nearly as long.
const MAX_RULE_BYTES: u64 = 64 * 1024;

/// The next occurrences, as JSON.
#[derive(Serialize)]
struct NextRow<'a> {
    next: &'a [Timestamp],
}

/// Prints the next occurrences, or the rule as iCalendar.
pub fn run(context: &Context, args: &RecurrenceArgs) -> CommandResult {
    let RecurrenceAction::Next(args) = &args.action;
    next(context, args)
}

fn next(context: &Context, args: &NextOccurrencesArgs) -> CommandResult {
    let after = args.after.as_deref().map_or_else(|| Ok(SystemClock.now()), instant)?;
    let rule = match &args.recurrence {
        Some(words) => from_words(words, args.zone.as_deref(), after, None)?,
        None => read(&args.rule)?,
    };
    if args.rrule {
        let Some(text) = rule.rrule() else {
            let sentence = "iCalendar cannot express this rule: it never occurs, or repeats by minutes or hours within times of day";
            return Err(Failure::Message(Exit::Failed, sentence.to_owned()));
        };
        writeln!(std::io::stdout().lock(), "{text}")?;
        return Ok(Exit::Done);
    }
    let next = std::iter::successors(rule.next_after(after), |at| rule.next_after(*at));
    let next: Vec<Timestamp> = next.take(args.count.into()).collect();
    if args.json {
        print_json(&NextRow { next: &next })?;
        return Ok(Exit::Done);
    }
    print_message(&rule.sentence());
    if next.is_empty() {
        print_message(&format!("No occurrence after {}.", after.to_rfc3339()));
    }
    // One column if the rule's zone is UTC.
    let columns = if is_utc(rule.zone()) { 1 } else { 2 };
    let row = |at: &Timestamp| [rule.wall_clock(*at).into(), at.to_table().into()].into_iter().take(columns).collect();
    let rows = next.iter().map(row).collect();
    let head = format!("In {}", city(rule.zone()));
    print_table(&[head.as_str(), "UTC"][..columns], rows, context.style())?;
    Ok(Exit::Done)
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    Timestamp::parse_rfc3339(text).or_else(|_| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z"))).map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Failure::usage(format!("--after {shown:?} is no instant; write 2026-11-13T03:43:28Z or 2026-11-13"))
    })
}

/// Parses `--recurrence` as of `now`, in the zone that `--zone` names or the local one; `start` is
/// `--start`.
pub fn from_words(words: &str, zone: Option<&str>, now: Timestamp, start: Option<Timestamp>) -> Result<Rule, Failure> {
    let zone = named_zone(zone)?;
    Rule::from_words_at(words, now, start, zone).map_err(|fault| Failure::usage(format!("--recurrence: {fault}")))
}

/// Reads the rule from a file, or from the standard input if the path is `-`.
pub fn read(path: &Path) -> Result<Rule, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_RULE_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_RULE_BYTES).read_to_string(&mut text))
    };
    let name = if path == Path::new("-") { "the standard input".to_owned() } else { path.display().to_string() };
    read.map_err(|error| Failure::usage(format!("cannot read the rule from {name}: {error}")))?;
    Rule::parse_json(&text).map_err(|error| Failure::usage(format!("no rule in {name}: {error}")))
}
