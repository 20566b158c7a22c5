//! `cdx parameters`: shows and sets the Retail scheduler parameters.

use crate::cli::args::{ParametersAction, ParametersArgs};
use crate::cli::batch::edited;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{print_json, print_table, report};
use crate::cli::terminal::say;
use crate::domain::{Cutoffs, Parameter, Parameters, counted};
use crate::engine::send_parameter;
use crate::store::head_office::Edit;
use crate::store::{Access, HeadOffice};
use serde_json::{Map, Value, json};

/// Lists the parameters, or sets one.
pub fn run(context: &Context, args: &ParametersArgs) -> CommandResult {
    match &args.action {
        None => show(context, args.json),
        Some(ParametersAction::Set { key, value, if_version, format }) => {
            set(context, key, value, *if_version, format.json)
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

fn set(context: &Context, key: &str, value: &str, if_version: Option<i64>, json: bool) -> CommandResult {
    context.refuse_if_read_only("setting a parameter")?;
    let usage = |error: crate::domain::ParameterError| Failure::usage(error.to_string());
    let parameter: Parameter = key.parse().map_err(usage)?;
    let value = parameter.parse(value).map_err(usage)?;
    let office = context.head_office_to_change(Access::Create)?;
    if parameter == Parameter::TrashHours {
        confirm_loss(context, &office, value)?;
    }
    let before = office.set_parameter(parameter, value, Edit::of_version(&operator(), if_version)).map_err(edited)?;
    let zero = if value == 0 { format!(" ({})", parameter.zero()) } else { String::new() };
    let name = parameter.name();
    let version = office.parameters()?.version(parameter);
    let changed = json!({"parameter": name, "value": value, "before": before, "version": version});
    report(json, &changed, &format!("{name} is {value}{zero}; it was {before}"))?;
    if let Some(why) = send_parameter(&context.databases(), &office, parameter) {
        say(&why);
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
