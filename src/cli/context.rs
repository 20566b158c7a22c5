//! The context of a command: configuration, databases, operator, host and time zone.

use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{MAX_COLUMN_WIDTH, Style};
use crate::cli::terminal::{is_dumb, print_message, width};
use crate::config::{Color, Config, ConfigError, Origin};
use crate::domain::{clean_line, is_blank};
use crate::engine::Databases;
use crate::guard::{Authority, Consent, Refusal, Role, Unmet};
use crate::store::{Access, HeadOffice, MessageDatabase, Opening};
use chrono_tz::Tz;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

/// The context of one command.
#[derive(Debug)]
pub struct Context {
    /// Every setting with its origin.
    pub config: Config,
    /// What the operator stated with the change.
    pub consent: Consent,
    /// What is wrong with the configuration; empty but for commands that work nevertheless.
    pub config_faults: Vec<ConfigError>,
}

impl Context {
    /// Returns how both databases are opened: locations, rules, and what the operator consented to.
    pub fn databases(&self) -> Databases {
        Databases {
            message_database: self.config.message_database.value.clone(),
            head_office: self.config.head_office.value.clone(),
            allow_network_file_system: self.config.allow_network_file_system.value,
            authority: Authority { rules: Arc::clone(&self.config.rules), consent: self.consent.clone() },
            known_head_office: None,
        }
    }

    /// How a database is opened with this access.
    pub fn opening(&self, access: Access) -> Opening {
        self.databases().opening(access)
    }

    /// Opens head office to read. An older schema is migrated first, unless `read_only` is set.
    pub fn head_office_to_read(&self) -> Result<HeadOffice, Failure> {
        let access = if self.config.read_only.value { Access::ReadOnly } else { Access::Existing };
        Ok(HeadOffice::open(&self.config.head_office.value, self.opening(access))?)
    }

    /// Opens head office read-only for as long as a program follows it, after migrating an older
    /// schema unless `read_only` is set.
    pub fn head_office_to_follow(&self) -> Result<HeadOffice, Failure> {
        self.head_office_to_read()?;
        Ok(HeadOffice::open_for_queries(&self.config.head_office.value, self.opening(Access::ReadOnly))?)
    }

    /// Opens head office to change it.
    pub fn head_office_to_change(&self, access: Access) -> Result<HeadOffice, Failure> {
        Ok(HeadOffice::open(&self.config.head_office.value, self.opening(access))?)
    }

    /// Opens the message database.
    pub fn message_database(&self, access: Access) -> Result<MessageDatabase, Failure> {
        Ok(MessageDatabase::open(&self.config.message_database.value, self.opening(access))?)
    }

    /// Warns of a password that other users of this machine can read.
    pub fn warn_of_open_passwords(&self) {
        for setting in [&self.config.head_office, &self.config.message_database] {
            let open = match &setting.origin {
                Origin::Flag(_) => true,
                Origin::File(path, _) => std::fs::metadata(path).is_ok_and(|file| file.mode() & 0o077 != 0),
                Origin::Environment(_) | Origin::Default => false,
            };
            if open && setting.value.holds_password() {
                print_message(&format!(
                    "cdx: others can read the password in {}; put it into PGPASSFILE, ~/.pgpass or PGPASSWORD instead",
                    setting.origin
                ));
            }
        }
    }

    /// Refuses a command that changes something if `read_only` is set.
    pub fn refuse_if_read_only(&self, what: &str) -> Result<(), Failure> {
        if !self.config.read_only.value {
            return Ok(());
        }
        Err(Failure::usage(format!("{what} is refused: read_only is set ({})", self.config.read_only.origin)))
    }

    /// Refuses a command of agents for a viewer. It changes the message database, where no journal
    /// is.
    pub fn refuse_viewer(&self, what: &str) -> Result<(), Failure> {
        let (operator, needed) = (operator(), Role::Operator);
        let own = self.config.rules.roles.role_of(&operator);
        if own >= needed {
            return Ok(());
        }
        let (action, unmet, sentence) = (what.to_owned(), Unmet::Role { own, needed }, String::new());
        let refusal = Refusal { operator, action, rows: 1, unmet, sentence };
        Err(Failure::Message(Exit::Failed, refusal.to_string()))
    }

