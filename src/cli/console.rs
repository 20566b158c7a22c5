//! `cdx` without a command: opens the console.

use crate::cli::context::{Context, host, local_zone, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::terminal::is_dumb;
use crate::clock::SystemClock;
use crate::config::{Color, Config, Environment, Origin, ProcessEnvironment, state_folder};
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::saved_view::views_file;
use crate::console::protocol::theme_choice::ThemeChoice;
use crate::console::protocol::time::Zone;
use crate::console::view::theme::ColorDepth;
use crate::console::{self, Console, ConsoleEnd, Settings, ThemeSettings};
use crate::domain::clean_line;
use crate::engine::Databases;
use crate::guard::Role;
use crate::store::{Access, HeadOffice};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long the start waits for a PostgreSQL server.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Whether input and output are a terminal.
pub fn has_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Whether a console can be opened on this terminal.
pub fn is_possible() -> bool {
    has_terminal() && !is_dumb()
}

/// Opens the console on the configured exchange.
pub fn run(context: &Context, ascii: bool) -> CommandResult {
    open(context, context.databases(), ascii)
}

/// Opens the console on these databases.
pub fn open(context: &Context, databases: Databases, ascii: bool) -> CommandResult {
    if !is_possible() {
        let why = if is_dumb() {
            "the console cannot be drawn on a dumb terminal (TERM)"
        } else {
            "the console needs a terminal"
        };
        return Err(Failure::usage(format!(
            "{why}; cdx --plain shows it as lines, cdx --help lists the commands for scripts"
        )));
    }
    let home = local_zone()?;
    let read_only = why_read_only(context, &databases);
    let memory = state_file(&context.config);
    let console = Console {
        clock: Arc::new(SystemClock),
        settings: Settings {
            theme: theme_settings(&context.config, ascii),
            label: context.config.label.value.clone().map(|label| (label, context.config.label_color.value)),
            operator: operator(),
            host: host(),
            keymap: keymap(&context.config)?,
            read_only,
            pager: pager(&context.config),
            bell: context.config.bell.value,
            mouse: context.config.mouse.value,
            zone: Zone::Local(home),
            home,
            views_file: memory.as_deref().map(views_file),
        },
        databases,
        memory,
        escape: Duration::from_millis(context.config.escape_ms.value),
        host: host(),
    };
    match console::run(&console)? {
        ConsoleEnd::Quit => Ok(Exit::Done),
        ConsoleEnd::Panicked => std::process::exit(101),
        // Threads may block on the closed terminal; do not wait for them.
        ConsoleEnd::Gone => std::process::exit(130),
    }
}

/// The file in which consoles save the state of their lists; `None` if nothing is remembered.
pub fn state_file(config: &Config) -> Option<PathBuf> {
    // Without a home folder nothing is remembered.
    let folder = || state_folder(&ProcessEnvironment).ok();
    config.remember.value.then(folder).flatten().map(|folder| folder.join("console.json"))
}

/// Why the console changes nothing; `None` if it may.
fn why_read_only(context: &Context, databases: &Databases) -> Option<String> {
    if context.config.read_only.value {
        return Some("this console is read-only".to_owned());
    }
    let lacking = databases.authority.rules.roles.lacking(&operator(), Role::Operator);
    lacking.or_else(|| may_only_read(databases).then(|| "the login at head office may only read".to_owned()))
}

/// Whether the login at head office's server may only read. If the server does not answer within a
/// second, returns false and leaves the report to the console.
fn may_only_read(databases: &Databases) -> bool {
    let location = databases.head_office.clone();
    if location.file().is_some() {
        return false;
    }
    let (answer, answered) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let office = HeadOffice::open_for_queries(&location, Access::ReadOnly.into());
        // The receiver may have timed out.
        let _ = answer.send(office.and_then(|office| office.may_change()));
    });
    matches!(answered.recv_timeout(ANSWER_TIMEOUT), Ok(Ok(false)))
}

/// Returns the key table with the configured keys; an error names file and line.
pub fn keymap(config: &Config) -> Result<Keymap, Failure> {
    let path = clean_line(&config.path.to_string_lossy()).into_owned();
    Keymap::new(&config.keys).map_err(|(line, fault)| {
        Failure::usage(clean_line(&format!("{path}, line {line}: keys: {fault}")).into_owned())
    })
}

/// Returns the pager's command; `None` if the configuration turns it off.
fn pager(config: &Config) -> Option<String> {
    let of_environment = || ProcessEnvironment.get("PAGER").unwrap_or_else(|| "less".to_owned());
    match config.pager.value.as_str() {
        "none" => None,
        "" => Some(of_environment()),
        command => Some(command.to_owned()),
    }
}

/// What decides the theme; `ascii` is the flag.
fn theme_settings(config: &Config, ascii: bool) -> ThemeSettings {
    ThemeSettings {
        choice: ThemeChoice { theme: config.theme.value, ascii },
        is_given: ascii || config.theme.origin != Origin::Default,
        auto: automatic_colors(config),
        is_utf8: is_utf8(),
    }
}

/// The colors that the terminal announces, unless they are turned off.
fn automatic_colors(config: &Config) -> ColorDepth {
    let is_refused = || ProcessEnvironment.get("NO_COLOR").is_some();
    match config.color.value {
        Color::Never => ColorDepth::Mono,
        Color::Auto if is_refused() => ColorDepth::Mono,
        Color::Always | Color::Auto => {
            let variable = |name| ProcessEnvironment.get(name).unwrap_or_default();
            ColorDepth::of_terminal(&variable("COLORTERM"), &variable("TERM"))
        }
    }
}

/// Whether the locale is a UTF-8 locale.
fn is_utf8() -> bool {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    named.is_some_and(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
