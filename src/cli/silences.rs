//! `cdx silences`: lists silences of alerts, starts one, or ends one.

use crate::batch::silence_filter;
use crate::cli::args::{SilencesAction, SilencesArgs};
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more, report};
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::{clean_line, to_json};
use crate::filter::{FieldValue, Subject, lists};
use crate::store::Access;
use crate::store::head_office::Silence;

/// A silence, and whether it is open.
struct Row {
    silence: Silence,
    is_open: bool,
}

impl Subject for Row {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        self.silence.field_value(field, self.is_open)
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let Silence { filter, reason, created_by, .. } = &self.silence;
        [filter, reason, created_by].into_iter().any(|text| is_wanted(text))
    }
}

const LIST: List<Row> = List {
    columns: &["Silence", "Until (UTC)", "By", "Held back", "Alerts", "Reason", "Ended by"],
    cells: |Row { silence, .. }| {
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
    json: |row| to_json(&row.silence),
};

/// Lists the silences, or changes them.
pub fn run(context: &Context, args: &SilencesArgs) -> CommandResult {
    match &args.action {
        None => list(context, args),
        Some(SilencesAction::Add { filter, until, reason, format }) => add(context, filter, until, reason, format.json),
        Some(SilencesAction::End { silence, format }) => end(context, *silence, format.json),
    }
}

fn list(context: &Context, args: &SilencesArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    let (listing, now) = (args.listing.listing(), SystemClock.now());
    let read = |limit| {
        let found = if args.all { office.silences(limit)? } else { office.open_silences(now, limit)? };
        Ok(found.into_iter().map(|silence| Row { is_open: silence.is_open(now), silence }).collect())
    };
    let rows = filter::keep(args.filter.as_deref(), lists::SILENCES, one_more(&listing), read)?;
    LIST.print(rows, &listing, context.style())?;
    Ok(Exit::Done)
}

fn add(context: &Context, filter: &str, until: &str, reason: &str, json: bool) -> CommandResult {
    context.refuse_if_read_only("silences add")?;
    let until = since::parse_until(until, SystemClock.now())?;
    let terms = silence_filter(filter).map_err(Failure::usage)?;
    let reason = clean_line(reason.trim());
    if reason.is_empty() {
        return Err(Failure::usage("--reason must not be empty; it is shown to all operators and in the journal"));
    }
    let office = context.head_office_to_change(Access::Existing)?;
    let silence_id = office.add_silence(&terms.to_string(), until, &reason, &operator())?;
    let until = until.in_utc();
    let sentence = format!("silence {silence_id}: {terms} until {until}; cdx silences end {silence_id} ends it");
    report(json, &office.silence(silence_id)?, &sentence)?;
    Ok(Exit::Done)
}

fn end(context: &Context, silence_id: i64, json: bool) -> CommandResult {
    context.refuse_if_read_only("silences end")?;
    let office = context.head_office_to_change(Access::Existing)?;
    if !office.end_silence(silence_id, &operator())? {
        let text = format!("silence {silence_id} is not open; cdx silences lists the open ones");
        return Err(Failure::Message(Exit::Failed, text));
    }
    report(json, &office.silence(silence_id)?, &format!("silence {silence_id} was ended"))?;
    Ok(Exit::Done)
}