    /// Returns the style of tables on the standard output.
    pub fn style(&self) -> Style {
        let terminal = std::io::stdout().is_terminal();
        let color = match self.config.color.value {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !is_dumb() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let width = terminal.then(width).flatten();
        Style { color, width, max_column: MAX_COLUMN_WIDTH }
    }
}

/// Prints why a command failed, and returns its exit code.
pub fn explain(failure: Failure) -> Exit {
    match failure {
        Failure::Message(exit, sentence) => {
            print_message(&format!("cdx: {sentence}"));
            exit
        }
        Failure::ReaderGone => Exit::Done,
        Failure::Unforeseen(report) => {
            let text = crate::domain::clean_block(&format!("cdx: {report:?}"));
            let _ = writeln!(std::io::stderr().lock(), "{text}");
            Exit::Failed
        }
    }
}

/// The longest name of an operator, in characters.
const MAX_OPERATOR_CHARS: usize = 64;

/// Returns the login of the operator, for journal and history: as the environment states it, else
/// the name of the account.
pub fn operator() -> String {
    let stated = |name: &str| std::env::var(name).ok().filter(|text| !is_blank(text));
    let uid = rustix::process::getuid().as_raw();
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(stated).or_else(|| account_name(uid));
    let name = named.unwrap_or_else(|| format!("user {uid}"));
    clean_line(name.trim()).chars().take(MAX_OPERATOR_CHARS).collect()
}

/// The name of an account of this machine.
fn account_name(uid: u32) -> Option<String> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

/// Returns the operator's time zone: `TZ` if set, else the machine's.
pub fn local_zone() -> Result<Tz, Failure> {
    match std::env::var_os("TZ") {
        Some(text) => zone_of(&text.to_string_lossy()),
        None => Ok(iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)),
    }
}

/// Returns the time zone that `--zone` names; without it the operator's.
pub fn named_zone(name: Option<&str>) -> Result<Tz, Failure> {
    let Some(name) = name else { return local_zone() };
    name.parse().map_err(|_| {
        let shown: String = name.chars().take(40).collect();
        Failure::usage(format!("--zone {shown:?} is not a time zone; use one such as Europe/Amsterdam"))
    })
}

/// Parses the value of `TZ`. As in POSIX, an empty value is UTC and a leading colon is ignored.
fn zone_of(text: &str) -> Result<Tz, Failure> {
    let name = text.strip_prefix(':').unwrap_or(text);
    if name.is_empty() {
        return Ok(Tz::UTC);
    }
    let name = name.strip_prefix("/usr/share/zoneinfo/").unwrap_or(name);
    name.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Failure::usage(format!("TZ {shown:?} is not the name of a time zone; write one such as TZ=Europe/Amsterdam"))
    })
}

/// Returns the name of this machine, for journal and history.
pub fn host() -> String {
    clean_line(&rustix::system::uname().nodename().to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tz_is_parsed_as_in_posix_if_it_names_a_zone() {
        for (text, zone) in [
            ("America/New_York", Some(Tz::America__New_York)),
            (":America/New_York", Some(Tz::America__New_York)),
            (":/usr/share/zoneinfo/Europe/Amsterdam", Some(Tz::Europe__Amsterdam)),
            ("UTC", Some(Tz::UTC)),
            ("", Some(Tz::UTC)),
            (":", Some(Tz::UTC)),
            ("EST5EDT", Some(Tz::EST5EDT)),
            ("CET-1CEST,M3.5.0,M10.5.0/3", None),
            ("UTC0", None),
            ("Atlantis", None),
        ] {
            assert_eq!(zone_of(text).ok(), zone, "{text}");
        }
    }
}
