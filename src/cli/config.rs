//! `cdx config`: shows the configuration and where each value comes from.

use crate::cli::args::{ConfigAction, ConfigArgs};
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::{print_json, print_table};
use crate::domain::{clean_line, to_json};
use serde::Serialize;
use serde_json::Map;
use std::io::Write;

/// A value and its origin, as JSON.
#[derive(Serialize)]
struct SettingRow {
    value: String,
    origin: String,
}

/// Prints the values or the path, or checks the keys. Loading has checked everything else.
pub fn run(context: &Context, args: &ConfigArgs) -> Outcome {
    let config = &context.config;
    let path = config.path.to_string_lossy();
    let path = clean_line(&path);
    let there = if config.file_found { "" } else { " (not found)" };
    match args.action {
        ConfigAction::Show { json: true } => {
            let entries = config.entries().into_iter();
            let object: Map<_, _> = entries
                .map(|(key, value, origin)| {
                    (key.to_owned(), to_json(&SettingRow { value, origin: origin.to_string() }))
                })
                .collect();
            print_json(&object)?;
        }
        ConfigAction::Show { json: false } => {
            let entries = config.entries().into_iter();
            let rows = entries.map(|(key, value, origin)| vec![key.into(), value.into(), origin.to_string().into()]);
            print_table(&["Key", "Value", "From"], rows.collect(), context.style())?;
        }
        ConfigAction::Path => writeln!(std::io::stdout(), "{path}{there}")?,
        ConfigAction::Check => {
            crate::cli::console::keymap(config)?;
            writeln!(std::io::stdout(), "{path}{there}: valid")?;
        }
    }
    Ok(Exit::Done)
}
