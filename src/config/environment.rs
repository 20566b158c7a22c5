//! Environment variables of the process.

use crate::config::{ConfigError, Environment, ProcessEnvironment};
use crate::domain::clean_line;

/// Variables used besides those that begin with `CDX_`.
const VARIABLES: [&str; 17] = [
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "TZ",
    "TERM",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "USER",
    "LOGNAME",
    "SUDO_USER",
    "PGHOST",
    "PGPORT",
    "PGPASSFILE",
    "PGSSLMODE",
    "PGSSLROOTCERT",
];

impl ProcessEnvironment {
    /// Refuses a variable that the program uses and that is not UTF-8: a guess could name another
    /// file.
    pub fn check(self) -> Result<(), ConfigError> {
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let is_used = name.starts_with("CDX_") || name == "PGPASSWORD" || VARIABLES.contains(&name.as_ref());
            if is_used && value.to_str().is_none() {
                return Err(ConfigError::NotUtf8(clean_line(&name).into_owned()));
            }
        }
        Ok(())
    }
}

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
    }
}
