//! `cdx errors`: lists errors grouped by cause, notes and mutes causes, shows who works on which.

use crate::cli::args::{ErrorsAction, ErrorsArgs};
use crate::cli::batch::edit_failure;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more, report};
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::{Timestamp, clean_line, to_json};
use crate::filter::lists;
use crate::store::head_office::{CauseLine, CauseName, CauseRemarks, Edit, Taking};
use crate::store::{Access, HeadOffice};
use serde_json::json;

const LIST: List<CauseLine> = List {
    columns: &[
        "Last (UTC)",
        "Open",
        "Errors",
        "Databases",
        "Taken by",
        "Muted until (UTC)",
        "Note",
        "Cause (numbers, names and paths masked)",
    ],
    cells: |line| {
        let cause = if line.masked.is_empty() { "(no error text)" } else { line.masked.as_str() };
        vec![
            line.last_at.to_table().into(),
            line.open.into(),
            line.errors.into(),
            line.channel_databases.into(),
            line.taken.as_ref().map(|taken| format!("{} until {}", taken.by, taken.until.to_table())).into(),
            line.muted.as_ref().map(|(until, _)| until.to_table()).into(),
            line.note.clone().into(),
            cause.into(),
        ]
    },
    json: to_json,
};

/// Causes that an error names if a text is not clear.
const MAX_NAMED_CAUSES: usize = 5;

/// Lists the causes, or changes what operators set on one.
pub fn run(context: &Context, args: &ErrorsArgs) -> CommandResult {
    match &args.action {
        None => list(context, args),
        Some(ErrorsAction::Take { cause, until, remark, replace, format }) => {
            let until = since::parse_until(until, SystemClock.now())?;
            let taking = Taking::of(&operator(), until, remark);
            take(context, &cause.cause, &taking, *replace, format.json)
        }
        Some(ErrorsAction::GiveBack { cause, format }) => give_back(context, &cause.cause, format.json),
        Some(ErrorsAction::Note { cause, text, version, format }) => {
            note(context, &cause.cause, text.trim(), version.if_version, format.json)
        }
        Some(ErrorsAction::Mute { cause, until, version, format }) => {
            let until = since::parse_until(until, SystemClock.now())?;
            mute(context, &cause.cause, Some(until), version.if_version, format.json)
        }
        Some(ErrorsAction::Unmute { cause, version, format }) => {
            mute(context, &cause.cause, None, version.if_version, format.json)
        }
    }
}

fn list(context: &Context, args: &ErrorsArgs) -> CommandResult {
    let since = match args.listing.since.as_deref() {
        Some(text) => since::parse(text, SystemClock.now())?,
        None => Timestamp(i64::MIN),
    };
    let office = context.head_office_to_read()?;
    let read = |limit| Ok(office.causes(since, SystemClock.now(), limit)?);
    let causes = filter::keep_since(args.filter.as_deref(), lists::CAUSES, one_more(&args.listing), read)?;
    LIST.print(causes, &args.listing, context.style())?;
    Ok(Exit::Done)
}

fn take(context: &Context, text: &str, taking: &Taking, replace: bool, json: bool) -> CommandResult {
    context.refuse_if_read_only("errors take")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let (cause, remarks) = find(&office, text)?;
    let other = remarks.taken.filter(|other| other.until > SystemClock.now() && other.by != taking.by);
    if let Some(other) = other.filter(|_| !replace) {
        let text = format!("another operator has taken it, {}; pass --replace to take it", other.words());
        return Err(Failure::Message(Exit::Failed, text));
    }
    let edit = Edit::of_version(&taking.by, Some(remarks.version));
    office.take_cause(cause.digest, Some(taking), edit).map_err(edit_failure)?;
    report_cause(&office, &cause, json, &taking.words())
}

fn give_back(context: &Context, text: &str, json: bool) -> CommandResult {
    context.refuse_if_read_only("errors give-back")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let (cause, remarks) = find(&office, text)?;
    let Some(taking) = remarks.taken.filter(|taking| taking.until > SystemClock.now()) else {
        return Err(Failure::Message(
            Exit::Failed,
            format!("nothing to give back: the cause is not taken: {}", cause_text(&cause)),
        ));
    };
    let operator = operator();
    office.take_cause(cause.digest, None, Edit::of_version(&operator, Some(remarks.version))).map_err(edit_failure)?;
    report_cause(&office, &cause, json, &format!("given back, was {}", taking.words()))
}

fn note(context: &Context, text: &str, note: &str, if_version: Option<i64>, json: bool) -> CommandResult {
    context.refuse_if_read_only("errors note")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let (cause, _) = find(&office, text)?;
    office.set_cause_note(cause.digest, note, Edit::of_version(&operator(), if_version)).map_err(edit_failure)?;
    report_cause(&office, &cause, json, if note.is_empty() { "note removed" } else { "note saved" })
}

fn mute(context: &Context, text: &str, until: Option<Timestamp>, if_version: Option<i64>, json: bool) -> CommandResult {
    context.refuse_if_read_only(if until.is_some() { "errors mute" } else { "errors unmute" })?;
    let office = context.head_office_to_change(Access::Existing)?;
    let (cause, _) = find(&office, text)?;
    office.mute_cause(cause.digest, until, Edit::of_version(&operator(), if_version)).map_err(edit_failure)?;
    let what = until.map(|until| format!("muted until {}, listed last", until.in_utc()));
    report_cause(&office, &cause, json, what.as_deref().unwrap_or("no longer muted"))
}

/// Reports what operators have set on the cause now.
fn report_cause(office: &HeadOffice, cause: &CauseName, json: bool, what: &str) -> CommandResult {
    let CauseRemarks { note, muted_until, taken, version } = office.cause_remarks(cause.digest)?.unwrap_or_default();
    let row = json!({
        "digest": cause.digest.to_string(),
        "cause": cause.masked,
        "note": note,
        "version": version,
        "muted_until": muted_until,
        "taken": taken,
    });
    report(json, &row, &format!("{what}: {}", cause_text(cause)))?;
    Ok(Exit::Done)
}

/// The only cause of this text, and what operators set on it.
fn find(office: &HeadOffice, text: &str) -> Result<(CauseName, CauseRemarks), Failure> {
    let mut found = office.find_causes(text, MAX_NAMED_CAUSES + 1)?;
    let failed = |text| Err(Failure::Message(Exit::Failed, text));
    if found.len() > 1 {
        let many = found.len() > MAX_NAMED_CAUSES;
        let mut names: Vec<_> =
            found.iter().take(MAX_NAMED_CAUSES).map(|cause| format!("\"{}\"", clean_line(cause_text(cause)))).collect();
        names.extend(many.then(|| "and more".to_owned()));
        return failed(format!("several causes contain {text:?}; write more of it: {}", names.join(", ")));
    }
    let Some(cause) = found.pop() else {
        return failed(format!("no cause contains {text:?}; cdx errors lists them"));
    };
    match office.cause_remarks(cause.digest)? {
        Some(remarks) => Ok((cause, remarks)),
        None => failed(format!("the cause was purged meanwhile: {}", cause_text(&cause))),
    }
}

fn cause_text(cause: &CauseName) -> &str {
    if cause.masked.is_empty() { "(no error text)" } else { &cause.masked }
}
