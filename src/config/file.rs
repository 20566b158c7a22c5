//! The configuration file: its path and its parser.

use crate::config::error::nearest_key;
use crate::config::rules::{Place, guardrail, roles};
use crate::config::values::ValueError;
use crate::config::{ConfigError, Environment, Flags, KEYS};
use crate::domain::{clean_line, redact};
use crate::guard::Rules;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Returns the file to read, and whether it must exist.
pub(super) fn config_path(flags: &Flags, environment: &dyn Environment) -> Result<(PathBuf, bool), ConfigError> {
    if let Some(path) = &flags.config {
        return Ok((path.clone(), true));
    }
    if let Some(path) = environment.get("CDX_CONFIG") {
        return Ok((PathBuf::from(path), true));
    }
    Ok((home_folder(environment, "XDG_CONFIG_HOME", ".config")?.join("config.toml"), false))
}

/// Returns the folder for state that may be lost.
pub fn state_folder(environment: &dyn Environment) -> Result<PathBuf, ConfigError> {
    home_folder(environment, "XDG_STATE_HOME", ".local/state")
}

/// Returns the folder for databases without a configured location.
pub fn data_folder(environment: &dyn Environment) -> Result<PathBuf, ConfigError> {
    home_folder(environment, "XDG_DATA_HOME", ".local/share")
}

fn home_folder(environment: &dyn Environment, variable: &str, below_home: &str) -> Result<PathBuf, ConfigError> {
    // As the XDG base directory specification requires, a relative path is ignored.
    let absolute = environment.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(path) = absolute {
        return Ok(path.join("cdx"));
    }
    let home = match environment.get("HOME") {
        Some(home) => PathBuf::from(home),
        None => etcetera::home_dir().map_err(|error| ConfigError::NoHome(error.to_string()))?,
    };
    Ok(home.join(below_home).join("cdx"))
}

/// Text and line of every key in the file.
pub(super) type Values = BTreeMap<&'static str, (String, usize)>;

/// The entries of `[keys]`: command, keys, line.
pub(super) type Keys = Vec<(String, String, usize)>;

fn shown(path: &Path) -> String {
    clean_line(&redact(&path.to_string_lossy())).into_owned()
}

/// The tables, as errors suggest them.
const TABLES: [&str; 3] = ["[[guardrail]]", "[roles]", "[keys]"];

/// What the file contains.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The plain settings.
    pub(super) values: Values,
    /// The keys of the console.
    pub(super) keys: Keys,
    /// The guardrails and roles.
    pub(super) rules: Rules,
    /// Faults of keys that are not guardrails or roles.
    pub(super) faults: Vec<ConfigError>,
}

/// Reads and parses the file; `None` if it does not exist and need not.
pub(super) fn read_file(path: &Path, must_exist: bool) -> Result<Option<Contents>, ConfigError> {
    let shown = shown(path);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => return Ok(None),
        Err(source) => return Err(ConfigError::Read { path: shown, source }),
    };
    let line_of = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let table = DeTable::parse(&text).map_err(|error| ConfigError::Syntax {
        path: shown.clone(),
        line: error.span().map_or(1, |span| line_of(span.start)),
        reason: clean_line(&redact(error.message())).into_owned(),
    })?;
    let Contents { mut values, mut keys, mut rules, mut faults } = Contents::default();
    let place = Place { path: &shown, line_of: &line_of };
    for (key, value) in table.get_ref() {
        let line = line_of(key.span().start);
        let name: &str = key.get_ref();
        if let ("keys", DeValue::Table(table)) = (name, value.get_ref()) {
            for (command, shown) in table {
                let line = line_of(command.span().start);
                let DeValue::String(shown) = shown.get_ref() else {
                    faults.push(ConfigError::Value {
                        origin: format!("{}, line {line}", self::shown(path)),
                        key: "keys",
                        reason: ValueError("contains a value that is not text; write next_error = \"e F8\"".to_owned()),
                    });
                    continue;
                };
                keys.push((command.get_ref().to_string(), shown.to_string(), line));
            }
            continue;
        }
        match (name, value.get_ref()) {
            ("guardrail", DeValue::Array(tables)) => {
                for rail in tables.iter().map(|table| guardrail(table, &place)) {
                    match rail {
                        Ok(rail) => rules.guardrails.push(rail),
                        Err(fault) => faults.push(fault),
                    }
                }
                continue;
            }
            ("roles", DeValue::Table(table)) => {
                match roles(table, &place) {
                    Ok(roles) => rules.roles = roles,
                    Err(fault) => faults.push(fault),
                }
                continue;
            }
            _ => {}
        }
        let Some(known) = KEYS.into_iter().find(|known| *known == name) else {
            let nearest = nearest_key(name, KEYS.into_iter().chain(TABLES));
            let key = clean_line(&redact(name)).into_owned();
            let path = shown.clone();
            faults.push(ConfigError::UnknownKey { path, line, key, nearest });
            continue;
        };
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Integer(value) => value.to_string(),
            other => {
                faults.push(ConfigError::Value {
                    origin: format!("{shown}, line {line}"),
                    key: known,
                    reason: ValueError(format!(
                        "is {}; it must be text, a whole number, or true or false",
                        other.type_str()
                    )),
                });
                continue;
            }
        };
        values.insert(known, (text, line));
    }
    Ok(Some(Contents { values, keys, rules, faults }))
}
