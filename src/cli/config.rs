//! `cdx config`: shows the configuration and where each value comes from.

use crate::batch::DeliveryConfig;
use crate::cli::args::{ConfigAction, ConfigArgs};
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{print_json, print_table};
use crate::domain::{clean_line, to_json};
use serde::Serialize;
use serde_json::Map;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

/// A value and its origin, as JSON.
#[derive(Serialize)]
struct SettingRow {
    value: String,
    origin: String,
}

/// Prints the values or the path, or checks the keys. Loading has checked everything else.
pub fn run(context: &Context, args: &ConfigArgs) -> CommandResult {
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
            print_table(&["Key", "Value", "From"], rows.collect(), context.style().uncut())?;
        }
        ConfigAction::Path => writeln!(std::io::stdout(), "{path}{there}")?,
        ConfigAction::Check => {
            let mut faults: Vec<_> = context.config_faults.iter().map(ToString::to_string).collect();
            match crate::cli::console::keymap(config) {
                Ok(_) => {}
                Err(Failure::Message(_, fault)) => faults.push(fault),
                Err(failure) => return Err(failure),
            }
            faults.extend(channel_faults(&config.delivery()));
            if !faults.is_empty() {
                return Err(Failure::usage(faults.join("\ncdx: ")));
            }
            writeln!(std::io::stdout(), "{path}{there}: valid")?;
        }
    }
    Ok(Exit::Done)
}

/// What the channels of alerts name that is not there, or cannot be read.
pub fn channel_faults(delivery: &DeliveryConfig) -> Vec<String> {
    let password_file = delivery.smtp.as_ref().and_then(|smtp| smtp.password_file.as_ref());
    let secret_file = delivery.webhook.as_ref().and_then(|webhook| webhook.secret_file.as_ref());
    let files = [("smtp_password_file", password_file), ("webhook_secret_file", secret_file)];
    let shown = |path: &Path| clean_line(&path.to_string_lossy()).into_owned();
    let mut faults = Vec::new();
    for (key, path) in files.into_iter().filter_map(|(key, path)| Some((key, path?))) {
        if let Err(error) = File::open(path) {
            faults.push(format!("{key}: {} cannot be read: {error}", shown(path)));
        }
    }
    if let Some(socket) = &delivery.syslog_socket {
        match socket.metadata() {
            Ok(found) if found.file_type().is_socket() => {}
            Ok(_) => faults.push(format!("syslog_socket: {} is not a socket", shown(socket))),
            Err(error) => faults.push(format!("syslog_socket: {}: {error}", shown(socket))),
        }
    }
    // The shell finds other words itself, such as its own commands.
    let program = delivery.command.as_deref().and_then(|line| line.split_ascii_whitespace().next());
    if let Some(program) = program.filter(|program| program.starts_with('/')) {
        let found = Path::new(program).metadata();
        if !found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0) {
            faults.push(format!("alert_command: {} is not a program", shown(Path::new(program))));
        }
    }
    faults
}
