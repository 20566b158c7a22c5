//! `cdx parameters`: shows and sets the Retail scheduler parameters.

use crate::cli::args::{ParametersAction, ParametersArgs};
use crate::cli::batch::edit_failure;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{Cell, print_json, print_table, report};
use crate::cli::terminal::print_message;
use crate::clock::SystemClock;
use crate::domain::{Cutoffs, Parameter, ParameterError, Parameters, counted};
use crate::engine::{self, TableComparison, compare_purges, send_parameter};
use crate::store::head_office::Edit;
use crate::store::{Access, HeadOffice};
use serde_json::{Map, Value, json};

/// Lists the parameters, or sets one.
pub fn run(context: &Context, args: &ParametersArgs) -> CommandResult {
    match &args.action {
        None => show(context, args.json),
        Some(ParametersAction::Set { key, value, if_version, dry_run, format }) => {
            let parameter: Parameter = key.parse().map_err(usage)?;
            let value = parameter.parse(value).map_err(usage)?;
            if *dry_run {
                return dry_run_of(context, parameter, value, format.json);
            }
            set(context, parameter, value, *if_version, format.json)
        }
    }
}

fn show(context: &Context, json: bool) -> CommandResult {
    let parameters = match context.head_office_to_read() {
        Ok(office) => office.parameters()?,
        Err(failure) if context.config.head_office.value.is_missing() => {
            drop(failure);
            Parameters::default()
        }
        Err(failure) => return Err(failure),
    };
    if json {
        let mut object: Map<String, Value> = Parameter::ALL
            .into_iter()
            .map(|parameter| (parameter.name().to_owned(), parameters.get(parameter).into()))
            .collect();
        let versions: Map<String, Value> = Parameter::ALL
            .into_iter()
            .map(|parameter| (parameter.name().to_owned(), parameters.version(parameter).into()))
            .collect();
        object.insert("versions".to_owned(), versions.into());
        print_json(&object)?;
        return Ok(Exit::Done);
    }
    let rows = Parameter::ALL.into_iter().map(|parameter| {
        let value = parameters.get(parameter);
        let meaning = if value == 0 { parameter.zero().to_owned() } else { parameter.help().to_owned() };
        vec![parameter.name().into(), value.into(), meaning.into()]
    });
    print_table(&["Parameter", "Value", "Meaning"], rows.collect(), context.style())?;
    Ok(Exit::Done)
}

#[allow(clippy::needless_pass_by_value)] // as map_err hands it over
fn usage(error: ParameterError) -> Failure {
    Failure::usage(error.to_string())
}

/// Prints the rows that the next purge deletes now, and with another value of a parameter.
fn dry_run_of(context: &Context, parameter: Parameter, value: i64, json: bool) -> CommandResult {
    let databases = context.databases();
    let now = engine::preview(&databases, &SystemClock, None)?;
    let before = now.parameters.get(parameter);
    let mut others = now.parameters;
    others.set(parameter, value);
    let then = engine::preview(&databases, &SystemClock, Some(others))?;
    let tables = compare_purges(&now, Some(&then));
    let kept = then.expired.head_office.kept_unresolved;
    let held = then.purge_limit.map(|limit| limit.to_string());
    if json {
        let table = |of: &TableComparison| json!({"place": of.place.replace(' ', "_"), "table": of.table, "now": of.now, "then": of.then});
        let tables: Vec<_> = tables.iter().map(table).collect();
        print_json(&json!({
            "dry_run": true, "parameter": parameter.name(), "value": value, "before": before,
            "tables": tables, "kept_unresolved": kept, "would_be_held": held,
        }))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<Cell>> = tables
        .iter()
        .map(|of| {
            let then = of.then.unwrap_or(of.now);
            vec![of.place_words().into(), of.table.into(), of.now.into(), then.into(), (then - of.now).into()]
        })
        .collect();
    let nothing = if rows.is_empty() { "nothing" } else { "these rows" };
    print_message(&format!(
        "with {} {value} instead of {before} the next purge would delete {nothing}",
        parameter.name()
    ));
    if !rows.is_empty() {
        print_table(&["Database", "Table", "Now", "Then", "More"], rows, context.style())?;
    }
    if kept > 0 {
        print_message(&format!("{} past retention would be kept", counted(kept, "unresolved session")));
    }
    if let Some(held) = held {
        print_message(&format!("the purge would be held: {held}"));
    }
    Ok(Exit::Done)
}

fn set(context: &Context, parameter: Parameter, value: i64, if_version: Option<i64>, json: bool) -> CommandResult {
    context.refuse_if_read_only("setting a parameter")?;
    let office = context.head_office_to_change(Access::Create)?;
    if parameter == Parameter::TrashHours {
        confirm_loss(context, &office, value)?;
    }
    let before =
        office.set_parameter(parameter, value, Edit::of_version(&operator(), if_version)).map_err(edit_failure)?;
    let zero = if value == 0 { format!(" ({})", parameter.zero()) } else { String::new() };
    let name = parameter.name();
    let version = office.parameters()?.version(parameter);
    let changed = json!({"parameter": name, "value": value, "before": before, "version": version});
    report(json, &changed, &format!("{name} is {value}{zero}; it was {before}"))?;
    if let Some(why) = send_parameter(&context.databases(), &office, parameter) {
        print_message(&why);
    }
    Ok(Exit::Done)
}

/// Refuses a shorter time in the trash that lets the next purge delete more sessions for good,
/// unless `--confirm` states how many.
fn confirm_loss(context: &Context, office: &HeadOffice, hours: i64) -> Result<(), Failure> {
    let (parameters, now) = (office.parameters()?, office.now()?);
    let going = |hours: i64| -> Result<i64, Failure> {
        let cutoffs = Cutoffs::new(&Parameters { trash_hours: hours, ..parameters }, now);
        let tables = office.count_trash(cutoffs.trash)?;
        Ok(tables.iter().find(|(table, _)| *table == "trash_session").map_or(0, |(_, expired)| expired.rows))
    };
    let (all, anyway) = (going(hours)?, going(parameters.trash_hours)?);
    if all <= anyway || context.consent.confirmed == Some(all) {
        return Ok(());
    }
    let sessions = counted(all, "session");
    Err(Failure::usage(format!(
        "trash-hours was not changed: with {hours} the next purge deletes {sessions} in the trash for good; pass --confirm {all}"
    )))
}
