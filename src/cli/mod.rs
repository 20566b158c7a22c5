//! The command line: one file per command; the only layer that prints and exits.

mod alerts;
mod approvals;
pub mod args;
mod batch;
mod batch_server;
mod bundle;
mod completions;
mod config;
mod connections;
mod console;
mod context;
mod copy;
mod deadlines;
mod demo;
mod doctor;
mod errors;
mod exit;
mod filter;
mod freshness;
mod handover;
mod journal;
mod man;
mod matrix;
mod messages;
mod metrics;
mod metrics_endpoint;
mod notifications;
mod output;
mod overview;
mod parameters;
mod plain;
mod post;
mod process;
mod progress;
mod recurrence;
mod rejected;
mod requests;
mod runs;
mod schedules;
mod session;
mod sessions;
mod signals;
mod silences;
mod since;
mod store;
mod terminal;
mod totals;
mod trash;
mod views;
mod watch;

use crate::config::{Config, ConfigError, Flags, ProcessEnvironment};
use crate::guard::Consent;
use args::{Cli, Command, ConfigAction};
use clap::{CommandFactory, Parser};
use context::{Context, explain};
use exit::{CommandResult, Exit, Failure};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use terminal::is_dumb;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => usage(&error),
    };
    outcome.unwrap_or_else(explain).into()
}

/// Returns the faults of the configuration if a command works with them: the check lists them all,
/// and a support bundle is needed most when something is wrong, if only it reads the right
/// databases.
fn tolerated(command: Option<&Command>, faults: Vec<ConfigError>) -> Result<Vec<ConfigError>, ConfigError> {
    let is_checked = matches!(command, Some(Command::Config(args)) if matches!(args.action, ConfigAction::Check));
    let is_bundled = matches!(command, Some(Command::Bundle(_))) && !faults.iter().any(ConfigError::is_of_location);
    if is_checked || is_bundled { Ok(faults) } else { faults.into_iter().next().map_or(Ok(Vec::new()), Err) }
}

fn run(cli: Cli) -> CommandResult {
    install_reports()?;
    let global = cli.global;
    let flags = Flags {
        config: global.config,
        head_office: global.head_office,
        message_database: global.message_database,
        read_only: global.read_only,
        color: global.color,
        theme: global.theme,
    };
    // These must work without a valid configuration.
    match &cli.command {
        Some(Command::Completions(args)) => return completions::run(args),
        Some(Command::Man(args)) => return man::run(args),
        None if !global.plain && !console::has_terminal() => return Ok(help()),
        _ => {}
    }
    ProcessEnvironment.check()?;
    // The console and the plain mode ask.
    let consent = Consent { reason: global.reason, confirmed: global.confirm, can_ask: cli.command.is_none() };
    let (config, config_faults) = Config::load_with_faults(&flags, &ProcessEnvironment)?;
    let config_faults = tolerated(cli.command.as_ref(), config_faults)?;
    let context = Context { config, consent, config_faults };
    context.warn_of_open_passwords();
    let Some(command) = cli.command else {
        let is_plain = global.plain || context.config.plain.value;
        return if is_plain { plain::run(&context) } else { console::run(&context, global.ascii) };
    };
    match command {
        Command::Demo(args) => demo::run(&context, &args, global.ascii),
        Command::Post(args) => post::run(&context, &args),
        Command::Process(args) => process::run(&context, &args),
        Command::Sessions(args) => sessions::run(&context, &args),
        Command::Messages(args) => messages::run(&context, &args),
        Command::Errors(args) => errors::run(&context, &args),
        Command::Session(args) => session::run(&context, &args),
        Command::Requests(args) => requests::run(&context, &args),
        Command::Rejected(args) => rejected::run(&context, &args),
        Command::Trash(args) => trash::run(&context, &args),
        Command::Freshness(args) => freshness::run(&context, &args),
        Command::Overview(args) => overview::run(&context, &args),
        Command::Matrix(args) => matrix::run(&context, &args),
        Command::Store(args) => store::run(&context, &args),
        Command::Totals(args) => totals::run(&context, &args),
        Command::Runs(args) => runs::run(&context, &args),
        Command::Schedules(args) => schedules::run(&context, &args),
        Command::Connections(args) => connections::run(&context, &args),
        Command::Notifications(args) => notifications::run(&context, &args),
        Command::Views(args) => views::run(&context, &args),
        Command::Journal(args) => journal::run(&context, &args),
        Command::BatchServer(args) => batch_server::run(&context, &args, &flags),
        Command::Batch(args) => batch::run(&context, &args),
        Command::Alerts(args) => alerts::run(&context, &args),
        Command::Deadlines(args) => deadlines::run(&context, &args),
        Command::Silences(args) => silences::run(&context, &args),
        Command::Approvals(args) => approvals::run(&context, &args),
        Command::Recurrence(args) => recurrence::run(&context, &args),
        Command::Parameters(args) => parameters::run(&context, &args),
        Command::Copy(args) => copy::run(&context, &args),
        Command::Doctor(args) => doctor::run(&context, &args),
        Command::Bundle(args) => bundle::run(&context, &args),
        Command::Handover(args) => handover::run(&context, &args),
        Command::Watch(args) => watch::run(&context, &args),
        Command::Metrics => metrics::run(&context),
        Command::Config(args) => config::run(&context, &args),
        Command::Completions(_) | Command::Man(_) => Ok(Exit::Done),
    }
}

/// Installs the formatter of unexpected errors, with colors only on a terminal that supports them.
fn install_reports() -> Result<(), Failure> {
    let plain = is_dumb() || !std::io::stderr().is_terminal();
    let hooks = color_eyre::config::HookBuilder::default();
    let hooks = if plain { hooks.theme(color_eyre::config::Theme::new()) } else { hooks };
    hooks.install().map_err(Failure::Unforeseen)
}

/// Prints the help to the standard error: without a command, the program opens the console, which
/// needs a terminal.
fn help() -> Exit {
    let text = Cli::command().render_help().to_string();
    let _ = write!(std::io::stderr().lock(), "{text}");
    Exit::Usage
}

/// Prints help or version to the standard output; prints an error in the arguments to the standard
/// error, with exit code 2.
fn usage(error: &clap::Error) -> CommandResult {
    // The text may quote an argument, which may contain control characters.
    let text = crate::domain::clean_block(&error.render().to_string());
    if error.use_stderr() {
        let _ = write!(std::io::stderr().lock(), "{}", crate::domain::redact(&text));
        return Ok(Exit::Usage);
    }
    write!(std::io::stdout().lock(), "{text}")?;
    Ok(Exit::Done)
}
