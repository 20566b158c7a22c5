//! `cdx silences`: lists silences of alerts, starts one, or ends one.

use crate::batch::silence_filter;
use crate::cli::args::{SilencesAction, SilencesArgs};
use crate::cli::context::{Context, operator};
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::List;
use crate::cli::since;
use crate::cli::terminal::say;
use crate::clock::{Clock, SystemClock};
use crate::domain::{clean_line, to_json};
use crate::store::Access;
use crate::store::head_office::Silence;

/// The most silences that are listed.
const LISTED: i64 = 10_000;

const LIST: List<Silence> = List {
    columns: &["Silence", "Until (UTC)", "By", "Held back", "Alerts", "Reason", "Ended by"],
    cells: |silence| {
        vec![
            silence.silence_id.into(),
            silence.ends_at().to_table().into(),
            silence.created_by.clone().into(),
            silence.held_back.into(),
            silence.filter.clone().into(),
            silence.reason.clone().into(),
            silence.ended_by.clone().into(),
        ]
    },
    json: to_json,
};

/// Lists the silences, or changes them.
pub fn run(context: &Context, args: &SilencesArgs) -> Outcome {
    match &args.action {
        None => list(context, args),
        Some(SilencesAction::Add { filter, until, reason }) => add(context, filter, until, reason),
        Some(SilencesAction::End { silence }) => end(context, *silence),
    }
}

fn list(context: &Context, args: &SilencesArgs) -> Outcome {
    let office = context.head_office_to_read()?;
    let rows = if args.all { office.silences(LISTED)? } else { office.open_silences(SystemClock.now(), LISTED)? };
    let listing = args.format.listing(LISTED);
    LIST.print(rows, &listing, context.style())?;
    Ok(Exit::Done)
}

fn add(context: &Context, filter: &str, until: &str, reason: &str) -> Outcome {
    context.refuse_if_read_only("silences add")?;
    let until = since::parse_until(until, SystemClock.now())?;
    let terms = silence_filter(filter).map_err(Failure::usage)?;
    let reason = clean_line(reason.trim());
    if reason.is_empty() {
        return Err(Failure::usage("--reason must not be empty; it is shown to all operators and in the journal"));
    }
    let office = context.head_office_to_change(Access::Existing)?;
    let silence_id = office.add_silence(&terms.to_string(), until, &reason, &operator())?;
    say(&format!(
        "silence {silence_id}: {terms} until {} UTC; cdx silences end {silence_id} ends it",
        until.to_table()
    ));
    Ok(Exit::Done)
}

fn end(context: &Context, silence_id: i64) -> Outcome {
    context.refuse_if_read_only("silences end")?;
    let office = context.head_office_to_change(Access::Existing)?;
    if !office.end_silence(silence_id, &operator())? {
        let text = format!("silence {silence_id} is not open; cdx silences lists the open ones");
        return Err(Failure::Message(Exit::Failed, text));
    }
    say(&format!("silence {silence_id} was ended"));
    Ok(Exit::Done)
}
